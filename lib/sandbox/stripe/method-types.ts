/** A way to pay as the hosted page offers it. */
export interface MethodType {
  type: string;
  /** Empty: every currency. */
  currencies: string[];
  /** The money arrives, or fails to, days later. */
  delayed: boolean;
  /** Whether later charges without the customer are possible. */
  reusable: boolean;
}

/** The payment method types this stand-in can act out, in the order of the page. */
export const methodTypes: MethodType[] = [
  { type: "card", currencies: [], delayed: false, reusable: true },
  {
    type: "alipay",
    currencies: "aud cad cny eur gbp hkd jpy myr nzd sgd usd".split(" "),
    delayed: false,
    reusable: true,
  },
  {
    type: "wechat_pay",
    currencies: "aud cad chf cny dkk eur gbp hkd jpy nok sek sgd usd".split(" "),
    delayed: false,
    reusable: false,
  },
  { type: "sepa_debit", currencies: ["eur"], delayed: true, reusable: true },
  { type: "bacs_debit", currencies: ["gbp"], delayed: true, reusable: true },
  { type: "us_bank_account", currencies: ["usd"], delayed: true, reusable: true },
  { type: "konbini", currencies: ["jpy"], delayed: true, reusable: false },
  /** Stands for any wallet whose confirmation takes a while. */
  { type: "grabpay", currencies: ["cny", "sgd", "myr"], delayed: true, reusable: false },
];

/** The types on offer for a currency, narrowed by what the session or intent allows. */
export function offeredTypes(options: {
  currency: string;
  allowed: string[] | null;
  excluded: string[] | null;
  mustBeReusable: boolean;
}): string[] {
  return methodTypes
    .filter(({ currencies }) => currencies.length === 0 || currencies.includes(options.currency))
    .filter(({ type }) => options.allowed?.includes(type) ?? true)
    .filter(({ type }) => !options.excluded?.includes(type))
    .filter(({ reusable }) => reusable || !options.mustBeReusable)
    .map(({ type }) => type);
}

/** Whether money by this type arrives days later. */
export function isDelayed(type: string): boolean {
  return methodTypes.some((known) => known.type === type && known.delayed);
}
