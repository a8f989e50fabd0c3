import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { currencyExponent, money } from "#lib/domain/money.ts";
import {
  countryName,
  formatData,
  formatDate,
  formatDuration,
  formatIccid,
  formatMoment,
  formatMoney,
  formatSpeed,
  formatZone,
  sortCountries,
} from "#lib/i18n/format.ts";

const london = { locale: "en", timeZone: "Europe/London" } as const;
const shanghai = { locale: "zh-CN", timeZone: "Asia/Shanghai" } as const;
const GIGABYTE = 1024n ** 3n;

describe("an amount of money", () => {
  test.each([
    [6_800n, "CNY", "en", "¥68.00"],
    [6_800n, "CNY", "zh-CN", "¥68.00"],
    [1_680n, "JPY", "en", "¥1,680"],
    [1_680n, "JPY", "zh-CN", "¥1,680"],
    [5n, "KWD", "en", "KWD\u00a00.005"],
    [10_999n, "GBP", "en", "£109.99"],
    [-50n, "USD", "en", "-$0.50"],
    [0n, "EUR", "zh-CN", "€0.00"],
  ] as const)("%s minor units of %s in %s reads %s", (amount, currency, locale, text) => {
    expect(formatMoney(money(amount, currency), locale)).toBe(text);
  });

  test("names its currency where signs could be mistaken for each other", () => {
    expect(formatMoney(money(1_680n, "JPY"), "en", "code")).toBe("JPY\u00a01,680");
    expect(formatMoney(money(1_680n, "CNY"), "en", "code")).toBe("CNY\u00a016.80");
  });

  test("is exact beyond what a number can hold", () => {
    expect(formatMoney(money(1_234_567_890_123_456_789_012n, "USD"), "en")).toBe(
      "$12,345,678,901,234,567,890.12",
    );
  });

  test("shows each digit of any amount in any currency", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 30n }),
        fc.constantFrom("CNY", "JPY", "KWD", "USD"),
        fc.constantFrom("en" as const, "zh-CN" as const),
        (amount, currency, locale) => {
          const digits = formatMoney(money(amount, currency), locale).replace(/\D/g, "");
          expect(digits).toBe(amount.toString().padStart(currencyExponent(currency) + 1, "0"));
        },
      ),
    );
  });
});

describe("a volume of data", () => {
  test.each([
    [858_993_459n, "0.8\u00a0GB"],
    [10n * GIGABYTE, "10\u00a0GB"],
    [0n, "0\u00a0GB"],
    [50n * 1_048_576n, "50\u00a0MB"],
    [1n, "1\u00a0MB"],
    [GIGABYTE - 100_000_000n, "0.9\u00a0GB"],
  ])("of %s bytes reads %s", (bytes, text) => {
    expect(formatData(bytes, "en")).toBe(text);
    expect(formatData(bytes, "zh-CN")).toBe(text);
  });

  test("without a limit is called unlimited", () => {
    expect(formatData(null, "en")).toBe("Unlimited");
    expect(formatData(null, "zh-CN")).toBe("不限量");
  });

  test("is never shown larger than it is, by more than half a megabyte", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1_048_576n, max: 1_000n * GIGABYTE }), (bytes) => {
        const [value = "", unit] = formatData(bytes, "en").replaceAll(",", "").split("\u00a0");
        const tenths = BigInt(Math.round(Number(value) * 10));
        const shown = unit === "GB" ? (tenths * GIGABYTE) / 10n : (tenths * 1_048_576n) / 10n;
        expect(shown).toBeLessThanOrEqual(bytes + 524_288n);
      }),
    );
  });
});

describe("a moment", () => {
  const at = new Date("2026-11-25T15:59:00Z");

  test("is told in the reader's language and zone", () => {
    expect(formatDate(at, london, "moment")).toBe("25 Nov, 15:59");
    expect(formatDate(at, shanghai, "moment")).toBe("11月25日 23:59");
  });

  test("of today is a time of day, of another year a whole date", () => {
    expect(formatMoment(at, london, new Date("2026-11-25T08:00:00Z"))).toBe("15:59");
    expect(formatMoment(at, london, new Date("2026-11-24T08:00:00Z"))).toBe("25 Nov, 15:59");
    expect(formatMoment(at, london, new Date("2027-01-02T08:00:00Z"))).toBe("25 Nov 2026, 15:59");
  });

  test("at midnight is 00:00, not 24:00", () => {
    expect(formatDate(new Date("2026-11-25T00:00:00Z"), london, "clock")).toBe("00:00");
    expect(formatDate(new Date("2026-11-24T16:00:00Z"), shanghai, "clock")).toBe("00:00");
  });

  test("falls on the reader's own day at the ends of the world", () => {
    const noon = new Date("2026-11-25T12:00:00Z");
    expect(formatDate(noon, { locale: "en", timeZone: "Pacific/Kiritimati" }, "day")).toBe(
      "26 Nov",
    );
    expect(formatDate(noon, { locale: "en", timeZone: "Pacific/Honolulu" }, "moment")).toBe(
      "25 Nov, 02:00",
    );
  });
});

test("a zone is named as people name it", () => {
  expect(formatZone(london)).toBe("London time");
  expect(formatZone({ locale: "en", timeZone: "America/New_York" })).toBe("New York time");
  expect(formatZone({ locale: "zh-CN", timeZone: "Europe/London" })).toBe("英国时间");
  expect(formatZone(shanghai)).toBe("中国时间");
  expect(formatZone({ locale: "en", timeZone: "UTC" })).toBe("UTC");
});

test("a length of time is told in its largest whole unit", () => {
  expect(formatDuration(3 * 86_400 + 5, "en")).toBe("3 days");
  expect(formatDuration(86_400, "en")).toBe("1 day");
  expect(formatDuration(2 * 3_600 + 59, "zh-CN")).toBe("2 小时");
  expect(formatDuration(10, "en")).toBe("1 minute");
});

test("countries are named and ordered in the reader's language", () => {
  expect(countryName("JP", "zh-CN")).toBe("日本");
  expect(countryName("HK", "zh-CN")).toBe("中国香港");
  expect(countryName("GB", "en")).toBe("UK");
  expect(sortCountries(["JP", "AT", "DE"], "en")).toEqual(["AT", "DE", "JP"]);
  expect(sortCountries(["JP", "DE", "AT"], "zh-CN")).toEqual(["AT", "DE", "JP"]);
});

test("what is no country code is shown as it is", () => {
  expect(countryName("not a code", "en")).toBe("not a code");
});

test("a speed is told in the unit that keeps it short", () => {
  expect(formatSpeed(384, "en")).toBe("384 kbit/s");
  expect(formatSpeed(1_000, "zh-CN")).toBe("1 Mbit/s");
});

test("an ICCID is set in groups of four and can break between them", () => {
  expect(formatIccid("8986012345678901234")).toBe("8986 0123 4567 8901 234");
});
