import { z } from "zod";
import { BILLING_LENGTHS, type TypedBilling } from "#lib/domain/billing.ts";

const text = (field: keyof typeof BILLING_LENGTHS) =>
  z.string().trim().max(BILLING_LENGTHS[field]).default("");

/** The fields of the form. What is required depends on the country: see lib/domain/billing.ts. */
export const BILLING_FIELDS = {
  billingKind: z.enum(["private", "company"]),
  billingName: text("billingName"),
  companyName: text("companyName"),
  taxNumber: text("taxNumber"),
  line1: text("line1"),
  line2: text("line2"),
  city: text("city"),
  region: text("region"),
  postalCode: text("postalCode"),
  countryCode: text("countryCode"),
  deliveryEmail: z.union([z.literal(""), z.email().max(BILLING_LENGTHS.deliveryEmail)]).default(""),
  deliveryPhone: text("deliveryPhone"),
} as const;

export const SaveBillingInput: z.ZodType<TypedBilling> = z.object(BILLING_FIELDS);
