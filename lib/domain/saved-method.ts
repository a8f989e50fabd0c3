import type { PaymentMethod } from "./payment-method.ts";

/** A way of paying that a provider keeps for a customer, as the customer sees it. */
export interface SavedMethodView {
  readonly id: string;
  readonly method: PaymentMethod;
  readonly methodType: string;
  /** "Visa •••• 4242" */
  readonly label: string;
  /** The last month in which it is good, `YYYY-MM`; null: it does not run out. */
  readonly goodUntil: string | null;
  readonly isLapsed: boolean;
  readonly keptAt: Date;
}

/** Whether a method is no longer good: its last month, in UTC, is over. */
export function isLapsed(goodUntil: string | null, now: Date): boolean {
  return goodUntil !== null && goodUntil < now.toISOString().slice(0, 7);
}
