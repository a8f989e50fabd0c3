import type { ReactNode } from "react";
import type { EsimOverview } from "#lib/domain/esim.ts";
import { formatMoney, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import { ConditionTag, isRenewable } from "./condition.tsx";
import { PeriodLine } from "./period-line.tsx";
import { Usage } from "./usage.tsx";

/** One eSIM on the dashboard: what is left, until when, what follows, and what to do about it. */
export function EsimCard({
  esim,
  reader,
  now,
  several,
}: {
  readonly esim: EsimOverview;
  readonly reader: Reader;
  readonly now: Date;
  /** There are others: links name the eSIM they belong to. */
  readonly several: boolean;
}): ReactNode {
  const t = translator(reader.locale, "esim");
  const suffix = several ? <span className="vh"> {esim.label}</span> : null;
  const title = `esim-${esim.iccid}`;
  return (
    <section className="card stack" aria-labelledby={title}>
      <div className="row between">
        <h2 id={title}>{esim.label}</h2>
        <ConditionTag condition={esim.condition} locale={reader.locale} />
      </div>
      <Usage esim={esim} reader={reader} now={now} />
      <PeriodLine esim={esim} reader={reader} now={now} />
      {esim.condition !== "ok" && <p>{t(`conditionText.${esim.condition}`)}</p>}
      <div className="row">
        <EsimActions esim={esim} reader={reader} suffix={suffix} />
        <a href={`/esims/${esim.iccid}`}>
          {t("details")}
          {suffix}
        </a>
      </div>
    </section>
  );
}

/** What can be done now: install first, else renew, and the same plan again in one step. */
export function EsimActions({
  esim,
  reader,
  suffix,
}: {
  readonly esim: EsimOverview;
  readonly reader: Reader;
  readonly suffix?: ReactNode;
}): ReactNode {
  const t = translator(reader.locale, "esim");
  const here = `/esims/${esim.iccid}`;
  const installFirst = esim.condition === "not_installed";
  return (
    <>
      {installFirst && (
        <a className="btn" href={`${here}/install`}>
          {t("install")}
          {suffix}
        </a>
      )}
      {isRenewable(esim.condition) && (
        <a className={installFirst ? "btn quiet" : "btn"} href={`${here}/renew`}>
          {t("renew")}
          {suffix}
        </a>
      )}
      {isRenewable(esim.condition) && esim.lastPlan !== null && (
        <a
          className="btn quiet"
          href={`${here}/renew?plan=${encodeURIComponent(esim.lastPlan.code)}`}
        >
          {t("sameAgain")} · {formatMoney(esim.lastPlan.price, reader.locale)}
          {suffix}
        </a>
      )}
    </>
  );
}
