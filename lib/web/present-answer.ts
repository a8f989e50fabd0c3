import type { Locale } from "#lib/domain/locale.ts";
import type { RefusalCode } from "#lib/domain/refusal.ts";
import { fieldText, refusalText } from "#lib/i18n/refusal.ts";
import { translator } from "#lib/i18n/translator.ts";
import type { FormAnswer } from "./form-answer.ts";

/** What a form shows after it was refused. */
export interface PresentedAnswer {
  readonly problems: readonly { readonly field: string | null; readonly text: string }[];
  readonly values: Readonly<Record<string, string>>;
}

/**
 * An answer in words, each bound to the field it is about.
 *
 * @param fields the field that a refusal is about, where it is about one
 */
export function presentAnswer(
  answer: FormAnswer | null,
  locale: Locale,
  fields: Partial<Record<RefusalCode, string>>,
): PresentedAnswer {
  if (answer === null) return { problems: [], values: {} };
  if (answer.code === "kept") return { problems: [], values: answer.values };
  if (answer.code === "defect") {
    const t = translator(locale, "problem");
    const text = `${t("error")} ${t("errorNext")} ${String(answer.arguments["reference"])}`;
    return { problems: [{ field: null, text }], values: answer.values };
  }
  const named = Object.entries(answer.fields);
  const problems =
    named.length > 0
      ? named.map(([field, problem]) => ({ field, text: fieldText(field, problem, locale) }))
      : [
          {
            field: fields[answer.code] ?? null,
            text: refusalText(answer.code, answer.arguments, locale),
          },
        ];
  return { problems, values: answer.values };
}
