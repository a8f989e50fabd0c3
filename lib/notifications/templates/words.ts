import type { Locale } from "#lib/domain/locale.ts";
import type { Money } from "#lib/domain/money.ts";
import { formatData, formatDate, formatMoney, formatZone } from "#lib/i18n/format.ts";
import { translator, type Translator } from "#lib/i18n/translator.ts";
import { harmless } from "./layout.ts";
import type { ServiceFacts } from "./notice-data.ts";

/** Everything a template says things with. */
export interface NoticeWords {
  readonly locale: Locale;
  readonly t: Translator<"mail">;
  /** A moment in the customer's zone, with the zone named. */
  readonly formatInstant: (moment: Date) => string;
  /** The day of a moment in the customer's zone. */
  readonly formatDay: (moment: Date) => string;
  readonly formatMoney: (amount: Money) => string;
  /** null: unlimited. */
  readonly formatData: (bytes: bigint | null) => string;
}

/** Words and figures in the customer's language and zone. */
export function noticeWords(locale: Locale, timeZone: string): NoticeWords {
  const t = translator(locale, "mail");
  const reader = { locale, timeZone };
  return {
    locale,
    t,
    formatInstant: (moment) =>
      t("instant", { moment: formatDate(moment, reader, "full"), zone: formatZone(reader) }),
    formatDay: (moment) => formatDate(moment, reader, "date"),
    formatMoney: (amount) => formatMoney(amount, locale),
    formatData: (bytes) => formatData(bytes, locale),
  };
}

/** What every template repeats: harmless, and shaped as the messages' arguments. */
export function commonFacts(
  facts: ServiceFacts,
  { locale }: NoticeWords,
): { plan: string; number: string; last4: string; brand: string } {
  return {
    plan: harmless(facts.planName[locale]),
    number: harmless(facts.orderNumber),
    last4: harmless(facts.iccidLast4),
    brand: harmless(facts.brand),
  };
}
