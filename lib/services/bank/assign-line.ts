import type { Actor } from "#lib/access/actor.ts";
import { requireTreasurer } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Prisma, Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import type { LineDecision } from "#lib/domain/bank-desk.ts";
import { looksTheSame } from "#lib/domain/bank-copies.ts";
import { decideForPayment } from "#lib/domain/bank-matching.ts";
import {
  balancePaidOut,
  bankCharged,
  bankReversed,
  payoutReceived,
  transferReturned,
  type CashCode,
} from "#lib/domain/ledger.ts";
import { money, type Money } from "#lib/domain/money.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { accept, refuse, type Refusal, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { lockBalance } from "#lib/services/balance/lock-balance.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { flagOrder } from "#lib/services/order/flag-order.ts";
import { lockPayment } from "#lib/services/payment/book-settled-payment.ts";
import { keptFor } from "#lib/services/payment/kept-for.ts";
import { requireProvider } from "#lib/services/payment/provider.ts";
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
 * A person decides about a movement at the bank. What came in pays a certain order, is a customer's balance or
 * a provider's payout; what went out was given back to a customer, charged by the bank, or is a transfer that
 * the bank took back; either may be the same that another file told of, or is left in suspense. The reason is
 * kept, and of two who decide at once one is refused. For leads and administrators.
 *
 * Refuses, having changed nothing: `not_found`, `decided_already`, `customer_unknown`,
 * `balance_insufficient` (nobody is given back more than the balance holds), `decision_not_possible` (money
 * that went out or was taken back pays nothing, no more of a payment can be returned than came for it, and no
 * other movement is like the one that is said to be told twice), `not_signed_in` and `not_allowed`.
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
  if (!isPossible(line, input.decision)) throw new Refused({ code: "decision_not_possible" });
  switch (input.decision) {
    case "keep":
      return;
    case "same":
      await takeBack(tx, actor, line, input.reason);
      return;
    case "charge":
      await bookJournal(
        tx,
        actor,
        { kind: "bank.charged", sourceId: line.id, reason: input.reason },
        bankCharged(leftOf(line)),
      );
      return;
    case "given_back":
      await giveBack(tx, actor, line, await findCustomer(tx, input.customer), input.reason);
      return;
    case "returned":
      await takeReturned(tx, actor, line, input);
      return;
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
        payoutReceived(money(line.amountMinor, line.currency), payoutFrom(input.decision)),
      );
  }
}

/** Money that went out, or came back of what went out, pays nothing; what came in left nobody. */
function isPossible(line: Line, decision: LineDecision): boolean {
  switch (decision) {
    case "keep":
    case "same":
      return true;
    case "given_back":
    case "charge":
    case "returned":
      return line.amountMinor < 0n;
    default:
      return line.amountMinor > 0n && (!line.isReversal || decision === "balance");
  }
}

/** What went out, as an amount. */
function leftOf({ amountMinor, currency }: Line): Money {
  return money(-amountMinor, currency);
}

/** Where a payout was until now. PayPal does not tell of its payouts: what it sent is its cash in our books. */
function payoutFrom(decision: "payout_stripe" | "payout_paypal"): CashCode | "payouts" {
  const { adapter, cash } = requireProvider(decision === "payout_stripe" ? "stripe" : "paypal");
  return adapter.listPayouts === undefined ? cash : "payouts";
}

type Owner = Awaited<ReturnType<typeof findCustomer>>;

/** Money was sent to a customer, out of the balance. */
async function giveBack(
  tx: Tx,
  actor: Actor,
  line: Line,
  to: Owner,
  reason: string,
): Promise<void> {
  const amount = leftOf(line);
  const { availableMinor } = await lockBalance(tx, to.accountId, line.currency);
  if (availableMinor < amount.amountMinor) {
    const balance = money(availableMinor, line.currency);
    throw new Refused({ code: "balance_insufficient", balance, total: amount });
  }
  await bookJournal(
    tx,
    actor,
    {
      kind: "bank.paid_out",
      sourceId: line.id,
      reason,
      ...(to.id === undefined ? {} : { orderId: to.id }),
    },
    balancePaidOut(to.accountId, amount),
  );
  await recordAuditEvent(tx, actor, {
    action: "bank_line.paid_out",
    subject: to.number === undefined ? `account ${to.accountId}` : `order ${to.number}`,
    reason,
    ...(to.id === undefined ? {} : { correlationId: to.id }),
  });
}

/** The bank took back what a customer had transferred for an order: whoever paid has it no more, or owes it. */
async function takeReturned(
  tx: Tx,
  actor: Actor,
  line: Line,
  input: { readonly customer: string; readonly reason: string },
): Promise<void> {
  const named = parseOrderNumber(input.customer);
  const found =
    named === null
      ? null
      : await tx.payment.findFirst({
          where: { adapter: "bank_transfer", order: { number: named } },
          select: { id: true },
        });
  if (found === null) throw new Refused({ code: "customer_unknown" });
  const { order } = await lockPayment(tx, found.id);
  // What is kept for a payment that still waits is free when that ends: until then it cannot be taken.
  const isKept = (await keptFor(tx, found.id)) > 0n;
  if (isKept || (await receivedFor(tx, found.id, line)) + line.amountMinor < 0n) {
    throw new Refused({ code: "decision_not_possible" });
  }
  const { availableMinor } = await lockBalance(tx, order.accountId, line.currency);
  await bookJournal(
    tx,
    actor,
    { kind: "bank.returned", sourceId: line.id, orderId: order.id, reason: input.reason },
    transferReturned(order.accountId, leftOf(line), availableMinor),
  );
  await tx.bankLine.update({ where: { id: line.id }, data: { paymentId: found.id } });
  await recordAuditEvent(tx, actor, {
    action: "bank_line.returned",
    subject: `order ${order.number}`,
    reason: input.reason,
    correlationId: order.id,
  });
  await flagOrder(tx, order.id, "bank_transfer_returned");
}

/** What came for a payment in the line's currency, less what was returned of it, in minor units. */
async function receivedFor(tx: Tx, paymentId: string, { id, currency }: Line): Promise<bigint> {
  const lines = await tx.bankLine.findMany({
    where: { paymentId, currency, id: { not: id }, state: { in: ["matched", "assigned"] } },
    select: { amountMinor: true, decision: true },
  });
  // What was put aside, or told twice, did not reach the customer, nor did what went out otherwise leave them.
  return lines
    .filter(({ amountMinor, decision }) =>
      amountMinor > 0n ? !/^(keep|same):/.test(decision ?? "") : /^returned:/.test(decision ?? ""),
    )
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
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
