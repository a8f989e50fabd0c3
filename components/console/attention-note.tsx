import type { ReactNode } from "react";
import { FieldProblemText, problemAt } from "#components/forms/error-summary.tsx";
import { attentionWords } from "#lib/i18n/attention.ts";
import { formatDate, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import type { PresentedAnswer } from "#lib/web/present-answer.ts";

/** Id of the field for what was done; another form of the page has a reason, too. */
export const DONE_FIELD = "done-because";

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
  const problem = problemAt(answer.problems, "reason");
  const described = `${problem === null ? "" : `${DONE_FIELD}-wrong `}${DONE_FIELD}-hint`;
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
        <div className="field">
          <label htmlFor={DONE_FIELD}>{t("because")}</label>
          <FieldProblemText id={DONE_FIELD} text={problem} />
          <input
            id={DONE_FIELD}
            name="reason"
            type="text"
            autoComplete="off"
            maxLength={500}
            defaultValue={answer.values["reason"]}
            aria-invalid={problem === null ? undefined : true}
            aria-describedby={described}
          />
          <p className="small soft" id={`${DONE_FIELD}-hint`}>
            {t("becauseHint")}
          </p>
        </div>
        <div>
          <button className="btn quiet">{t("submit")}</button>
        </div>
      </form>
    </section>
  );
}
