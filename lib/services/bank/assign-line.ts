import type { Actor } from "#lib/access/actor.ts";
import { requireTreasurer } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Prisma, Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { looksTheSame } from "#lib/domain/bank-copies.ts";
import { decideForPayment } from "#lib/domain/bank-matching.ts";
import { bankReversed, payoutReceived } from "#lib/domain/ledger.ts";
import { money, type Money } from "#lib/domain/money.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { accept, refuse, type Refusal, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { lockPayment } from "#lib/services/payment/book-settled-payment.ts";
import {
  bookMatch,
  creditBalance,
  findAlike,
  findByReference,
  type LineOutcome,
} from "./internal.ts";
import type { AssignLineInput } from "./schemas.ts";

/** A refusal met inside the transaction, which it rolls back. */
class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/**
 * A person decides about a movement at the bank: that it pays a certain order, is a customer's balance, a
 * provider's payout, is the same that another file told of, or is left in suspense (returned, or not ours).
 * The reason is kept, and of two who decide at once one is refused. For leads and administrators.
 *
 * Refuses, having changed nothing: `not_found`, `decided_already`, `customer_unknown`,
 * `decision_not_possible` (money that went out or was taken back pays nothing, and no other movement is like
 * the one that is said to be told twice), `not_signed_in` and `not_allowed`.
 */
export async function assignLine(
  actor: Actor,
  input: AssignLineInput,
): Promise<Result<{ readonly amount: Money }>> {
  const staff = requireTreasurer(actor);
  if (!staff.ok) return staff;
  try {
    return await inTransaction(async (tx) => {
      const now = await businessNow(tx);
      const { count } = await tx.bankLine.updateMany({
        where: { id: input.lineId, state: { in: ["suspended", "outgoing"] } },
        data: {
          state: "assigned",
          decidedAt: now,
          decidedBy: staff.value.accountId,
          decision: `${input.decision}: ${input.reason}`,
        },
      });
      const line = await tx.bankLine.findUnique({ where: { id: input.lineId } });
      if (line === null) return refuse({ code: "not_found" });
      if (count === 0) return refuse({ code: "decided_already" });
      await recordAuditEvent(tx, actor, {
        action: "bank_line.assigned",
        subject: `bank line ${line.id}`,
        reason: `${input.decision}: ${input.reason}`,
      });
      await carryOut(tx, actor, line, input, now);
      return accept({ amount: money(line.amountMinor, line.currency) });
    });
  } catch (error) {
    if (error instanceof Refused) return refuse(error.refusal);
    throw error;
  }
}

type Line = Prisma.BankLineGetPayload<object>;

async function carryOut(
  tx: Tx,
  actor: Actor,
  line: Line,
  input: AssignLineInput,
  now: Date,
): Promise<void> {
  if (input.decision === "keep") return;
  if (input.decision === "same") {
    await takeBack(tx, actor, line, input.reason);
    return;
  }
  // Money that went out, or came back of what went out, pays nothing.
  if (line.amountMinor < 0n || (line.isReversal && input.decision !== "balance")) {
    throw new Refused({ code: "decision_not_possible" });
  }
  switch (input.decision) {
    case "confirm": {
      const outcome = await confirm(tx, actor, line, input, now);
      await tx.bankLine.update({ where: { id: line.id }, data: outcome });
      return;
    }
    case "balance":
      await creditBalance(tx, actor, line, await findCustomer(tx, input.customer), input.reason);
      return;
    case "payout_stripe":
    case "payout_paypal":
      await bookJournal(
        tx,
        actor,
        {
          kind: "payout.received",
          sourceId: line.id,
          reason: `${input.decision}: ${input.reason}`,
        },
        payoutReceived(money(line.amountMinor, line.currency)),
      );
  }
}

/** The movement is booked back: another file told of it, and that one counts. */
async function takeBack(tx: Tx, actor: Actor, line: Line, reason: string): Promise<void> {
  // Of two files only one gives way: whoever decides about the other one waits here.
  const pair = `bank line ${line.currency} ${line.amountMinor}`;
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${pair}, 0))`;
  const told = { ...line, bookedOn: line.bookedOn.toISOString().slice(0, 10) };
  const alike = await findAlike(tx, told);
  if (!alike.some((known) => looksTheSame(told, known))) {
    throw new Refused({ code: "decision_not_possible" });
  }
  await bookJournal(
    tx,
    actor,
    { kind: "bank.reversed", sourceId: line.id, reason: `same: ${reason}` },
    bankReversed(money(line.amountMinor, line.currency)),
  );
}

/** The line is for this payment: booked as if it had named its reference. */
async function confirm(
  tx: Tx,
  actor: Actor,
  line: Line,
  input: { readonly paymentId: string; readonly reason: string },
  now: Date,
): Promise<LineOutcome & { readonly match: string }> {
  const known = await tx.payment.findUnique({
    where: { id: input.paymentId },
    select: { adapter: true, providerReference: true },
  });
  if (known === null) throw new Refused({ code: "not_found" });
  const payment = await lockPayment(tx, input.paymentId);
  const [candidate] =
    known.adapter === "bank_transfer" && known.providerReference !== null
      ? await findByReference(tx, [known.providerReference])
      : [];
  if (candidate === undefined) throw new Refused({ code: "decision_not_possible" });
  const bookedOn = line.bookedOn.toISOString().slice(0, 10);
  const match = decideForPayment({ ...line, bookedOn }, candidate, now);
  const outcome = await bookMatch(tx, actor, line, match, payment, input.reason);
  return { ...outcome, match: match.kind };
}

/** Whose e-mail address or order number it is. */
async function findCustomer(
  tx: Tx,
  named: string,
): Promise<{ readonly accountId: string; readonly id?: string; readonly number?: string }> {
  const number = parseOrderNumber(named);
  if (number !== null) {
    const order = await tx.order.findUnique({
      where: { number },
      select: { id: true, number: true, accountId: true },
    });
    if (order !== null) return order;
  }
  const account = await tx.account.findFirst({
    where: { email: named.toLowerCase(), role: "customer" },
    select: { id: true },
  });
  if (account === null) throw new Refused({ code: "customer_unknown" });
  return { accountId: account.id };
}
