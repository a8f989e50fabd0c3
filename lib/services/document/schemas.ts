import { z } from "zod";
import type { BillingDetails } from "#lib/domain/billing.ts";
import { parseDocumentNumber, type DocumentView } from "#lib/domain/document.ts";
import { PAYMENT_METHODS } from "#lib/domain/payment-method.ts";
import { BigintText, LocalizedTextSchema } from "#lib/services/plan/schemas.ts";

export const DocumentInput = z.object({
  /** Of the order. */
  number: z.string().min(1).max(40),
  documentNumber: z
    .string()
    .max(40)
    .refine((text) => parseDocumentNumber(text) !== null),
});
export type DocumentInput = z.infer<typeof DocumentInput>;

/** What an order keeps of a billing profile. */
export const BillingSchema: z.ZodType<BillingDetails> = z.object({
  kind: z.enum(["private", "company"]),
  name: z.string(),
  companyName: z.string().nullable(),
  taxNumber: z.string().nullable(),
  line1: z.string().nullable(),
  line2: z.string().nullable(),
  city: z.string().nullable(),
  region: z.string().nullable(),
  postalCode: z.string().nullable(),
  countryCode: z.string(),
});

const Instant = z.iso.datetime().transform((text) => new Date(text));
const MoneySchema = z.object({ amountMinor: BigintText, currency: z.string() });
const Text = z.string().nullable();

/** An issued document as its row keeps it. */
export const DocumentDataSchema: z.ZodType<DocumentView> = z.object({
  kind: z.enum(["receipt", "invoice", "credit_note"]),
  number: z.string(),
  issuedAt: Instant,
  timeZone: z.string(),
  orderNumber: z.string(),
  orderedAt: Instant,
  corrects: Text,
  seller: z.object({
    name: z.string(),
    addressLines: z.array(z.string()),
    taxNumber: Text,
    email: Text,
  }),
  buyer: z.object({
    name: z.string(),
    company: Text,
    addressLines: z.array(z.string()),
    countryCode: z.string(),
    taxNumber: Text,
    email: Text,
  }),
  lines: z.array(
    z.object({
      subject: z.discriminatedUnion("kind", [
        z.object({
          kind: z.literal("plan"),
          name: LocalizedTextSchema,
          esimLabel: z.string(),
          iccid: z.string(),
        }),
        z.object({ kind: z.literal("top_up") }),
        z.object({ kind: z.literal("discount") }),
      ]),
      quantity: z.int(),
      net: MoneySchema,
      taxBasisPoints: z.int(),
      tax: MoneySchema,
      gross: MoneySchema,
    }),
  ),
  totals: z.object({
    net: MoneySchema,
    tax: MoneySchema,
    gross: MoneySchema,
    taxes: z.array(z.object({ taxBasisPoints: z.int(), net: MoneySchema, tax: MoneySchema })),
  }),
  payments: z.array(
    z.object({ method: z.enum(PAYMENT_METHODS), amount: MoneySchema, at: Instant }),
  ),
  taxNote: z.enum(["reverse_charge", "top_up"]).nullable(),
});
