import { z } from "zod";
import type { CountryCoverage, PlanTerms } from "#lib/domain/plan.ts";
import type { LocalizedText } from "#lib/domain/locale.ts";

/** Decimal text in JSON ↔ bigint in code. */
export const BigintText = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);

export const LocalizedTextSchema: z.ZodType<LocalizedText> = z.object({
  "zh-CN": z.string(),
  en: z.string(),
});

const CoverageSchema: z.ZodType<CountryCoverage> = z.object({
  countryCode: z.string(),
  networks: z.array(z.string()),
});

/** A plan as an order item keeps it: its terms, and the carrier's package behind them. */
export const SoldTermsSchema = z.object({
  code: z.string(),
  kind: z.enum(["base", "addon"]),
  scope: z.enum(["domestic", "regional", "global"]),
  name: LocalizedTextSchema,
  note: LocalizedTextSchema,
  dataBytes: BigintText.nullable(),
  validity: z.object({ unit: z.enum(["day", "month", "year"]), count: z.int().positive() }),
  renewalPolicy: z.enum(["add", "queue", "reset", "replace", "data_only"]),
  activationRule: z.enum(["at_once", "first_use"]),
  networkSpeed: z.string(),
  fairUseBytes: BigintText.nullable(),
  throttleKbps: z.int().nullable(),
  hotspot: z.boolean(),
  coverage: z.array(CoverageSchema),
  carrier: z.enum(["esim_access"]),
  carrierOfferCode: z.string(),
});

export type SoldTerms = PlanTerms &
  Pick<z.infer<typeof SoldTermsSchema>, "carrier" | "carrierOfferCode">;

/** What a list of plans can be narrowed by. */
export const PlanFilterSchema = z.object({
  term: z.enum(["day", "month", "year"]).optional(),
  scope: z.enum(["domestic", "regional", "global"]).optional(),
  countryCode: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
});

export type PlanFilter = {
  readonly [K in keyof z.infer<typeof PlanFilterSchema>]?:
    | z.infer<typeof PlanFilterSchema>[K]
    | undefined;
};
