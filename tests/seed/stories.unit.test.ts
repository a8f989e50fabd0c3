import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEMO_PASSWORD, tellPeople } from "#prisma/seed/people.ts";
import { luhnDigit } from "#prisma/seed/ids.ts";
import type { SeedRows } from "#prisma/seed/rows.ts";

const DAY_MS = 86_400_000;
const tell = (now: string | Date): SeedRows =>
  tellPeople({ now: new Date(now), passwordHash: "not a hash" });

/** Any moment of five years: leap days and clock changes included. */
const moments = fc.date({
  min: new Date("2026-01-01T00:00:00Z"),
  max: new Date("2030-12-31T23:59:59Z"),
  noInvalidDate: true,
});

const time = (value: Date | string | null | undefined): number => new Date(value ?? NaN).getTime();

/** Pairs of periods of one eSIM that overlap. */
const overlaps = (rows: SeedRows) =>
  rows.periods.flatMap((one) =>
    rows.periods
      .filter((other) => other.esimId === one.esimId && other.id !== one.id)
      .filter((other) => time(other.startsAt) < time(one.endsAt))
      .filter((other) => time(one.startsAt) < time(other.endsAt))
      .map((other) => [one, other]),
  );

describe("the stories of the demo", () => {
  test("are the same whenever they are told at the same moment", () => {
    expect(tell("2026-11-22T02:10:00Z")).toEqual(tell("2026-11-22T02:10:00Z"));
  });

  test("have the same periods, eSIMs, orders and money all day long", () => {
    // The same day from London to Tokyo.
    const morning = tell("2026-11-22T02:10:00Z");
    const later = tell("2026-11-22T13:45:00Z");
    const lasting = (rows: SeedRows) => ({
      periods: rows.periods,
      esims: rows.esims.map(({ iccid, label, carrierUsedBytes }) => ({
        iccid,
        label,
        carrierUsedBytes,
      })),
      orders: rows.orders.map(({ id, number, state, totalMinor }) => ({
        id,
        number,
        state,
        totalMinor,
      })),
      entries: rows.ledgerEntries,
    });
    expect(lasting(later)).toEqual(lasting(morning));
  });

  test("can be told on any day", () => {
    fc.assert(
      fc.property(moments, (now) => {
        const rows = tell(now);
        const past = rows.orders
          .flatMap((order) => [order.placedAt, order.paidAt, order.completedAt, order.endedAt])
          .filter((at) => at);
        expect(Math.max(...past.map(time))).toBeLessThanOrEqual(now.getTime());
        const next = rows.orders.map((order) => order.nextAttemptAt).filter((at) => at);
        expect(Math.min(...next.map(time))).toBeGreaterThan(now.getTime());
        expect(overlaps(rows)).toEqual([]);
        expect(new Set(rows.phases.values()).size).toBe(13);
      }),
      { numRuns: 60 },
    );
  });

  test("leave Lin 0.8 GB of 10 GB and three days, whenever one looks", () => {
    fc.assert(
      fc.property(moments, (now) => {
        const rows = tell(now);
        const lin = rows.accounts.find((account) => account.email === "lin@axis.example");
        const esims = rows.esims.filter((esim) => esim.accountId === lin?.id);
        expect(esims).toHaveLength(1);
        const open = rows.buckets.filter(
          (bucket) => bucket.esimId === esims[0]?.id && time(bucket.validUntil) > now.getTime(),
        );
        expect(open).toMatchObject([{ totalBytes: 10_737_418_240n, remainingBytes: 858_993_459n }]);
        const left = time(open[0]?.validUntil) - now.getTime();
        expect(Math.floor(left / DAY_MS)).toBe(3);
      }),
      { numRuns: 60 },
    );
  });

  test("book every journal to zero, and each only once", () => {
    const rows = tell("2026-11-22T02:10:00Z");
    const sources = rows.journals.map((journal) => `${journal.kind} ${journal.sourceId}`);
    expect(new Set(sources).size).toBe(sources.length);
    for (const journal of rows.journals) {
      const entries = rows.ledgerEntries.filter((entry) => entry.journalId === journal.id);
      expect(entries.length).toBeGreaterThanOrEqual(2);
      expect(entries.reduce((sum, entry) => sum + BigInt(entry.amountMinor), 0n)).toBe(0n);
    }
  });

  test("give every eSIM an ICCID of twenty digits whose last one checks the others", () => {
    const iccids = tell("2026-11-22T02:10:00Z").esims.map((esim) => esim.iccid);
    expect(new Set(iccids).size).toBe(iccids.length);
    for (const iccid of iccids) {
      expect(iccid).toMatch(/^89\d{18}$/);
      expect(luhnDigit(iccid.slice(0, 19))).toBe(iccid.slice(19));
    }
    // ISO/IEC 7812-1, annex B: the known example.
    expect(luhnDigit("7992739871")).toBe("3");
  });

  test("keep what the carrier counts equal to what is booked", () => {
    const rows = tell("2026-11-22T02:10:00Z");
    for (const esim of rows.carrierEsims) {
      const row = rows.esims.find((each) => each.iccid === esim.iccid);
      const packages = esim.packages.reduce((sum, one) => sum + one.volumeBytes, 0n);
      expect(esim.totalBytes).toBe(packages);
      const held = rows.buckets
        .filter((bucket) => bucket.esimId === row?.id)
        .filter((bucket) => {
          const period = rows.periods.find((each) => each.id === bucket.periodId);
          return period?.state !== "pendingActive";
        })
        .reduce((sum, bucket) => sum + BigInt(bucket.remainingBytes ?? 0n), 0n);
      expect(esim.totalBytes - esim.usedBytes).toBe(held);
    }
  });

  test("let everybody sign in with the one password of the contract", () => {
    expect(DEMO_PASSWORD).toBe("renew-me-anywhere-2026");
  });
});
