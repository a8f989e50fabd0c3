import type { Money } from "./money.ts";

/** Why an order needs a person, the most urgent reason first. */
export const ATTENTION_CODES = [
  // Money is lost when nobody answers in time.
  "dispute_open",
  // Money is owed to the customer, or is about to go out twice.
  "refund_failed",
  "refunds_exceed_payment",
  "refund_outcome_unknown",
  "dispute_inquiry",
  // Money was taken back, and what it paid for goes on.
  "bank_transfer_returned",
  "refunded_at_provider",
  // The customer has paid, and nothing was booked.
  "transfer_partly_at_provider",
  "payment_of_another_order",
  "payment_in_other_mode",
  "payment_currency_differs",
  "payment_amount_differs",
  "payment_not_known_to_provider",
  // The customer has paid, and waits for what was bought; it is tried again by itself.
  "carrier_answer_wrong",
  "outcome_unknown",
  "defect",
  "carrier_unavailable",
  // To be looked at; nothing gets worse meanwhile.
  "books_differ",
  "dispute_lost",
  "dispute_won",
  "notice_rejected",
] as const;

/** Why an order needs a person. */
export type AttentionCode = (typeof ATTENTION_CODES)[number];

/** What the system does for an order by itself, and the reasons that are over when it has succeeded. */
const SETTLES = {
  payment: [
    "transfer_partly_at_provider",
    "payment_of_another_order",
    "payment_in_other_mode",
    "payment_currency_differs",
    "payment_amount_differs",
    "payment_not_known_to_provider",
  ],
  activation: ["carrier_answer_wrong", "outcome_unknown", "defect", "carrier_unavailable"],
} as const satisfies Readonly<Record<string, readonly AttentionCode[]>>;

/** Whether this version knows a stored reason; another version may have written it. */
export function isAttentionCode(code: string): code is AttentionCode {
  return (ATTENTION_CODES as readonly string[]).includes(code);
}

/**
 * Which of two reasons an order keeps, having room for one: the more urgent, so that it is not forgotten
 * over a lesser one. News of a dispute takes the place of what was known of it, and a reason that this
 * version does not know gives way.
 */
export function moreUrgent(before: string | null, after: AttentionCode): AttentionCode {
  if (before === null || !isAttentionCode(before)) return after;
  if (isDispute(before) && isDispute(after)) return after;
  return ATTENTION_CODES.indexOf(before) < ATTENTION_CODES.indexOf(after) ? before : after;
}

/** What is left of the reason when a step has succeeded: only what is no matter of that step. */
export function attentionAfter(step: keyof typeof SETTLES, before: string | null): string | null {
  const settled: readonly string[] = SETTLES[step];
  return before !== null && settled.includes(before) ? null : before;
}

function isDispute(code: AttentionCode): boolean {
  return code.startsWith("dispute_");
}

/** An order that needs a person. */
export interface AttentionEntry {
  readonly orderNumber: string;
  readonly accountId: string;
  readonly customerName: string;
  /** An {@link AttentionCode}, or what another version has written. */
  readonly code: string;
  /** Null: not known, so no earlier than when it was placed. */
  readonly since: Date | null;
  readonly placedAt: Date;
  readonly total: Money;
  readonly nextAttemptAt: Date | null;
}

/** A page of the orders that need a person, the oldest first, and how much else waits for one. */
export interface AttentionList {
  readonly entries: readonly AttentionEntry[];
  readonly page: number;
  readonly pages: number;
  readonly count: number;
  /** Movements at the bank that nobody has decided about. */
  readonly undecidedLines: number;
  /** Differences of the reconciliation that are open. */
  readonly openDifferences: number;
}
