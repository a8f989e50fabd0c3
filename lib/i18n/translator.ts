import { createTranslator } from "use-intl/core";
import type { Locale } from "#lib/domain/locale.ts";
import en from "./messages/en.json" with { type: "json" };
import zhCN from "./messages/zh-CN.json" with { type: "json" };

type Messages = typeof en;

/** A part of the messages; each page, component or template reads its own. */
export type Namespace = keyof Messages;

/** Texts of one namespace in one language: `t("key", { argument })`. An unknown key does not compile. */
export type Translator<N extends Namespace> = ReturnType<typeof make<N>>;

const MESSAGES: Readonly<Record<Locale, Messages>> = { en, "zh-CN": zhCN };
const made = new Map<string, unknown>();

/**
 * The texts of `namespace` in `locale`, in ICU message syntax. Kept for the life of the process, so
 * that a message is parsed once and not per request. A missing or malformed message throws.
 */
export function translator<const N extends Namespace>(locale: Locale, namespace: N): Translator<N> {
  const key = `${locale} ${namespace}`;
  const known = made.get(key) as Translator<N> | undefined;
  if (known !== undefined) return known;
  const fresh = make(locale, namespace);
  made.set(key, fresh);
  return fresh;
}

function make<const N extends Namespace>(locale: Locale, namespace: N) {
  return createTranslator({
    locale,
    messages: MESSAGES[locale],
    namespace,
    onError(error) {
      throw error;
    },
  });
}
