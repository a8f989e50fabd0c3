import type { Actor } from "#lib/access/actor.ts";
import { requireStaffActor } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { refundRedirected } from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import type { RedirectRefundInput } from "./schemas.ts";

/**
 * A member of staff puts the money of a refund that could not be paid out on the customer's balance, once.
 * Refuses `not_found` and `refund_not_possible` (it did not fail, or went another way already).
 */
export async function redirectRefund(
  actor: Actor,
  input: RedirectRefundInput,
): Promise<Result<{ readonly orderNumber: string }>> {
  const staff = requireStaffActor(actor);
  if (!staff.ok) return staff;
  const found = await db().refund.findUnique({
    where: { id: input.refundId },
    select: { orderId: true },
  });
  if (found === null) return refuse({ code: "not_found" });
  return await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "order" WHERE id = ${found.orderId}::uuid FOR UPDATE`;
    const order = await tx.order.findUniqueOrThrow({ where: { id: found.orderId } });
    const failed = await tx.refund.findUniqueOrThrow({ where: { id: input.refundId } });
    const redirected = await tx.refund.findUnique({ where: { redirects: failed.id } });
    if (failed.state !== "failed" || redirected !== null) {
      return refuse({ code: "refund_not_possible" });
    }
    const now = await businessNow(tx);
    const { id, paymentId, orderId, currency, amountMinor, taxMinor, reason } = failed;
    const refund = await tx.refund.create({
      data: {
        paymentId,
        orderId,
        currency,
        amountMinor,
        taxMinor,
        reason,
        state: "succeeded",
        toBalance: true,
        redirects: id,
        createdAt: now,
        succeededAt: now,
      },
      select: { id: true },
    });
    await bookJournal(
      tx,
      staff.value,
      { kind: "refund.redirected", sourceId: refund.id, orderId, reason: input.reason },
      refundRedirected(order.accountId, money(amountMinor, currency)),
    );
    await tx.order.updateMany({
      where: { id: orderId, needsAttention: "refund_failed" },
      data: { needsAttention: null },
    });
    await recordAuditEvent(tx, staff.value, {
      action: "refund.redirected",
      subject: `order ${order.number}`,
      reason: input.reason,
      correlationId: orderId,
    });
    return accept({ orderNumber: order.number });
  });
}
