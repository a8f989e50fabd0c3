import type { ReactNode } from "react";
import { Choice } from "#components/forms/field.tsx";
import type { Locale } from "#lib/domain/locale.ts";
import { countryName, sortCountries } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

export interface PlanFilterValues {
  readonly term?: string | undefined;
  readonly scope?: string | undefined;
  readonly country?: string | undefined;
}

/** Narrows a list of plans; a plain form that asks for the same page again. */
export function PlanFilter(props: {
  readonly locale: Locale;
  readonly action: string;
  readonly values: PlanFilterValues;
  readonly countries: readonly string[];
  /** A choice of currency is offered when there is more than one. */
  readonly currency?: string;
  readonly currencies?: readonly string[];
  readonly found: number;
}): ReactNode {
  const { locale, values } = props;
  const t = translator(locale, "plan");
  const isNarrowed = [values.term, values.scope, values.country].some((value) => value);
  return (
    <form
      className="tight"
      method="get"
      action={props.action}
      role="search"
      aria-label={t("filter")}
    >
      <div className="filter">
        <Choice
          name="term"
          label={t("term")}
          value={values.term}
          any={t("any")}
          options={(["day", "month", "year"] as const).map((term) => [term, t(`termName.${term}`)])}
        />
        <Choice
          name="scope"
          label={t("scope")}
          value={values.scope}
          any={t("any")}
          options={(["domestic", "regional", "global"] as const).map((scope) => [
            scope,
            t(`scopeName.${scope}`),
          ])}
        />
        <Choice
          name="country"
          label={t("country")}
          value={values.country}
          any={t("anyCountry")}
          options={sortCountries(props.countries, locale).map((code) => [
            code,
            countryName(code, locale),
          ])}
        />
        {props.currencies !== undefined && props.currencies.length > 1 && (
          <Choice
            name="currency"
            label={t("currency")}
            value={props.currency}
            options={props.currencies.map((code) => [code, code])}
          />
        )}
        <button className="btn quiet">{t("show")}</button>
      </div>
      <p className="small soft row">
        {t("found", { count: props.found })}
        {isNarrowed && <a href={props.action}>{t("clear")}</a>}
      </p>
    </form>
  );
}
