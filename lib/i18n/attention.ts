import { isAttentionCode } from "#lib/domain/attention.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "./translator.ts";

/** Why an order needs a person, and what to do about it, in words; a reason that is not known stays as it is. */
export function attentionWords(
  code: string,
  locale: Locale,
): { readonly what: string; readonly advice: string } {
  const t = translator(locale, "attention");
  return isAttentionCode(code)
    ? { what: t(`what.${code}`), advice: t(`advice.${code}`) }
    : { what: code, advice: t("adviceOther") };
}
