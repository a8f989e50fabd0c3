import type { DocumentLink } from "./document.ts";
import type { EsimOverview } from "./esim.ts";
import type { Locale } from "./locale.ts";
import type { Money } from "./money.ts";
import type { OrderSummary } from "./order.ts";

export type StaffRole = "support" | "lead" | "administrator";
export type AccountRole = "customer" | StaffRole;

/** What the dashboard shows. */
export interface Dashboard {
  readonly name: string;
  readonly balance: Money;
  readonly esims: readonly EsimOverview[];
  /** The latest five. */
  readonly orders: readonly OrderSummary[];
}

/** What is needed to put an eSIM on a device. */
export interface EsimInstall {
  readonly iccid: string;
  readonly label: string;
  readonly smdpAddress: string;
  readonly matchingId: string;
  readonly confirmationCodeRequired: boolean;
  /** `LPA:1$…$…`, SGP.22 section 4.1. */
  readonly activationCode: string;
  readonly apn: string | null;
  /** Whether a device already holds the profile. */
  readonly installed: boolean;
}

/** One hit of the staff search. */
export interface AccountHit {
  readonly accountId: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  /** What matched. */
  readonly matched: "email" | "phone" | "iccid" | "order" | "payment";
  readonly match: string;
}

/** One line of "what happened" on the staff's account page. */
export interface AccountEvent {
  readonly at: Date;
  readonly action: string;
  readonly subject: string;
  readonly actor: string;
  readonly reason: string | null;
}

/** A payment or activation of an order as staff see it. */
export interface StaffOrder extends OrderSummary {
  readonly documents: readonly DocumentLink[];
  readonly state: string;
  readonly iccid: string | null;
  readonly needsAttention: string | null;
  readonly nextAttemptAt: Date | null;
  readonly payments: readonly {
    readonly id: string;
    readonly adapter: string;
    readonly state: string;
    readonly amount: Money;
    readonly providerReference: string | null;
    readonly settledAt: Date | null;
  }[];
  readonly refunds: readonly {
    readonly state: string;
    readonly amount: Money;
    readonly reason: string;
  }[];
  readonly activation: {
    readonly state: string;
    readonly ourReference: string;
    readonly carrierReference: string | null;
    readonly attempts: number;
    readonly lookups: number;
    readonly reason: string | null;
  } | null;
}

/** An account as support sees it, read-only. */
export interface AccountOverview {
  readonly accountId: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly locale: Locale;
  readonly timeZone: string;
  readonly countryCode: string;
  readonly balances: readonly { readonly balance: Money; readonly reserved: Money }[];
  readonly esims: readonly (EsimOverview & {
    readonly carrier: string;
    readonly carrierEsimId: string;
    /** Differences between what is booked and what the carrier says, in codes with one text each. */
    readonly differences: readonly EsimDifference[];
  })[];
  readonly orders: readonly StaffOrder[];
  readonly events: readonly AccountEvent[];
}

/** Carrier and books disagree: about the end of service, or about the data left. */
export interface EsimDifference {
  readonly kind: "end_differs" | "data_differs";
  readonly booked: string;
  readonly carrier: string;
}
