import type { Money } from "#lib/domain/money.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import type { StandInAdmin } from "./stand-ins.ts";

/** How an adapter is built differently from usual. */
export interface AdapterChange {
  timeoutMs?: number;
  apiBase?: string;
  /** With credentials that the provider does not take. */
  stranger?: boolean;
}

/** A payment that a seed puts into a provider's books. */
export interface SeededPayment {
  number: number;
  minor: bigint;
  createdAt: Date;
}

/**
 * A payment provider as the common contract needs it: its adapter, the customer's side of it, and what
 * is promised of it. What is written down here is expected; nothing is left out because it is missing.
 */
export interface PaymentProvider {
  id: PaymentAdapter["id"];
  admin: StandInAdmin;
  /** Everything the adapter has promised to do. */
  verbs: readonly (keyof PaymentAdapter)[];
  adapter(change?: AdapterChange): PaymentAdapter;
  /** One with credentials of the provider's live mode; it is asked nothing. */
  liveAdapter(): PaymentAdapter;
  currency: string;
  takes: readonly Money[];
  refuses: readonly Money[];
  /** Where a payment is begun and asked about, and where it is refunded. */
  paths: { payments: string; refunds: string };
  /** Well-formed nonsense, written over good answers. */
  nonsense: {
    start: Record<string, unknown>;
    find: Record<string, unknown>;
    /** One hundredth of a dollar instead of what was paid. */
    cent: Record<string, unknown>;
  };
  /** Ids that the provider does not know. */
  nobody: { reference: string; payment: string; refund: string };
  codes: {
    wholeRefunded: string;
    tooMuchRefunded: string;
    unknownRefund: string;
    unknownPayment: string;
  };
  /** The provider's kind of payment that {@link pay} uses, as reports name it. */
  methodType: string;
  /** What the customer recognises a kept way of paying by, as reports name it. */
  keptLabel: RegExp;
  /** The message that says that a payment was made. */
  paidMessage: string;
  /** The messages that say that a refund was made on the provider's own site, and that a payment is contested. */
  refundMessage: string;
  disputeMessage: string;
  /** How long the provider remembers the key of a refund, in seconds. */
  refundKeySeconds: number;
  /** What a payment is listed under. */
  listedUnder: "providerReference" | "providerPaymentId";
  /** Every payment that was begun, oldest first. */
  begun(): Promise<{ reference: string; paymentId: string | null; amount: Money }[]>;
  /** The customer pays on the provider's page, and the money is taken; the provider's id of the payment. */
  pay(reference: string, how?: "at once" | "with slow refunds"): Promise<string>;
  /** As {@link pay}, and has the way of paying kept. */
  payAndKeep(reference: string): Promise<string>;
  /** What payments are begun under whose way of paying is to be kept; null where the provider needs nobody's name. */
  customer(): Promise<string | null>;
  /** The provider's ids of the ways of paying that it keeps. */
  kept(): Promise<readonly string[]>;
  /** What the provider took for itself of a payment, by its own books. */
  feeOf(payment: string): Promise<Money>;
  refundedMinor(payment: string): Promise<bigint>;
  /** A refund made on the provider's own site; of everything unless told. */
  refundByHand(payment: string, amount?: Money): Promise<void>;
  endRefund(refund: string, outcome: "succeeded" | "failed"): Promise<void>;
  /** The customer contests a payment; an inquiry moves no money. The provider's id of the dispute. */
  contest(payment: string, how: "inquiry" | "open"): Promise<string>;
  endDispute(dispute: string, outcome: "won" | "lost"): Promise<void>;
  /** The provider sends money to the bank; its id of that. Null where payouts are not listed. */
  payOut: ((amount: Money, sentAt: Date) => Promise<string>) | null;
  seed(payments: readonly SeededPayment[]): Promise<void>;
}
