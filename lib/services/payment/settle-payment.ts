import type { Actor } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db, type Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import type { AttentionCode } from "#lib/domain/attention.ts";
import { equalMoney, money, type Money } from "#lib/domain/money.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { log } from "#lib/observability/log.ts";
import type { PaymentAdapter, PaymentReport } from "#lib/payments/port.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { flagOrder } from "#lib/services/order/flag-order.ts";
import { lockAccount } from "#lib/services/balance/lock-balance.ts";
import { saveMethod } from "#lib/services/saved-method/save-method.ts";
import { closePayment } from "./close-payment.ts";
import { bookSettledPayment, lockPayment, type LockedPayment } from "./book-settled-payment.ts";
import type { PaymentState } from "./payment-state.ts";
import { bookFee } from "./book-fee.ts";
import { endAwaitedTransfer } from "./end-awaited-transfer.ts";
import { paymentDeadline } from "./payment-deadline.ts";
import { providerOf, requireProvider } from "./provider.ts";

export interface SettledPayment {
  readonly state: PaymentState;
}

/**
 * The only way a payment becomes settled. Return page, webhook, poller, staff and reconciliation all call
 * it, at once and as often as they like. The provider is asked first, outside any transaction, and a
 * payment that the customer approved and that the provider takes on our word only is captured; then, under
 * the locks of order and payment, the stored state is read again, amount, currency, mode and payment id are
 * compared, the journal is booked, and the order goes on. What does not match is put before a person and
 * settles nothing. (Money at the bank is reported by its statement: see lib/services/bank/.)
 *
 * Throws `ProviderUnavailableError` when the provider cannot be asked now. Refuses `balance_insufficient`;
 * the order is then over.
 */
export async function settlePayment(
  actor: Actor,
  input: { readonly paymentId: string },
): Promise<Result<SettledPayment>> {
  const payment = await db().payment.findUniqueOrThrow({
    where: { id: input.paymentId },
    select: {
      id: true,
      orderId: true,
      adapter: true,
      state: true,
      providerReference: true,
      createdAt: true,
      expiresAt: true,
    },
  });
  if (payment.state === "settled") return accept({ state: "settled" });
  if (payment.adapter === "balance") return await settleFromBalance(actor, payment.id);
  const provider = providerOf(payment.adapter);
  if (provider === null || payment.providerReference === null) {
    return accept({ state: payment.state });
  }
  const { adapter } = provider;
  const isOver = async (): Promise<boolean> =>
    payment.expiresAt !== null && payment.expiresAt <= (await businessNow());
  const report = await askProvider(adapter, payment, payment.providerReference, isOver);
  if (report === null) {
    // A provider that waits for our word forgets what was never approved.
    if (adapter.capture !== undefined && (await isOver())) {
      await closePayment(actor, { paymentId: payment.id, state: "expired", reason: "forgotten" });
      return accept({ state: "expired" });
    }
    // The provider's id was stored because the provider gave it; that it knows nothing of it is a defect.
    return await holdForStaff(actor, payment.id, "payment_not_known_to_provider");
  }
  switch (report.state) {
    case "settled":
      return await settleFromProvider(actor, payment.id, report);
    case "failed":
    case "expired":
      await closePayment(actor, {
        paymentId: payment.id,
        state: report.state,
        reason: report.reason ?? report.state,
      });
      return accept({ state: report.state });
    case "approved":
      // Not captured: it is another payment's, or this one is over and its approval lapses.
      return report.paymentId === payment.id
        ? accept({ state: payment.state })
        : await holdForStaff(actor, payment.id, "payment_of_another_order");
    case "awaited":
      return await awaitTransfer(actor, payment, report);
    case "pending":
    case "processing":
      await db().payment.updateMany({
        where: { id: payment.id, state: "pending" },
        data: { processing: report.state === "processing" },
      });
      return accept({ state: "pending" });
  }
}

/**
 * What the provider says of a payment now. The money of an open payment that waits for our word is taken;
 * a page that outlives its payment is ended.
 */
async function askProvider(
  adapter: PaymentAdapter,
  payment: { readonly id: string; readonly state: PaymentState },
  providerReference: string,
  isOver: () => Promise<boolean>,
): Promise<PaymentReport | null> {
  const report = await adapter.find(providerReference);
  const isWanted = payment.state === "pending" && report?.paymentId === payment.id;
  if (report?.state === "approved" && isWanted && adapter.capture !== undefined) {
    return await adapter.capture(providerReference, payment.id);
  }
  return report?.state === "pending" && (await isOver())
    ? await adapter.expire(providerReference)
    : report;
}

/** A transfer to the provider is waited for as long as one to our own account, from when the order was placed. */
async function awaitTransfer(
  actor: Actor,
  payment: {
    readonly id: string;
    readonly orderId: string;
    readonly state: PaymentState;
    readonly createdAt: Date;
  },
  report: PaymentReport,
): Promise<Result<SettledPayment>> {
  const expiresAt = paymentDeadline(payment.createdAt, "bank_transfer");
  if (payment.state !== "pending" || expiresAt <= (await businessNow())) {
    await endAwaitedTransfer(actor, payment, report, "transfer_not_received");
    return accept({ state: payment.state === "pending" ? "expired" : payment.state });
  }
  await db().payment.updateMany({
    where: { id: payment.id, state: "pending" },
    data: { processing: true, expiresAt },
  });
  return accept({ state: "pending" });
}

async function settleFromBalance(actor: Actor, paymentId: string): Promise<Result<SettledPayment>> {
  return await inTransaction(async (tx) => {
    const payment = await lockPayment(tx, paymentId);
    // A part that is reserved is captured with the rest of its order, not by itself.
    if (payment.state !== "created") return accept({ state: payment.state });
    const { order } = payment;
    // Spending is serialised on the account's row; the balance is read after it is held.
    await lockAccount(tx, order.accountId);
    const balance = await tx.balance.findUnique({
      where: { accountId_currency: { accountId: order.accountId, currency: payment.currency } },
    });
    const total = money(payment.amountMinor, payment.currency);
    const available = money(balance?.balanceMinor ?? 0n, payment.currency);
    if (available.amountMinor < total.amountMinor) {
      await closePayment(actor, { paymentId, state: "failed", reason: "balance_insufficient" }, tx);
      return refuse({ code: "balance_insufficient", balance: available, total });
    }
    await bookSettledPayment(tx, actor, payment, {
      funds: [{ from: "balance", accountId: order.accountId, amountMinor: payment.amountMinor }],
    });
    return accept({ state: "settled" });
  });
}

async function settleFromProvider(
  actor: Actor,
  paymentId: string,
  report: PaymentReport,
): Promise<Result<SettledPayment>> {
  return await inTransaction(async (tx) => {
    const payment = await lockPayment(tx, paymentId);
    if (payment.state === "settled") return accept({ state: "settled" });
    const mismatch = findMismatch(payment, report);
    if (mismatch !== null) return await holdForStaff(actor, paymentId, mismatch, tx);
    await bookSettledPayment(tx, actor, payment, {
      funds: [
        {
          from: "provider",
          cash: requireProvider(payment.adapter).cash,
          amountMinor: payment.amountMinor,
        },
      ],
      providerPaymentId: report.providerPaymentId,
    });
    if (report.fee !== null) await bookFee(tx, payment, report.fee);
    if (report.savedMethod !== null) await saveMethod(tx, actor, payment, report.savedMethod);
    return accept({ state: "settled" });
  });
}

function findMismatch(payment: LockedPayment, report: PaymentReport): AttentionCode | null {
  const expected: Money = money(payment.amountMinor, payment.currency);
  if (report.paymentId !== payment.id) return "payment_of_another_order";
  if (report.live !== requireProvider(payment.adapter).adapter.live) return "payment_in_other_mode";
  if (report.captured === null || report.captured.currency !== expected.currency) {
    return "payment_currency_differs";
  }
  return equalMoney(report.captured, expected) ? null : "payment_amount_differs";
}

async function holdForStaff(
  actor: Actor,
  paymentId: string,
  why: AttentionCode,
  outer?: Tx,
): Promise<Result<SettledPayment>> {
  return await inTransaction(async (tx) => {
    const payment = await lockPayment(tx, paymentId);
    const { order } = payment;
    const now = await businessNow(tx);
    log().error({ orderId: order.id, why }, "payment held for staff");
    if (await flagOrder(tx, order.id, why)) {
      await recordAuditEvent(tx, actor, {
        action: "payment.held",
        subject: `order ${order.number}`,
        reason: why,
        correlationId: order.id,
      });
    }
    await tx.payment.updateMany({
      where: { id: paymentId, state: "pending" },
      data: { nextPollAt: new Date(now.getTime() + 3_600_000), polls: { increment: 1 } },
    });
    return accept({ state: payment.state });
  }, outer);
}
