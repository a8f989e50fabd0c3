import type { Actor, Staff } from "#lib/access/actor.ts";
import { requireStaffActor } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db, type Tx } from "#lib/db/client.ts";
import { inTransaction, isUniqueViolation } from "#lib/db/transaction.ts";
import { fromDecimal, type Money } from "#lib/domain/money.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { splitRefund } from "#lib/domain/refund.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { lockBalance } from "#lib/services/balance/lock-balance.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";
import { createRefund } from "./create-refund.ts";
import { findSettledParts, supportLimit } from "./internal.ts";
import type { RequestRefundInput } from "./schemas.ts";

export interface RequestedRefund {
  readonly orderNumber: string;
}

/**
 * A member of staff gives back a part or all of what was paid for an order that is done, with a reason: to
 * where it came from, as far as that can be paid back to, or to the balance. The service goes on. The same
 * attempt id refunds once.
 *
 * Refuses, having changed nothing: `not_found`; `refund_not_possible` (not done yet, or over: what was paid
 * for it goes back by itself); `input_invalid` (not an amount, or more than is left); `needs_lead` (with
 * what was given for the order before, above what support may give); `topup_spent` (the balance no longer holds what was topped up).
 */
export async function requestRefund(
  actor: Actor,
  input: RequestRefundInput,
): Promise<Result<RequestedRefund>> {
  const staff = requireStaffActor(actor);
  if (!staff.ok) return staff;
  const number = parseOrderNumber(input.number) ?? "";
  const order = await db().order.findUnique({ where: { number } });
  if (order === null) return refuse({ code: "not_found" });
  const amount = fromDecimal(input.amount, order.currency);
  if (amount === null || amount.amountMinor <= 0n) {
    return refuse({ code: "input_invalid", fields: { amount: "invalid" } });
  }
  try {
    return await inTransaction((tx) => refund(tx, staff.value, order.id, amount, input));
  } catch (error) {
    // The attempt was used for another order a moment ago.
    if (!isUniqueViolation(error)) throw error;
    return refuse({ code: "attempt_reused" });
  }
}

/** Why: somebody of the operator decided it; their words are in the audit. */
const GOODWILL = "goodwill";

async function refund(
  tx: Tx,
  staff: Staff,
  orderId: string,
  amount: Money,
  input: RequestRefundInput,
): Promise<Result<RequestedRefund>> {
  await tx.$queryRaw`SELECT id FROM "order" WHERE id = ${orderId}::uuid FOR UPDATE`;
  const order = await tx.order.findUniqueOrThrow({ where: { id: orderId } });
  const asked = await tx.refund.findUnique({ where: { attemptId: input.attemptId } });
  if (asked !== null) {
    // The same form again, or that of somebody else who was shown the same and asked for something else.
    const { _sum } = await tx.refund.aggregate({
      where: { orderId, createdAt: asked.createdAt, reason: GOODWILL },
      _sum: { amountMinor: true },
    });
    return asked.orderId === orderId && _sum.amountMinor === amount.amountMinor
      ? accept({ orderNumber: order.number })
      : refuse({ code: "attempt_reused" });
  }
  const isTopUp = order.kind === "topup";
  // A top-up is on the balance: it can only go back to where it came from.
  const toBalance = input.destination === "balance";
  if (order.state !== "completed" || (isTopUp && toBalance)) {
    return refuse({ code: "refund_not_possible" });
  }
  if (staff.role === "support") {
    const given = await tx.refund.aggregate({
      where: { orderId, reason: GOODWILL, state: { not: "failed" } },
      _sum: { amountMinor: true },
    });
    const together = (given._sum.amountMinor ?? 0n) + amount.amountMinor;
    if (together > supportLimit(amount.currency).amountMinor) return refuse({ code: "needs_lead" });
  }
  const settled = await findSettledParts(tx, orderId);
  const parts = splitRefund(
    settled.map(({ part }) => part).filter((part) => part.toOrigin || !isTopUp),
    amount.amountMinor,
  );
  if (parts === null) return refuse({ code: "input_invalid", fields: { amount: "too_large" } });
  if (isTopUp) {
    const { availableMinor } = await lockBalance(tx, order.accountId, amount.currency);
    if (availableMinor < amount.amountMinor) return refuse({ code: "topup_spent" });
  }
  const now = await businessNow(tx);
  for (const [index, { paymentId, amountMinor }] of parts.entries()) {
    const payment = settled.find(({ part }) => part.paymentId === paymentId)?.payment;
    if (payment === undefined) throw new Error(`Payment ${paymentId} is not one of the order`);
    await createRefund(tx, staff, {
      payment,
      accountId: order.accountId,
      isTopUp,
      amountMinor,
      toBalance,
      reason: GOODWILL,
      now,
      attemptId: index === 0 ? input.attemptId : undefined,
    });
  }
  await queueNotice(tx, order, "refund_given");
  await recordAuditEvent(tx, staff, {
    action: "refund.requested",
    subject: `order ${order.number}`,
    reason: input.reason,
    correlationId: order.id,
  });
  return accept({ orderNumber: order.number });
}
