import type { ReactNode } from "react";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";

/** Why nothing can be chosen or bought here, and where to go on. */
export function RenewRefused(props: {
  readonly locale: Locale;
  readonly text: string;
  readonly back: string;
  /** Set when trying again may help. */
  readonly again: string | null;
}): ReactNode {
  const t = translator(props.locale, "renew");
  return (
    <div className="stack prose">
      <h1>{t("title")}</h1>
      <p className="note warn" role="alert">
        {props.text}
      </p>
      <p className="row">
        {props.again !== null && (
          <a className="btn" href={props.again}>
            {t("tryAgain")}
          </a>
        )}
        <a className={props.again === null ? "btn" : "btn quiet"} href={props.back}>
          {props.again === null
            ? translator(props.locale, "checkout")("another")
            : translator(props.locale, "order")("showEsim")}
        </a>
      </p>
    </div>
  );
}
