import type { DocumentKind } from "./document.ts";
import type { LocalizedText } from "./locale.ts";
import type { Money } from "./money.ts";
import type { OrderPhase } from "./order.ts";
import type { PaymentMethod } from "./payment-method.ts";

/** What an account's history is made of, in the order in which the filter offers it. */
export const HISTORY_KINDS = ["order", "payment", "period", "message", "document"] as const;

export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** What a history is narrowed to; what is left out is not narrowed. */
export interface HistoryFilter {
  readonly kind?: HistoryKind | undefined;
  /** First and last calendar day (`YYYY-MM-DD`) in the customer's zone. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly iccid?: string | undefined;
}

export type HistoryEntry = {
  readonly id: string;
  readonly at: Date;
  readonly orderNumber: string | null;
  readonly esim: { readonly iccid: string; readonly label: string } | null;
} & (
  | {
      readonly kind: "order";
      readonly phase: OrderPhase;
      /** null for a top-up of the balance. */
      readonly planName: LocalizedText | null;
      readonly amount: Money;
    }
  | {
      readonly kind: "payment";
      readonly method: PaymentMethod;
      readonly isRefund: boolean;
      readonly state:
        | "created"
        | "pending"
        | "reserved"
        | "settled"
        | "failed"
        | "expired"
        | "succeeded";
      /** A refund is negative. */
      readonly amount: Money;
    }
  | {
      readonly kind: "period";
      readonly planName: LocalizedText;
      readonly startsAt: Date;
      readonly endsAt: Date;
      readonly state: "pendingActive" | "active" | "terminated" | "cancelled";
    }
  | {
      readonly kind: "message";
      readonly template: string;
      readonly channel: string;
      readonly state: string;
    }
  | {
      readonly kind: "document";
      readonly documentKind: DocumentKind;
      readonly number: string;
      readonly amount: Money;
    }
);

/** A page of a history, newest first. */
export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  readonly page: number;
  readonly pages: number;
  readonly count: number;
  /** The account's eSIMs, for the filter. */
  readonly esims: readonly { readonly iccid: string; readonly label: string }[];
}
