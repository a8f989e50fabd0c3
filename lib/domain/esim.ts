import type { LocalizedText } from "./locale.ts";
import type { Money } from "./money.ts";
import type { Snapshot } from "./renewal.ts";

export type NetworkState =
  | "not_active"
  | "active"
  | "depleted"
  | "expired"
  | "suspended"
  | "cancelled";
export type ProfileState =
  | "available"
  | "allocated"
  | "confirmed"
  | "released"
  | "downloaded"
  | "installed"
  | "enabled"
  | "disabled"
  | "deleted"
  | "error"
  | "unavailable";

/** The state of an eSIM in the customer's words; each has its own text and next step. */
export type EsimCondition =
  | "not_installed"
  | "no_plan"
  | "starts_later"
  | "ok"
  | "running_low"
  | "ending_soon"
  | "used_up"
  | "expired"
  | "suspended"
  | "cancelled";

/** A period as it is shown. */
export interface PeriodView {
  readonly planName: LocalizedText;
  /** Data granted with it; null: unlimited or none of its own. */
  readonly dataBytes: bigint | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** Whether the carrier has confirmed it. */
  readonly confirmed: boolean;
}

/** One eSIM as dashboard and eSIM page show it. */
export interface EsimOverview {
  readonly iccid: string;
  readonly label: string;
  readonly condition: EsimCondition;
  readonly networkState: NetworkState;
  readonly profileState: ProfileState;
  readonly lastCountryCode: string | null;
  /** What is usable now and until when. `totalBytes` is what the buckets usable now were granted with; null: unlimited. */
  readonly now: Snapshot;
  readonly totalBytes: bigint | null;
  /** The period that runs now. */
  readonly current: PeriodView | null;
  /** Periods that follow, in order. */
  readonly queued: readonly PeriodView[];
  /** The time the usage figures hold for, by the carrier; null when the carrier has not said anything yet. */
  readonly usageAsOf: Date | null;
  /** Hours by which the carrier's figures lag. */
  readonly usageLagHours: number;
  /** The plan bought last for this eSIM, when it is still sold. */
  readonly lastPlan: {
    readonly code: string;
    readonly name: LocalizedText;
    readonly price: Money;
  } | null;
}

/** Below this share of its allowance an eSIM is running low. */
const LOW_SHARE_PERCENT = 15n;
/** A last period that ends within this many hours is ending soon. */
const ENDING_SOON_HOURS = 72;

/**
 * The condition of an eSIM, from what the carrier says and what is booked.
 *
 * @param facts `remainingBytes` and `totalBytes` null: unlimited
 */
export function esimCondition(facts: {
  readonly profileState: ProfileState;
  readonly networkState: NetworkState;
  readonly hasCurrentPeriod: boolean;
  readonly hasQueuedPeriod: boolean;
  readonly hadPeriod: boolean;
  readonly remainingBytes: bigint | null;
  readonly totalBytes: bigint | null;
  readonly lastEndsAt: Date | null;
  readonly now: Date;
}): EsimCondition {
  if (facts.networkState === "cancelled") return "cancelled";
  if (facts.networkState === "suspended") return "suspended";
  if (!facts.hasCurrentPeriod) {
    if (facts.hasQueuedPeriod) return "starts_later";
    if (facts.networkState === "expired" || facts.hadPeriod) return "expired";
    return "no_plan";
  }
  if (facts.profileState === "released" || facts.profileState === "available")
    return "not_installed";
  if (facts.remainingBytes === 0n) return "used_up";
  if (
    facts.remainingBytes !== null &&
    facts.totalBytes !== null &&
    facts.remainingBytes * 100n <= facts.totalBytes * LOW_SHARE_PERCENT
  ) {
    return "running_low";
  }
  if (
    facts.lastEndsAt !== null &&
    facts.lastEndsAt.getTime() - facts.now.getTime() <= ENDING_SOON_HOURS * 3_600_000
  ) {
    return "ending_soon";
  }
  return "ok";
}
