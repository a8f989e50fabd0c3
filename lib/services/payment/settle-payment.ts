import type { Actor } from "#lib/access/actor.ts";
import { ACTIVATION_LEAD_MINUTES, LOOKUP_DELAYS_SECONDS } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db, type Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { paymentSettled, type Funds } from "#lib/domain/ledger.ts";
import { equalMoney, money, type Money } from "#lib/domain/money.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { log } from "#lib/observability/log.ts";
import type { PaymentAdapter, PaymentReport } from "#lib/payments/port.ts";
import { paymentAdapter } from "#lib/payments/registry.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";
import { bookQueuedPeriod } from "#lib/services/order/book-queued-period.ts";
import { refundOrder } from "#lib/services/order/refund-order.ts";
import { closePayment } from "./close-payment.ts";

type PaymentState = "created" | "pending" | "settled" | "failed" | "expired";

export interface SettledPayment {
  readonly state: PaymentState;
}

type LockedPayment = Awaited<ReturnType<typeof lockPayment>>;

/**
 * The only way a payment becomes settled. Return page, webhook, poller, staff and reconciliation all call
 * it, at once and as often as they like. The provider is asked first, outside any transaction, and a
 * payment that the customer approved and that the provider takes on our word only is captured; then, under
 * the locks of order and payment, the stored state is read again, amount, currency, mode and payment id are
 * compared, the journal is booked, and the order goes on to its activation. What does not match is put
 * before a person and settles nothing.
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
    select: { id: true, adapter: true, state: true, providerReference: true, expiresAt: true },
  });
  if (payment.state === "settled") return accept({ state: "settled" });
  if (payment.adapter === "balance") return await settleFromBalance(actor, payment.id);
  if (payment.adapter !== "stripe") throw new Error(`No adapter for ${payment.adapter}`);
  if (payment.providerReference === null) return accept({ state: payment.state });

  const adapter = paymentAdapter("stripe");
  const isOver = payment.expiresAt !== null && payment.expiresAt <= (await businessNow());
  const report = await askProvider(adapter, payment, payment.providerReference, isOver);
  if (report === null) {
    // A provider that waits for our word forgets what was never approved.
    if (adapter.capture !== undefined && isOver) {
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
    case "pending":
    case "processing":
      await scheduleNextPoll(payment.id, report.state === "processing");
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
  isOver: boolean,
): Promise<PaymentReport | null> {
  const report = await adapter.find(providerReference);
  const isWanted = payment.state === "pending" && report?.paymentId === payment.id;
  if (report?.state === "approved" && isWanted && adapter.capture !== undefined) {
    return await adapter.capture(providerReference, payment.id);
  }
  return report?.state === "pending" && isOver ? await adapter.expire(providerReference) : report;
}

async function settleFromBalance(actor: Actor, paymentId: string): Promise<Result<SettledPayment>> {
  return await inTransaction(async (tx) => {
    const payment = await lockPayment(tx, paymentId);
    if (payment.state !== "created") return accept({ state: payment.state });
    const { order } = payment;
    // Spending is serialised on the account's row; the balance is read after it is held.
    await tx.$queryRaw`SELECT id FROM account WHERE id = ${order.accountId}::uuid FOR UPDATE`;
    const balance = await tx.balance.findUnique({
      where: { accountId_currency: { accountId: order.accountId, currency: payment.currency } },
    });
    const total = money(payment.amountMinor, payment.currency);
    const available = money(balance?.balanceMinor ?? 0n, payment.currency);
    if (available.amountMinor < total.amountMinor) {
      await closePayment(actor, { paymentId, state: "failed", reason: "balance_insufficient" }, tx);
      return refuse({ code: "balance_insufficient", balance: available, total });
    }
    await settle(tx, actor, payment, { from: "balance", accountId: order.accountId }, null);
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
    await settle(tx, actor, payment, { from: "stripe" }, report.providerPaymentId);
    return accept({ state: "settled" });
  });
}

/** Locks order, then payment (always in this order), and reads both as they are now. */
async function lockPayment(tx: Tx, paymentId: string) {
  await tx.$queryRaw`SELECT o.id FROM "order" o JOIN payment p ON p.order_id = o.id
    WHERE p.id = ${paymentId}::uuid FOR UPDATE OF o`;
  await tx.$queryRaw`SELECT id FROM payment WHERE id = ${paymentId}::uuid FOR UPDATE`;
  return await tx.payment.findUniqueOrThrow({
    where: { id: paymentId },
    include: { order: { include: { items: { orderBy: { position: "asc" } } } } },
  });
}

function findMismatch(payment: LockedPayment, report: PaymentReport): string | null {
  const expected: Money = money(payment.amountMinor, payment.currency);
  if (report.paymentId !== payment.id) return "payment_of_another_order";
  if (report.live !== paymentAdapter("stripe").live) return "payment_in_other_mode";
  if (report.captured === null || report.captured.currency !== expected.currency) {
    return "payment_currency_differs";
  }
  return equalMoney(report.captured, expected) ? null : "payment_amount_differs";
}

/** Books the money and sends the order on its way, in the caller's transaction. */
async function settle(
  tx: Tx,
  actor: Actor,
  payment: LockedPayment,
  funds: Funds,
  providerPaymentId: string | null,
): Promise<void> {
  const { order } = payment;
  const now = await businessNow(tx);
  await tx.payment.update({
    where: { id: payment.id },
    data: { state: "settled", settledAt: now, nextPollAt: null, providerPaymentId },
  });
  await bookJournal(
    tx,
    actor,
    { kind: "payment.settled", sourceId: payment.id, orderId: order.id },
    paymentSettled(funds, money(payment.amountMinor, payment.currency), order.taxMinor),
  );
  await recordAuditEvent(tx, actor, {
    action: "payment.settled",
    subject: `order ${order.number}`,
    correlationId: order.id,
  });
  log().info({ orderId: order.id, adapter: payment.adapter }, "payment settled");

  if (order.state !== "acknowledged" && order.state !== "pending") {
    // Paid after the order was over: the money goes straight back.
    await tx.order.update({ where: { id: order.id }, data: { paidAt: now } });
    await refundOrder(tx, actor, { orderId: order.id, reason: "paid_too_late" });
    return;
  }

  const item = order.items[0];
  if (item === undefined) throw new Error(`Order ${order.number} has no item`);
  const startsAt = item.startChoice === "now" ? null : await bookQueuedPeriod(tx, order, item, now);
  const sendAt =
    startsAt === null ? now : new Date(startsAt.getTime() - ACTIVATION_LEAD_MINUTES * 60_000);
  const waits = sendAt.getTime() > now.getTime();
  await tx.activation.create({
    data: {
      orderItemId: item.id,
      carrier: (await tx.esim.findUniqueOrThrow({ where: { id: order.esimId } })).carrier,
      ourReference: item.id,
      state: "requested",
    },
  });
  await tx.order.update({
    where: { id: order.id },
    data: {
      state: waits ? "held" : "inProgress",
      paidAt: now,
      nextAttemptAt: waits ? sendAt : now,
    },
  });
  await enqueue(tx, "order.paid", { orderId: order.id }, waits ? sendAt : undefined);
  if (waits) await queueNotice(tx, order, "order_paid_scheduled");
}

/** Asks again later: a webhook may never come. */
async function scheduleNextPoll(paymentId: string, processing: boolean): Promise<void> {
  const payment = await db().payment.findUniqueOrThrow({
    where: { id: paymentId },
    select: { polls: true },
  });
  const delay =
    LOOKUP_DELAYS_SECONDS[Math.min(payment.polls + 1, LOOKUP_DELAYS_SECONDS.length - 1)] ?? 86_400;
  await db().payment.updateMany({
    where: { id: paymentId, state: "pending" },
    data: {
      processing,
      polls: { increment: 1 },
      nextPollAt: new Date((await businessNow()).getTime() + delay * 1000),
    },
  });
}

async function holdForStaff(
  actor: Actor,
  paymentId: string,
  why: string,
  outer?: Tx,
): Promise<Result<SettledPayment>> {
  return await inTransaction(async (tx) => {
    const payment = await lockPayment(tx, paymentId);
    const { order } = payment;
    const now = await businessNow(tx);
    log().error({ orderId: order.id, why }, "payment held for staff");
    if (order.needsAttention !== why) {
      await tx.order.update({ where: { id: order.id }, data: { needsAttention: why } });
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
