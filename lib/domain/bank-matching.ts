import { findBankReferences } from "./bank-reference.ts";
import type { StatementLine } from "./bank-statement.ts";
import { nameSimilarity } from "./name-similarity.ts";

/** What of a statement line a match is decided by. */
export type ReceivedLine = Pick<
  StatementLine,
  | "amountMinor"
  | "currency"
  | "bookedOn"
  | "counterpartyName"
  | "remittanceText"
  | "isReversal"
  | "isCollective"
>;

/** A payment by bank transfer that money may arrive for. Amounts in minor units of its currency. */
export interface TransferPayment {
  readonly paymentId: string;
  readonly reference: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly customerName: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** What arrived before and is still kept for this payment. */
  readonly alreadyReceivedMinor: bigint;
  readonly state: "created" | "pending" | "settled" | "failed" | "expired";
}

/**
 * Where the money of a line goes, in its minor units and currency. The three make up what was received,
 * always; for a line that took money away they make up that negative amount.
 */
export interface Allocation {
  /** Into the payment, besides what was kept for it before. */
  readonly settledMinor: bigint;
  /** To the balance of the payment's customer. */
  readonly toBalanceMinor: bigint;
  /** Kept apart until a person has decided. */
  readonly suspenseMinor: bigint;
}

/** Why a payment may be meant, the strongest first. */
export type SuggestionReason =
  | "reference_named"
  | "reference_similar"
  | "amount_equal"
  | "name_similar";

export interface Suggestion<P extends TransferPayment = TransferPayment> {
  readonly payment: P;
  readonly reasons: readonly SuggestionReason[];
  /** 0 to 100, to order by; not a probability. */
  readonly score: number;
}

/** What a line means for one payment. */
export type PaymentMatch<P extends TransferPayment = TransferPayment> =
  /** The payment is complete. */
  | { readonly kind: "exact"; readonly payment: P; readonly allocation: Allocation }
  /** Complete, and something is left over. */
  | {
      readonly kind: "over";
      readonly payment: P;
      readonly restMinor: bigint;
      readonly allocation: Allocation;
    }
  /** Not complete: credited and kept for the payment, the rest is asked for. */
  | {
      readonly kind: "short";
      readonly payment: P;
      readonly missingMinor: bigint;
      readonly allocation: Allocation;
    }
  /** Arrived after the payment had run out. */
  | { readonly kind: "late"; readonly payment: P; readonly allocation: Allocation }
  /** The payment was complete before. */
  | { readonly kind: "duplicate"; readonly payment: P; readonly allocation: Allocation }
  | { readonly kind: "other_currency"; readonly payment: P; readonly allocation: Allocation };

export type MatchDecision<P extends TransferPayment = TransferPayment> =
  | PaymentMatch<P>
  /** For a person to confirm by `decideForPayment`; best first. */
  | {
      readonly kind: "suggested";
      readonly suggestions: readonly Suggestion<P>[];
      readonly allocation: Allocation;
    }
  /** `references` are valid ones in the text that no candidate has. */
  | {
      readonly kind: "unknown";
      readonly references: readonly string[];
      readonly allocation: Allocation;
    }
  /** Money that went out, or a movement taken back; `payment` when its reference is named. */
  | {
      readonly kind: "returned";
      readonly payment: P | null;
      readonly allocation: Allocation;
    };

/** How many suggestions a person is shown. */
const MOST_SUGGESTIONS = 10;
/** A name alone is a reason only when it is nearly the same. */
const NAME_ALONE = 0.75;
/** Earliest midnight of a calendar day on earth, ahead of UTC: the customer's favour. */
const EARLIEST_MIDNIGHT_MS = 14 * 3_600_000;

/**
 * What a line of a statement means. `candidates` are all payments whose reference `findBankReferences`
 * finds in the text, whatever their state, and those that are waited for. Only a reference settles
 * anything; by amount and name payments are merely suggested.
 */
export function decideMatch<P extends TransferPayment>(
  line: ReceivedLine,
  candidates: readonly P[],
  now: Date,
): MatchDecision<P> {
  const references = findBankReferences(line.remittanceText);
  const named = candidates.filter(({ reference }) => references.includes(reference));
  const [only, ...others] = named;
  if (line.amountMinor <= 0n || line.isReversal) {
    const payment = only !== undefined && others.length === 0 ? only : null;
    return { kind: "returned", payment, allocation: allSuspense(line) };
  }
  if (only !== undefined && others.length === 0 && !line.isCollective) {
    return decideForPayment(line, only, now);
  }
  const suggestions = named.length > 0 ? rank(line, named, references) : suggest(line, candidates);
  if (suggestions.length > 0) {
    return { kind: "suggested", suggestions, allocation: allSuspense(line) };
  }
  return { kind: "unknown", references, allocation: allSuspense(line) };
}

/**
 * What a received line means for this payment: named by its reference, or said by a person to be meant.
 * Throws RangeError on a line that brought no money.
 */
export function decideForPayment<P extends TransferPayment>(
  line: Pick<ReceivedLine, "amountMinor" | "currency" | "bookedOn" | "isReversal">,
  payment: P,
  now: Date,
): PaymentMatch<P> {
  const received = line.amountMinor;
  if (received <= 0n || line.isReversal) throw new RangeError("Nothing was received");
  const toBalance = { settledMinor: 0n, toBalanceMinor: received, suspenseMinor: 0n };
  if (payment.currency !== line.currency) {
    return { kind: "other_currency", payment, allocation: toBalance };
  }
  const missingMinor = payment.amountMinor - payment.alreadyReceivedMinor;
  if (payment.state === "settled" || missingMinor <= 0n) {
    return { kind: "duplicate", payment, allocation: toBalance };
  }
  if (!isInTime(line, payment, now)) return { kind: "late", payment, allocation: toBalance };
  if (received < missingMinor) {
    const stillMissing = missingMinor - received;
    return { kind: "short", payment, missingMinor: stillMissing, allocation: toBalance };
  }
  const restMinor = received - missingMinor;
  const allocation = { settledMinor: missingMinor, toBalanceMinor: restMinor, suspenseMinor: 0n };
  return restMinor === 0n
    ? { kind: "exact", payment, allocation }
    : { kind: "over", payment, restMinor, allocation };
}

/** A statement is read days later: what was booked before the payment ran out is in time, if it still waits. */
function isInTime(
  { bookedOn }: Pick<ReceivedLine, "bookedOn">,
  { state, expiresAt }: TransferPayment,
  now: Date,
): boolean {
  if (state === "failed" || state === "expired") return false;
  if (now < expiresAt) return true;
  return Date.parse(`${bookedOn}T00:00:00Z`) - EARLIEST_MIDNIGHT_MS < expiresAt.getTime();
}

function allSuspense({ amountMinor }: ReceivedLine): Allocation {
  return { settledMinor: 0n, toBalanceMinor: 0n, suspenseMinor: amountMinor };
}

/** Payments that still wait, or ran out, and that amount, name or a mistyped reference speak for. */
function suggest<P extends TransferPayment>(
  line: ReceivedLine,
  candidates: readonly P[],
): Suggestion<P>[] {
  const open = candidates.filter(
    ({ currency, state }) =>
      currency === line.currency && state !== "settled" && state !== "failed",
  );
  return rank(line, open, []);
}

function rank<P extends TransferPayment>(
  line: ReceivedLine,
  payments: readonly P[],
  references: readonly string[],
): Suggestion<P>[] {
  const digits = digitRuns(line.remittanceText);
  return payments
    .map((payment) => judge(line, payment, references, digits))
    .filter(({ reasons }) => reasons.length > 0)
    .toSorted(
      (a, b) =>
        b.score - a.score ||
        b.payment.createdAt.getTime() - a.payment.createdAt.getTime() ||
        (a.payment.paymentId < b.payment.paymentId ? -1 : 1),
    )
    .slice(0, MOST_SUGGESTIONS);
}

function judge<P extends TransferPayment>(
  line: ReceivedLine,
  payment: P,
  references: readonly string[],
  digits: readonly string[],
): Suggestion<P> {
  const isSame = payment.currency === line.currency;
  const missing = payment.amountMinor - payment.alreadyReceivedMinor;
  const likeness = Math.max(
    nameSimilarity(line.counterpartyName ?? "", payment.customerName),
    // Somebody else may pay and write for whom.
    line.remittanceText.toLowerCase().includes(payment.customerName.trim().toLowerCase()) &&
      payment.customerName.trim().length > 1
      ? 1
      : 0,
  );
  const found: readonly (readonly [SuggestionReason, boolean, number])[] = [
    ["reference_named", references.includes(payment.reference), 50],
    ["reference_similar", digits.some((run) => isNearly(run, payment.reference.slice(2))), 40],
    ["amount_equal", isSame && line.amountMinor === missing, 30],
    ["name_similar", likeness >= NAME_ALONE, 0],
  ];
  const holding = found.filter(([, holds]) => holds);
  const waits = payment.state === "created" || payment.state === "pending";
  const score =
    holding.reduce((total, [, , points]) => total + points, 0) +
    Math.round(likeness * 25) +
    (waits ? 5 : 0);
  return {
    payment,
    reasons: holding.map(([reason]) => reason),
    score: Math.min(100, score),
  };
}

/** Runs of digits, read over the gaps that people leave in a reference, that may be a mistyped one. */
function digitRuns(text: string): string[] {
  const runs = text.normalize("NFKC").match(/\d(?:[\s\p{Pd}._/]{0,2}\d){11,15}/gu) ?? [];
  // What follows may be a date: the beginning counts too.
  return runs
    .map((run) => run.replace(/\D/g, ""))
    .flatMap((run) => [13, 14, 15].map((length) => run.slice(0, length)));
}

/** Whether two runs of digits are one slip apart: a wrong, missing or further digit, or two neighbours swapped. */
function isNearly(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (
    end < Math.min(a.length, b.length) - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  ) {
    end += 1;
  }
  const [inA, inB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (inA.length <= 1 && inB.length <= 1) return true;
  return inA.length === 2 && inB.length === 2 && inA[0] === inB[1] && inA[1] === inB[0];
}
