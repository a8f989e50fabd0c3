import type { ReactNode } from "react";
import {
  ErrorSummary,
  FieldProblemText,
  problemAt,
  type FormProblem,
} from "#components/forms/error-summary.tsx";
import { Field } from "#components/forms/field.tsx";
import { countryNames, keyFigures, planDetails, speedText } from "#components/plan/plan-words.ts";
import { Facts } from "#components/ui/facts.tsx";
import type { OrderQuote } from "#lib/domain/order.ts";
import type { StartChoice } from "#lib/domain/renewal.ts";
import {
  countryName,
  formatData,
  formatDate,
  formatDuration,
  formatMoment,
  formatMoney,
  formatZone,
  type Reader,
} from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import { BeforeAfter, dataFromText, newDaysText } from "./before-after.tsx";

interface CheckoutProps {
  readonly quote: OrderQuote;
  readonly reader: Reader;
  readonly now: Date;
  readonly action: (data: FormData) => Promise<void>;
  readonly problems: readonly FormProblem[];
  readonly values: Readonly<Record<string, string>>;
  readonly lastCountryCode: string | null;
}

/** Step 2: check and pay. */
export function Checkout(props: CheckoutProps): ReactNode {
  const { quote, reader } = props;
  const t = translator(reader.locale, "checkout");
  return (
    <div className="stack">
      <ErrorSummary locale={reader.locale} problems={props.problems} />
      <div>
        <p className="soft">
          {translator(reader.locale, "renew")("for", { label: quote.esimLabel })}
        </p>
        <h1>{t("title")}</h1>
        <p>
          <b>{quote.plan.name[reader.locale]}</b>
          {translator(reader.locale, "words")("separator")}
          <a href={`/esims/${quote.iccid}/renew`}>{t("another")}</a>
        </p>
      </div>
      <CheckoutForm {...props} />
    </div>
  );
}

/**
 * What changes, when it begins, how it is paid and what it costs, in one plain form with one button to
 * pay. It does no arithmetic: everything shown was computed by the quote that it carries.
 */
function CheckoutForm(props: CheckoutProps): ReactNode {
  const { quote, reader, now } = props;
  const t = translator(reader.locale, "checkout");
  const preview = { preview: quote.preview, reader, now };
  const canPay = quote.methods.length > 0;
  return (
    <form action={props.action} noValidate className="checkout">
      <input type="hidden" name="attemptId" value={quote.attemptId} />
      <input type="hidden" name="quote" value={quote.token} />
      <input type="hidden" name="iccid" value={quote.iccid} />
      <input type="hidden" name="planCode" value={quote.plan.code} />
      <section className="card stack change-area" aria-labelledby="change">
        <h2 id="change">{t("whatChanges")}</h2>
        <BeforeAfter {...preview} />
        <Facts
          items={[
            [t("dataFrom"), dataFromText(preview)],
            [t("newDays"), newDaysText(preview)],
          ]}
        />
        <p className="small soft">{policyText(quote, reader)}</p>
      </section>
      <div className="stack choice-area">
        <Warnings {...props} />
        <StartQuestion {...props} />
        <MethodQuestion {...props} />
        <PlanFacts quote={quote} reader={reader} />
      </div>
      <section className="card stack pay-area" aria-label={t("payLabel")}>
        <dl className="facts">
          <dt className="sum">{t("total")}</dt>
          <dd className="sum">{formatMoney(quote.plan.price, reader.locale)}</dd>
          <dt className="small">{t("taxIncluded")}</dt>
          <dd className="small">{formatMoney(quote.plan.tax, reader.locale)}</dd>
        </dl>
        {canPay ? (
          <button className="btn wide" name="intent" value="pay">
            <span className={quote.restAfterBalance === null ? undefined : "whole"}>
              {t("pay", { amount: formatMoney(quote.plan.price, reader.locale) })}
            </span>
            {quote.restAfterBalance !== null && (
              <span className="rest">
                {t("pay", { amount: formatMoney(quote.restAfterBalance.rest, reader.locale) })}
              </span>
            )}
          </button>
        ) : (
          <p className="note warn">{t("noMethod")}</p>
        )}
        <p className="small soft">
          {quote.preview.dataFrom <= now
            ? t("promise")
            : t("promiseLater", { date: formatDate(quote.preview.dataFrom, reader, "date") })}
        </p>
      </section>
    </form>
  );
}

/** What the plan's renewal policy means for this eSIM and this start. */
function policyText(quote: OrderQuote, reader: Reader): string {
  const t = translator(reader.locale, "plan");
  if (quote.startChoice === "on_date") return t("policyOnDate");
  return quote.preview.before.until === null
    ? t("policyNow")
    : t(`policy.${quote.plan.renewalPolicy}`);
}

/** What has to be known or agreed to before paying. */
function Warnings(props: CheckoutProps): ReactNode {
  const { quote, reader, problems } = props;
  const t = translator(reader.locale, "checkout");
  const { lost, before, period } = quote.preview;
  return (
    <>
      {!quote.coversLastCountry && props.lastCountryCode !== null && (
        <section className="note warn">
          <h2>
            {t("wrongCountry", { country: countryName(props.lastCountryCode, reader.locale) })}
          </h2>
          <p className="small">
            {t("wrongCountryText", {
              countries: countryNames(
                quote.plan.coverage.map((country) => country.countryCode),
                reader.locale,
              ),
            })}
          </p>
        </section>
      )}
      {before.until !== null && period !== null && period.startsAt > before.until && (
        <p className="note warn small">
          {t("gap", {
            from: formatMoment(before.until, reader, props.now),
            to: formatMoment(period.startsAt, reader, props.now),
          })}
        </p>
      )}
      {quote.recent !== null && (
        <section className="note warn tight">
          <h2>{t(quote.recent.unpaid ? "recentUnpaid" : "recent")}</h2>
          <p className="small">
            {t(quote.recent.unpaid ? "recentUnpaidText" : "recentText", {
              minutes: quote.recent.minutesAgo,
            })}{" "}
            <a className="nowrap" href={`/orders/${quote.recent.orderNumber}`}>
              {quote.recent.orderNumber}
            </a>
          </p>
          <Tick
            name="repeat"
            checked={props.values["repeat"] !== undefined}
            problem={problemAt(problems, "repeat")}
            text={t("repeat")}
          />
        </section>
      )}
      {lost !== null && (
        <section className="note warn tight">
          <h2>{t("loss")}</h2>
          <p className="small">{t("lossText", { what: lossText(lost, reader) })}</p>
          <Tick
            name="acceptLoss"
            checked={props.values["acceptLoss"] !== undefined}
            problem={problemAt(problems, "acceptLoss")}
            text={t("acceptLoss", { what: lossText(lost, reader) })}
          />
        </section>
      )}
    </>
  );
}

function Tick(props: {
  readonly name: string;
  readonly text: string;
  readonly checked: boolean;
  readonly problem: string | null;
}): ReactNode {
  return (
    <div>
      <FieldProblemText id={props.name} text={props.problem} />
      <label className="tick">
        <input
          type="checkbox"
          id={props.name}
          name={props.name}
          defaultChecked={props.checked}
          aria-invalid={props.problem === null ? undefined : true}
          aria-describedby={props.problem === null ? undefined : `${props.name}-wrong`}
        />
        <span>{props.text}</span>
      </label>
    </div>
  );
}

function lossText(lost: NonNullable<OrderQuote["preview"]["lost"]>, reader: Reader): string {
  const t = translator(reader.locale, "checkout");
  const time = formatDuration(lost.seconds, reader.locale);
  if (lost.dataBytes === null) return t("lossUnlimitedTime", { time });
  if (lost.dataBytes === 0n) return t("lossTime", { time });
  return t("lossDataTime", { data: formatData(lost.dataBytes, reader.locale), time });
}

const START_KEYS = {
  now: "startNow",
  period_end: "startPeriodEnd",
  on_date: "startOnDate",
} as const satisfies Record<StartChoice, string>;

/** When it should begin, where there is a choice. */
function StartQuestion({ quote, reader, problems, values }: CheckoutProps): ReactNode {
  const t = translator(reader.locale, "checkout");
  if (quote.allowedStarts.length < 2) {
    return <input type="hidden" name="startChoice" value={quote.startChoice} />;
  }
  const zone = formatZone(reader);
  return (
    <fieldset className="card options" id="startChoice">
      <legend>{t("start")}</legend>
      {quote.allowedStarts.map((choice) => (
        <label className="option" key={choice}>
          <input
            type="radio"
            name="startChoice"
            value={choice}
            defaultChecked={choice === quote.startChoice}
            data-more={choice === "on_date" ? "" : undefined}
          />
          <span>{t(START_KEYS[choice])}</span>
        </label>
      ))}
      <div className="more">
        <Field
          name="startsOn"
          label={t("startDate")}
          type="date"
          min={quote.earliestDate}
          value={values["startsOn"] ?? quote.chosenDate ?? quote.earliestDate}
          problem={problemAt(problems, "startsOn")}
        />
        <p className="small soft">
          {t("startDateHint", {
            date: formatDate(
              new Date(`${quote.earliestDate}T12:00:00Z`),
              { ...reader, timeZone: "UTC" },
              "date",
            ),
            zone,
          })}
        </p>
      </div>
      <p>
        <button className="btn quiet small" name="intent" value="update">
          {t("update")}
        </button>
      </p>
    </fieldset>
  );
}

const METHOD_KEYS = {
  stripe: "card",
  paypal: "paypal",
  bank_transfer: "bankTransfer",
  balance: "balance",
} as const;

/** How it is paid, with what that means. */
function MethodQuestion({ quote, reader, problems, values }: CheckoutProps): ReactNode {
  const t = translator(reader.locale, "checkout");
  const problem = problemAt(problems, "method");
  const chosen = quote.methods.find((method) => method === values["method"]) ?? quote.methods[0];
  const balance = formatMoney(quote.balance, reader.locale);
  const isShort = quote.balance.amountMinor < quote.plan.price.amountMinor;
  return (
    <fieldset
      className="card options"
      id="method"
      aria-describedby={problem === null ? undefined : "method-wrong"}
    >
      <legend>{t("payWith")}</legend>
      <FieldProblemText id="method" text={problem} />
      {quote.methods.map((method) => (
        <label className="option" key={method} htmlFor={`method-${method}`}>
          <input
            type="radio"
            id={`method-${method}`}
            name="method"
            value={method}
            defaultChecked={method === chosen}
          />
          <b>{t(METHOD_KEYS[method])}</b>
          <span className="small soft">
            {method === "balance" ? t("balanceHas", { balance }) : t(`${METHOD_KEYS[method]}Text`)}
          </span>
        </label>
      ))}
      {quote.restAfterBalance !== null && (
        <label className="option" htmlFor="useBalance">
          <input
            type="checkbox"
            id="useBalance"
            name="useBalance"
            defaultChecked={values["useBalance"] === "on"}
          />
          <b>{t("useBalance", { balance })}</b>
          <span className="small soft">
            {t("useBalanceText", {
              rest: formatMoney(quote.restAfterBalance.rest, reader.locale),
            })}
          </span>
        </label>
      )}
      {isShort && quote.restAfterBalance === null && (
        <p className="option off">
          <b>{t("balance")}</b>
          <span className="small">{t("balanceShort", { balance })}</span>
        </p>
      )}
    </fieldset>
  );
}

function PlanFacts({ quote, reader }: Pick<CheckoutProps, "quote" | "reader">): ReactNode {
  const { plan } = quote;
  const note = plan.note[reader.locale];
  return (
    <details className="card">
      <summary>{translator(reader.locale, "checkout")("planFacts")}</summary>
      <div className="stack small">
        <p>
          {keyFigures(plan, reader.locale)} · {planDetails(plan, reader.locale)}
        </p>
        {note !== "" && <p>{note}</p>}
        <p>{speedText(plan, reader.locale)}</p>
        <Facts
          items={plan.coverage.map((country) => [
            countryName(country.countryCode, reader.locale),
            country.networks.join(translator(reader.locale, "words")("listSeparator")),
          ])}
        />
      </div>
    </details>
  );
}
