/** Every way in which the books and what others say can differ. */
export const DIFFERENCE_KINDS = [
  // Payments, both ways.
  "payment_missing_here",
  "payment_missing_there",
  "payment_amount_differs",
  "payment_of_nobody",
  "payment_captured_twice",
  "refund_missing_here",
  "refund_missing_there",
  "refund_amount_differs",
  "refund_state_differs",
  "dispute_missing_here",
  "dispute_missing_there",
  "dispute_state_differs",
  "payout_missing_here",
  // The ledger and the rows it was booked for.
  "journal_unbalanced",
  "payment_not_booked",
  "balance_differs",
  "cash_differs",
  "suspense_differs",
  // Orders: who paid has it, has the money back, or has a time at which somebody looks again.
  "order_stranded",
  "order_underpaid",
  "order_not_refunded",
  // Carriers, both ways.
  "activation_missing_here",
  "activation_missing_there",
  "activation_twice",
  "activation_of_nobody",
  "activation_on_other_esim",
  "activation_after_refund",
] as const;

export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** A difference that nobody has resolved, as staff see it. */
export interface OpenDifference {
  readonly id: string;
  /** null: a kind that this version does not know. */
  readonly kind: DifferenceKind | null;
  /** What it is about, `<whom it was compared with>/<what>`. */
  readonly subject: string;
  readonly orderNumber: string | null;
  /** What our books say, and what the other side says. */
  readonly expected: string;
  readonly actual: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** One comparison; `endedAt` is null while it runs or waits for a worker. */
export interface ReconciliationRun {
  readonly id: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly checked: number;
  /** false: somebody could not be asked. */
  readonly couldTell: boolean;
}

/** What staff see of reconciliation. */
export interface ReconciliationOverview {
  readonly open: readonly OpenDifference[];
  /** How many are open in all; `open` shows the newest of them. */
  readonly openCount: number;
  readonly runs: readonly ReconciliationRun[];
  /** The run that goes on now; null when none does. */
  readonly running: ReconciliationRun | null;
  /** Whether the reader may compare now and resolve. */
  readonly mayResolve: boolean;
}
