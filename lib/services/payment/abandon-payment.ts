import type { Actor } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { log } from "#lib/observability/log.ts";
import { ProviderUnavailableError } from "#lib/payments/port.ts";
import { lockPayment } from "./book-settled-payment.ts";
import { closePayment } from "./close-payment.ts";
import { endAwaitedTransfer } from "./end-awaited-transfer.ts";
import { ABANDONED } from "./payment-state.ts";
import { requireProvider } from "./provider.ts";
import { settlePayment } from "./settle-payment.ts";

/**
 * Closes the provider's page of a payment the customer gave up, so that it cannot be paid as well, and
 * writes what that led to; one that was paid meanwhile is settled. When the provider cannot be asked, the
 * page ends by itself when its time is over. A bank transfer is not waited for any longer, to us or to the
 * provider. One that is not begun yet is closed: a start that is under way finds it so, and sends nobody to
 * the page that it opens.
 */
export async function abandonPayment(
  actor: Actor,
  input: { readonly paymentId: string },
): Promise<void> {
  await closeUnstarted(actor, input.paymentId);
  const payment = await db().payment.findUniqueOrThrow({
    where: { id: input.paymentId },
    select: { id: true, state: true, adapter: true, orderId: true, providerReference: true },
  });
  if (payment.state !== "pending" || payment.providerReference === null) return;
  if (payment.adapter === "bank_transfer") {
    // There is no page to close; a transfer that is under way all the same goes to the balance.
    await closePayment(actor, { ...input, state: "expired", reason: ABANDONED });
    return;
  }
  try {
    const report = await requireProvider(payment.adapter).adapter.expire(payment.providerReference);
    if (report?.state === "expired") {
      // Written at once: a provider that cannot close its page goes on calling it open.
      await closePayment(actor, { ...input, state: "expired", reason: report.reason ?? "expired" });
    } else if (report?.state === "awaited") {
      await endAwaitedTransfer(actor, payment, report, ABANDONED);
    } else {
      await settlePayment(actor, input);
    }
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    log().warn({ orderId: payment.orderId, detail: error.message }, "payment page not closed");
  }
}

/** Under the locks: what was begun meanwhile has a page, which has to be closed first. */
async function closeUnstarted(actor: Actor, paymentId: string): Promise<void> {
  await inTransaction(async (tx) => {
    const { state } = await lockPayment(tx, paymentId);
    if (state !== "created") return;
    await closePayment(actor, { paymentId, state: "expired", reason: ABANDONED }, tx);
  });
}
