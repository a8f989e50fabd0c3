import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { PeriodLine } from "#components/esim/period-line.tsx";
import { Usage } from "#components/esim/usage.tsx";
import type { EsimOverview } from "#lib/domain/esim.ts";

const now = new Date("2026-11-22T14:05:00Z");
const reader = { locale: "en", timeZone: "Asia/Shanghai" } as const;
const DAY = 86_400_000;
const day = (count: number): Date => new Date(now.getTime() + count * DAY);
const GIGABYTE = 1024n ** 3n;
const name = { en: "Asia 10 GB", "zh-CN": "亚洲 10 GB" };
const current = {
  planName: name,
  dataBytes: 10n * GIGABYTE,
  startsAt: day(-27),
  endsAt: day(3),
  confirmed: true,
};

function esim(more: Partial<EsimOverview> = {}): EsimOverview {
  return {
    iccid: "8986012345678901234",
    label: "Phone",
    condition: "running_low",
    networkState: "active",
    profileState: "enabled",
    lastCountryCode: "JP",
    now: { dataBytes: 858_993_459n, laterBytes: 0n, laterFrom: null, until: day(3) },
    totalBytes: 10n * GIGABYTE,
    current,
    queued: [],
    usageAsOf: new Date("2026-11-22T13:00:00Z"),
    usageLagHours: 3,
    lastPlan: null,
    ...more,
  };
}

/** What a reader sees or hears, without the marks. */
function words(html: string): string {
  return html
    .replace(/<[^>]*aria-label="([^"]*)"[^>]*>/g, "[$1] ")
    .replace(/<[^>]+>/g, " ")
    .replaceAll("\u00a0", " ")
    .replace(/\s+/g, " ")
    .trim();
}

const usage = (more?: Partial<EsimOverview>): string =>
  words(renderToStaticMarkup(<Usage esim={esim(more)} reader={reader} now={now} />));
const line = (more?: Partial<EsimOverview>): string =>
  words(renderToStaticMarkup(<PeriodLine esim={esim(more)} reader={reader} now={now} />));

describe("what is left", () => {
  test("is said in words beside the bar, with the time it holds for", () => {
    expect(usage()).toBe(
      "0.8 GB left of 10 GB · 3 days left [8 % left] As of 21:00 (Shanghai time); the network reports up to 3 hours late.",
    );
  });

  test("of unlimited data has no bar", () => {
    const text = usage({ now: { ...esim().now, dataBytes: null }, totalBytes: null });
    expect(text).toMatch(/^Unlimited 3 days left/);
    expect(text).not.toContain("%");
  });

  test("is never 0 percent while there is something", () => {
    expect(usage({ now: { ...esim().now, dataBytes: 1_048_576n } })).toContain("[1 % left]");
  });

  test("is nothing to show when nothing runs and nothing follows", () => {
    const ended = { dataBytes: 0n, laterBytes: 0n, laterFrom: null, until: null };
    expect(usage({ current: null, now: ended })).toBe("");
  });

  test("that begins later is the figure, with its day", () => {
    const later = { dataBytes: 0n, laterBytes: 20n * GIGABYTE, laterFrom: day(10), until: day(40) };
    expect(usage({ current: null, now: later })).toBe("20 GB from 2 Dec");
  });
});

describe("the periods", () => {
  test("are a list in order, each with its days", () => {
    const queued = [{ ...current, startsAt: day(3), endsAt: day(33), confirmed: false }];
    expect(line({ queued })).toBe(
      "[Booked periods] Now Asia 10 GB · until 25 Nov, 22:05 Then Asia 10 GB · 25 Nov to 25 Dec (not yet confirmed by the network)",
    );
  });

  test("are drawn to scale, without reaching beyond the bar", () => {
    const queued = [{ ...current, startsAt: day(3), endsAt: day(33) }];
    const html = renderToStaticMarkup(
      <PeriodLine esim={esim({ queued })} reader={reader} now={now} />,
    );
    const bars = [...html.matchAll(/x="(\d+)" width="(\d+)"/g)].map((match) => match.map(Number));
    expect(bars).toHaveLength(2);
    for (const [, x = 0, width = 0] of bars) expect(x + width).toBeLessThanOrEqual(1_000);
    expect(bars[1]?.[2] ?? 0).toBeGreaterThan((bars[0]?.[2] ?? 0) * 8);
  });

  test("are left out when there are none", () => {
    expect(line({ current: null })).toBe("");
  });
});
