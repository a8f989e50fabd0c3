import type { Actor } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { attentionAfter } from "#lib/domain/attention.ts";
import {
  paymentSettled,
  receivableSettled,
  topUpSettled,
  type FundsPart,
} from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { log } from "#lib/observability/log.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { lockAccount, lockBalance } from "#lib/services/balance/lock-balance.ts";
import { requestDocument } from "#lib/services/document/request-document.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";
import { bookQueuedPeriod } from "#lib/services/order/book-queued-period.ts";
import { sendAt } from "#lib/services/order/move-queue.ts";
import { refundOrder } from "#lib/services/order/refund-order.ts";

export type LockedPayment = Awaited<ReturnType<typeof lockPayment>>;

/**
 * Locks order, then payment, and reads both as they are now. The order of all locks is: order, payment,
 * account, and then the eSIM and the row of the balance. Whoever books on the balance and goes on to another
 * row holds the account first, for the ledger locks the balance by itself.
 */
export async function lockPayment(tx: Tx, paymentId: string) {
  const [locked] = await tx.$queryRaw<{ id: string }[]>`
    SELECT o.id FROM "order" o JOIN payment p ON p.order_id = o.id
      WHERE p.id = ${paymentId}::uuid FOR UPDATE OF o, p`;
  const order = await tx.order.findUniqueOrThrow({
    where: { id: locked?.id ?? "" },
    include: { items: { orderBy: { position: "asc" } }, payments: true },
  });
  const payment = order.payments.find((part) => part.id === paymentId);
  if (payment === undefined) throw new Error(`There is no payment ${paymentId}`);
  return { ...payment, order };
}

/**
 * Books a payment whose money is known to be there, and the order with it once all its parts are, in the
 * caller's transaction, which holds the rows of {@link lockPayment} and has found the payment not settled.
 * Money for an order that is over goes straight back.
 */
export async function bookSettledPayment(
  tx: Tx,
  actor: Actor,
  payment: LockedPayment,
  paid: {
    readonly funds: readonly FundsPart[];
    readonly providerPaymentId?: string | null;
    /** What a person who lets it settle goes by. */
    readonly reason?: string | undefined;
  },
): Promise<void> {
  const { order } = payment;
  const why = paid.reason === undefined ? {} : { reason: paid.reason };
  const now = await businessNow(tx);
  await tx.payment.update({
    where: { id: payment.id },
    data: {
      state: "settled",
      settledAt: now,
      nextPollAt: null,
      ...(paid.providerPaymentId === undefined
        ? {}
        : { providerPaymentId: paid.providerPaymentId }),
    },
  });
  // What was wrong with it is wrong no more.
  const needsAttention = attentionAfter("payment", order.needsAttention);
  if (needsAttention !== order.needsAttention) {
    await tx.order.update({ where: { id: order.id }, data: { needsAttention } });
  }
  // Who pays from the balance holds the account already.
  const touchesBalance =
    order.kind === "topup" ||
    paid.funds.some(({ from }) => from === "reserve" || from === "suspense") ||
    order.payments.some(({ state }) => state === "reserved");
  if (touchesBalance) await lockAccount(tx, order.accountId);
  const amount = money(payment.amountMinor, payment.currency);
  await bookJournal(
    tx,
    actor,
    { kind: "payment.settled", sourceId: payment.id, orderId: order.id, ...why },
    order.kind === "topup"
      ? topUpSettled(paid.funds, order.accountId, amount)
      : paymentSettled(paid.funds, amount, payment.taxMinor),
  );
  await recordAuditEvent(tx, actor, {
    action: "payment.settled",
    subject: `order ${order.number}`,
    ...why,
    correlationId: order.id,
  });
  log().info({ orderId: order.id, adapter: payment.adapter }, "payment settled");

  if (order.state !== "acknowledged" && order.state !== "pending") {
    await tx.order.update({ where: { id: order.id }, data: { paidAt: order.paidAt ?? now } });
    await refundOrder(tx, actor, { orderId: order.id, reason: "paid_too_late" });
    return;
  }
  for (const part of order.payments) {
    if (part.id === payment.id) continue;
    if (part.state === "reserved") {
      await captureReserved(tx, actor, order, part, now, why);
    } else if (part.state === "created" || part.state === "pending") {
      return; // The rest is still to come.
    }
  }
  if (order.kind === "topup") await completeTopUp(tx, actor, order, now, why);
  else await sendOnItsWay(tx, order, now);
  await requestDocument(tx, { orderId: order.id, kind: "sale" });
}

/** What a person who let it settle goes by; nothing when it settled by itself. */
type Why = { readonly reason?: string };

/** The part of the balance that was set aside pays, now that the rest has been paid. */
async function captureReserved(
  tx: Tx,
  actor: Actor,
  order: LockedPayment["order"],
  part: LockedPayment["order"]["payments"][number],
  now: Date,
  why: Why,
): Promise<void> {
  await tx.payment.update({
    where: { id: part.id },
    data: { state: "settled", settledAt: now, nextPollAt: null },
  });
  await bookJournal(
    tx,
    actor,
    { kind: "payment.settled", sourceId: part.id, orderId: order.id, ...why },
    paymentSettled(
      [{ from: "reserve", accountId: order.accountId, amountMinor: part.amountMinor }],
      money(part.amountMinor, part.currency),
      part.taxMinor,
    ),
  );
}

/** The balance has it already; what the customer owes from an earlier, disputed top-up is settled first. */
async function completeTopUp(
  tx: Tx,
  actor: Actor,
  order: LockedPayment["order"],
  now: Date,
  why: Why,
): Promise<void> {
  const { id, accountId, currency } = order;
  const { availableMinor, owedMinor } = await lockBalance(tx, accountId, currency);
  const settledMinor = owedMinor < availableMinor ? owedMinor : availableMinor;
  if (settledMinor > 0n) {
    await bookJournal(
      tx,
      actor,
      { kind: "receivable.settled", sourceId: id, orderId: id, ...why },
      receivableSettled(accountId, money(settledMinor, currency)),
    );
  }
  await tx.order.update({
    where: { id },
    data: { state: "completed", paidAt: now, completedAt: now, nextAttemptAt: null },
  });
  await recordAuditEvent(tx, actor, {
    action: "order.completed",
    subject: `order ${order.number}`,
    ...why,
    correlationId: order.id,
  });
  await queueNotice(tx, order, "balance_topped_up");
}

/** The order is paid: its item goes to the carrier, at once or shortly before its period begins. */
async function sendOnItsWay(tx: Tx, order: LockedPayment["order"], now: Date): Promise<void> {
  const item = order.items[0];
  if (item === undefined || order.esimId === null) {
    throw new Error(`Order ${order.number} has nothing to activate`);
  }
  const { esimId } = order;
  const startsAt =
    item.startChoice === "now" ? null : await bookQueuedPeriod(tx, { ...order, esimId }, item, now);
  const esim = await tx.esim.findUniqueOrThrow({ where: { id: esimId } });
  const at = startsAt === null ? now : sendAt(startsAt, esim.carrierExpiresAt, now);
  const waits = at.getTime() > now.getTime();
  await tx.activation.create({
    data: {
      orderItemId: item.id,
      carrier: esim.carrier,
      ourReference: item.id,
      state: "requested",
    },
  });
  await tx.order.update({
    where: { id: order.id },
    data: {
      state: waits ? "held" : "inProgress",
      paidAt: now,
      nextAttemptAt: at,
    },
  });
  await enqueue(tx, "order.paid", { orderId: order.id }, waits ? at : undefined);
  if (waits) await queueNotice(tx, order, "order_paid_scheduled");
}
