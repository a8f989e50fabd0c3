import { Fragment, type ReactNode } from "react";
import type { DocumentView } from "#lib/domain/document.ts";
import { documentSheet, type SheetFact, type SheetParty } from "#lib/i18n/document.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";

/** A receipt, invoice or credit note as it prints, and the ways to keep it. */
export function DocumentPage({
  document,
  locale,
  back,
}: {
  readonly document: DocumentView;
  readonly locale: Locale;
  /** Address of the order as the reader sees it. */
  readonly back: string;
}): ReactNode {
  const t = translator(locale, "document");
  const sheet = documentSheet(document, locale);
  const pdf = `/orders/${document.orderNumber}/documents/${document.number}/pdf?lang=${locale}`;
  return (
    <div className="stack">
      <div className="row unprinted">
        <a className="btn" href={`${pdf}&paper=A4`}>
          {t("pdfA4")}
        </a>
        <a className="btn quiet" href={`${pdf}&paper=letter`}>
          {t("pdfLetter")}
        </a>
        <a href={back}>{t("backToOrder")}</a>
      </div>
      <article className="card sheet stack">
        <h1>{sheet.kind}</h1>
        <div className="three">
          <Party party={sheet.seller} />
          <Party party={sheet.buyer} />
        </div>
        <Facts facts={sheet.facts} />
        <div className="scroll" tabIndex={0} role="region" aria-label={t("lines")}>
          <table className="table sums">
            <thead>
              <tr>
                {sheet.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sheet.rows.map((row, index) => (
                <tr key={index}>
                  <th scope="row">
                    {row.description}
                    {row.detail !== null && <p className="soft">{row.detail}</p>}
                  </th>
                  {row.cells.map((cell, place) => (
                    <td key={place}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <Facts facts={sheet.totals} sums />
        <section className="tight" aria-labelledby="paid">
          <h2 id="paid">{sheet.payments.heading}</h2>
          <Facts facts={sheet.payments.facts} />
        </section>
        {sheet.notes.map((note) => (
          <p key={note} className="small soft">
            {note}
          </p>
        ))}
      </article>
      <p className="small soft unprinted">{t("printHint")}</p>
    </div>
  );
}

function Party({ party }: { readonly party: SheetParty }): ReactNode {
  const [name, ...rest] = party.lines;
  return (
    <section>
      <h2 className="small soft">{party.heading}</h2>
      <p>
        <b>{name}</b>
        {rest.map((line, index) => (
          <Fragment key={index}>
            <br />
            {line}
          </Fragment>
        ))}
      </p>
    </section>
  );
}

/** Terms with their values; of sums, the last one counts. */
function Facts({
  facts,
  sums = false,
}: {
  readonly facts: readonly SheetFact[];
  readonly sums?: boolean;
}): ReactNode {
  return (
    <dl className={sums ? "facts totals" : "facts small"}>
      {facts.map(([term, value], index) => {
        const isSum = sums && index === facts.length - 1;
        return (
          <Fragment key={index}>
            <dt className={isSum ? "sum" : undefined}>{term}</dt>
            <dd className={isSum ? "sum" : undefined}>{value}</dd>
          </Fragment>
        );
      })}
    </dl>
  );
}
