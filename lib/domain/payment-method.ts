import type { Money } from "./money.ts";

/** Every way to pay that the portal knows. */
export const PAYMENT_METHODS = ["stripe", "paypal", "bank_transfer", "balance"] as const;

export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

/** One of the ways to pay that a customer chooses from. */
export interface MethodOption {
  readonly method: PaymentMethod;
  /** The provider's own kind of payment, e.g. "card" or "alipay"; null where there is none to choose. */
  readonly methodType: string | null;
  /** Whether later renewals can be paid with it without the customer doing anything. */
  readonly renewsByItself: boolean;
  /** As a form sends it: `stripe.alipay`, `balance`. */
  readonly value: string;
}

/** A way to pay as a choice. */
export function methodOption(
  method: PaymentMethod,
  methodType: string | null,
  renewsByItself: boolean,
): MethodOption {
  const value = methodType === null ? method : `${method}.${methodType}`;
  return { method, methodType, renewsByItself, value };
}

/** The choice that was made, or undefined when it is not offered. Without a kind it is the method's first. */
export function chosenOption(
  options: readonly MethodOption[],
  choice: { readonly method: PaymentMethod; readonly methodType?: string | null | undefined },
): MethodOption | undefined {
  return options.find(
    (option) =>
      option.method === choice.method &&
      option.methodType === (choice.methodType ?? option.methodType),
  );
}

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
