import { randomBytes } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Random letters and digits. */
export function randomText(length: number): string {
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join("");
}

const prefixes = {
  session: "cs_test_",
  paymentIntent: "pi_",
  setupIntent: "seti_",
  charge: "ch_",
  refund: "re_",
  customer: "cus_",
  paymentMethod: "pm_",
  balanceTransaction: "txn_",
  event: "evt_",
  dispute: "dp_",
  payout: "po_",
  cashBalanceTransaction: "ccsbtxn_",
  price: "price_",
  product: "prod_",
  lineItem: "li_",
  request: "req_",
} as const;

export type ObjectKind = keyof typeof prefixes;

const lengths: Partial<Record<ObjectKind, number>> = {
  session: 58,
  customer: 14,
  request: 14,
  product: 14,
};

/** A new id that looks like Stripe's. */
export function newId(kind: ObjectKind): string {
  return prefixes[kind] + randomText(lengths[kind] ?? 24);
}

/** What an id refers to, told by its prefix; null if it is none of ours. */
export function kindOf(id: string): ObjectKind | null {
  const kinds = Object.keys(prefixes) as ObjectKind[];
  return kinds.find((kind) => id.startsWith(prefixes[kind])) ?? null;
}
