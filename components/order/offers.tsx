import type { ReactNode } from "react";
import { PlanFilter, type PlanFilterValues } from "#components/plan/plan-filter.tsx";
import { PlanRow } from "#components/plan/plan-row.tsx";
import type { PlanOffer } from "#lib/domain/order.ts";
import { countryName, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import { afterText } from "./before-after.tsx";

/** Step 1: the plans that fit this eSIM, each with what there will be afterwards. */
export function Offers(props: {
  readonly iccid: string;
  readonly esimLabel: string;
  readonly lastCountryCode: string | null;
  readonly offers: readonly PlanOffer[];
  readonly countries: readonly string[];
  readonly filter: PlanFilterValues;
  readonly reader: Reader;
  readonly now: Date;
}): ReactNode {
  const { reader, now, lastCountryCode } = props;
  const t = translator(reader.locale, "renew");
  const here = `/esims/${props.iccid}/renew`;
  const country = lastCountryCode === null ? null : countryName(lastCountryCode, reader.locale);
  const someElsewhere = props.offers.some((offer) => !offer.coversLastCountry);
  // What does not work where the eSIM is comes last, whatever it costs.
  const sorted = props.offers.toSorted(
    (a, b) => Number(b.coversLastCountry) - Number(a.coversLastCountry),
  );
  const isNarrowed = [props.filter.term, props.filter.scope, props.filter.country].some(Boolean);
  return (
    <div className="stack">
      <div>
        <p className="soft">{t("for", { label: props.esimLabel })}</p>
        <h1>{t("title")}</h1>
      </div>
      {country !== null && someElsewhere && (
        <p className="note warn small">{t("lastSeen", { country })}</p>
      )}
      <PlanFilter
        locale={reader.locale}
        action={here}
        values={props.filter}
        countries={props.countries}
        found={props.offers.length}
      />
      {props.offers.length === 0 ? (
        <p className="card">{t(isNarrowed ? "noneFiltered" : "none")}</p>
      ) : (
        <ul className="plans">
          {sorted.map((offer) => (
            <PlanRow
              key={offer.plan.code}
              plan={offer.plan}
              locale={reader.locale}
              href={`${here}?plan=${encodeURIComponent(offer.plan.code)}`}
              mark={
                !offer.coversLastCountry && country !== null ? t("notCovered", { country }) : null
              }
              after={
                <>
                  {t("after")}{" "}
                  <span className="key">{afterText({ preview: offer.preview, reader, now })}</span>
                  {offer.preview.lost !== null && (
                    <>
                      {translator(reader.locale, "words")("separator")}
                      {t("lose")}
                    </>
                  )}
                </>
              }
            />
          ))}
        </ul>
      )}
    </div>
  );
}
