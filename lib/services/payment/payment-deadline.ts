import { PAYMENT_LIFETIME_MINUTES } from "#lib/config/limits.ts";

/** Until when a payment begun at `now` can be made. */
export function paymentDeadline(now: Date): Date {
  return new Date(now.getTime() + PAYMENT_LIFETIME_MINUTES * 60_000);
}
