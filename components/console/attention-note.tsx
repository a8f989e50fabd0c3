import type { ReactNode } from "react";
import { problemAt } from "#components/forms/error-summary.tsx";
import { Field } from "#components/forms/field.tsx";
import { attentionWords } from "#lib/i18n/attention.ts";
import { formatDate, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import type { PresentedAnswer } from "#lib/web/present-answer.ts";

/** Names the form, for other forms of the page have a reason, too. */
export const DONE_FORM = "done";

interface Props {
  readonly orderNumber: string;
  readonly code: string;
  readonly nextAttemptAt: Date | null;
  readonly reader: Reader;
  readonly answer: PresentedAnswer;
  readonly resolve: (data: FormData) => Promise<void>;
}

/** Why an order needs a person, what to do about it, and the form to say that it is done. */
export function AttentionNote(props: Props): ReactNode {
  const { reader, code, answer, nextAttemptAt } = props;
  const t = translator(reader.locale, "attention");
  const { what, advice } = attentionWords(code, reader.locale);
  return (
    <section className="note warn stack" aria-labelledby="attention">
      <div>
        <h2 id="attention">{what}</h2>
        <p className="prose">{advice}</p>
        {nextAttemptAt !== null && (
          <p className="small soft">
            {t("nextAttempt")} {formatDate(nextAttemptAt, reader, "stamp")}
          </p>
        )}
      </div>
      <form action={props.resolve} className="stack" noValidate>
        <input type="hidden" name="number" value={props.orderNumber} />
        <input type="hidden" name="code" value={code} />
        <Field
          name="reason"
          form={DONE_FORM}
          label={t("because")}
          type="text"
          autoComplete="off"
          maxLength={500}
          hint={t("becauseHint")}
          value={answer.values["reason"]}
          problem={problemAt(answer.problems, "reason")}
        />
        <div>
          <button className="btn quiet">{t("submit")}</button>
        </div>
      </form>
    </section>
  );
}
