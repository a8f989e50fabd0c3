import type { Actor } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { orderRefunded } from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";

/**
 * Gives the whole payment of an order back to where it came from, in the transaction that found out that
 * the order cannot be done: refund and reversing journal, the order failed, what was booked for later
 * cancelled, the customer told. A balance has the money at once; a provider pays it out after the commit.
 * The caller holds the order's row.
 */
export async function refundOrder(
  tx: Tx,
  actor: Actor,
  input: { readonly orderId: string; readonly reason: string },
): Promise<void> {
  const now = await businessNow(tx);
  const order = await tx.order.findUniqueOrThrow({
    where: { id: input.orderId },
    include: { payments: { where: { state: "settled" } }, items: { select: { id: true } } },
  });
  const payment = order.payments[0];
  if (payment === undefined) throw new Error(`Order ${order.number} has nothing to refund`);
  const amount = money(payment.amountMinor, payment.currency);
  const toBalance = payment.adapter === "balance";

  const refund = await tx.refund.create({
    data: {
      orderId: order.id,
      paymentId: payment.id,
      state: toBalance ? "succeeded" : "created",
      currency: amount.currency,
      amountMinor: amount.amountMinor,
      reason: input.reason,
      createdAt: now,
      succeededAt: toBalance ? now : null,
      nextAttemptAt: toBalance ? null : now,
    },
    select: { id: true },
  });
  await bookJournal(
    tx,
    actor,
    { kind: "order.refunded", sourceId: refund.id, orderId: order.id, reason: input.reason },
    orderRefunded(
      toBalance ? { from: "balance", accountId: order.accountId } : { from: "stripe" },
      amount,
      order.taxMinor,
    ),
  );
  const itemIds = order.items.map((item) => item.id);
  await tx.period.updateMany({
    where: { orderItemId: { in: itemIds }, state: "pendingActive" },
    data: { state: "cancelled" },
  });
  await tx.bucket.updateMany({
    where: { orderItemId: { in: itemIds }, closedAt: null },
    data: { closedAt: now },
  });
  await tx.order.update({
    where: { id: order.id },
    data: {
      state: order.state === "cancelled" ? "cancelled" : "failed",
      endedAt: order.endedAt ?? now,
      endReason: input.reason,
      nextAttemptAt: null,
      needsAttention: null,
    },
  });
  await recordAuditEvent(tx, actor, {
    action: "order.refunded",
    subject: `order ${order.number}`,
    reason: input.reason,
    correlationId: order.id,
  });
  await queueNotice(tx, order, "order_refunded");
  if (!toBalance) await enqueue(tx, "refund.created", { refundId: refund.id });
}
