import type { Actor } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { balanceReleased } from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";
import { lockPayment } from "./book-settled-payment.ts";
import { keptFor } from "./kept-for.ts";
import { NOT_RECEIVED } from "./payment-state.ts";

/**
 * Ends a payment that was not made, and with it its order; what was set aside of the balance is released,
 * and what a bank transfer that fell short had brought goes to the balance. Who waited for a transfer too
 * long is told. Does nothing when the payment has settled or is over already: a late message cannot undo what was decided.
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
    const payment = await lockPayment(tx, input.paymentId);
    const { order, state } = payment;
    if (state !== "created" && state !== "pending") return;
    const { count } = await tx.payment.updateMany({
      where: { id: input.paymentId, state: { in: ["created", "pending"] } },
      data: { state: input.state, reason: input.reason, nextPollAt: null },
    });
    if (count === 0) return;
    for (const part of order.payments.filter((each) => each.state === "reserved")) {
      await tx.payment.update({
        where: { id: part.id },
        data: { state: input.state, reason: "released", nextPollAt: null },
      });
      await bookJournal(
        tx,
        actor,
        { kind: "balance.released", sourceId: part.id, orderId: order.id, reason: input.reason },
        balanceReleased(order.accountId, money(part.amountMinor, part.currency)),
      );
    }
    const keptMinor = await keptFor(tx, payment.id);
    if (keptMinor > 0n) {
      await bookJournal(
        tx,
        actor,
        { kind: "balance.released", sourceId: payment.id, orderId: order.id, reason: input.reason },
        balanceReleased(order.accountId, money(keptMinor, payment.currency)),
      );
    }
    const now = await businessNow(tx);
    const cancelled = await tx.order.updateMany({
      where: { id: order.id, state: { in: ["acknowledged", "pending"] } },
      data: { state: "cancelled", endedAt: now, endReason: `payment_${input.state}` },
    });
    if (cancelled.count === 0) return;
    await recordAuditEvent(tx, actor, {
      action: "order.cancelled",
      subject: `order ${order.number}`,
      reason: `payment ${input.state}: ${input.reason}`,
      correlationId: order.id,
    });
    if (input.reason === NOT_RECEIVED) await queueNotice(tx, order, "payment_expired");
  }, outer);
}
