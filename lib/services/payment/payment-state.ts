/** States of a payment; `reserved` is a part from the balance that waits for the rest of its order. */
export type PaymentState = "created" | "pending" | "reserved" | "settled" | "failed" | "expired";

/** Why a payment ended that nobody declined: its time was over, or the customer did not want to make it any more. */
export const NOT_RECEIVED = "not_received";
export const ABANDONED = "abandoned";

/** Providers' kinds of payment that are transferred by the customer's bank: Stripe's. */
export const TRANSFERRED = ["customer_balance"];

/** Whether a provider waits for the customer's bank transfer. */
export function isTransferred(payment: {
  readonly processing: boolean;
  readonly methodType: string | null;
}): boolean {
  return payment.processing && TRANSFERRED.includes(payment.methodType ?? "");
}
