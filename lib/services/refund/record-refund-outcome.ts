import { SYSTEM } from "#lib/access/actor.ts";
import { ATTENTION_AFTER_MINUTES, lookupDelaySeconds } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import type { AttentionCode } from "#lib/domain/attention.ts";
import { refundReturned, refundSucceeded, type CashCode } from "#lib/domain/ledger.ts";
import { money, type Money } from "#lib/domain/money.ts";
import type { RefundOutcome } from "#lib/payments/port.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { flagOrder } from "#lib/services/order/flag-order.ts";

/** A refund that the provider was asked about. */
export interface AskedRefund {
  readonly id: string;
  readonly orderId: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly attempts: number;
  readonly createdAt: Date;
}

/**
 * Writes what the provider says of a refund, in the caller's transaction, which holds the order's row:
 * paid out; not paid out, or come back after it had been (owed to the customer again, and before a person);
 * or not known yet (asked again on the schedule). Saying the same again changes nothing.
 */
export async function recordRefundOutcome(
  tx: Tx,
  refund: AskedRefund,
  outcome: RefundOutcome,
  cash: CashCode,
): Promise<void> {
  switch (outcome.kind) {
    case "succeeded":
      await succeed(tx, refund, outcome.providerReference, cash);
      return;
    case "failed":
      await fail(tx, refund, outcome, cash);
      return;
    case "pending":
    case "unknown":
      await wait(tx, refund, outcome);
  }
}

const OPEN = ["created", "pending"] as const;

async function succeed(
  tx: Tx,
  refund: AskedRefund,
  providerReference: string,
  cash: CashCode,
): Promise<void> {
  const { count } = await tx.refund.updateMany({
    where: { id: refund.id, state: { in: [...OPEN] } },
    data: {
      state: "succeeded",
      succeededAt: await businessNow(tx),
      providerReference,
      nextAttemptAt: null,
    },
  });
  if (count === 0) return;
  // Should another one of the order be unknown still, its next attempt says so again.
  await tx.order.updateMany({
    where: { id: refund.orderId, needsAttention: "refund_outcome_unknown" satisfies AttentionCode },
    data: { needsAttention: null },
  });
  await bookJournal(
    tx,
    SYSTEM,
    { kind: "refund.succeeded", sourceId: refund.id, orderId: refund.orderId },
    refundSucceeded(cash, amountOf(refund)),
  );
  await recordAuditEvent(tx, SYSTEM, {
    action: "refund.succeeded",
    subject: `refund ${refund.id}`,
    correlationId: refund.orderId,
  });
}

/** The money stays in refunds_payable: owed to the customer until a person finds another way. */
async function fail(
  tx: Tx,
  refund: AskedRefund,
  outcome: Extract<RefundOutcome, { kind: "failed" }>,
  cash: CashCode,
): Promise<void> {
  const { providerReference, reason } = outcome;
  const failed = {
    state: "failed" as const,
    nextAttemptAt: null,
    ...(providerReference === null ? {} : { providerReference }),
  };
  const open = await tx.refund.updateMany({
    where: { id: refund.id, state: { in: [...OPEN] } },
    data: failed,
  });
  if (open.count === 0) {
    const returned = await tx.refund.updateMany({
      where: { id: refund.id, state: "succeeded" },
      data: { ...failed, succeededAt: null },
    });
    if (returned.count === 0) return;
    await bookJournal(
      tx,
      SYSTEM,
      { kind: "refund.returned", sourceId: refund.id, orderId: refund.orderId, reason },
      refundReturned(cash, amountOf(refund)),
    );
  }
  await flagOrder(tx, refund.orderId, "refund_failed");
  await recordAuditEvent(tx, SYSTEM, {
    action: "refund.failed",
    subject: `refund ${refund.id}`,
    reason,
    correlationId: refund.orderId,
  });
}

/** Not known, or not paid out yet: asked again on the schedule. */
async function wait(tx: Tx, refund: AskedRefund, outcome: RefundOutcome): Promise<void> {
  const now = await businessNow(tx);
  const delay = lookupDelaySeconds(refund.attempts - 1);
  await tx.refund.updateMany({
    where: { id: refund.id, state: { in: [...OPEN] } },
    data: {
      nextAttemptAt: new Date(now.getTime() + delay * 1000),
      ...(outcome.kind === "pending"
        ? { state: "pending" as const, providerReference: outcome.providerReference }
        : {}),
    },
  });
  const overdue = now.getTime() - refund.createdAt.getTime() >= ATTENTION_AFTER_MINUTES * 60_000;
  if (overdue && outcome.kind === "unknown") {
    await flagOrder(tx, refund.orderId, "refund_outcome_unknown");
  }
}

function amountOf(refund: AskedRefund): Money {
  return money(refund.amountMinor, refund.currency);
}
