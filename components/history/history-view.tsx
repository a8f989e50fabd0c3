import type { ReactNode } from "react";
import { Choice, Field } from "#components/forms/field.tsx";
import { PhaseTag } from "#components/order/phase.tsx";
import { Pager } from "#components/ui/pager.tsx";
import type { HistoryEntry, HistoryFilter, HistoryPage } from "#lib/domain/history.ts";
import { formatMoment, formatMoney, type Reader } from "#lib/i18n/format.ts";
import { historyWords } from "#lib/i18n/history.ts";
import { translator } from "#lib/i18n/translator.ts";

interface Props {
  readonly history: HistoryPage;
  readonly filter: HistoryFilter;
  readonly reader: Reader;
  readonly now: Date;
}

/** Everything that happened on an account, narrowed as asked, to look at and to take along. */
export function HistoryView(props: Props): ReactNode {
  const { history, filter, reader } = props;
  const t = translator(reader.locale, "history");
  const { page, pages, count } = history;
  return (
    <div className="stack">
      <h1>{t("title")}</h1>
      <Narrow {...props} />
      <section className="card stack" aria-label={t("title")}>
        {count === 0 ? (
          <p className="soft">{t("none")}</p>
        ) : (
          <ul className="list">
            {history.entries.map((entry) => (
              <Entry key={entry.id} entry={entry} reader={reader} now={props.now} />
            ))}
          </ul>
        )}
        <Pager
          locale={reader.locale}
          page={page}
          pages={pages}
          href={(each) => `/history?${queryOf(filter, { page: String(each) })}`}
        />
      </section>
      {count > 0 && (
        <section className="tight" aria-labelledby="export">
          <h2 id="export">{t("export")}</h2>
          <p className="small soft">{t("exportText", { count })}</p>
          <p className="row">
            <a className="btn quiet" href={`/history/export?${queryOf(filter, { format: "csv" })}`}>
              {t("csv")}
            </a>
            <a
              className="btn quiet"
              href={`/history/export?${queryOf(filter, { format: "json" })}`}
            >
              {t("json")}
            </a>
          </p>
        </section>
      )}
    </div>
  );
}

function Narrow({ history, filter, reader }: Props): ReactNode {
  const t = translator(reader.locale, "history");
  const isNarrowed = queryOf(filter) !== "";
  return (
    <form className="tight" method="get" action="/history" role="search" aria-label={t("filter")}>
      <div className="filter">
        <Choice
          name="kind"
          label={t("kind")}
          value={filter.kind}
          any={t("anyKind")}
          options={(["order", "payment", "period", "message", "document"] as const).map((kind) => [
            kind,
            t(`kinds.${kind}`),
          ])}
        />
        {history.esims.length > 1 && (
          <Choice
            name="iccid"
            label={t("esim")}
            value={filter.iccid}
            any={t("anyEsim")}
            options={history.esims.map(({ iccid, label }) => [
              iccid,
              t("esimOption", { label, last4: iccid.slice(-4) }),
            ])}
          />
        )}
        <Field name="from" label={t("from")} type="date" value={filter.from} />
        <Field name="to" label={t("to")} type="date" value={filter.to} />
        <button className="btn quiet">{t("show")}</button>
      </div>
      <p className="small soft row">
        {t("found", { count: history.count })}
        {isNarrowed && <a href="/history">{t("clear")}</a>}
      </p>
    </form>
  );
}

function Entry({
  entry,
  reader,
  now,
}: {
  readonly entry: HistoryEntry;
  readonly reader: Reader;
  readonly now: Date;
}): ReactNode {
  const { kind, what, state } = historyWords(entry, reader, now);
  const href = addressOf(entry);
  const separator = translator(reader.locale, "words")("separator");
  return (
    <li>
      {href === null ? <span>{what}</span> : <a href={href}>{what}</a>}
      <b>
        {"amount" in entry &&
          formatMoney(
            entry.amount,
            reader.locale,
            entry.kind === "payment" && entry.isRefund ? "signed" : "narrowSymbol",
          )}
      </b>
      <span className="small soft">
        {kind}
        {separator}
        <time className="nowrap" dateTime={entry.at.toISOString()}>
          {formatMoment(entry.at, reader, now)}
        </time>
        {entry.orderNumber !== null && (
          <>
            {separator}
            <span className="nowrap">{entry.orderNumber}</span>
          </>
        )}
      </span>
      {entry.kind === "order" ? (
        <PhaseTag phase={entry.phase} locale={reader.locale} />
      ) : (
        <span className="tag">{state}</span>
      )}
    </li>
  );
}

/** Where an entry leads; null: nowhere. */
function addressOf(entry: HistoryEntry): string | null {
  if (entry.kind === "period") return entry.esim === null ? null : `/esims/${entry.esim.iccid}`;
  if (entry.orderNumber === null) return null;
  return entry.kind === "document"
    ? `/orders/${entry.orderNumber}/documents/${entry.number}`
    : `/orders/${entry.orderNumber}`;
}

function queryOf(filter: HistoryFilter, more: Readonly<Record<string, string>> = {}): string {
  const { kind, from, to, iccid } = filter;
  const asked = Object.entries({ kind, from, to, iccid, ...more }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  return new URLSearchParams(asked).toString();
}
