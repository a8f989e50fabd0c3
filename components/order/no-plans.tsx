import type { ReactNode } from "react";
import type { Locale } from "#lib/domain/locale.ts";
import { formatIccid } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

/** An eSIM that can no longer be renewed, and the way forward. */
export function NoPlans(props: {
  readonly locale: Locale;
  readonly iccid: string;
  readonly label: string;
  readonly isExpired: boolean;
  /** The e-mail address of support, where the operator has published one. */
  readonly contact: string | null;
}): ReactNode {
  const t = translator(props.locale, "renew");
  const address = props.contact === null ? "/help" : `mailto:${props.contact}`;
  return (
    <div className="stack prose">
      <div>
        <p className="soft">{t("for", { label: props.label })}</p>
        <h1>{t("title")}</h1>
      </div>
      <p className="note warn">{t(props.isExpired ? "closedExpired" : "closed")}</p>
      <p>{t("closedNext", { iccid: formatIccid(props.iccid) })}</p>
      <p className="row">
        <a className="btn" href={address}>
          {t("contact")}
        </a>
        <a className="btn quiet" href={`/esims/${props.iccid}`}>
          {translator(props.locale, "order")("showEsim")}
        </a>
      </p>
    </div>
  );
}
