import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RenewalPolicy, Validity } from "#lib/domain/plan.ts";
import {
  allowedStarts,
  applyRenewal,
  decideRenewal,
  followQueue,
  lastEnd,
  snapshot,
  type BookedService,
  type RenewalChange,
  type RenewalStart,
} from "#lib/domain/renewal.ts";
import type { Result } from "#lib/domain/refusal.ts";

const GB = 1024n ** 3n;
const DAY = 86_400_000;
const NOW = new Date("2026-03-09T06:05:00Z");
const THIRTY_DAYS: Validity = { unit: "day", count: 30 };
const at = (days: number): Date => new Date(NOW.getTime() + days * DAY);

/** 0.8 GB until in three days, 10 GB queued behind it. */
const service: BookedService = {
  periods: [
    { id: "current", startsAt: at(-27), endsAt: at(3), confirmed: true },
    { id: "queued", startsAt: at(3), endsAt: at(33), confirmed: true },
  ],
  buckets: [
    bucket("b1", "current", 10n * GB, 800n * 1024n ** 2n, -27, 3),
    bucket("b2", "queued", 10n * GB, 10n * GB, 3, 33),
  ],
};

describe("what a renewal changes", () => {
  test("add: dates run on from the last end, the data is usable at once", () => {
    const after = change("add", { choice: "now" });
    expect(after.change.period).toEqual({ startsAt: at(33), endsAt: at(63) });
    expect(after.snapshot.dataBytes).toBe(10n * GB + 800n * 1024n ** 2n);
    expect(after.snapshot.until).toEqual(at(63));
    expect(after.change.lost).toBeNull();
  });

  test("queue: dates and data begin at the last end", () => {
    const after = change("queue", { choice: "period_end" });
    expect(after.change.period).toEqual({ startsAt: at(33), endsAt: at(63) });
    expect(after.snapshot.dataBytes).toBe(800n * 1024n ** 2n);
    expect(after.snapshot.laterBytes).toBe(20n * GB);
  });

  test("queue: on a date of the customer's choice where no service is booked, half a year ahead at most", () => {
    const empty: BookedService = { periods: [], buckets: [] };
    const on = (days: number) => decide("queue", { choice: "on_date", startsAt: at(days) }, empty);
    expect(value(on(40)).period?.startsAt).toEqual(at(40));
    for (const refused of [
      on(-1),
      on(181),
      decide("queue", { choice: "on_date", startsAt: at(40) }),
    ]) {
      expect(refused).toEqual({ ok: false, refusal: { code: "start_not_possible" } });
    }
  });

  test("a period the carrier has not confirmed is not usable, whatever its dates", () => {
    const unconfirmed: BookedService = {
      periods: [{ id: "p", startsAt: at(-1), endsAt: at(29), confirmed: false }],
      buckets: [{ ...bucket("b", "p", GB, GB, -1, 29), confirmed: false }],
    };
    expect(snapshot(unconfirmed, NOW)).toMatchObject({ dataBytes: 0n, laterBytes: GB });
    expect(decide("data_only", { choice: "now" }, unconfirmed)).toMatchObject({ ok: false });
  });

  test("the queue follows what it adjoins, earlier and later, and a chosen date only when it must", () => {
    const adjoining = { id: "a", startsAt: at(3), endsAt: at(33), confirmed: false };
    const chosen = { id: "c", startsAt: at(50), endsAt: at(80), confirmed: false };
    expect(followQueue([adjoining, chosen], at(3), at(1)).map((each) => each.startsAt)).toEqual([
      at(1),
    ]);
    expect(followQueue([adjoining, chosen], at(3), at(30)).map((each) => each.startsAt)).toEqual([
      at(30),
      at(60),
    ]);
  });

  test.each(["reset", "replace"] as const)(
    "%s: the current period is closed, what is lost is said, the queue follows on",
    (policy) => {
      const after = change(policy, { choice: "now" });
      expect(after.change.period).toEqual({ startsAt: NOW, endsAt: at(30) });
      expect(after.change.lost).toEqual({ dataBytes: 800n * 1024n ** 2n, seconds: 3 * 86_400 });
      expect(after.change.moved).toEqual([
        { id: "queued", startsAt: at(30), endsAt: at(60), confirmed: true },
      ]);
      expect(after.snapshot).toEqual({
        dataBytes: 10n * GB,
        laterBytes: 10n * GB,
        laterFrom: at(30),
        until: at(60),
      });
    },
  );

  test("reset: a period queued for a chosen date stays there as long as nothing overlaps", () => {
    const spaced: BookedService = {
      periods: [
        { id: "current", startsAt: at(-27), endsAt: at(3), confirmed: true },
        { id: "chosen", startsAt: at(50), endsAt: at(80), confirmed: true },
      ],
      buckets: [bucket("b1", "current", GB, GB, -27, 3), bucket("b2", "chosen", GB, GB, 50, 80)],
    };
    expect(value(decide("reset", { choice: "now" }, spaced)).moved).toEqual([]);
  });

  test("data_only: a bucket inside the current period, no new dates", () => {
    const after = change("data_only", { choice: "now" });
    expect(after.change.period).toBeNull();
    expect(after.change.bucket).toMatchObject({
      periodId: "current",
      validFrom: NOW,
      validUntil: at(3),
    });
    expect(after.snapshot.until).toEqual(at(33));
  });

  test("data_only: refused without a period to put it in", () => {
    expect(decide("data_only", { choice: "now" }, { periods: [], buckets: [] })).toEqual({
      ok: false,
      refusal: { code: "no_current_period" },
    });
  });

  test("an eSIM without service begins now, whatever the policy", () => {
    for (const policy of ["add", "queue", "reset", "replace"] as const) {
      const empty: BookedService = { periods: [], buckets: [] };
      expect(value(decide(policy, { choice: "now" }, empty)).period).toEqual({
        startsAt: NOW,
        endsAt: at(30),
      });
    }
  });
});

describe("for any chain of periods and any plan", () => {
  const policies = fc.constantFrom<RenewalPolicy>("add", "queue", "reset", "replace", "data_only");
  const cases = fc.record({
    service: chains(),
    policy: policies,
    days: fc.integer({ min: 1, max: 365 }),
    bytes: fc.option(fc.bigInt({ min: 1n, max: 100n * GB })),
  });

  test("periods never overlap", () => {
    fc.assert(
      fc.property(cases, ({ service: booked, ...plan }) => {
        const decided = decidePlan(booked, plan);
        fc.pre(decided.ok);
        const { periods } = applyRenewal(booked, value(decided), NOW);
        const sorted = periods.toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
        for (const [index, period] of sorted.entries()) {
          const next = sorted[index + 1];
          if (next) expect(period.endsAt.getTime()).toBeLessThanOrEqual(next.startsAt.getTime());
        }
      }),
    );
  });

  test("no paid second is lost except what is said to be", () => {
    fc.assert(
      fc.property(cases, ({ service: booked, ...plan }) => {
        const decided = decidePlan(booked, plan);
        fc.pre(decided.ok);
        const decision = value(decided);
        const after = applyRenewal(booked, decision, NOW);
        const bought = decision.period === null ? 0 : plan.days * DAY;
        const lost = decision.lost === null ? 0 : lostMs(booked);
        expect(secondsAhead(after)).toBe(secondsAhead(booked) + bought - lost);
      }),
    );
  });

  test("data after is data before plus what was bought, less what is said to be lost", () => {
    fc.assert(
      fc.property(cases, ({ service: booked, ...plan }) => {
        const decided = decidePlan(booked, plan);
        fc.pre(decided.ok && plan.bytes !== null);
        const decision = value(decided);
        const total = (each: BookedService): bigint => {
          const { dataBytes, laterBytes } = snapshot(each, NOW);
          return (dataBytes ?? 0n) + (laterBytes ?? 0n);
        };
        const after = applyRenewal(booked, decision, NOW);
        expect(total(after)).toBe(
          total(booked) + (plan.bytes ?? 0n) - (decision.lost?.dataBytes ?? 0n),
        );
      }),
    );
  });
});

function change(policy: RenewalPolicy, start: RenewalStart) {
  const decision = value(decide(policy, start));
  return { change: decision, snapshot: snapshot(applyRenewal(service, decision, NOW), NOW) };
}

function decide(
  policy: RenewalPolicy,
  start: RenewalStart,
  booked = service,
): Result<RenewalChange> {
  const terms = { renewalPolicy: policy, dataBytes: 10n * GB, validity: THIRTY_DAYS };
  return decideRenewal(booked, terms, start, NOW, "Asia/Shanghai");
}

function decidePlan(
  booked: BookedService,
  plan: { policy: RenewalPolicy; days: number; bytes: bigint | null },
): Result<RenewalChange> {
  const choice = allowedStarts(booked, { renewalPolicy: plan.policy }, NOW)[0];
  if (choice === undefined || choice === "on_date") throw new Error("no default start");
  return decideRenewal(
    booked,
    {
      renewalPolicy: plan.policy,
      dataBytes: plan.bytes,
      validity: { unit: "day", count: plan.days },
    },
    { choice },
    NOW,
    "UTC",
  );
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

function bucket(
  id: string,
  periodId: string,
  total: bigint,
  left: bigint,
  from: number,
  until: number,
) {
  return {
    id,
    periodId,
    totalBytes: total,
    remainingBytes: left,
    validFrom: at(from),
    validUntil: at(until),
    confirmed: true,
  };
}

/** Up to five periods one after another, the first of which may run now. */
function chains(): fc.Arbitrary<BookedService> {
  const link = fc.record({
    gap: fc.constantFrom(0, 0, 0, 2),
    days: fc.integer({ min: 1, max: 40 }),
    megabytes: fc.integer({ min: 0, max: 20_000 }),
  });
  return fc
    .tuple(fc.integer({ min: -30, max: 3 }), fc.array(link, { maxLength: 5 }))
    .map(([begin, links]) => {
      const periods = [];
      const buckets = [];
      let day = begin;
      for (const [index, { gap, days, megabytes }] of links.entries()) {
        const from = day + gap;
        day = from + days;
        if (at(day) <= NOW) continue;
        const left = BigInt(megabytes) * 1024n ** 2n;
        periods.push({ id: `p${index}`, startsAt: at(from), endsAt: at(day), confirmed: true });
        buckets.push(bucket(`b${index}`, `p${index}`, left, left, from, day));
      }
      return { periods, buckets };
    });
}

/** Paid time that still lies ahead, in milliseconds. */
function secondsAhead(booked: BookedService): number {
  return booked.periods.reduce((sum, period) => {
    const from = Math.max(period.startsAt.getTime(), NOW.getTime());
    return sum + Math.max(0, period.endsAt.getTime() - from);
  }, 0);
}

function lostMs(booked: BookedService): number {
  const current = booked.periods.find((period) => period.startsAt <= NOW && period.endsAt > NOW);
  return current === undefined ? 0 : current.endsAt.getTime() - NOW.getTime();
}

test("the last end is the end of the last period that has not ended", () => {
  expect(lastEnd(service, NOW)).toEqual(at(33));
  expect(
    lastEnd({ periods: [{ id: "x", startsAt: at(-9), endsAt: at(-1), confirmed: true }] }, NOW),
  ).toBeNull();
});
