import type { Locale } from "#lib/domain/locale.ts";
import type { PlanTerms, Validity } from "#lib/domain/plan.ts";
import { countryName, formatData, formatSpeed, sortCountries } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

/** Up to so many countries are named in a row; more are counted. */
const NAMED_COUNTRIES = 3;

/** "30 days", "1 年". */
export function validityText(validity: Validity, locale: Locale): string {
  const t = translator(locale, "words");
  const key = { day: "validityDay", month: "validityMonth", year: "validityYear" } as const;
  return t(key[validity.unit], { count: validity.count });
}

/** The two figures people compare: how much, and for how long. */
export function keyFigures(plan: PlanTerms, locale: Locale): string {
  const parts = [formatData(plan.dataBytes, locale)];
  // Extra data has no days of its own.
  if (plan.renewalPolicy !== "data_only") parts.push(validityText(plan.validity, locale));
  return parts.join(translator(locale, "words")("separator"));
}

/** Where it works: names when they are few, else their number. */
export function coverageText(plan: PlanTerms, locale: Locale): string {
  const codes = plan.coverage.map((country) => country.countryCode);
  if (codes.length > NAMED_COUNTRIES) {
    return translator(locale, "words")("countries", { count: codes.length });
  }
  return countryNames(codes, locale);
}

/** Names of countries, in order, as one text. */
export function countryNames(codes: readonly string[], locale: Locale): string {
  return sortCountries(codes, locale)
    .map((code) => countryName(code, locale))
    .join(translator(locale, "words")("listSeparator"));
}

/** What happens to the speed: fair use a day, and what comes after the allowance. */
export function speedText(plan: PlanTerms, locale: Locale): string {
  const t = translator(locale, "plan");
  const slow = plan.throttleKbps === null ? null : formatSpeed(plan.throttleKbps, locale);
  if (plan.fairUseBytes !== null) {
    const fair = t("fairUse", { data: formatData(plan.fairUseBytes, locale) });
    return slow === null
      ? fair
      : `${fair}${translator(locale, "words")("listSeparator")}${t("throttle", { speed: slow })}`;
  }
  return slow === null ? t("stops") : t("slows", { speed: slow });
}

/** The rest that tells plans apart, in one line. */
export function planDetails(plan: PlanTerms, locale: Locale): string {
  const t = translator(locale, "plan");
  const parts = [coverageText(plan, locale), plan.networkSpeed];
  if (plan.fairUseBytes !== null) parts.push(speedText(plan, locale));
  if (!plan.hotspot) parts.push(t("hotspotNo"));
  if (plan.activationRule === "first_use") parts.push(t("firstUse"));
  return parts.join(translator(locale, "words")("separator"));
}
