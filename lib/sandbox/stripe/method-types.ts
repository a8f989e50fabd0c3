/** How paying by a type goes. */
export type Behaviour =
  /** As the test card says. */
  | "card"
  /** The customer authorises or declines it on the wallet's own page. */
  | "wallet"
  /** The money arrives, or fails to, days later. */
  | "delayed"
  /** The customer transfers from a bank, what and when they like. */
  | "transfer";

/** A way to pay as the hosted page offers it. */
export interface MethodType {
  type: string;
  /** Empty: every currency. */
  currencies: string[];
  behaviour: Behaviour;
  /** Whether later charges without the customer are possible. */
  reusable: boolean;
}

/** The payment method types this stand-in can act out, in the order of the page. */
export const methodTypes: MethodType[] = [
  { type: "card", currencies: [], behaviour: "card", reusable: true },
  {
    type: "alipay",
    currencies: "aud cad cny eur gbp hkd jpy myr nzd sgd usd".split(" "),
    behaviour: "wallet",
    reusable: true,
  },
  {
    type: "wechat_pay",
    currencies: "aud cad chf cny dkk eur gbp hkd jpy nok sek sgd usd".split(" "),
    behaviour: "wallet",
    reusable: false,
  },
  { type: "grabpay", currencies: ["sgd", "myr"], behaviour: "wallet", reusable: false },
  { type: "sepa_debit", currencies: ["eur"], behaviour: "delayed", reusable: true },
  { type: "bacs_debit", currencies: ["gbp"], behaviour: "delayed", reusable: true },
  { type: "us_bank_account", currencies: ["usd"], behaviour: "delayed", reusable: true },
  { type: "konbini", currencies: ["jpy"], behaviour: "delayed", reusable: false },
  {
    type: "customer_balance",
    currencies: ["eur", "gbp", "jpy", "mxn", "usd"],
    behaviour: "transfer",
    reusable: false,
  },
];

/** The types on offer for a currency, narrowed by what the session or intent allows. */
export function offeredTypes(options: {
  currency: string;
  allowed: string[] | null;
  excluded: string[] | null;
  mustBeReusable: boolean;
  /** Whether a customer and the kind of bank transfer are named, without which there is none. */
  takesTransfers: boolean;
}): string[] {
  return methodTypes
    .filter(({ currencies }) => currencies.length === 0 || currencies.includes(options.currency))
    .filter(({ type }) => options.allowed?.includes(type) ?? true)
    .filter(({ type }) => !options.excluded?.includes(type))
    .filter(({ reusable }) => reusable || !options.mustBeReusable)
    .filter(({ behaviour }) => behaviour !== "transfer" || options.takesTransfers)
    .map(({ type }) => type);
}

/** How paying by this type goes. */
export function behaviourOf(type: string): Behaviour {
  return methodTypes.find((known) => known.type === type)?.behaviour ?? "card";
}
