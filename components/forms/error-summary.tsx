import type { ReactNode } from "react";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";

/** One thing to put right: the words, and the id of the field they belong to. */
export interface FormProblem {
  readonly field: string | null;
  readonly text: string;
}

/**
 * What has to be put right, at the top of the page, with a link to each field (GOV.UK Design System,
 * "Error summary"). The browser itself moves the focus here, so no script is needed for that.
 */
export function ErrorSummary({
  locale,
  problems,
}: {
  readonly locale: Locale;
  readonly problems: readonly FormProblem[];
}): ReactNode {
  if (problems.length === 0) return null;
  return (
    <div className="summary" role="group" tabIndex={-1} autoFocus aria-labelledby="problem">
      <h2 id="problem">{translator(locale, "problem")("summary")}</h2>
      <ul>
        {problems.map(({ field, text }) => (
          <li key={text}>{field === null ? text : <a href={`#${field}`}>{text}</a>}</li>
        ))}
      </ul>
    </div>
  );
}

/** The words for one field, the same as in the summary; null when there is nothing wrong with it. */
export function problemAt(problems: readonly FormProblem[], field: string): string | null {
  return problems.find((problem) => problem.field === field)?.text ?? null;
}

/** The problems of one of several forms with the same fields, see `form` of `Field`; undefined: not of one that is there. */
export function problemsIn(
  form: string | undefined,
  problems: readonly FormProblem[],
): readonly FormProblem[] {
  return problems.map(({ field, text }) => ({
    field: field === null || form === undefined ? null : fieldId(field, form),
    text,
  }));
}

/** The id of a field; where several forms of a page have it, with the form's own name behind it. */
export function fieldId(name: string, form: string | undefined): string {
  return form === undefined ? name : `${name}-${form}`;
}

/** The words at the field itself; the field points here by aria-describedby. */
export function FieldProblemText({
  id,
  text,
}: {
  readonly id: string;
  readonly text: string | null;
}): ReactNode {
  return text === null ? null : (
    <p className="wrong" id={`${id}-wrong`}>
      {text}
    </p>
  );
}
