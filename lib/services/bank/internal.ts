import type { Actor } from "#lib/access/actor.ts";
import type { Prisma, Tx } from "#lib/db/client.ts";
import { daysOfCopies, type ComparedLine } from "#lib/domain/bank-copies.ts";
import type { PaymentMatch, ReceivedLine, TransferPayment } from "#lib/domain/bank-matching.ts";
import { suspenseCredited, type FundsPart } from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";
import {
  bookSettledPayment,
  type LockedPayment,
} from "#lib/services/payment/book-settled-payment.ts";
import { keptFor } from "#lib/services/payment/kept-for.ts";

/** A payment that money may arrive for, with whose it is. */
export interface Candidate extends TransferPayment {
  readonly orderNumber: string;
}

const WITH_ORDER = {
  order: { select: { number: true, account: { select: { name: true } } } },
  bankLines: { where: { keptMinor: { gt: 0 } }, select: { keptMinor: true } },
} satisfies Prisma.PaymentInclude;

/** Movements that a person has to decide about. */
export const UNDECIDED_LINES = {
  state: { in: ["suspended", "outgoing"] },
} satisfies Prisma.BankLineWhereInput;

/** How many payments at most are looked through for suggestions. */
const MOST_CANDIDATES = 5_000;
/** Payments that ran out are suggested for so long. */
const EXPIRED_DAYS = 60;

/** Payments by their references, in whatever state. */
export async function findByReference(
  reader: Pick<Tx, "payment">,
  references: readonly string[],
): Promise<readonly Candidate[]> {
  if (references.length === 0) return [];
  const found = await reader.payment.findMany({
    where: { adapter: "bank_transfer", providerReference: { in: [...references] } },
    include: WITH_ORDER,
  });
  return found.flatMap(toCandidate);
}

/** Payments that transfers are waited for, or were until lately: what may be suggested. */
export async function findWaiting(
  reader: Pick<Tx, "payment">,
  now: Date,
): Promise<readonly Candidate[]> {
  const found = await reader.payment.findMany({
    where: {
      adapter: "bank_transfer",
      OR: [
        { state: "pending" },
        {
          state: "expired",
          expiresAt: { gt: new Date(now.getTime() - EXPIRED_DAYS * 86_400_000) },
        },
      ],
    },
    include: WITH_ORDER,
    orderBy: { createdAt: "desc" },
    take: MOST_CANDIDATES,
  });
  return found.flatMap(toCandidate);
}

function toCandidate(
  payment: Prisma.PaymentGetPayload<{ include: typeof WITH_ORDER }>,
): Candidate[] {
  const { providerReference: reference, expiresAt, state } = payment;
  // Not begun, or a part of a balance: nobody was asked to transfer it.
  if (reference === null || expiresAt === null || state === "reserved") return [];
  return [
    {
      paymentId: payment.id,
      reference,
      amountMinor: payment.amountMinor,
      currency: payment.currency,
      customerName: payment.order.account.name,
      createdAt: payment.createdAt,
      expiresAt,
      alreadyReceivedMinor: payment.bankLines.reduce((sum, line) => sum + line.keptMinor, 0n),
      state,
      orderNumber: payment.order.number,
    },
  ];
}

const WITH_STATEMENT = {
  statement: { select: { fileName: true } },
  payment: { select: { order: { select: { number: true } } } },
} satisfies Prisma.BankLineInclude;

/** A stored movement that another may be the same as, with where it is told. */
export interface KnownLine extends ComparedLine {
  readonly fileName: string;
  readonly orderNumber: string | null;
}

/** Movements of other statements with the same money about the same time, but for those that count no more. */
export async function findAlike(
  reader: Pick<Tx, "bankLine">,
  line: Pick<ComparedLine, "statementId" | "bookedOn" | "amountMinor" | "currency">,
): Promise<readonly KnownLine[]> {
  const found = await reader.bankLine.findMany({
    where: {
      // All there are: the index begins with the state.
      state: { in: ["matched", "suspended", "assigned", "outgoing"] },
      bookedOn: { in: daysOfCopies(line.bookedOn).map((day) => new Date(`${day}T00:00:00Z`)) },
      currency: line.currency,
      amountMinor: line.amountMinor,
      statementId: { not: line.statementId },
      OR: [{ decision: null }, { NOT: { decision: { startsWith: "same:" } } }],
    },
    include: WITH_STATEMENT,
    orderBy: { createdAt: "asc" },
  });
  return found.map(({ statement, payment, ...known }) => ({
    ...known,
    bookedOn: known.bookedOn.toISOString().slice(0, 10),
    fileName: statement.fileName,
    orderNumber: payment?.order.number ?? null,
  }));
}

/** A stored line of a statement, as far as its money is booked. */
export type BookedLine = Pick<ReceivedLine, "amountMinor" | "currency"> & { readonly id: string };

/** What a match writes at the line. */
export interface LineOutcome {
  readonly paymentId: string;
  readonly settledMinor: bigint;
  readonly keptMinor: bigint;
}

/**
 * Books what a line means for a payment, out of suspense, in the caller's transaction, which holds the rows
 * of `lockPayment` and decided by what they say: what completes the payment settles it, on the one path
 * there is; what falls short is kept for it; everything else is the customer's balance.
 *
 * @param reason of the person who decided, or which statement says so
 */
export async function bookMatch(
  tx: Tx,
  actor: Actor,
  line: BookedLine,
  match: PaymentMatch,
  payment: LockedPayment,
  reason: string,
): Promise<LineOutcome> {
  const { order } = payment;
  switch (match.kind) {
    case "exact":
    case "over": {
      const { settledMinor, toBalanceMinor } = match.allocation;
      const keptMinor = await keptFor(tx, payment.id);
      const funds: FundsPart[] = [{ from: "suspense", amountMinor: settledMinor }];
      if (keptMinor > 0n) {
        funds.push({ from: "reserve", accountId: order.accountId, amountMinor: keptMinor });
      }
      await bookSettledPayment(tx, actor, payment, { funds, reason });
      if (toBalanceMinor > 0n) {
        await creditBalance(tx, actor, { ...line, amountMinor: toBalanceMinor }, order, reason);
      }
      return { paymentId: payment.id, settledMinor, keptMinor: 0n };
    }
    case "short": {
      await bookJournal(
        tx,
        actor,
        { kind: "bank.kept", sourceId: line.id, orderId: order.id, reason },
        suspenseCredited(
          { code: "customer_reserved", accountId: order.accountId },
          money(line.amountMinor, line.currency),
        ),
      );
      await recordAuditEvent(tx, actor, {
        action: "bank_line.kept",
        subject: `order ${order.number}`,
        reason,
        correlationId: order.id,
      });
      await queueNotice(tx, order, "bank_transfer_short");
      return { paymentId: payment.id, settledMinor: 0n, keptMinor: line.amountMinor };
    }
    case "late":
    case "duplicate":
    case "other_currency": {
      await creditBalance(tx, actor, line, order, reason);
      await queueNotice(tx, order, "bank_transfer_credited");
      return { paymentId: payment.id, settledMinor: 0n, keptMinor: 0n };
    }
  }
}

/** Money from suspense is on a customer's balance. */
export async function creditBalance(
  tx: Tx,
  actor: Actor,
  line: BookedLine,
  to: { readonly accountId: string; readonly id?: string; readonly number?: string },
  reason: string,
): Promise<void> {
  await bookJournal(
    tx,
    actor,
    {
      kind: "bank.credited",
      sourceId: line.id,
      reason,
      ...(to.id === undefined ? {} : { orderId: to.id }),
    },
    suspenseCredited(
      { code: "customer_balance", accountId: to.accountId },
      money(line.amountMinor, line.currency),
    ),
  );
  await recordAuditEvent(tx, actor, {
    action: "bank_line.credited",
    subject: to.number === undefined ? `account ${to.accountId}` : `order ${to.number}`,
    reason,
    ...(to.id === undefined ? {} : { correlationId: to.id }),
  });
}
