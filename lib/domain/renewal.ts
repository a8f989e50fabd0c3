import { addValidity } from "./period.ts";
import type { PlanTerms } from "./plan.ts";
import { accept, refuse, type Result } from "./refusal.ts";

/** A booked period of one eSIM; cancelled ones are left out by whoever loads them. */
export interface BookedPeriod {
  readonly id: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** Whether the carrier has confirmed it: until then nothing of it is usable, whatever its dates. */
  readonly confirmed: boolean;
}

/** A bucket of one eSIM that is not closed. `null` bytes: unlimited. */
export interface OpenBucket {
  readonly id: string;
  readonly periodId: string;
  readonly totalBytes: bigint | null;
  readonly remainingBytes: bigint | null;
  readonly validFrom: Date;
  readonly validUntil: Date;
  /** Whether the carrier has confirmed the period it belongs to. */
  readonly confirmed: boolean;
}

/** Everything a renewal depends on: what is booked on the eSIM. */
export interface BookedService {
  readonly periods: readonly BookedPeriod[];
  readonly buckets: readonly OpenBucket[];
}

/** When the new service should begin, as the customer chose it. */
export type RenewalStart =
  | { readonly choice: "now" }
  | { readonly choice: "period_end" }
  | { readonly choice: "on_date"; readonly startsAt: Date };

export type StartChoice = RenewalStart["choice"];

/** What a renewal writes. Applied to a {@link BookedService} by {@link applyRenewal}, to the database by complete-item. */
export interface RenewalChange {
  /** The new base period; null for `data_only`, whose bucket lies inside the current one. */
  readonly period: { readonly startsAt: Date; readonly endsAt: Date } | null;
  readonly bucket: {
    /** Set for `data_only`. */
    readonly periodId: string | null;
    readonly totalBytes: bigint | null;
    readonly validFrom: Date;
    readonly validUntil: Date;
  };
  /** The current period that `reset` and `replace` close now. */
  readonly closedPeriodId: string | null;
  readonly closedBucketIds: readonly string[];
  /** Queued periods that move so as to follow the new one without gap or overlap. */
  readonly moved: readonly BookedPeriod[];
  /** What the customer gives up; null when nothing is lost. */
  readonly lost: { readonly dataBytes: bigint | null; readonly seconds: number } | null;
}

/** What is there at one moment. */
export interface Snapshot {
  /** Data usable at once; null: unlimited. */
  readonly dataBytes: bigint | null;
  /** Data that becomes usable later; null: unlimited. */
  readonly laterBytes: bigint | null;
  /** When the later data begins; null when there is none. */
  readonly laterFrom: Date | null;
  /** End of the last booked period; null when none runs or follows. */
  readonly until: Date | null;
}

/** A start of the customer's choice lies at most this far ahead: eSIMs that wait longer lapse unused. */
const MOST_DAYS_AHEAD = 180;

/**
 * The starts a plan's policy allows for what is booked; the first is the default. While service is booked
 * the next period begins where it ends: carriers take no top-up for an eSIM that has ended.
 */
export function allowedStarts(
  service: BookedService,
  terms: Pick<PlanTerms, "renewalPolicy">,
  now: Date,
): readonly StartChoice[] {
  if (terms.renewalPolicy !== "queue") return ["now"];
  return lastEnd(service, now) === null ? ["now", "on_date"] : ["period_end"];
}

/**
 * What buying `terms` does to what is booked on an eSIM: the one function behind both the preview
 * and the booking.
 *
 * - `add`: dates run on from the last end, the data is usable at once
 * - `queue`: dates and data both begin at the last end; on an eSIM without service now, or on a date
 * - `reset`, `replace`: the current period is closed now, its data is lost; queued periods follow on
 * - `data_only`: a bucket until the end of the current period, no new dates
 *
 * Refuses `start_not_possible` when the policy does not allow the start or the date lies before the
 * last end, and `no_current_period` for `data_only` without a period to put it in.
 *
 * @param timeZone IANA zone in which calendar months and years are counted
 */
export function decideRenewal(
  service: BookedService,
  terms: Pick<PlanTerms, "renewalPolicy" | "dataBytes" | "validity">,
  start: RenewalStart,
  now: Date,
  timeZone: string,
): Result<RenewalChange> {
  if (!allowedStarts(service, terms, now).includes(start.choice)) {
    return refuse({ code: "start_not_possible" });
  }
  const nothing = { closedPeriodId: null, closedBucketIds: [], moved: [], lost: null } as const;
  const current = currentPeriod(service, now);
  const end = lastEnd(service, now);

  switch (terms.renewalPolicy) {
    case "data_only": {
      if (current === null) return refuse({ code: "no_current_period" });
      return accept({
        ...nothing,
        period: null,
        bucket: {
          periodId: current.id,
          totalBytes: terms.dataBytes,
          validFrom: now,
          validUntil: current.endsAt,
        },
      });
    }
    case "add": {
      const startsAt = end ?? now;
      const endsAt = addValidity(startsAt, terms.validity, timeZone);
      return accept({
        ...nothing,
        period: { startsAt, endsAt },
        bucket: { periodId: null, totalBytes: terms.dataBytes, validFrom: now, validUntil: endsAt },
      });
    }
    case "queue": {
      const earliest = end ?? now;
      const startsAt = start.choice === "on_date" ? start.startsAt : earliest;
      const latest = earliest.getTime() + MOST_DAYS_AHEAD * 86_400_000;
      if (startsAt.getTime() < earliest.getTime() || startsAt.getTime() > latest) {
        return refuse({ code: "start_not_possible" });
      }
      const endsAt = addValidity(startsAt, terms.validity, timeZone);
      return accept({
        ...nothing,
        period: { startsAt, endsAt },
        bucket: {
          periodId: null,
          totalBytes: terms.dataBytes,
          validFrom: startsAt,
          validUntil: endsAt,
        },
      });
    }
    case "reset":
    case "replace": {
      const endsAt = addValidity(now, terms.validity, timeZone);
      const closed =
        current === null ? [] : service.buckets.filter((bucket) => bucket.periodId === current.id);
      return accept({
        period: { startsAt: now, endsAt },
        bucket: { periodId: null, totalBytes: terms.dataBytes, validFrom: now, validUntil: endsAt },
        closedPeriodId: current?.id ?? null,
        closedBucketIds: closed.map((bucket) => bucket.id),
        moved: followQueue(
          service.periods.filter(
            (period) => period.id !== current?.id && period.endsAt.getTime() > now.getTime(),
          ),
          current?.endsAt ?? null,
          endsAt,
        ),
        lost:
          current === null
            ? null
            : {
                dataBytes: sumBytes(closed.map((bucket) => bucket.remainingBytes)),
                seconds: Math.floor((current.endsAt.getTime() - now.getTime()) / 1000),
              },
      });
    }
  }
}

/** The service after a change. `newPeriodId` and `newBucketId` name what the change adds. */
export function applyRenewal(
  service: BookedService,
  change: RenewalChange,
  now: Date,
  newPeriodId = "new-period",
  newBucketId = "new-bucket",
): BookedService {
  const moved = new Map(change.moved.map((period) => [period.id, period]));
  const shiftOf = (periodId: string): number => {
    const after = moved.get(periodId);
    const before = service.periods.find((period) => period.id === periodId);
    return after && before ? after.startsAt.getTime() - before.startsAt.getTime() : 0;
  };
  const periods = service.periods.map((period) =>
    period.id === change.closedPeriodId
      ? { ...period, endsAt: now }
      : (moved.get(period.id) ?? period),
  );
  const buckets = service.buckets
    .filter((bucket) => !change.closedBucketIds.includes(bucket.id))
    .map((bucket) => moveBucket(bucket, shiftOf(bucket.periodId), now));
  return {
    periods:
      change.period === null
        ? periods
        : [...periods, { id: newPeriodId, ...change.period, confirmed: true }],
    buckets: [
      ...buckets,
      {
        id: newBucketId,
        periodId: change.bucket.periodId ?? newPeriodId,
        totalBytes: change.bucket.totalBytes,
        remainingBytes: change.bucket.totalBytes,
        validFrom: change.bucket.validFrom,
        validUntil: change.bucket.validUntil,
        confirmed: true,
      },
    ],
  };
}

/** A bucket whose period moved by `shiftMs`: its end moves along; its begin only when it had not begun. */
export function moveBucket<B extends Pick<OpenBucket, "validFrom" | "validUntil">>(
  bucket: B,
  shiftMs: number,
  now: Date,
): B {
  if (shiftMs === 0) return bucket;
  const begun = bucket.validFrom.getTime() <= now.getTime();
  return {
    ...bucket,
    validFrom: begun ? bucket.validFrom : new Date(bucket.validFrom.getTime() + shiftMs),
    validUntil: new Date(bucket.validUntil.getTime() + shiftMs),
  };
}

/** What is usable at `now`, what follows, and until when. */
export function snapshot(service: BookedService, now: Date): Snapshot {
  const time = now.getTime();
  const open = service.buckets.filter((bucket) => bucket.validUntil.getTime() > time);
  const isUsable = (bucket: OpenBucket): boolean =>
    bucket.confirmed && bucket.validFrom.getTime() <= time;
  const usable = open.filter(isUsable);
  const later = open.filter((bucket) => !isUsable(bucket));
  return {
    dataBytes: sumBytes(usable.map((bucket) => bucket.remainingBytes)),
    laterBytes: sumBytes(later.map((bucket) => bucket.remainingBytes)),
    laterFrom:
      later.length === 0
        ? null
        : new Date(Math.min(...later.map((bucket) => bucket.validFrom.getTime()))),
    until: lastEnd(service, now),
  };
}

/** The confirmed period that contains `now`. */
export function currentPeriod<P extends BookedPeriod>(
  service: { readonly periods: readonly P[] },
  now: Date,
): P | null {
  const time = now.getTime();
  return (
    service.periods.find(
      (period) =>
        period.confirmed && period.startsAt.getTime() <= time && period.endsAt.getTime() > time,
    ) ?? null
  );
}

/** End of the last period that has not ended; null when none runs or follows. */
export function lastEnd(service: Pick<BookedService, "periods">, now: Date): Date | null {
  const ends = service.periods
    .map((period) => period.endsAt.getTime())
    .filter((end) => end > now.getTime());
  return ends.length === 0 ? null : new Date(Math.max(...ends));
}

/** Sum of bytes; one unlimited part (null) makes the whole unlimited. */
export function sumBytes(parts: readonly (bigint | null)[]): bigint | null {
  let sum = 0n;
  for (const part of parts) {
    if (part === null) return null;
    sum += part;
  }
  return sum;
}

/**
 * The queue after what it followed ends at `to` instead of `from`. Periods that adjoined without a gap go
 * on adjoining, earlier or later; one that waits for a date of its own moves only when it would overlap.
 * Lengths stay. Only those that move are returned.
 */
export function followQueue<P extends BookedPeriod>(
  queued: readonly P[],
  from: Date | null,
  to: Date,
): readonly P[] {
  const moved: P[] = [];
  let oldEnd = from?.getTime() ?? null;
  let newEnd = to.getTime();
  for (const period of queued.toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime())) {
    const start = period.startsAt.getTime();
    const length = period.endsAt.getTime() - start;
    const newStart = start === oldEnd ? newEnd : Math.max(start, newEnd);
    if (newStart !== start) {
      moved.push({
        ...period,
        startsAt: new Date(newStart),
        endsAt: new Date(newStart + length),
      });
    }
    oldEnd = period.endsAt.getTime();
    newEnd = newStart + length;
  }
  return moved;
}
