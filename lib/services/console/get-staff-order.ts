import type { Actor } from "#lib/access/actor.ts";
import { requireStaffActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import { money } from "#lib/domain/money.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { refundableMinor } from "#lib/domain/refund.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import type { StaffOrderView } from "#lib/domain/staff-order.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { attemptId } from "#lib/services/order/internal.ts";
import { ORDER_PARTS, toOrderView } from "#lib/services/order/order-view.ts";
import { findEvents } from "./internal.ts";
import { findSettledParts, supportLimit } from "#lib/services/refund/internal.ts";

const LATEST_EVENTS = 100;

/**
 * One order as the books have it, for staff: payments, refunds, disputes, entries, and what can still be
 * given back. Looking is written to the audit. Refuses `not_found`.
 */
export async function getStaffOrder(
  actor: Actor,
  input: { readonly number: string },
): Promise<Result<StaffOrderView>> {
  const staff = requireStaffActor(actor);
  if (!staff.ok) return staff;
  const order = await db().order.findUnique({
    where: { number: parseOrderNumber(input.number) ?? "" },
    include: {
      ...ORDER_PARTS,
      account: { select: { name: true, email: true } },
      disputes: { orderBy: { openedAt: "desc" } },
    },
  });
  if (order === null) return refuse({ code: "not_found" });
  const [settled, journals, events] = await Promise.all([
    findSettledParts(db(), order.id),
    db().journal.findMany({
      where: { orderId: order.id },
      include: { entries: { include: { ledgerAccount: true } } },
      orderBy: [{ bookedAt: "asc" }, { id: "asc" }],
    }),
    findEvents({ correlationId: order.id }, LATEST_EVENTS),
  ]);
  await recordAuditEvent(db(), staff.value, {
    action: "order.viewed",
    subject: `order ${order.number}`,
    correlationId: order.id,
  });
  const view = toOrderView(order);
  const isTopUp = order.kind === "topup";
  const left = settled
    .filter(({ part }) => part.toOrigin || !isTopUp)
    .reduce((sum, { part }) => sum + refundableMinor(part), 0n);
  const canRefund = order.state === "completed" && left > 0n;
  return accept({
    number: order.number,
    accountId: order.accountId,
    customer: order.account,
    phase: view.phase,
    state: order.state,
    placedAt: order.placedAt,
    planName: view.service?.planName ?? null,
    iccid: view.service?.iccid ?? null,
    total: view.total,
    tax: view.tax,
    needsAttention: order.needsAttention,
    nextAttemptAt: order.nextAttemptAt,
    payments: order.payments.map((payment) => ({
      id: payment.id,
      adapter: payment.adapter,
      methodType: payment.methodType,
      state: payment.state,
      amount: money(payment.amountMinor, payment.currency),
      providerReference: payment.providerReference,
      at: payment.settledAt ?? payment.createdAt,
    })),
    refunds: order.refunds.map((refund) => ({
      id: refund.id,
      state: refund.state,
      amount: money(refund.amountMinor, refund.currency),
      reason: refund.reason,
      toBalance: refund.toBalance,
      byProvider: refund.byProvider,
      canRedirect:
        refund.state === "failed" && !order.refunds.some((each) => each.redirects === refund.id),
      at: refund.succeededAt ?? refund.createdAt,
    })),
    disputes: order.disputes.map((dispute) => ({
      providerReference: dispute.providerReference,
      state: dispute.state,
      amount: money(dispute.amountMinor, dispute.currency),
      reason: dispute.reason,
      respondBy: dispute.respondBy,
      at: dispute.openedAt,
    })),
    documents: view.documents,
    entries: journals.flatMap((journal) =>
      journal.entries.map((entry) => ({
        journalId: journal.id,
        kind: journal.kind,
        code: entry.ledgerAccount.code,
        amount: money(entry.amountMinor, journal.currency),
        at: journal.bookedAt,
      })),
    ),
    events,
    refundable: canRefund ? money(left, order.currency) : null,
    refundLimit: staff.value.role === "support" ? supportLimit(order.currency) : null,
    isTopUp,
    attemptId: attemptId(["refund", order.id, String(order.refunds.length)]),
  });
}
