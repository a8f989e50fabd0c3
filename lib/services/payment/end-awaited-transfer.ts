import type { Actor } from "#lib/access/actor.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { PARTLY_FUNDED, type PaymentReport } from "#lib/payments/port.ts";
import { flagOrder } from "#lib/services/order/flag-order.ts";
import { closePayment } from "./close-payment.ts";

/**
 * Stops waiting for a transfer that the provider waits for without end. The rest that comes all the same
 * settles a payment whose order is over, and goes straight back; a part that has come stays with the
 * provider, which is put before a person.
 */
export async function endAwaitedTransfer(
  actor: Actor,
  payment: { readonly id: string; readonly orderId: string },
  report: PaymentReport,
  reason: string,
): Promise<void> {
  await inTransaction(async (tx) => {
    await closePayment(actor, { paymentId: payment.id, state: "expired", reason }, tx);
    if (report.reason === PARTLY_FUNDED) {
      await flagOrder(tx, payment.orderId, "transfer_partly_at_provider");
    }
  });
}
