/** States of a payment; `reserved` is a part from the balance that waits for the rest of its order. */
export type PaymentState = "created" | "pending" | "reserved" | "settled" | "failed" | "expired";
