import type { PaymentAdapter } from "#lib/payments/port.ts";
import { derivedId } from "#lib/services/ledger/derived-id.ts";

/** The id under which a payout is booked: made from the provider's own reference. */
export function payoutId(adapter: PaymentAdapter["id"], providerReference: string): string {
  return derivedId(["payout", adapter, providerReference]);
}
