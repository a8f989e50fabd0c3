import type { Actor } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";

/**
 * Ends a payment that was not made, and with it its order. Does nothing when the payment has settled or
 * is over already: a late message cannot undo what was decided.
 */
export async function closePayment(
  actor: Actor,
  input: {
    readonly paymentId: string;
    readonly state: "failed" | "expired";
    readonly reason: string;
  },
  outer?: Tx,
): Promise<void> {
  await inTransaction(async (tx) => {
    const closed = await tx.payment.updateManyAndReturn({
      where: { id: input.paymentId, state: { in: ["created", "pending"] } },
      data: { state: input.state, reason: input.reason, nextPollAt: null },
      select: { orderId: true },
    });
    for (const { orderId } of closed) {
      const now = await businessNow(tx);
      const orders = await tx.order.updateManyAndReturn({
        where: { id: orderId, state: { in: ["acknowledged", "pending"] } },
        data: { state: "cancelled", endedAt: now, endReason: `payment_${input.state}` },
        select: { id: true, number: true },
      });
      for (const order of orders) {
        await recordAuditEvent(tx, actor, {
          action: "order.cancelled",
          subject: `order ${order.number}`,
          reason: `payment ${input.state}: ${input.reason}`,
          correlationId: order.id,
        });
      }
    }
  }, outer);
}
