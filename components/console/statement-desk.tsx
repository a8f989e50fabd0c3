import type { ReactNode } from "react";
import { ErrorSummary, problemAt, problemsIn } from "#components/forms/error-summary.tsx";
import { Choice, Field } from "#components/forms/field.tsx";
import type {
  MatchCounts,
  MatchKind,
  StatementDesk,
  TakenStatement,
} from "#lib/domain/bank-desk.ts";
import type { StatementNote } from "#lib/domain/bank-statement.ts";
import { formatDate, formatMoney, type Reader } from "#lib/i18n/format.ts";
import { megabytes } from "#lib/i18n/statement-problem.ts";
import { translator } from "#lib/i18n/translator.ts";
import type { PresentedAnswer } from "#lib/web/present-answer.ts";
import { WaitingLines } from "./waiting-lines.tsx";

interface Props {
  readonly desk: StatementDesk;
  readonly reader: Reader;
  readonly limitBytes: number;
  readonly notes: readonly { readonly code: StatementNote["code"]; readonly count: number }[];
  /** The file that was just brought had been brought before. */
  readonly isAgain: boolean;
  readonly isDecided: boolean;
  /** What was wrong with a file, and with a decision. */
  readonly imported: PresentedAnswer;
  readonly decided: PresentedAnswer;
  readonly decide: (data: FormData) => Promise<void>;
}

/** Where staff bring the bank's statements and decide whose money is whose. */
export function StatementDeskPage(props: Props): ReactNode {
  const { desk, reader, imported, decided } = props;
  const t = translator(reader.locale, "statements");
  return (
    <div className="stack">
      <ErrorSummary
        locale={reader.locale}
        problems={[...imported.problems, ...problemsIn(decided.values["lineId"], decided.problems)]}
      />
      <div>
        <h1>{t("title")}</h1>
        <p className="soft">{t("lead")}</p>
      </div>
      {props.isDecided && (
        <p className="note" role="status">
          {t("decided")}
        </p>
      )}
      {desk.chosen.length > 0 && <Taken {...props} />}
      <div className="cols">
        <WaitingLines desk={desk} reader={reader} decided={decided} decide={props.decide} />
        {desk.canDecide ? <ImportForm {...props} /> : <p className="note">{t("notAllowed")}</p>}
      </div>
      <History desk={desk} reader={reader} />
    </div>
  );
}

function ImportForm({ reader, limitBytes, imported }: Props): ReactNode {
  const t = translator(reader.locale, "statements");
  const { problems, values } = imported;
  return (
    <form
      method="post"
      action="/console/statements/import"
      encType="multipart/form-data"
      noValidate
      className="card stack"
      aria-labelledby="import"
    >
      <h2 id="import">{t("upload")}</h2>
      <Field
        name="file"
        label={t("file")}
        type="file"
        accept=".xml,.csv,.txt,text/csv,text/xml,application/xml"
        hint={t("fileHint", { limit: megabytes(limitBytes, reader.locale) })}
        problem={problemAt(problems, "file")}
      />
      <details open={problems.length > 0 || Object.values(values).some((value) => value !== "")}>
        <summary>{t("more")}</summary>
        <div className="stack">
          <Field
            name="accountNumber"
            label={t("accountNumber")}
            type="text"
            autoComplete="off"
            value={values["accountNumber"]}
            problem={problemAt(problems, "accountNumber")}
          />
          <Field
            name="currency"
            label={t("currency")}
            type="text"
            autoComplete="off"
            value={values["currency"]}
            problem={problemAt(problems, "currency")}
          />
          <Choice
            name="decimalMark"
            label={t("decimalMark")}
            any={t("asInFile")}
            value={values["decimalMark"]}
            options={[
              [".", t("mark.point")],
              [",", t("mark.comma")],
            ]}
          />
          <Choice
            name="dateOrder"
            label={t("dateOrder")}
            any={t("asInFile")}
            value={values["dateOrder"]}
            options={[
              ["day_first", t("order.day_first")],
              ["month_first", t("order.month_first")],
            ]}
          />
        </div>
      </details>
      <button className="btn wide">{t("import")}</button>
    </form>
  );
}

/** What became of the statements that were just brought. */
function Taken({ desk, reader, isAgain, notes }: Props): ReactNode {
  const t = translator(reader.locale, "statements");
  const file = desk.chosen[0]?.fileName ?? "";
  return (
    <section className="card stack" role="status" aria-labelledby="taken">
      <h2 id="taken">{t(isAgain ? "importedAgain" : "imported", { file })}</h2>
      {desk.chosen.map((statement) => (
        <div key={statement.id}>
          <p>
            {t("counts", {
              account: statement.accountNumber,
              lines: statement.lineCount,
              fresh: statement.newLineCount,
            })}
          </p>
          <Counts counts={statement.counts} reader={reader} />
        </div>
      ))}
      {notes.map(({ code, count }) => (
        <p key={`${code} ${count}`} className="note warn">
          {t(`note.${code}`, { count })}
        </p>
      ))}
    </section>
  );
}

const KINDS: readonly MatchKind[] = [
  "exact",
  "over",
  "short",
  "late",
  "duplicate",
  "other_currency",
  "perhaps_same",
  "returned",
  "suggested",
  "unknown",
];

function Counts({
  counts,
  reader,
}: {
  readonly counts: MatchCounts;
  readonly reader: Reader;
}): ReactNode {
  const t = translator(reader.locale, "statements");
  const found = KINDS.filter((kind) => (counts[kind] ?? 0) > 0);
  if (found.length === 0) return null;
  return (
    <ul className="bullets small">
      {found.map((kind) => (
        <li key={kind}>
          <b>{counts[kind]}</b> {t(`match.${kind}`)}
        </li>
      ))}
    </ul>
  );
}

function History({ desk, reader }: Pick<Props, "desk" | "reader">): ReactNode {
  const t = translator(reader.locale, "statements");
  return (
    <section className="card scroll" tabIndex={0} aria-labelledby="history">
      <h2 id="history">{t("history")}</h2>
      {desk.history.length === 0 ? (
        <p className="soft">{t("noHistory")}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("fileName")}</th>
              <th scope="col">{t("account")}</th>
              <th scope="col">{t("balances")}</th>
              <th scope="col">{t("lines")}</th>
              <th scope="col">{t("importedWhen")}</th>
              <th scope="col">{t("importedBy")}</th>
            </tr>
          </thead>
          <tbody>
            {desk.history.map((statement) => (
              <tr key={statement.id}>
                <th scope="row">
                  <a href={`/console/statements?taken=${statement.id}`}>{statement.fileName}</a>
                </th>
                <td className="code nowrap">{statement.accountNumber}</td>
                <td className="nowrap">{balancesOf(statement, reader)}</td>
                <td>
                  {t("newLines", { fresh: statement.newLineCount, lines: statement.lineCount })}
                </td>
                <td className="nowrap">{formatDate(statement.importedAt, reader, "stamp")}</td>
                <td>{statement.importedBy ?? t("byCommand")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function balancesOf({ opening, closing, currency }: TakenStatement, reader: Reader): string {
  if (opening === null || closing === null) return currency;
  const shown = [opening, closing].map((amount) => formatMoney(amount, reader.locale, "code"));
  return shown.join(" → ");
}
