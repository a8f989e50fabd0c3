import type { ReactNode } from "react";
import { Pager } from "#components/ui/pager.tsx";
import type { Locale } from "#lib/domain/locale.ts";
import type { PricedPlan } from "#lib/domain/plan.ts";
import { translator } from "#lib/i18n/translator.ts";
import { PlanFilter, type PlanFilterValues } from "./plan-filter.tsx";
import { PlanRow } from "./plan-row.tsx";

/** The public catalogue. */
export function Catalogue(props: {
  readonly locale: Locale;
  /** Those of this page. */
  readonly plans: readonly PricedPlan[];
  readonly found: number;
  readonly page: number;
  readonly pages: number;
  readonly pageHref: (page: number) => string;
  readonly countries: readonly string[];
  readonly filter: PlanFilterValues;
  readonly currency: string;
  /** What a visitor may choose from; empty when the account decides. */
  readonly currencies: readonly string[];
  readonly visitor: boolean;
}): ReactNode {
  const { locale } = props;
  const t = translator(locale, "plan");
  return (
    <div className="stack">
      <div className="row between">
        <div>
          <h1>{t("title")}</h1>
          {props.visitor && <p className="soft">{t("lead")}</p>}
        </div>
        {props.visitor && (
          <a className="btn" href="/sign-in">
            {t("signIn")}
          </a>
        )}
      </div>
      <PlanFilter
        locale={locale}
        action="/plans"
        values={props.filter}
        countries={props.countries}
        currency={props.currency}
        currencies={props.currencies}
        found={props.found}
      />
      {props.plans.length === 0 ? (
        <p className="card">{t("none")}</p>
      ) : (
        <ul className="plans">
          {props.plans.map((plan) => (
            <PlanRow key={plan.code} plan={plan} locale={locale} countries />
          ))}
        </ul>
      )}
      <Pager locale={locale} page={props.page} pages={props.pages} href={props.pageHref} />
    </div>
  );
}
