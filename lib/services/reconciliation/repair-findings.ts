import { SYSTEM } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction, isUniqueViolation } from "#lib/db/transaction.ts";
import { payoutSent } from "#lib/domain/ledger.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { log } from "#lib/observability/log.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { sendAt } from "#lib/services/order/move-queue.ts";
import { mirrorPayment } from "#lib/services/payment/mirror-payment.ts";
import { requireProvider } from "#lib/services/payment/provider.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { amountText, type Finding, type Repair } from "./notebook.ts";
import { payoutId } from "./payout-id.ts";

/**
 * Puts right what can be put right without a person, each by the way on which it would have gone by itself:
 * the payment is settled, the refund or dispute taken over, the carrier asked about the item. What cannot be
 * done now is logged and stays a difference. Returns how many were tried.
 */
export async function repairFindings(findings: readonly Finding[]): Promise<number> {
  let tried = 0;
  for (const { repair, kind, scope, about } of findings) {
    if (repair === undefined) continue;
    tried += 1;
    try {
      await carryOut(repair);
      log().info({ kind, scope, about }, "difference worked on");
    } catch (error) {
      log().error({ err: error, kind, scope, about }, "difference not repaired");
    }
  }
  return tried;
}

async function carryOut(repair: Repair): Promise<void> {
  switch (repair.act) {
    case "settle":
      await settle(repair);
      return;
    case "mirror":
      await mirrorPayment({ paymentId: repair.paymentId });
      return;
    case "activate":
      await activate(repair.orderId);
      return;
    case "resume":
      await resume(repair.orderId);
      return;
    case "book_payout":
      await bookPayout(repair);
  }
}

async function settle({
  paymentId,
  providerReference,
}: Extract<Repair, { act: "settle" }>): Promise<void> {
  if (providerReference !== null) {
    // The payment was begun, and this was lost with what came after the dump.
    await db().payment.updateMany({
      where: { id: paymentId, providerReference: null, state: { in: ["created", "pending"] } },
      data: { providerReference, state: "pending" },
    });
  }
  await settlePayment(SYSTEM, { paymentId });
}

async function activate(orderId: string): Promise<void> {
  await db().order.updateMany({
    where: { id: orderId, state: { in: ["inProgress", "held"] } },
    data: { nextAttemptAt: await businessNow() },
  });
  await activateOrder({ orderId });
}

async function resume(orderId: string): Promise<void> {
  await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "order" WHERE id = ${orderId}::uuid FOR UPDATE`;
    const order = await tx.order.findUniqueOrThrow({
      where: { id: orderId },
      include: { esim: true, items: { include: { period: true } } },
    });
    const isWaiting = order.state === "inProgress" || order.state === "held";
    if (!isWaiting || order.nextAttemptAt !== null) return;
    const now = await businessNow(tx);
    const startsAt = order.items[0]?.period?.startsAt;
    const at =
      order.state === "held" && startsAt !== undefined
        ? sendAt(startsAt, order.esim?.carrierExpiresAt ?? null, now)
        : now;
    await tx.order.update({ where: { id: orderId }, data: { nextAttemptAt: at } });
    await enqueue(tx, "order.paid", { orderId }, at);
  });
}

async function bookPayout({
  adapter,
  payout,
}: Extract<Repair, { act: "book_payout" }>): Promise<void> {
  const { cash } = requireProvider(adapter);
  try {
    await inTransaction(async (tx) => {
      await bookJournal(
        tx,
        SYSTEM,
        { kind: "payout.sent", sourceId: payoutId(adapter, payout.providerReference) },
        payoutSent(cash, payout.amount),
      );
      await recordAuditEvent(tx, SYSTEM, {
        action: "payout.booked",
        subject: `payout ${payout.providerReference}`,
        reason: amountText(payout.amount),
      });
    });
  } catch (error) {
    // Booked meanwhile.
    if (!isUniqueViolation(error)) throw error;
  }
}
