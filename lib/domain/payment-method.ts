import type { Money } from "./money.ts";

/** Every way to pay that the portal knows. */
export const PAYMENT_METHODS = ["stripe", "paypal", "bank_transfer", "balance"] as const;

export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

/** Where an operator offers a method; what is left out is not narrowed. */
export interface MethodRule {
  /** ISO 4217. */
  readonly currencies?: readonly string[] | undefined;
  /** ISO 3166-1 alpha-2, the customer's country. */
  readonly countries?: readonly string[] | undefined;
  /** Minor units by currency; a currency that is not named has no limit. */
  readonly minMinor?: Readonly<Record<string, bigint>> | undefined;
  readonly maxMinor?: Readonly<Record<string, bigint>> | undefined;
}

/** Whether a method can pay an amount for a customer of a country, by the operator's rules. */
export function isMethodAvailable(
  rule: MethodRule | undefined,
  sale: { readonly countryCode: string; readonly amount: Money },
): boolean {
  const { amountMinor, currency } = sale.amount;
  const among = (list: readonly string[] | undefined, value: string): boolean =>
    list === undefined || list.includes(value);
  return (
    amountMinor > 0n &&
    among(rule?.currencies, currency) &&
    among(rule?.countries, sale.countryCode) &&
    amountMinor >= (rule?.minMinor?.[currency] ?? 1n) &&
    amountMinor <= (rule?.maxMinor?.[currency] ?? amountMinor)
  );
}
