import type { DocumentLink } from "./document.ts";
import type { AccountEvent } from "./account.ts";
import type { LocalizedText } from "./locale.ts";
import type { Money } from "./money.ts";
import type { OrderPhase } from "./order.ts";

/** Everything about one order that staff need to put it right. */
export interface StaffOrderView {
  readonly number: string;
  readonly accountId: string;
  readonly customer: { readonly name: string; readonly email: string };
  readonly phase: OrderPhase;
  readonly state: string;
  readonly placedAt: Date;
  readonly planName: LocalizedText | null;
  readonly iccid: string | null;
  readonly total: Money;
  readonly tax: Money;
  readonly needsAttention: string | null;
  readonly nextAttemptAt: Date | null;
  readonly payments: readonly {
    readonly id: string;
    readonly adapter: string;
    readonly methodType: string | null;
    readonly state: string;
    readonly amount: Money;
    readonly providerReference: string | null;
    readonly at: Date;
  }[];
  readonly refunds: readonly {
    readonly id: string;
    readonly state: string;
    readonly amount: Money;
    readonly reason: string;
    readonly toBalance: boolean;
    readonly byProvider: boolean;
    /** Its money can be put on the balance: it failed, and went no other way yet. */
    readonly canRedirect: boolean;
    readonly at: Date;
  }[];
  readonly disputes: readonly {
    readonly providerReference: string;
    readonly state: "inquiry" | "open" | "won" | "lost";
    readonly amount: Money;
    readonly reason: string;
    readonly respondBy: Date | null;
    readonly at: Date;
  }[];
  readonly documents: readonly DocumentLink[];
  /** What was booked, a line per entry; positive is a debit. */
  readonly entries: readonly {
    readonly journalId: string;
    readonly kind: string;
    readonly code: string;
    readonly amount: Money;
    readonly at: Date;
  }[];
  readonly events: readonly AccountEvent[];
  /** How much can still be given back; null: nothing. */
  readonly refundable: Money | null;
  /** What this member of staff may give back at most; null: any amount. */
  readonly refundLimit: Money | null;
  readonly isTopUp: boolean;
  /** For the refund form: the same for every showing until something is given back. */
  readonly attemptId: string;
}
