import { BANK_TRANSFER_DAYS, PAYMENT_LIFETIME_MINUTES } from "#lib/config/limits.ts";
import type { PaymentMethod } from "#lib/domain/payment-method.ts";

/** Until when a payment begun at `now` can be made: an hour on a provider's page, days at a bank. */
export function paymentDeadline(now: Date, method: PaymentMethod): Date {
  const minutes =
    method === "bank_transfer" ? BANK_TRANSFER_DAYS * 1_440 : PAYMENT_LIFETIME_MINUTES;
  return new Date(now.getTime() + minutes * 60_000);
}
