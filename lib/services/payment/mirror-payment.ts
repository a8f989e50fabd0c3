import { SYSTEM } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db, type Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { refundExceeded } from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import { decideMirrored, refundableMinor, type OwedRefund } from "#lib/domain/refund.ts";
import type { ProviderDispute, ProviderRefund, RefundOutcome } from "#lib/payments/port.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { recordDispute } from "#lib/services/dispute/record-dispute.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { derivedId } from "#lib/services/ledger/derived-id.ts";
import { flagOrder } from "#lib/services/order/flag-order.ts";
import { refundOrder } from "#lib/services/order/refund-order.ts";
import { createRefund } from "#lib/services/refund/create-refund.ts";
import { findSettledParts } from "#lib/services/refund/internal.ts";
import { recordRefundOutcome } from "#lib/services/refund/record-refund-outcome.ts";
import { lockPayment, type LockedPayment } from "./book-settled-payment.ts";
import { requireProvider } from "./provider.ts";

/**
 * Takes over what was done with a settled payment at its provider: refunds, wherever they were begun and
 * however they ended, and disputes. Each is booked once, however often this is called. Does nothing for a
 * payment that is not settled. Throws `ProviderUnavailableError` when the provider cannot be asked now.
 */
export async function mirrorPayment(input: { readonly paymentId: string }): Promise<void> {
  const payment = await db().payment.findUniqueOrThrow({
    where: { id: input.paymentId },
    select: { state: true, adapter: true, providerReference: true, providerPaymentId: true },
  });
  const { providerReference, providerPaymentId } = payment;
  if (payment.state !== "settled" || providerReference === null || providerPaymentId === null) {
    return;
  }
  const { adapter } = requireProvider(payment.adapter);
  const key = { providerReference, providerPaymentId };
  const refunds = await adapter.listRefunds(key);
  const disputes = await adapter.listDisputes(key);
  if (refunds.length === 0 && disputes.length === 0) return;
  await inTransaction(async (tx) => {
    for (const refund of refunds) await mirrorRefund(tx, input.paymentId, refund);
    for (const dispute of disputes) await mirrorDispute(tx, input.paymentId, dispute);
  });
}

async function mirrorRefund(tx: Tx, paymentId: string, report: ProviderRefund): Promise<void> {
  const payment = await lockPayment(tx, paymentId);
  const { cash } = requireProvider(payment.adapter);
  const known = await findRefund(tx, payment, report);
  if (known !== null) {
    await recordRefundOutcome(tx, known, outcomeOf(report), cash);
    return;
  }
  // What came to nothing before we heard of it has moved no money.
  if (report.state === "failed" || report.amount.currency !== payment.currency) return;
  const excess = excessOf(payment, report);
  if ((await tx.journal.findUnique({ where: { kind_sourceId: excess } })) !== null) return;
  const settled = await findSettledParts(tx, payment.orderId);
  const refundable = settled.find((each) => each.payment.id === paymentId)?.payment;
  if (refundable === undefined) return;
  const failed = await findOwed(tx, paymentId);
  const plan = decideMirrored(
    report.amount.amountMinor,
    payment.amountMinor - refundable.refundedMinor,
    failed,
  );
  const isPlain = plan.repeats.length + (plan.freshMinor > 0n ? 1 : 0) === 1;
  // Open, it may still come to nothing, and so may one of ours: it is looked at again.
  if (report.state === "pending" && (!isPlain || plan.excessMinor > 0n)) return;
  const { providerReference } = report;
  if (plan.freshMinor > 0n) {
    await createRefund(tx, SYSTEM, {
      payment: refundable,
      accountId: payment.order.accountId,
      isTopUp: payment.order.kind === "topup",
      amountMinor: plan.freshMinor,
      toBalance: false,
      reason: "provider_refund",
      begun: { providerReference, state: "pending" },
    });
  }
  for (const [index, each] of plan.repeats.entries()) {
    const isFirst = index === 0 && plan.freshMinor === 0n;
    // One refund there may be several here; only the first bears its name as it is.
    const name = isFirst ? providerReference : `${providerReference}/${index + 1}`;
    const repeated = await repeatRefund(tx, payment, each, name);
    if (isFirst) continue;
    const outcome = { kind: "succeeded", providerReference: name } as const;
    await recordRefundOutcome(tx, repeated, outcome, cash);
  }
  const created = await tx.refund.findUnique({ where: { providerReference } });
  if (created !== null) await recordRefundOutcome(tx, created, outcomeOf(report), cash);
  const { excessMinor } = plan;
  if (excessMinor > 0n) {
    await bookJournal(
      tx,
      SYSTEM,
      { ...excess, orderId: payment.orderId, reason: providerReference },
      refundExceeded(cash, money(excessMinor, payment.currency)),
    );
  }
  await recordAuditEvent(tx, SYSTEM, {
    action: "refund.mirrored",
    subject: `order ${payment.order.number}`,
    reason: report.reason ?? "begun at the provider",
    correlationId: payment.orderId,
  });
  await followRefund(tx, payment.orderId, excessMinor > 0n);
}

/** Refunds of ours that failed, and whose money has gone no other way: it is owed. */
async function findOwed(tx: Tx, paymentId: string) {
  const refunds = await tx.refund.findMany({
    where: { paymentId },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  return refunds.filter(
    (each) => each.state === "failed" && !refunds.some((other) => other.redirects === each.id),
  );
}

/** What was owed since a refund failed is paid by the one that was made at the provider instead. */
async function repeatRefund(
  tx: Tx,
  payment: LockedPayment,
  failed: OwedRefund & { readonly taxMinor: bigint },
  providerReference: string,
) {
  const now = await businessNow(tx);
  const repeated = await tx.refund.create({
    data: {
      orderId: payment.orderId,
      paymentId: payment.id,
      state: "pending",
      currency: payment.currency,
      amountMinor: failed.amountMinor,
      taxMinor: failed.taxMinor,
      reason: "provider_refund",
      byProvider: true,
      redirects: failed.id,
      providerReference,
      createdAt: now,
      nextAttemptAt: now,
    },
  });
  await tx.order.updateMany({
    where: { id: payment.orderId, needsAttention: "refund_failed" },
    data: { needsAttention: null },
  });
  return repeated;
}

/** What went back beyond what was left to give back is booked as a loss, as this refund's. */
function excessOf(payment: LockedPayment, report: ProviderRefund) {
  const sourceId = derivedId(["refund", payment.adapter, report.providerReference]);
  return { kind: "refund.exceeded", sourceId } as const;
}

/**
 * What a refund that was begun at the provider means for the order: one that has all its money back and
 * has not gone to the carrier is cancelled, any other is put before a person.
 */
async function followRefund(tx: Tx, orderId: string, isTooMuch: boolean): Promise<void> {
  const order = await tx.order.findUniqueOrThrow({
    where: { id: orderId },
    include: { items: { include: { activation: true } } },
  });
  const left = (await findSettledParts(tx, orderId)).reduce(
    (sum, { part }) => sum + refundableMinor(part),
    0n,
  );
  const isUnsent = order.items[0]?.activation?.requestedAt === null;
  if ((order.state === "held" || order.state === "inProgress") && isUnsent && left === 0n) {
    await tx.activation.updateMany({
      where: { orderItem: { orderId }, requestedAt: null },
      data: { state: "rejected", reason: "refunded_at_provider" },
    });
    await refundOrder(tx, SYSTEM, { orderId, reason: "refunded_at_provider", end: "cancelled" });
  }
  if (!isTooMuch && (order.state === "failed" || order.state === "cancelled")) return;
  await flagOrder(tx, orderId, isTooMuch ? "refunds_exceed_payment" : "refunded_at_provider");
}

async function findRefund(tx: Tx, payment: LockedPayment, report: ProviderRefund) {
  const byReference = await tx.refund.findUnique({
    where: { providerReference: report.providerReference },
  });
  if (byReference !== null || report.refundId === null) return byReference;
  return await tx.refund.findFirst({ where: { id: report.refundId, paymentId: payment.id } });
}

function outcomeOf(report: ProviderRefund): RefundOutcome {
  const { providerReference, state } = report;
  return state === "failed"
    ? { kind: "failed", reason: report.reason ?? "failed", providerReference }
    : { kind: state, providerReference };
}

async function mirrorDispute(tx: Tx, paymentId: string, report: ProviderDispute): Promise<void> {
  const payment = await lockPayment(tx, paymentId);
  await recordDispute(tx, payment, report, requireProvider(payment.adapter).cash);
}
