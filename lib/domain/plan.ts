import type { LocalizedText } from "./locale.ts";
import type { Money } from "./money.ts";
import type { TaxRule } from "./tax.ts";

export type PlanKind = "base" | "addon";
export type PlanScope = "domestic" | "regional" | "global";
export type RenewalPolicy = "add" | "queue" | "reset" | "replace" | "data_only";
export type ActivationRule = "at_once" | "first_use";

/** How long a period lasts: days of 24 hours; months and years of the calendar. */
export interface Validity {
  readonly unit: "day" | "month" | "year";
  readonly count: number;
}

/** How customers group plans by length. */
export type PlanTerm = "day" | "month" | "year";

export interface CountryCoverage {
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  readonly networks: readonly string[];
}

/** A plan as it is sold: kept with the order item, so that a later change of the plan changes no order. */
export interface PlanTerms {
  readonly code: string;
  readonly kind: PlanKind;
  readonly scope: PlanScope;
  readonly name: LocalizedText;
  readonly note: LocalizedText;
  /** null: unlimited. */
  readonly dataBytes: bigint | null;
  readonly validity: Validity;
  readonly renewalPolicy: RenewalPolicy;
  readonly activationRule: ActivationRule;
  /** "5G", "4G". */
  readonly networkSpeed: string;
  /** Bytes a day at full speed; null: no fair-use limit. */
  readonly fairUseBytes: bigint | null;
  /** Speed beyond fair use or allowance in kbit/s; null: data stops. */
  readonly throttleKbps: number | null;
  readonly hotspot: boolean;
  readonly coverage: readonly CountryCoverage[];
}

/** A plan with what it costs the customer who looks at it. */
export interface PricedPlan extends PlanTerms {
  /** What is paid: `net` and `tax` together. */
  readonly price: Money;
  readonly net: Money;
  readonly tax: Money;
  /** By which the tax was found; null: none applies. */
  readonly taxRule: TaxRule | null;
}

/** The group a validity belongs to: under 28 days by day, under a year by month, else by year. */
export function planTerm(validity: Validity): PlanTerm {
  if (validity.unit !== "day") return validity.unit;
  if (validity.count < 28) return "day";
  return validity.count < 365 ? "month" : "year";
}
