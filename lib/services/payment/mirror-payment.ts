import { SYSTEM } from "#lib/access/actor.ts";
import { db, type Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import type { ProviderDispute, ProviderRefund, RefundOutcome } from "#lib/payments/port.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { recordDispute } from "#lib/services/dispute/record-dispute.ts";
import { createRefund } from "#lib/services/refund/create-refund.ts";
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
  if (report.state === "failed") return;
  const refunds = await tx.refund.findMany({ where: { paymentId, state: { not: "failed" } } });
  const refundedMinor = refunds.reduce((sum, each) => sum + each.amountMinor, 0n);
  if (
    report.amount.currency !== payment.currency ||
    refundedMinor + report.amount.amountMinor > payment.amountMinor
  ) {
    // One of ours is open still, and together they are more than was paid: a person has to stop one.
    await tx.order.update({
      where: { id: payment.orderId },
      data: { needsAttention: "refunds_exceed_payment" },
    });
    return;
  }
  const id = await createRefund(tx, SYSTEM, {
    payment: {
      ...payment,
      refundedMinor,
      refundedTaxMinor: refunds.reduce((sum, each) => sum + each.taxMinor, 0n),
    },
    accountId: payment.order.accountId,
    isTopUp: payment.order.kind === "topup",
    amountMinor: report.amount.amountMinor,
    toBalance: false,
    reason: "provider_refund",
    begun: { providerReference: report.providerReference, state: "pending" },
  });
  await recordAuditEvent(tx, SYSTEM, {
    action: "refund.mirrored",
    subject: `order ${payment.order.number}`,
    reason: report.reason ?? "begun at the provider",
    correlationId: payment.orderId,
  });
  const created = await tx.refund.findUniqueOrThrow({ where: { id } });
  await recordRefundOutcome(tx, created, outcomeOf(report), cash);
  if (payment.order.state === "completed" || payment.order.state === "held") {
    await tx.order.update({
      where: { id: payment.orderId },
      data: { needsAttention: "refunded_at_provider" },
    });
  }
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
