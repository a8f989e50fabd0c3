import type { ReactNode } from "react";
import { Facts } from "#components/ui/facts.tsx";
import { Pager } from "#components/ui/pager.tsx";
import type { AttentionEntry, AttentionList } from "#lib/domain/attention.ts";
import { attentionWords } from "#lib/i18n/attention.ts";
import { formatDate, formatMoney, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

interface Props {
  readonly list: AttentionList;
  readonly reader: Reader;
  /** A reason has just been put away. */
  readonly isDone: boolean;
}

/** Everything that waits for a person: where else to look, and the orders, each with what to do about it. */
export function AttentionPage({ list, reader, isDone }: Props): ReactNode {
  const t = translator(reader.locale, "attention");
  const { page, pages, count } = list;
  return (
    <div className="stack">
      <div>
        <h1>{t("title")}</h1>
        <p className="soft prose">{t("lead")}</p>
      </div>
      {isDone && (
        <p className="note" role="status">
          {t("done")}
        </p>
      )}
      <section className="card tight" aria-label={t("elsewhere")}>
        <p>
          <a href="/console/statements">{t("lines", { count: list.undecidedLines })}</a>
        </p>
        <p>
          <a href="/console/reconciliation">{t("differences", { count: list.openDifferences })}</a>
        </p>
      </section>
      <section className="stack" aria-labelledby="orders">
        <h2 id="orders">{t("orders", { count })}</h2>
        {count === 0 && <p className="card soft">{t("none")}</p>}
        {list.entries.map((entry) => (
          <Entry key={entry.orderNumber} entry={entry} reader={reader} />
        ))}
        <Pager
          locale={reader.locale}
          page={page}
          pages={pages}
          href={(each) => `/console/attention?page=${each}`}
        />
      </section>
    </div>
  );
}

function Entry({
  entry,
  reader,
}: {
  readonly entry: AttentionEntry;
  readonly reader: Reader;
}): ReactNode {
  const t = translator(reader.locale, "attention");
  const { orderNumber, since, nextAttemptAt } = entry;
  const { what, advice } = attentionWords(entry.code, reader.locale);
  return (
    <article className="card stack" aria-labelledby={orderNumber}>
      <div className="row between">
        <h3 id={orderNumber}>{what}</h3>
        <a className="nowrap" href={`/console/orders/${orderNumber}`}>
          {orderNumber}
        </a>
      </div>
      <p className="prose">{advice}</p>
      <Facts
        items={[
          [
            t("customer"),
            <a key="customer" href={`/console/accounts/${entry.accountId}`}>
              <bdi>{entry.customerName}</bdi>
            </a>,
          ],
          [t("amount"), formatMoney(entry.total, reader.locale, "code")],
          since === null
            ? [t("placed"), formatDate(entry.placedAt, reader, "stamp")]
            : [t("since"), formatDate(since, reader, "stamp")],
          nextAttemptAt === null
            ? null
            : [t("nextAttempt"), formatDate(nextAttemptAt, reader, "stamp")],
        ]}
      />
    </article>
  );
}
