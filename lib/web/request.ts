import { headers } from "next/headers";
import { cache } from "react";
import type { Actor } from "#lib/access/actor.ts";
import { currentActor } from "#lib/access/session.ts";
import { env } from "#lib/config/env.ts";
import { isLocale, type Locale } from "#lib/domain/locale.ts";
import type { Reader } from "#lib/i18n/format.ts";
import { chosenLocale, preferredLocale } from "./language.ts";
import { VIEW_HEADERS } from "./view-headers.ts";

/** What the proxy says about a request. */
export interface RequestView {
  /** The path with its query, as the browser asked for it. */
  readonly path: string;
  readonly light: boolean;
  /** The language somebody chose here; null when the account's or the browser's decides. */
  readonly chosen: Locale | null;
  /** The language without an account. */
  readonly fallback: Locale;
}

/** What the proxy said about this request. */
export const requestView = cache(async (): Promise<RequestView> => {
  const sent = await headers();
  const locale = sent.get(VIEW_HEADERS.locale);
  const fallback = isLocale(locale)
    ? locale
    : (preferredLocale(sent.get("accept-language")) ?? env().DEFAULT_LOCALE);
  return {
    path: sent.get(VIEW_HEADERS.path) ?? "/",
    light: sent.get(VIEW_HEADERS.light) === "1",
    chosen: chosenLocale(sent.get(VIEW_HEADERS.chosen), undefined),
    fallback,
  };
});

/**
 * The language of this request: the explicit choice beats the account's language, which beats the
 * browser's. A database that cannot be reached costs the account's language, not the page.
 */
export const requestLocale = cache(async (): Promise<Locale> => {
  const view = await requestView();
  if (view.chosen !== null) return view.chosen;
  try {
    return localeOf(await currentActor(), view);
  } catch {
    // Whoever needs the actor for more meets the same error and reports it.
    return view.fallback;
  }
});

/** For whom a page is written. */
export function readerOf(actor: Actor, view: RequestView): Reader {
  return {
    locale: view.chosen ?? localeOf(actor, view),
    timeZone:
      actor.kind === "customer" || actor.kind === "staff"
        ? actor.timeZone
        : env().OPERATOR_TIME_ZONE,
  };
}

function localeOf(actor: Actor, view: RequestView): Locale {
  return actor.kind === "customer" || actor.kind === "staff" ? actor.locale : view.fallback;
}
