import { SYSTEM } from "#lib/access/actor.ts";
import {
  ATTENTION_AFTER_MINUTES,
  LEASE_SECONDS,
  LOOKUP_DELAYS_SECONDS,
} from "#lib/config/limits.ts";
import { businessNow, sqlNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { refundSucceeded, type CashCode } from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import { log } from "#lib/observability/log.ts";
import type { RefundOutcome } from "#lib/payments/port.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { requireProvider } from "#lib/services/payment/provider.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";

/**
 * Has the provider pay a refund out, or asks what became of it. The refund's id is the idempotency key,
 * so that sending it again pays nothing twice. Does nothing when it is not due or another worker has it.
 */
export async function sendRefund(input: { readonly refundId: string }): Promise<void> {
  const claimed = await db().$queryRaw<{ id: string }[]>`
    UPDATE refund SET attempts = attempts + 1, next_attempt_at = ${sqlNow()} + make_interval(secs => ${LEASE_SECONDS})
      WHERE id = ${input.refundId}::uuid AND state IN ('created', 'pending') AND next_attempt_at <= ${sqlNow()}
      RETURNING id`;
  if (claimed.length === 0) return;
  const refund = await db().refund.findUniqueOrThrow({
    where: { id: input.refundId },
    include: { payment: true },
  });
  const { adapter, cash } = requireProvider(refund.payment.adapter);
  const { providerPaymentId } = refund.payment;
  if (providerPaymentId === null) throw new Error(`Payment ${refund.paymentId} has no provider id`);

  const outcome =
    refund.providerReference === null
      ? await adapter.refund({
          refundId: refund.id,
          providerPaymentId,
          amount: money(refund.amountMinor, refund.currency),
        })
      : await adapter.findRefund(refund.providerReference);
  log().info({ orderId: refund.orderId, outcome: outcome.kind }, "refund outcome");
  await recordRefundOutcome(refund, outcome, cash);
}

async function recordRefundOutcome(
  refund: {
    readonly id: string;
    readonly orderId: string;
    readonly currency: string;
    readonly amountMinor: bigint;
    readonly attempts: number;
    readonly createdAt: Date;
  },
  outcome: RefundOutcome,
  cash: CashCode,
): Promise<void> {
  await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "order" WHERE id = ${refund.orderId}::uuid FOR UPDATE`;
    const now = await businessNow(tx);
    const open = { id: refund.id, state: { in: ["created" as const, "pending" as const] } };
    switch (outcome.kind) {
      case "succeeded": {
        const done = await tx.refund.updateMany({
          where: open,
          data: {
            state: "succeeded",
            succeededAt: now,
            providerReference: outcome.providerReference,
            nextAttemptAt: null,
          },
        });
        if (done.count === 0) return;
        await bookJournal(
          tx,
          SYSTEM,
          { kind: "refund.succeeded", sourceId: refund.id, orderId: refund.orderId },
          refundSucceeded(cash, money(refund.amountMinor, refund.currency)),
        );
        await recordAuditEvent(tx, SYSTEM, {
          action: "refund.succeeded",
          subject: `refund ${refund.id}`,
          correlationId: refund.orderId,
        });
        return;
      }
      case "failed": {
        const failed = await tx.refund.updateMany({
          where: open,
          data: {
            state: "failed",
            providerReference: outcome.providerReference,
            nextAttemptAt: null,
          },
        });
        if (failed.count === 0) return;
        // The money stays in refunds_payable: owed to the customer until a person finds another way.
        await tx.order.update({
          where: { id: refund.orderId },
          data: { needsAttention: "refund_failed" },
        });
        await recordAuditEvent(tx, SYSTEM, {
          action: "refund.failed",
          subject: `refund ${refund.id}`,
          reason: outcome.reason,
          correlationId: refund.orderId,
        });
        return;
      }
      case "pending":
      case "unknown": {
        const last = LOOKUP_DELAYS_SECONDS.length - 1;
        const delay = LOOKUP_DELAYS_SECONDS[Math.min(refund.attempts - 1, last)] ?? 86_400;
        await tx.refund.updateMany({
          where: open,
          data: {
            nextAttemptAt: new Date(now.getTime() + delay * 1000),
            ...(outcome.kind === "pending"
              ? { state: "pending" as const, providerReference: outcome.providerReference }
              : {}),
          },
        });
        const overdue =
          now.getTime() - refund.createdAt.getTime() >= ATTENTION_AFTER_MINUTES * 60_000;
        if (overdue && outcome.kind === "unknown") {
          await tx.order.update({
            where: { id: refund.orderId },
            data: { needsAttention: "refund_outcome_unknown" },
          });
        }
      }
    }
  });
}
