import type { Locale } from "#lib/domain/locale.ts";
import { currencyExponent, toDecimal, type Money } from "#lib/domain/money.ts";
import { translator } from "./translator.ts";

/** For whom something is written: language, and the IANA time zone in which dates are shown. */
export interface Reader {
  readonly locale: Locale;
  readonly timeZone: string;
}

/**
 * Conventions per language. English is written for an international reader: 24-hour clock and day
 * before month, so that no date can be read two ways.
 */
const CONVENTIONS: Readonly<Record<Locale, string>> = { en: "en-GB", "zh-CN": "zh-CN" };

/** Carriers count volumes in powers of 1024 (eSIM Access: 1 GB = 1,073,741,824 bytes), so we do too. */
const GIGABYTE = 1024n ** 3n;
const MEGABYTE = 1024n ** 2n;

const formatters = new Map<string, unknown>();

function kept<T>(key: string, make: () => T): T {
  const known = formatters.get(key) as T | undefined;
  if (known !== undefined) return known;
  const fresh = make();
  formatters.set(key, fresh);
  return fresh;
}

/**
 * An amount with its currency's sign, exact to the minor unit whatever its size: ¥68.00, ¥1,200,
 * KWD 0.005. With `"code"` the currency is named by its ISO 4217 code, where signs could be mistaken
 * for each other; with `"signed"` a change says which way it goes: +¥68.00.
 */
export function formatMoney(
  amount: Money,
  locale: Locale,
  display: "narrowSymbol" | "code" | "signed" = "narrowSymbol",
): string {
  const digits = currencyExponent(amount.currency);
  const format = kept(`money ${locale} ${amount.currency} ${display}`, () => {
    return new Intl.NumberFormat(CONVENTIONS[locale], {
      style: "currency",
      currency: amount.currency,
      currencyDisplay: display === "signed" ? "narrowSymbol" : display,
      signDisplay: display === "signed" ? "exceptZero" : "auto",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  });
  // A decimal text is formatted digit by digit (ECMA-402, Intl.NumberFormat v3); a number would round.
  return format.format(toDecimal(amount) as Intl.StringNumericLiteral);
}

/** A tax rate from hundredths of a percent: "6%", "8.1%". */
export function formatRate(basisPoints: number, locale: Locale): string {
  const format = kept(`rate ${locale}`, () => {
    return new Intl.NumberFormat(CONVENTIONS[locale], {
      style: "percent",
      maximumFractionDigits: 2,
    });
  });
  return format.format(basisPoints / 10_000);
}

/** A volume as number and unit, apart: the number is set large where it is what counts. */
export interface Volume {
  readonly value: string;
  readonly unit: string;
}

/**
 * A volume of data in GB with one decimal, below 0.1 GB in whole MB (1 GB = 1024³ bytes). Rounded
 * down: what is shown is there.
 */
export function dataVolume(bytes: bigint, locale: Locale): Volume {
  // Half a megabyte of tolerance: 0.8 GB that was granted as 858,993,459 bytes is 0.8 GB, not 0.7.
  const tenths = ((bytes + MEGABYTE / 2n) * 10n) / GIGABYTE;
  const inGigabytes = bytes <= 0n || tenths > 0n;
  const text = inGigabytes
    ? `${tenths / 10n}.${tenths % 10n}`
    : (bytes / MEGABYTE > 0n ? bytes / MEGABYTE : 1n).toString();
  const number = kept(`number ${locale}`, () => new Intl.NumberFormat(CONVENTIONS[locale]));
  return {
    value: number.format(text as Intl.StringNumericLiteral),
    unit: inGigabytes ? "GB" : "MB",
  };
}

/** A volume in one piece, "0.8 GB"; null is unlimited. */
export function formatData(bytes: bigint | null, locale: Locale): string {
  if (bytes === null) return translator(locale, "words")("unlimited");
  const { value, unit } = dataVolume(bytes, locale);
  // A line never ends between a number and its unit.
  return `${value}\u00a0${unit}`;
}

const DATE_STYLES = {
  /** 25 Nov */
  day: { day: "numeric", month: "short" },
  /** 25 Nov 2026 */
  date: { day: "numeric", month: "short", year: "numeric" },
  /** 25 Nov, 23:59 */
  moment: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  /** 25 Nov 2026, 23:59 */
  full: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  /** 23:59 */
  clock: { hour: "2-digit", minute: "2-digit" },
  /** 14:02:11 */
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  /** 25 Nov 2026, 14:02:11 */
  stamp: {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

export type DateStyle = keyof typeof DATE_STYLES;

/** A moment in the reader's zone, in one of a few fixed lengths. */
export function formatDate(date: Date, reader: Reader, style: DateStyle): string {
  const format = kept(`date ${reader.locale} ${reader.timeZone} ${style}`, () => {
    return new Intl.DateTimeFormat(CONVENTIONS[reader.locale], {
      ...DATE_STYLES[style],
      hourCycle: "h23",
      timeZone: reader.timeZone,
    });
  });
  return format.format(date);
}

/** A month from `YYYY-MM`: "Dec 2027", "2027年12月". */
export function formatMonth(month: string, locale: Locale): string {
  const format = kept(`month ${locale}`, () => {
    return new Intl.DateTimeFormat(CONVENTIONS[locale], {
      year: "numeric",
      month: "short",
      timeZone: "UTC",
    });
  });
  return format.format(new Date(`${month}-01T00:00:00Z`));
}

/**
 * A moment as short as it can be without being mistaken: the clock alone on the same day, the year
 * only when it is another one.
 */
export function formatMoment(date: Date, reader: Reader, now: Date): string {
  const sameDay = formatDate(date, reader, "date") === formatDate(now, reader, "date");
  if (sameDay) return formatDate(date, reader, "clock");
  return formatDate(date, reader, isSameYear(date, now, reader) ? "moment" : "full");
}

/** A day, with the year only when it is not that of `now`. */
export function formatDay(date: Date, reader: Reader, now: Date): string {
  return formatDate(date, reader, isSameYear(date, now, reader) ? "day" : "date");
}

function isSameYear(a: Date, b: Date, reader: Reader): boolean {
  const year = kept(`year ${reader.timeZone}`, () => {
    return new Intl.DateTimeFormat("en", { year: "numeric", timeZone: reader.timeZone });
  });
  return year.format(a) === year.format(b);
}

/** The reader's zone in words: "London time", "英国时间". */
export function formatZone(reader: Reader): string {
  if (/^(UTC|Etc\/)/.test(reader.timeZone)) return "UTC";
  if (reader.locale === "en") {
    const city = (reader.timeZone.split("/").at(-1) ?? reader.timeZone).replaceAll("_", " ");
    return translator("en", "shell")("zone", { zone: city });
  }
  const name = kept(`zone ${reader.locale} ${reader.timeZone}`, () => {
    return new Intl.DateTimeFormat(CONVENTIONS[reader.locale], {
      timeZone: reader.timeZone,
      timeZoneName: "shortGeneric",
    });
  })
    .formatToParts(0)
    .find((part) => part.type === "timeZoneName");
  return name?.value ?? reader.timeZone;
}

/** A length of time in its largest whole unit, rounded down: "3 days", "5 hours", "12 minutes". */
export function formatDuration(seconds: number, locale: Locale): string {
  const t = translator(locale, "words");
  if (seconds >= 86_400) return t("days", { count: Math.floor(seconds / 86_400) });
  if (seconds >= 3_600) return t("hours", { count: Math.floor(seconds / 3_600) });
  return t("minutes", { count: Math.max(1, Math.floor(seconds / 60)) });
}

/** Names that Chinese usage sets otherwise than Intl's short ones. */
const USUAL_NAMES: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  en: {},
  "zh-CN": { HK: "中国香港", MO: "中国澳门", TW: "中国台湾" },
};

/** Name of a country or region from its ISO 3166-1 alpha-2 code; the code itself when it has none. */
export function countryName(code: string, locale: Locale): string {
  const names = kept(`countries ${locale}`, () => {
    return new Intl.DisplayNames(CONVENTIONS[locale], { type: "region", style: "short" });
  });
  try {
    return USUAL_NAMES[locale][code] ?? names.of(code) ?? code;
  } catch {
    // Not the form of a region code; Intl refuses it, the reader still sees what is stored.
    return code;
  }
}

/** Country codes ordered by their names in the reader's language. */
export function sortCountries(codes: readonly string[], locale: Locale): readonly string[] {
  const collator = kept(`collator ${locale}`, () => new Intl.Collator(CONVENTIONS[locale]));
  return codes.toSorted((a, b) => collator.compare(countryName(a, locale), countryName(b, locale)));
}

/** A speed from kbit/s: "384 kbit/s", "1 Mbit/s". */
export function formatSpeed(kbps: number, locale: Locale): string {
  const t = translator(locale, "words");
  const number = kept(`number ${locale}`, () => new Intl.NumberFormat(CONVENTIONS[locale]));
  return kbps >= 1_000
    ? t("speedMega", { value: number.format(kbps / 1_000) })
    : t("speed", { value: number.format(kbps) });
}

/** An ICCID in groups of four, as it is printed on cards and read aloud. */
export function formatIccid(iccid: string): string {
  return iccid.replace(/(.{4})(?=.)/g, "$1 ");
}
