import type { ReactNode } from "react";
import {
  ErrorSummary,
  FieldProblemText,
  problemAt,
  type FormProblem,
} from "#components/forms/error-summary.tsx";
import { Field } from "#components/forms/field.tsx";
import { countryNames, keyFigures, planDetails, speedText } from "#components/plan/plan-words.ts";
import { BillingSection } from "#components/billing/billing-fields.tsx";
import { MethodOptions } from "#components/payment/method-options.tsx";
import { Facts } from "#components/ui/facts.tsx";
import type { Money } from "#lib/domain/money.ts";
import type { OrderQuote } from "#lib/domain/order.ts";
import type { StartChoice } from "#lib/domain/renewal.ts";
import {
  countryName,
  formatData,
  formatDate,
  formatDuration,
  formatMoment,
  formatMoney,
  formatRate,
  formatZone,
  type Reader,
} from "#lib/i18n/format.ts";
import { methodName } from "#lib/i18n/payment-method.ts";
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
  const split = (quote.restAfterBalance?.methods.length ?? 0) > 0 ? quote.restAfterBalance : null;
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
        <BillingSection
          form={quote.billing}
          locale={reader.locale}
          problems={props.problems}
          values={props.values}
        >
          <p>
            <button className="btn quiet small" name="intent" value="update">
              {t("update")}
            </button>
          </p>
        </BillingSection>
        <MethodQuestion {...props} />
        <PlanFacts quote={quote} reader={reader} />
      </div>
      <section className="card stack pay-area" aria-label={t("payLabel")}>
        <Sums quote={quote} reader={reader} />
        {canPay ? (
          <button className="btn wide" name="intent" value="pay">
            <span className={split === null ? undefined : "whole"}>
              {t("pay", { amount: formatMoney(quote.plan.price, reader.locale) })}
            </span>
            {split !== null && (
              <span className="rest">
                {t("pay", { amount: formatMoney(split.rest, reader.locale) })}
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
            text={t(quote.recent.unpaid ? "repeatUnpaid" : "repeat")}
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

/** What it costs: without tax, the tax, and the total. */
function Sums({ quote, reader }: Pick<CheckoutProps, "quote" | "reader">): ReactNode {
  const t = translator(reader.locale, "checkout");
  const { price, net, tax, taxRule } = quote.plan;
  const isReversed = taxRule?.treatment === "reverse_charge";
  const amount = (money: Money): string => formatMoney(money, reader.locale);
  return (
    <dl className="facts">
      {taxRule !== null && taxRule.basisPoints > 0 && (
        <>
          <dt className="small">{t("net")}</dt>
          <dd className="small">{amount(net)}</dd>
          <dt className="small">
            {isReversed
              ? t("reverseCharge")
              : t("tax", { rate: formatRate(taxRule.basisPoints, reader.locale) })}
          </dt>
          <dd className="small">{amount(tax)}</dd>
        </>
      )}
      <dt className="sum">{t("total")}</dt>
      <dd className="sum">{amount(price)}</dd>
    </dl>
  );
}

/** How it is paid, with what that means. */
function MethodQuestion({ quote, reader, problems, values }: CheckoutProps): ReactNode {
  const t = translator(reader.locale, "checkout");
  const balance = formatMoney(quote.balance, reader.locale);
  const isShort = quote.balance.amountMinor < quote.plan.price.amountMinor;
  const split = quote.restAfterBalance;
  return (
    <MethodOptions
      options={quote.methods}
      balance={quote.balance}
      reader={reader}
      problems={problems}
      values={values}
      className="card"
    >
      {split !== null && split.methods.length > 0 && (
        <label className="option" htmlFor="useBalance">
          <input
            type="checkbox"
            id="useBalance"
            name="useBalance"
            defaultChecked={values["useBalance"] === "on"}
          />
          <b>{t("useBalance", { balance })}</b>
          <span className="small soft">{restText(quote, split, reader)}</span>
        </label>
      )}
      {isShort && (split === null || split.methods.length === 0) && (
        <p className="option off">
          <b>{translator(reader.locale, "pay")("name.balance")}</b>
          <span className="small">
            {split === null
              ? t("balanceShort", { balance })
              : t("restTooLittle", { balance, rest: formatMoney(split.rest, reader.locale) })}
          </span>
        </p>
      )}
    </MethodOptions>
  );
}

/** What is left after the balance, and by what it can be paid where not everything takes so little. */
function restText(
  quote: OrderQuote,
  split: NonNullable<OrderQuote["restAfterBalance"]>,
  { locale }: Reader,
): string {
  const t = translator(locale, "checkout");
  const rest = formatMoney(split.rest, locale);
  if (split.methods.length === quote.methods.length) return t("useBalanceText", { rest });
  const names = split.methods.map(({ method, methodType }) =>
    methodName(method, methodType, locale),
  );
  return t("restBy", { rest, methods: names.join(translator(locale, "words")("listSeparator")) });
}

function PlanFacts({ quote, reader }: Pick<CheckoutProps, "quote" | "reader">): ReactNode {
  const { plan } = quote;
  const note = plan.note[reader.locale];
  const words = translator(reader.locale, "words");
  return (
    <details className="card">
      <summary>{translator(reader.locale, "checkout")("planFacts")}</summary>
      <div className="stack small">
        <p>
          {keyFigures(plan, reader.locale)} · {planDetails(plan, reader.locale)}
        </p>
        {note !== "" && <p>{note}</p>}
        <p>{speedText(plan, reader.locale)}</p>
        <p>
          {/* One text: a row for each country would be a tenth of the page's bytes. */}
          {plan.coverage
            .map(({ countryCode, networks }) => {
              const names = networks.join(words("listSeparator"));
              return `${countryName(countryCode, reader.locale)} (${names})`;
            })
            .join(words("separator"))}
        </p>
      </div>
    </details>
  );
}
