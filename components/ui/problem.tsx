import type { ReactNode } from "react";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";

interface ProblemProps {
  readonly locale: Locale;
  /** Where to go on from here. */
  readonly home: string;
}

/** Nothing is there, or it is not the reader's: both look the same. */
export function NotFound({ locale, home }: ProblemProps): ReactNode {
  const t = translator(locale, "problem");
  return (
    <div className="stack prose">
      <h1>{t("notFoundTitle")}</h1>
      <p>{t("notFound")}</p>
      <p className="row">
        <a className="btn" href={home}>
          {t("home")}
        </a>
        <a className="btn quiet" href="/help">
          {translator(locale, "help")("title")}
        </a>
      </p>
    </div>
  );
}

/** A defect: one neutral sentence and the reference under which the log knows it. */
export function Defect({
  locale,
  home,
  reference,
  again,
}: ProblemProps & { readonly reference: string; readonly again: string }): ReactNode {
  const t = translator(locale, "problem");
  return (
    <div className="stack prose">
      <h1>{t("errorTitle")}</h1>
      <p>{t("error")}</p>
      <p>
        {t("errorNext")} <b className="code">{reference}</b>
      </p>
      <p className="row">
        <a className="btn" href={again}>
          {t("tryAgain")}
        </a>
        <a className="btn quiet" href={home}>
          {t("home")}
        </a>
      </p>
    </div>
  );
}
