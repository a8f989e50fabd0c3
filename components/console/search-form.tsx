import type { ReactNode } from "react";
import type { AccountHit } from "#lib/domain/account.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";

/** One box for whatever somebody on the line can read out. */
export function SearchForm({
  locale,
  query,
  title,
}: {
  readonly locale: Locale;
  readonly query: string;
  /** The label is the page's heading. */
  readonly title: boolean;
}): ReactNode {
  const t = translator(locale, "console");
  return (
    <form method="get" action="/console" role="search" className="tight">
      {title && <h1>{t("title")}</h1>}
      <div className="filter">
        <div className="field">
          <label htmlFor="query">{t("label")}</label>
          <input
            id="query"
            name="query"
            type="search"
            defaultValue={query}
            autoComplete="off"
            spellCheck={false}
            minLength={3}
            maxLength={120}
            data-slash=""
          />
        </div>
        <button className="btn">{t("submit")}</button>
      </div>
      {title && <p className="small soft">{t("hint")}</p>}
    </form>
  );
}

/** Whom the search found, and by what. */
export function SearchHits({
  locale,
  query,
  hits,
}: {
  readonly locale: Locale;
  readonly query: string;
  readonly hits: readonly AccountHit[];
}): ReactNode {
  const t = translator(locale, "console");
  if (hits.length === 0) {
    return (
      <section className="card" role="status">
        <h2>{t("none", { query })}</h2>
        <p className="soft">{t("noneText")}</p>
      </section>
    );
  }
  return (
    <section className="card scroll" tabIndex={0} aria-labelledby="hits">
      <h2 id="hits">{t("hits", { count: hits.length })}</h2>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t("name")}</th>
            <th scope="col">{t("email")}</th>
            <th scope="col">{t("phone")}</th>
            <th scope="col">{t("matched")}</th>
          </tr>
        </thead>
        <tbody>
          {hits.map((hit) => (
            <tr key={`${hit.accountId} ${hit.matched} ${hit.match}`}>
              <th scope="row">
                <a href={`/console/accounts/${hit.accountId}`}>{hit.name}</a>
              </th>
              <td>{hit.email}</td>
              <td>{hit.phone ?? t("noPhone")}</td>
              <td>
                {t(`matchedBy.${hit.matched}`)} <span className="code">{hit.match}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
