import type { Actor } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import type { SavedMethod } from "#lib/payments/port.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import type { LockedPayment } from "#lib/services/payment/book-settled-payment.ts";

/**
 * Stores what the provider keeps of a payment, in the transaction that settles it, when its payer asked for
 * that. What is known already is brought up to date; what its owner removed, or somebody else has, stays as it is.
 */
export async function saveMethod(
  tx: Tx,
  actor: Actor,
  payment: LockedPayment,
  saved: SavedMethod,
): Promise<void> {
  if (!payment.saveMethod) return;
  const { accountId } = payment.order;
  const { reference: providerReference, methodType, label, goodUntil } = saved;
  const key = { adapter: payment.adapter, providerReference };
  const added = await tx.savedMethod.createMany({
    data: [{ ...key, accountId, methodType, label, goodUntil, createdAt: await businessNow(tx) }],
    skipDuplicates: true,
  });
  if (added.count === 0) {
    await tx.savedMethod.updateMany({
      where: { ...key, accountId, removedAt: null },
      data: { methodType, label, goodUntil },
    });
    return;
  }
  await recordAuditEvent(tx, actor, {
    action: "saved_method.added",
    subject: `account ${accountId}`,
    correlationId: payment.order.id,
  });
}
