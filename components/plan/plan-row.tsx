import type { ReactNode } from "react";
import type { Locale } from "#lib/domain/locale.ts";
import type { PricedPlan } from "#lib/domain/plan.ts";
import { formatMoney } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import { countryNames, keyFigures, planDetails } from "./plan-words.ts";

/** One plan as a row of a list; rows compare at a glance. The whole row leads to `href`, where there is one. */
export function PlanRow(props: {
  readonly plan: PricedPlan;
  readonly locale: Locale;
  readonly href?: string;
  /** A short warning beside the name. */
  readonly mark?: string | null;
  /** A second line, set beside the plan where there is room. */
  readonly after?: ReactNode;
  /** Names every country, folded up. */
  readonly countries?: boolean;
}): ReactNode {
  const { plan, locale, href } = props;
  const t = translator(locale, "plan");
  return (
    <li className="plan">
      <h2>
        {href === undefined ? (
          plan.name[locale]
        ) : (
          <a className="pick" href={href}>
            {plan.name[locale]}
          </a>
        )}
        {plan.kind === "addon" && <span className="tag">{t("addon")}</span>}
        {props.mark != null && <span className="tag warn">{props.mark}</span>}
      </h2>
      <b className="price">{formatMoney(plan.price, locale)}</b>
      <p>
        <span className="key">{keyFigures(plan, locale)}</span>
        {translator(locale, "words")("separator")}
        {planDetails(plan, locale)}
      </p>
      {props.after !== undefined && <p className="after">{props.after}</p>}
      {props.countries === true && plan.coverage.length > 3 && (
        <details>
          <summary>{t("coverage")}</summary>
          <p>
            {countryNames(
              plan.coverage.map((country) => country.countryCode),
              locale,
            )}
          </p>
        </details>
      )}
    </li>
  );
}
