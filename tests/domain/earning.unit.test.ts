import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideEarning, nextEarning } from "#lib/domain/earning.ts";
import { paymentRefunded } from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";

const DAY_MS = 86_400_000;
const ZONES = ["UTC", "Asia/Shanghai", "Europe/London", "Pacific/Kiritimati", "Pacific/Honolulu"];
const zone = fc.constantFrom(...ZONES);
const START = Date.UTC(2026, 0, 1);
/** From one minor unit to far beyond what a float counts in whole numbers. */
const minor = fc.oneof(
  fc.bigInt({ min: 1n, max: 1_000_000n }),
  fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 63n - 1n }),
);
/** A time of service, up to two years, anywhere in two years. */
const service = fc
  .record({
    from: fc.integer({ min: 0, max: 730 * DAY_MS }),
    lasts: fc.integer({ min: 1, max: 730 * DAY_MS }),
  })
  .map(({ from, lasts }) => ({
    from: new Date(START + from),
    until: new Date(START + from + lasts),
  }));
/** What happens at a moment of the service (0 to 1, its share): revenue is booked, or some is given back. */
const happening = fc.record({
  at: fc.double({ min: -0.2, max: 1.2, noNaN: true }),
  refundMinor: fc.option(fc.bigInt({ min: 0n, max: 2n ** 62n }), { nil: null }),
});

describe("revenue of a service", () => {
  test("is earned to the last minor unit, whenever it is booked and whatever is refunded meanwhile", () => {
    fc.assert(
      fc.property(
        service,
        minor,
        fc.array(happening, { maxLength: 30 }),
        zone,
        ({ from, until }, paidMinor, happenings, timeZone) => {
          const length = until.getTime() - from.getTime();
          let [deferred, earned, givenBack] = [paidMinor, 0n, 0n];
          let through = from;
          const earn = (now: Date) => {
            const decision = decideEarning(
              { from: through, until, deferredMinor: deferred },
              now,
              timeZone,
            );
            expect(decision.amountMinor >= 0n && decision.amountMinor <= deferred).toBe(true);
            earned += decision.amountMinor;
            deferred -= decision.amountMinor;
            // As the books keep it: what was nothing is not booked, and counted again next time.
            if (decision.amountMinor > 0n) through = decision.through;
            return decision;
          };
          for (const each of happenings.toSorted((a, b) => a.at - b.at)) {
            const now = new Date(from.getTime() + Math.floor(each.at * length));
            if (each.refundMinor === null) {
              earn(now);
              continue;
            }
            const refund = money(each.refundMinor, "CNY");
            const { lines } = paymentRefunded({ to: "origin" }, refund, 0n, deferred);
            for (const line of lines) {
              if (line.code !== "deferred_revenue") continue;
              deferred -= line.amountMinor;
              givenBack += line.amountMinor;
            }
          }
          const last = earn(new Date(Math.max(until.getTime(), through.getTime())));
          expect(last.nextAt).toBeNull();
          expect(deferred).toBe(0n);
          expect(earned + givenBack).toBe(paidMinor);
        },
      ),
    );
  });

  test("is earned evenly: after a part of the time, that part of it, rounded down", () => {
    fc.assert(
      fc.property(service, minor, fc.integer({ min: 0, max: 1000 }), (time, deferred, share) => {
        const length = time.until.getTime() - time.from.getTime();
        const elapsed = Math.floor((length * share) / 1000);
        fc.pre(elapsed < length);
        const now = new Date(time.from.getTime() + elapsed);
        const { amountMinor } = decideEarning({ ...time, deferredMinor: deferred }, now, "UTC");
        expect(amountMinor).toBe((deferred * BigInt(elapsed)) / BigInt(length));
      }),
    );
  });

  test("is never earned sooner for being booked more often, by more than a minor unit a time", () => {
    fc.assert(
      fc.property(
        service,
        minor,
        fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 20 }),
        (time, paid, shares) => {
          const length = time.until.getTime() - time.from.getTime();
          const moments = shares
            .toSorted((a, b) => a - b)
            .map((share) => new Date(time.from.getTime() + Math.floor((length * share) / 1000)));
          let [deferred, through] = [paid, time.from];
          for (const now of moments) {
            const step = decideEarning(
              { from: through, until: time.until, deferredMinor: deferred },
              now,
              "UTC",
            );
            deferred -= step.amountMinor;
            if (step.amountMinor > 0n) through = step.through;
          }
          const last = moments.at(-1) ?? time.from;
          const atOnce = decideEarning({ ...time, deferredMinor: paid }, last, "UTC").amountMinor;
          const inSteps = paid - deferred;
          const off = inSteps > atOnce ? inSteps - atOnce : atOnce - inSteps;
          expect(off <= BigInt(moments.length)).toBe(true);
          expect(inSteps <= atOnce).toBe(true);
        },
      ),
    );
  });

  test("is not earned before the service begins", () => {
    const from = new Date("2026-03-10T00:00:00Z");
    const until = new Date("2026-04-09T00:00:00Z");
    const early = decideEarning(
      { from, until, deferredMinor: 6_415n },
      new Date("2026-03-01T00:00:00Z"),
      "UTC",
    );
    expect(early.amountMinor).toBe(0n);
    expect(early.nextAt).toEqual(new Date("2026-04-01T00:00:00Z"));
  });

  test("that was given up, or had no length, is earned at once", () => {
    const at = new Date("2026-03-10T00:00:00Z");
    expect(decideEarning({ from: at, until: at, deferredMinor: 77n }, at, "UTC")).toEqual({
      amountMinor: 77n,
      through: at,
      nextAt: null,
    });
    const before = new Date("2026-03-01T00:00:00Z");
    expect(decideEarning({ from: at, until: before, deferredMinor: 77n }, at, "UTC")).toEqual({
      amountMinor: 77n,
      through: before,
      nextAt: null,
    });
  });
});

describe("the next booking", () => {
  test("comes after this one, at a month's end of the operator or at the end of the service", () => {
    fc.assert(
      fc.property(service, zone, ({ from, until }, timeZone) => {
        const next = nextEarning(until, from, timeZone);
        expect(next.getTime()).toBeGreaterThan(from.getTime());
        expect(next.getTime()).toBeLessThanOrEqual(until.getTime());
        if (next < until) {
          const day = new Intl.DateTimeFormat("en", { day: "numeric", timeZone }).format(next);
          expect(day).toBe("1");
        }
      }),
    );
  });

  test("is at the operator's midnight, not the server's", () => {
    const until = new Date("2027-01-01T00:00:00Z");
    const now = new Date("2026-05-15T12:00:00Z");
    expect(nextEarning(until, now, "Asia/Shanghai")).toEqual(new Date("2026-05-31T16:00:00Z"));
    expect(nextEarning(until, now, "Pacific/Honolulu")).toEqual(new Date("2026-06-01T10:00:00Z"));
  });
});
