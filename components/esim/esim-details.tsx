import type { ReactNode } from "react";
import { Facts } from "#components/ui/facts.tsx";
import type { EsimOverview } from "#lib/domain/esim.ts";
import { countryName, formatIccid, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import { ConditionTag } from "./condition.tsx";
import { EsimActions } from "./esim-card.tsx";
import { PeriodLine } from "./period-line.tsx";
import { Usage } from "./usage.tsx";

/** All about one eSIM. */
export function EsimDetails({
  esim,
  reader,
  now,
}: {
  readonly esim: EsimOverview;
  readonly reader: Reader;
  readonly now: Date;
}): ReactNode {
  const t = translator(reader.locale, "esim");
  const hasPeriod = esim.current !== null || esim.queued.length > 0;
  return (
    <div className="stack">
      <div className="row between">
        <h1>{esim.label}</h1>
        <ConditionTag condition={esim.condition} locale={reader.locale} />
      </div>
      <div className="cols">
        <div className="stack">
          <section className="card stack" aria-labelledby="usage">
            <h2 id="usage">{t("usage")}</h2>
            <Usage esim={esim} reader={reader} now={now} />
            <p>{t(`conditionText.${esim.condition}`)}</p>
            <div className="row">
              <EsimActions esim={esim} reader={reader} />
            </div>
          </section>
          <section className="card stack" aria-labelledby="periods">
            <h2 id="periods">{t("periods")}</h2>
            {hasPeriod ? (
              <PeriodLine esim={esim} reader={reader} now={now} />
            ) : (
              <p className="soft">{t("noPeriods")}</p>
            )}
          </section>
        </div>
        <section className="card stack" aria-labelledby="facts">
          <h2 id="facts">{t("facts")}</h2>
          <Facts
            items={[
              [t("iccid"), formatIccid(esim.iccid)],
              [t("network"), t(`networkState.${esim.networkState}`)],
              [t("profile"), t(`profileState.${esim.profileState}`)],
              [
                t("lastSeen"),
                esim.lastCountryCode === null
                  ? t("notSeen")
                  : countryName(esim.lastCountryCode, reader.locale),
              ],
            ]}
          />
          <a href={`/esims/${esim.iccid}/install`}>{t("install")}</a>
        </section>
      </div>
    </div>
  );
}
