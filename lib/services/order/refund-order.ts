import type { Actor } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { followQueue } from "#lib/domain/renewal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { loadBookedService } from "#lib/services/esim/internal.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";
import { createRefund } from "#lib/services/refund/create-refund.ts";
import { moveQueue } from "./move-queue.ts";

/**
 * Gives everything that was paid for an order back to where it came from, in the transaction that found
 * out that the order cannot be done: refunds and reversing journals, the order failed, what was booked for
 * later cancelled, the customer told. The caller holds the order's row.
 */
export async function refundOrder(
  tx: Tx,
  actor: Actor,
  input: { readonly orderId: string; readonly reason: string },
): Promise<void> {
  const now = await businessNow(tx);
  const order = await tx.order.findUniqueOrThrow({
    where: { id: input.orderId },
    include: {
      payments: {
        where: { state: "settled" },
        include: { refunds: { where: { state: { not: "failed" } } } },
      },
      items: { select: { id: true } },
    },
  });
  for (const payment of order.payments) {
    const refundedMinor = payment.refunds.reduce((sum, each) => sum + each.amountMinor, 0n);
    const left = payment.amountMinor - refundedMinor;
    if (left === 0n) continue;
    await createRefund(tx, actor, {
      payment: {
        ...payment,
        refundedMinor,
        refundedTaxMinor: payment.refunds.reduce((sum, each) => sum + each.taxMinor, 0n),
      },
      accountId: order.accountId,
      isTopUp: order.kind === "topup",
      amountMinor: left,
      toBalance: false,
      reason: input.reason,
    });
  }
  await giveUpQueued(tx, order, now);
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
  await queueNotice(tx, order, order.kind === "topup" ? "topup_refunded" : "order_refunded");
}

/** Cancels what was booked for later, and closes the gap: what adjoined it follows what came before it. */
async function giveUpQueued(
  tx: Tx,
  order: { readonly esimId: string | null; readonly items: readonly { readonly id: string }[] },
  now: Date,
): Promise<void> {
  const { esimId } = order;
  if (esimId === null) return;
  await tx.$queryRaw`SELECT id FROM esim WHERE id = ${esimId}::uuid FOR UPDATE`;
  const itemIds = order.items.map((item) => item.id);
  const cancelled = await tx.period.updateManyAndReturn({
    where: { orderItemId: { in: itemIds }, state: "pendingActive" },
    data: { state: "cancelled" },
    select: { startsAt: true, endsAt: true },
  });
  await tx.bucket.updateMany({
    where: { orderItemId: { in: itemIds }, closedAt: null },
    data: { closedAt: now },
  });
  for (const { startsAt, endsAt } of cancelled) {
    const service = await loadBookedService(tx, esimId, now);
    const behind = service.periods.filter((period) => period.startsAt >= endsAt);
    const free = new Date(Math.max(startsAt.getTime(), now.getTime()));
    await moveQueue(tx, esimId, service, followQueue(behind, endsAt, free), now);
  }
}
