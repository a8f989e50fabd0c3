import { randomBytes } from "node:crypto";
import type { Actor } from "#lib/access/actor.ts";
import { BANK_TRANSFER_REMINDER_DAYS } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import { inTransaction, isUniqueViolation } from "#lib/db/transaction.ts";
import { bankReference } from "#lib/domain/bank-reference.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";
import { lockPayment } from "./book-settled-payment.ts";

/** References are drawn from 9 · 10^11: a second collision in a row is a broken source of randomness. */
const DRAWS = 5;

/**
 * Lets an order wait for a bank transfer: the payment gets the reference that the customer writes on it, and
 * the instructions and, days later, a reminder are sent. Nobody is asked until the time is over: the bank's
 * statement says what came. Beginning it again changes nothing.
 *
 * @param draw random bytes for a reference
 */
export async function startBankTransfer(
  actor: Actor,
  input: { readonly paymentId: string },
  draw: () => Uint8Array = () => randomBytes(8),
): Promise<void> {
  for (let left = DRAWS; ; left -= 1) {
    try {
      await begin(actor, input.paymentId, bankReference(draw()));
      return;
    } catch (error) {
      if (left <= 1 || !isUniqueViolation(error)) throw error;
    }
  }
}

async function begin(actor: Actor, paymentId: string, reference: string): Promise<void> {
  await inTransaction(async (tx) => {
    const { order, state, expiresAt } = await lockPayment(tx, paymentId);
    if (state !== "created" || expiresAt === null) return;
    await tx.payment.update({
      where: { id: paymentId },
      data: { state: "pending", providerReference: reference, nextPollAt: expiresAt },
    });
    await tx.order.updateMany({
      where: { id: order.id, state: "acknowledged" },
      data: { state: "pending" },
    });
    await recordAuditEvent(tx, actor, {
      action: "payment.awaited",
      subject: `order ${order.number}`,
      correlationId: order.id,
    });
    const now = await businessNow(tx);
    await queueNotice(tx, order, "bank_transfer_instructions");
    const remindAt = new Date(now.getTime() + BANK_TRANSFER_REMINDER_DAYS * 86_400_000);
    if (remindAt < expiresAt) await queueNotice(tx, order, "bank_transfer_reminder", remindAt);
  });
}
