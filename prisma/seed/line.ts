import { USAGE_POLL_MINUTES } from "#lib/config/limits.ts";
import type { NetworkState, ProfileState } from "#lib/domain/esim.ts";
import {
  applyRenewal,
  type BookedService,
  decideRenewal,
  type OpenBucket,
  type RenewalChange,
  type RenewalStart,
} from "#lib/domain/renewal.ts";
import type { CarrierPackage } from "./carrier-esim.ts";
import { digitsOf, iccidOf, lettersOf, uuidOf } from "./ids.ts";
import type { Area } from "./networks.ts";
import type { Person } from "./person.ts";
import type { PlanRow } from "./plan-row.ts";
import { planByCode } from "./plans.ts";

const SMDP_ADDRESS = "rsp-eu.simlessly.com";
/** How long the carrier keeps a profile that nobody uses. */
const UNUSED_VALID_DAYS = 180;

/** What is told of an eSIM. */
interface LineFacts {
  readonly key: string;
  readonly label: string;
  readonly area: Area;
  readonly createdAt: Date;
  readonly profileState: ProfileState;
  readonly networkState: NetworkState;
  readonly lastCountryCode: string | null;
  /** Minutes before seeding that the carrier's figures hold for. */
  readonly figuresMinutesOld: number;
}

/** What a booking belongs to. */
interface Booking {
  readonly plan: PlanRow;
  readonly orderItemId: string | null;
  readonly at: Date;
}

/**
 * One eSIM of the demo and all that was ever booked on it. What an order changes is computed by the
 * same function that the portal computes it with, so previews and periods agree.
 */
export class Line {
  readonly person: Person;
  readonly facts: LineFacts;
  readonly esimId: string;
  readonly iccid: string;
  readonly esimTranNo: string;
  #service: BookedService = { periods: [], buckets: [] };
  readonly #bookings = new Map<string, Booking>();
  /** Periods that the carrier does not know of yet. */
  readonly #unconfirmed = new Set<string>();
  readonly #packages: CarrierPackage[] = [];

  constructor(person: Person, facts: LineFacts) {
    this.person = person;
    this.facts = facts;
    this.esimId = uuidOf("esim", facts.key);
    this.iccid = iccidOf(facts.key);
    this.esimTranNo = `26${digitsOf(12, "esimTranNo", facts.key)}`;
  }

  /** The plan the eSIM was sold with, before the portal: a period without an order. */
  grant(planCode: string, startsAt: Date): void {
    const plan = planByCode(planCode);
    const change = this.decide(plan, { choice: "now" }, startsAt);
    this.book(change, { plan, orderItemId: null, at: startsAt });
    this.deliver(plan, null, `26${digitsOf(12, "base", this.facts.key)}`, startsAt);
  }

  /** What buying `plan` at a moment does. Throws when the portal would have refused it. */
  decide(plan: PlanRow, start: RenewalStart, at: Date): RenewalChange {
    const change = decideRenewal(this.#service, plan, start, at, this.person.timeZone);
    if (!change.ok) throw new Error(`${this.facts.key}: ${plan.code} ${change.refusal.code}`);
    return change.value;
  }

  /** What is booked now, for previews. */
  get service(): BookedService {
    return this.#service;
  }

  /** The end of all service as the carrier counts: until the first package, of the profile unused. */
  get carrierEnd(): Date {
    const ends = this.#service.periods
      .filter((period) => !this.#unconfirmed.has(period.id))
      .map((period) => period.endsAt.getTime());
    const unused = this.facts.createdAt.getTime() + UNUSED_VALID_DAYS * 86_400_000;
    return new Date(ends.length === 0 ? unused : Math.max(...ends));
  }

  /** All data that the carrier ever put on the eSIM. */
  get carrierTotalBytes(): bigint {
    return this.#packages.reduce((sum, one) => sum + one.volumeBytes, 0n);
  }

  /** Books a change; the ids of period and bucket follow from the order item. */
  book(change: RenewalChange, booking: Booking, confirmed = true): void {
    if (change.closedPeriodId !== null) {
      throw new Error(`${this.facts.key}: the seed tells no story of closed periods`);
    }
    const name = booking.orderItemId ?? this.facts.key;
    const periodId = uuidOf("period", name);
    const bucketId = uuidOf("bucket", name);
    this.#service = applyRenewal(this.#service, change, booking.at, periodId, bucketId);
    if (change.period !== null) this.#bookings.set(periodId, booking);
    this.#bookings.set(bucketId, booking);
    if (!confirmed) this.#unconfirmed.add(periodId);
  }

  /** The carrier put a package on the eSIM. */
  deliver(
    plan: PlanRow,
    transactionId: string | null,
    carrierReference: string,
    orderedAt: Date,
  ): void {
    this.#packages.push({
      packageCode: transactionId === null ? plan.wholesale.baseCode : plan.wholesale.topUpCode,
      transactionId,
      carrierReference,
      orderedAt,
      volumeBytes: plan.wholesale.volumeBytes,
      durationDays: plan.wholesale.durationDays,
    });
  }

  /** Data was used until `leftBytes` of what was usable at `at` were left; what ends first is used first. */
  useUntil(at: Date, leftBytes: bigint): void {
    const usable = this.#service.buckets
      .filter((bucket) => bucket.validFrom <= at && bucket.validUntil > at)
      .toSorted((a, b) => a.validUntil.getTime() - b.validUntil.getTime());
    let surplus = usable.reduce((sum, bucket) => sum + remainingOf(bucket), 0n) - leftBytes;
    if (surplus < 0n) throw new Error(`${this.facts.key}: data cannot come back`);
    const after = new Map<string, bigint>();
    for (const bucket of usable) {
      const used = surplus < remainingOf(bucket) ? surplus : remainingOf(bucket);
      after.set(bucket.id, remainingOf(bucket) - used);
      surplus -= used;
    }
    this.#service = {
      ...this.#service,
      buckets: this.#service.buckets.map((bucket) => ({
        ...bucket,
        remainingBytes: after.get(bucket.id) ?? bucket.remainingBytes,
      })),
    };
  }

  /** Writes eSIM, periods and buckets, and what the carrier knows. Data that had ended was used up. */
  finish(): void {
    const { rows, now } = this.person.setting;
    const asOf = this.person.clock.minutesAgo(this.facts.figuresMinutesOld);
    this.#service = {
      ...this.#service,
      buckets: this.#service.buckets.map((bucket) =>
        bucket.validUntil <= now ? { ...bucket, remainingBytes: 0n } : bucket,
      ),
    };
    const totalBytes = this.carrierTotalBytes;
    const leftBytes = this.#service.buckets
      .filter((bucket) => !this.#unconfirmed.has(bucket.periodId))
      .reduce((sum, bucket) => sum + remainingOf(bucket), 0n);
    const expiresAt = this.carrierEnd;
    const isOver = ["expired", "cancelled"].includes(this.facts.networkState);
    const matchingId = lettersOf(24, "matching id", this.facts.key).toUpperCase();

    rows.esims.push({
      id: this.esimId,
      accountId: this.person.accountId,
      iccid: this.iccid,
      carrier: "esim_access",
      carrierEsimId: this.esimTranNo,
      label: this.facts.label,
      smdpAddress: SMDP_ADDRESS,
      matchingId,
      apn: "internet",
      profileState: this.facts.profileState,
      networkState: this.facts.networkState,
      lastCountryCode: this.facts.lastCountryCode,
      carrierTotalBytes: totalBytes,
      carrierUsedBytes: totalBytes - leftBytes,
      carrierExpiresAt: expiresAt,
      usageAsOf: asOf,
      nextUsageAt: isOver ? null : new Date(now.getTime() + USAGE_POLL_MINUTES * 60_000),
      profileAsOf: asOf,
      createdAt: this.facts.createdAt,
    });
    for (const period of this.#service.periods) {
      const { plan, orderItemId, at } = this.#bookingOf(period.id);
      rows.periods.push({
        id: period.id,
        esimId: this.esimId,
        orderItemId,
        planId: planIdOf(plan),
        startsAt: period.startsAt,
        endsAt: period.endsAt,
        state: this.#unconfirmed.has(period.id)
          ? "pendingActive"
          : period.endsAt <= now
            ? "terminated"
            : "active",
        createdAt: at,
      });
    }
    for (const bucket of this.#service.buckets) {
      const { orderItemId, at } = this.#bookingOf(bucket.id);
      rows.buckets.push({
        id: bucket.id,
        esimId: this.esimId,
        periodId: bucket.periodId,
        orderItemId,
        totalBytes: bucket.totalBytes,
        remainingBytes: bucket.remainingBytes,
        validFrom: bucket.validFrom,
        validUntil: bucket.validUntil,
        asOf: this.#unconfirmed.has(bucket.periodId)
          ? at
          : bucket.validUntil < asOf
            ? bucket.validUntil
            : asOf,
        createdAt: at,
      });
    }
    rows.carrierEsims.push({
      iccid: this.iccid,
      esimTranNo: this.esimTranNo,
      orderNo: `B26${digitsOf(11, "orderNo", this.facts.key)}`,
      smdpAddress: SMDP_ADDRESS,
      matchingId,
      profileState: this.facts.profileState,
      networkState: this.facts.networkState,
      totalBytes,
      usedBytes: totalBytes - leftBytes,
      expiresAt,
      usageAsOf: asOf,
      createdAt: this.facts.createdAt,
      area: this.facts.area,
      packages: this.#packages,
    });
  }

  #bookingOf(id: string): Booking {
    const booking = this.#bookings.get(id);
    if (booking === undefined) throw new Error(`${this.facts.key}: nothing booked ${id}`);
    return booking;
  }
}

/** The id of a plan of the seed. */
export function planIdOf(plan: Pick<PlanRow, "code">): string {
  return uuidOf("plan", plan.code);
}

function remainingOf(bucket: OpenBucket): bigint {
  if (bucket.remainingBytes === null) throw new Error("The seed tells no story of unlimited data");
  return bucket.remainingBytes;
}
