import type { ReactNode } from "react";
import { ErrorSummary, problemsIn } from "#components/forms/error-summary.tsx";
import { SelfRefreshing } from "#components/order/self-refreshing.tsx";
import type { ReconciliationOverview, ReconciliationRun } from "#lib/domain/reconciliation.ts";
import { formatDate, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import type { PresentedAnswer } from "#lib/web/present-answer.ts";
import { DifferenceCard } from "./reconciliation-difference.tsx";

interface Props {
  readonly overview: ReconciliationOverview;
  readonly reader: Reader;
  readonly isResolved: boolean;
  /** What was wrong with asking for a run, and with resolving. */
  readonly compared: PresentedAnswer;
  readonly resolved: PresentedAnswer;
  readonly compareNow: (data: FormData) => Promise<void>;
  readonly resolve: (data: FormData) => Promise<void>;
}

/** Where the books and everybody else differ. While a run goes on the page keeps itself current. */
export function ReconciliationPage(props: Props): ReactNode {
  const { overview, reader, compared, resolved } = props;
  const { running, open, openCount } = overview;
  const t = translator(reader.locale, "reconciliation");
  return (
    <SelfRefreshing
      version={`${running?.id ?? "none"} ${running?.checked ?? 0} ${openCount}`}
      settled={running === null}
    >
      <div className="stack">
        <ErrorSummary
          locale={reader.locale}
          problems={[
            ...compared.problems,
            ...problemsIn(resolved.values["differenceId"], resolved.problems),
          ]}
        />
        <div>
          <h1>{t("title")}</h1>
          <p className="soft prose">{t("lead")}</p>
        </div>
        {props.isResolved && (
          <p className="note" role="status">
            {t("resolved")}
          </p>
        )}
        <LastRun {...props} />
        <section className="stack" aria-labelledby="open">
          <h2 id="open">{t("open", { count: openCount })}</h2>
          {open.length === 0 && <p className="card soft">{t("none")}</p>}
          {open.map((difference) => (
            <DifferenceCard
              key={difference.id}
              difference={difference}
              reader={reader}
              mayResolve={overview.mayResolve && running === null}
              resolved={resolved}
              resolve={props.resolve}
            />
          ))}
          {openCount > open.length && (
            <p className="small soft">{t("latest", { count: open.length })}</p>
          )}
        </section>
        <Runs runs={overview.runs} reader={reader} />
      </div>
    </SelfRefreshing>
  );
}

/** What goes on, or when it was compared last, and the button to have it compared now. */
function LastRun({ overview, reader, compareNow }: Props): ReactNode {
  const t = translator(reader.locale, "reconciliation");
  const { running } = overview;
  const last = overview.runs.find((run) => run.endedAt !== null);
  if (running !== null) {
    return (
      <section className="card row between" role="status">
        <p>
          <b>{t("running")}</b>
          <br />
          <span className="soft">
            {t("progress", {
              count: running.checked,
              time: formatDate(running.startedAt, reader, "seconds"),
            })}
          </span>
        </p>
        <a className="btn quiet" href="/console/reconciliation">
          {t("checkAgain")}
        </a>
      </section>
    );
  }
  return (
    <section className="card row between" aria-label={t("last")}>
      <p>
        {last?.endedAt == null
          ? t("never")
          : t("lastRun", { time: formatDate(last.endedAt, reader, "full"), count: last.checked })}
        {last?.couldTell === false && (
          <>
            <br />
            <span className="wrong">{t("couldNotTell")}</span>
          </>
        )}
      </p>
      {overview.mayResolve ? (
        <form action={compareNow}>
          <button className="btn">{t("compareNow")}</button>
        </form>
      ) : (
        <p className="small soft">{t("leadsOnly")}</p>
      )}
    </section>
  );
}

function Runs({
  runs,
  reader,
}: {
  readonly runs: readonly ReconciliationRun[];
  readonly reader: Reader;
}): ReactNode {
  const t = translator(reader.locale, "reconciliation");
  if (runs.length === 0) return null;
  return (
    <section className="card scroll" tabIndex={0} aria-labelledby="runs">
      <h2 id="runs">{t("runs")}</h2>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t("started")}</th>
            <th scope="col">{t("ended")}</th>
            <th scope="col">{t("compared")}</th>
            <th scope="col">{t("result")}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <th scope="row" className="nowrap">
                {formatDate(run.startedAt, reader, "stamp")}
              </th>
              <td className="nowrap">
                {run.endedAt === null ? "–" : formatDate(run.endedAt, reader, "stamp")}
              </td>
              <td>{t("facts", { count: run.checked })}</td>
              <td>
                {run.endedAt === null ? (
                  <span className="tag">{t("state.running")}</span>
                ) : run.couldTell ? (
                  <span className="tag good">{t("state.complete")}</span>
                ) : (
                  <span className="tag warn">{t("state.partial")}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
