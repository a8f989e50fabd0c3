/** Languages of the interface, BCP 47. A further one is added here and as lib/i18n/messages/<locale>.json. */
export const LOCALES = ["zh-CN", "en"] as const;

export type Locale = (typeof LOCALES)[number];

/** A text in each language of the interface. */
export type LocalizedText = Readonly<Record<Locale, string>>;

/** Whether `value` names a language of the interface. */
export function isLocale(value: unknown): value is Locale {
  return typeof value === "string" && (LOCALES as readonly string[]).includes(value);
}
