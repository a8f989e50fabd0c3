import { SYSTEM } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import {
  disputeLost,
  disputeOpened,
  disputeWon,
  feeCharged,
  feeReturned,
  type CashCode,
  type Disputed,
} from "#lib/domain/ledger.ts";
import { money, type Money } from "#lib/domain/money.ts";
import { isDisputeStep, type DisputeState } from "#lib/domain/dispute.ts";
import type { ProviderDispute } from "#lib/payments/port.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { lockBalance } from "#lib/services/balance/lock-balance.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { flagOrder } from "#lib/services/order/flag-order.ts";
import { refundOrder } from "#lib/services/order/refund-order.ts";

interface DisputedPayment {
  readonly id: string;
  readonly order: {
    readonly id: string;
    readonly number: string;
    readonly kind: string;
    readonly state: string;
    readonly endReason: string | null;
    readonly accountId: string;
  };
}

/**
 * Writes how a dispute stands at the provider, in the caller's transaction, which holds the rows of order
 * and payment: the money that was taken, came back or is lost is booked once each, staff is told, and an
 * older report changes nothing.
 */
export async function recordDispute(
  tx: Tx,
  payment: DisputedPayment,
  report: ProviderDispute,
  cash: CashCode,
): Promise<void> {
  const { order } = payment;
  const known = await tx.dispute.findUnique({
    where: { providerReference: report.providerReference },
  });
  const before: DisputeState | null = known?.state ?? null;
  if (!isDisputeStep(before, report.state)) return;
  const now = await businessNow(tx);
  const isClosed = report.state === "won" || report.state === "lost";
  const facts = {
    state: report.state,
    reason: report.reason,
    respondBy: report.respondBy,
    closedAt: isClosed ? now : null,
  };
  const dispute =
    known === null
      ? await tx.dispute.create({
          data: {
            ...facts,
            orderId: order.id,
            paymentId: payment.id,
            providerReference: report.providerReference,
            currency: report.amount.currency,
            amountMinor: report.amount.amountMinor,
            openedAt: report.openedAt,
          },
        })
      : await tx.dispute.update({ where: { id: known.id }, data: facts });

  // What the provider took, when it took it.
  const amount = money(known?.amountMinor ?? dispute.amountMinor, dispute.currency);
  const backMinor = wonBack(report, amount);
  if (report.state === "lost" && backMinor > 0n) {
    await tx.dispute.update({
      where: { id: dispute.id },
      data: { amountMinor: amount.amountMinor - backMinor },
    });
  }
  const source = { sourceId: dispute.id, orderId: order.id, reason: report.reason };
  const disputed = async (side: "availableMinor" | "owedMinor"): Promise<Disputed> => {
    if (order.kind !== "topup") return { kind: "service" };
    const { accountId } = order;
    const balance = await lockBalance(tx, accountId, amount.currency);
    return { kind: "topup", accountId, minor: balance[side] };
  };
  const wasTaken = before === "open";
  if (!wasTaken && (report.state === "open" || report.state === "lost")) {
    await bookJournal(
      tx,
      SYSTEM,
      { ...source, kind: "dispute.opened" },
      disputeOpened(cash, amount, await disputed("availableMinor")),
    );
  }
  if (backMinor > 0n && (wasTaken || report.state === "lost")) {
    await bookJournal(
      tx,
      SYSTEM,
      { ...source, kind: "dispute.won" },
      disputeWon(cash, money(backMinor, amount.currency), await disputed("owedMinor")),
    );
  }
  // What a lost dispute of a top-up cost, the customer's balance has borne already.
  if (report.state === "lost" && order.kind !== "topup") {
    const lost = money(amount.amountMinor - backMinor, amount.currency);
    await bookJournal(tx, SYSTEM, { ...source, kind: "dispute.lost" }, disputeLost(lost));
  }
  await bookFee(tx, source, report, cash);
  const other = await tx.dispute.findFirst({
    where: { orderId: order.id, state: "open", id: { not: dispute.id } },
    select: { id: true },
  });
  // What becomes of one does not hide another one that waits for an answer.
  await flagOrder(tx, order.id, other === null ? `dispute_${report.state}` : "dispute_open");
  if (report.state === "won" && (order.state === "failed" || order.state === "cancelled")) {
    // The customer has nothing of it: what the provider has given back now goes back to them.
    await refundOrder(tx, SYSTEM, { orderId: order.id, reason: order.endReason ?? "dispute_won" });
  }
  await recordAuditEvent(tx, SYSTEM, {
    action: report.state === "inquiry" ? "dispute.announced" : `dispute.${WRITTEN[report.state]}`,
    subject: `order ${order.number}`,
    reason: report.reason,
    correlationId: order.id,
  });
}

/** What comes back of the money that was taken: all of it, or what a dispute that was lost in part leaves. */
function wonBack(report: ProviderDispute, taken: Money): bigint {
  if (report.state === "won") return taken.amountMinor;
  if (report.state !== "lost" || report.amount.amountMinor <= 0n) return 0n;
  if (report.amount.currency !== taken.currency) return 0n;
  const back = taken.amountMinor - report.amount.amountMinor;
  return back > 0n ? back : 0n;
}

const WRITTEN = { open: "opened", won: "won", lost: "lost" } as const;

/** Books the fee of a dispute once, and what of it came back when the dispute was won. */
async function bookFee(
  tx: Tx,
  source: { readonly sourceId: string; readonly orderId: string },
  report: ProviderDispute,
  cash: CashCode,
): Promise<void> {
  const charged = await findFee(tx, source.sourceId, "fee.charged");
  if (charged === null) {
    if (report.fee === null || report.fee.amountMinor <= 0n) return;
    await bookJournal(tx, SYSTEM, { ...source, kind: "fee.charged" }, feeCharged(cash, report.fee));
    return;
  }
  // Net of what came back, the provider says nothing of a fee that it gave back whole.
  if (report.state !== "won" || (await findFee(tx, source.sourceId, "fee.returned")) !== null)
    return;
  const kept = report.fee?.currency === charged.currency ? report.fee.amountMinor : 0n;
  const back = charged.amountMinor - kept;
  if (back <= 0n) return;
  await bookJournal(
    tx,
    SYSTEM,
    { ...source, kind: "fee.returned" },
    feeReturned(cash, money(back, charged.currency)),
  );
}

async function findFee(
  tx: Tx,
  sourceId: string,
  kind: "fee.charged" | "fee.returned",
): Promise<Money | null> {
  const journal = await tx.journal.findUnique({
    where: { kind_sourceId: { kind, sourceId } },
    include: { entries: true },
  });
  const minor = journal?.entries.find((entry) => entry.amountMinor > 0n)?.amountMinor;
  return journal === null || minor === undefined ? null : money(minor, journal.currency);
}
