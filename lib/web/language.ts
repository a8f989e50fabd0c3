import { isLocale, type Locale } from "#lib/domain/locale.ts";

export const LANGUAGE_COOKIE = "lang";

/**
 * The language a browser prefers among ours (Accept-Language, RFC 9110 section 12.5.4), or null when
 * it names none of them. Any Chinese is served zh-CN, any English en.
 */
export function preferredLocale(acceptLanguage: string | null): Locale | null {
  const wishes = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
      const quality = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find(Boolean);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  for (const { tag } of wishes) {
    if (/^zh\b/.test(tag)) return "zh-CN";
    if (/^en\b/.test(tag)) return "en";
  }
  return null;
}

/** The language somebody chose, by the address or earlier; null when they never did. */
export function chosenLocale(parameter: string | null, cookie: string | undefined): Locale | null {
  if (isLocale(parameter)) return parameter;
  return isLocale(cookie) ? cookie : null;
}
