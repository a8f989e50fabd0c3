import type { Actor } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { attentionAfter } from "#lib/domain/attention.ts";
import { refundableMinor } from "#lib/domain/refund.ts";
import { followQueue } from "#lib/domain/renewal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { loadBookedService } from "#lib/services/esim/internal.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";
import { createRefund } from "#lib/services/refund/create-refund.ts";
import { findSettledParts } from "#lib/services/refund/internal.ts";
import { moveQueue } from "./move-queue.ts";

/**
 * Gives everything that was paid for an order back, in the transaction that found out that the order cannot
 * be done, or is not wanted any more: refunds and reversing journals, the order over, what was booked for
 * later cancelled, the customer told. The caller holds the order's row.
 *
 * @param input `toBalance`: not to where it came from; `end`: how the order ends, `failed` when left out
 */
export async function refundOrder(
  tx: Tx,
  actor: Actor,
  input: {
    readonly orderId: string;
    readonly reason: string;
    readonly toBalance?: boolean;
    readonly end?: "failed" | "cancelled";
  },
): Promise<void> {
  const now = await businessNow(tx);
  const order = await tx.order.findUniqueOrThrow({
    where: { id: input.orderId },
    include: { items: { select: { id: true } } },
  });
  const isTopUp = order.kind === "topup";
  for (const { part, payment } of await findSettledParts(tx, order.id)) {
    const left = refundableMinor(part);
    // A top-up that cannot go back to where it came from is on the balance already.
    if (left === 0n || (isTopUp && !part.toOrigin)) continue;
    await createRefund(tx, actor, {
      payment,
      accountId: order.accountId,
      isTopUp,
      amountMinor: left,
      toBalance: input.toBalance ?? false,
      reason: input.reason,
    });
  }
  await giveUpQueued(tx, order, now);
  await tx.order.update({
    where: { id: order.id },
    data: {
      state: order.state === "cancelled" ? "cancelled" : (input.end ?? "failed"),
      endedAt: order.endedAt ?? now,
      endReason: input.reason,
      nextAttemptAt: null,
      needsAttention: attentionAfter("activation", order.needsAttention),
    },
  });
  await recordAuditEvent(tx, actor, {
    action: "order.refunded",
    subject: `order ${order.number}`,
    reason: input.reason,
    correlationId: order.id,
  });
  const service = input.end === "cancelled" ? "order_cancelled" : "order_refunded";
  await queueNotice(tx, order, isTopUp ? "topup_refunded" : service);
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
