import { SYSTEM } from "#lib/access/actor.ts";
import type { Tx } from "#lib/db/client.ts";
import { moreUrgent, type AttentionCode } from "#lib/domain/attention.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";

/**
 * Puts an order before a person. An order has one reason at a time: a more urgent one stays, and the lesser
 * one is only written to the audit, once. Returns whether that was news.
 */
export async function flagOrder(tx: Tx, orderId: string, code: AttentionCode): Promise<boolean> {
  // As the update below locks it: it is decided on what stands there now.
  await tx.$queryRaw`SELECT id FROM "order" WHERE id = ${orderId}::uuid FOR NO KEY UPDATE`;
  const order = await tx.order.findUniqueOrThrow({
    where: { id: orderId },
    select: { number: true, needsAttention: true },
  });
  if (order.needsAttention === code) return false;
  const kept = moreUrgent(order.needsAttention, code);
  const event = { action: "order.flagged", correlationId: orderId, reason: code };
  if (kept === code) {
    await tx.order.update({ where: { id: orderId }, data: { needsAttention: code } });
  } else if ((await tx.auditEvent.findFirst({ where: event, select: { id: true } })) !== null) {
    return false;
  }
  await recordAuditEvent(tx, SYSTEM, { ...event, subject: `order ${order.number}` });
  return true;
}
