import type { MatchDecision, SuggestionReason } from "./bank-matching.ts";
import type { Money } from "./money.ts";

/**
 * What a line of a statement was found to be. `perhaps_same`: it names a payment for which another file tells
 * of the same money about the same time, so that nothing is credited before a person has looked.
 */
export type MatchKind = MatchDecision["kind"] | "perhaps_same";

/** How many of each were found. */
export type MatchCounts = Readonly<Partial<Record<MatchKind, number>>>;

/** What a person can decide about a movement that nobody knows the meaning of. */
export type LineDecision =
  | "confirm"
  | "balance"
  | "payout_stripe"
  | "payout_paypal"
  /** Sent to a customer, out of the balance. */
  | "given_back"
  /** The bank's own price. */
  | "charge"
  /** The bank took back what a customer had transferred. */
  | "returned"
  /** Another file told of this movement before: it is booked back. */
  | "same"
  | "keep";

/** A movement that waits for a decision, as staff see it. */
export interface WaitingLine {
  readonly id: string;
  /** `YYYY-MM-DD`, the bank's calendar. */
  readonly bookedOn: string;
  /** Negative when it went out. */
  readonly amount: Money;
  readonly accountNumber: string;
  /** Written by strangers, as is the text. */
  readonly counterpartyName: string | null;
  readonly counterpartyAccount: string | null;
  readonly remittanceText: string;
  readonly match: MatchKind;
  /** The order whose reference is named by what was taken back, or may be told twice; null: none. */
  readonly orderNumber: string | null;
  /** The movement that this may be the same as, told by another file; null: none. */
  readonly sameAs: {
    readonly bookedOn: string;
    readonly fileName: string;
    readonly orderNumber: string | null;
  } | null;
  readonly suggestions: readonly {
    readonly paymentId: string;
    readonly orderNumber: string;
    readonly customerName: string;
    readonly missing: Money;
    readonly reasons: readonly SuggestionReason[];
  }[];
}

/** A statement that was taken in. */
export interface TakenStatement {
  readonly id: string;
  readonly fileName: string;
  readonly accountNumber: string;
  readonly currency: string;
  readonly opening: Money | null;
  readonly closing: Money | null;
  readonly importedAt: Date;
  /** Name of whoever brought it; null: by command. */
  readonly importedBy: string | null;
  readonly lineCount: number;
  readonly newLineCount: number;
  readonly counts: MatchCounts;
}

/** What the console's statement page shows. */
export interface StatementDesk {
  /** Whether the reader may import and decide. */
  readonly canDecide: boolean;
  /** The oldest, of as many as `waitingCount` says. */
  readonly waiting: readonly WaitingLine[];
  readonly waitingCount: number;
  /** Latest first. */
  readonly history: readonly TakenStatement[];
  /** Those that were asked for, such as the ones imported a moment ago. */
  readonly chosen: readonly TakenStatement[];
}
