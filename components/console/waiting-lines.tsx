import type { ReactNode } from "react";
import { problemAt } from "#components/forms/error-summary.tsx";
import { Choice, Field } from "#components/forms/field.tsx";
import { Facts } from "#components/ui/facts.tsx";
import type { LineDecision, StatementDesk, WaitingLine } from "#lib/domain/bank-desk.ts";
import { formatDate, formatMoney, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import type { PresentedAnswer } from "#lib/web/present-answer.ts";

interface Props {
  readonly desk: StatementDesk;
  readonly reader: Reader;
  /** What was wrong with a decision, and what it was. */
  readonly decided: PresentedAnswer;
  readonly decide: (data: FormData) => Promise<void>;
}

/** Movements at the bank that somebody has to decide about, each with what it may be. */
export function WaitingLines(props: Props): ReactNode {
  const { desk, reader } = props;
  const t = translator(reader.locale, "statements");
  return (
    <section className="stack" aria-labelledby="waiting">
      <h2 id="waiting">
        {t("waiting")} ({desk.waitingCount})
      </h2>
      {desk.waiting.length === 0 && (
        <div className="card">
          <p className="soft">{t("none")}</p>
        </div>
      )}
      {desk.waiting.map((line) => (
        <Line key={line.id} line={line} {...props} />
      ))}
      {desk.waitingCount > desk.waiting.length && (
        <p className="small soft">{t("latest", { count: desk.waiting.length })}</p>
      )}
    </section>
  );
}

function Line({
  line,
  desk,
  reader,
  decided,
  decide,
}: Props & { readonly line: WaitingLine }): ReactNode {
  const { locale } = reader;
  const t = translator(locale, "statements");
  const amount = formatMoney(line.amount, locale, "code");
  const isOut = line.amount.amountMinor < 0n;
  return (
    <article
      className="card stack"
      id={`line-${line.id}`}
      aria-label={`${t("movement")} ${amount}`}
    >
      <div className="row between">
        <h3>{amount}</h3>
        {isOut && <span className="tag">{t("outgoing")}</span>}
        <span className="small soft">{bankDay(line.bookedOn, reader)}</span>
      </div>
      <Facts
        items={[
          [t(isOut ? "to" : "from"), <bdi key="name">{line.counterpartyName ?? t("nobody")}</bdi>],
          line.counterpartyAccount === null
            ? null
            : [
                t("account"),
                <bdi key="account" className="code">
                  {line.counterpartyAccount}
                </bdi>,
              ],
          [t("text"), <bdi key="text">{line.remittanceText}</bdi>],
        ]}
      />
      {line.sameAs !== null && (
        <p className="note warn">
          {t("sameAs", {
            day: bankDay(line.sameAs.bookedOn, reader),
            file: line.sameAs.fileName,
            number: line.sameAs.orderNumber ?? "",
            named: line.sameAs.orderNumber === null ? "no" : "yes",
          })}
        </p>
      )}
      {line.orderNumber !== null && line.match === "returned" && (
        <p className="note warn">
          <a href={`/console/orders/${line.orderNumber}`}>
            {t("back", { number: line.orderNumber })}
          </a>
        </p>
      )}
      {line.suggestions.length > 0 && (
        <div className="tight">
          <p className="small soft">{t("suggestions")}</p>
          {line.suggestions.map((suggestion) => (
            <Suggested
              key={suggestion.paymentId}
              line={line}
              suggestion={suggestion}
              canDecide={desk.canDecide}
              reader={reader}
              decide={decide}
            />
          ))}
        </div>
      )}
      {desk.canDecide && (
        <Otherwise line={line} reader={reader} decided={decided} decide={decide} />
      )}
    </article>
  );
}

/** An order that may be meant, to be confirmed by one press. */
function Suggested({
  line,
  suggestion,
  canDecide,
  reader,
  decide,
}: {
  readonly line: WaitingLine;
  readonly suggestion: WaitingLine["suggestions"][number];
  readonly canDecide: boolean;
  readonly reader: Reader;
  readonly decide: Props["decide"];
}): ReactNode {
  const t = translator(reader.locale, "statements");
  const because = new Intl.ListFormat(reader.locale).format(
    suggestion.reasons.map((reason) => t(`because.${reason}`)),
  );
  return (
    <form action={decide} className="row between">
      <span>
        <a href={`/console/orders/${suggestion.orderNumber}`}>{suggestion.orderNumber}</a>
        <br />
        <span className="small soft">
          {t("confirmWhat", {
            customer: suggestion.customerName,
            amount: formatMoney(suggestion.missing, reader.locale, "code"),
          })}
          <br />
          {because}
        </span>
      </span>
      {canDecide && (
        <>
          <input type="hidden" name="lineId" value={line.id} />
          <input type="hidden" name="decision" value={"confirm" satisfies LineDecision} />
          <input type="hidden" name="paymentId" value={suggestion.paymentId} />
          <input
            type="hidden"
            name="reason"
            value={t("confirmReason", { reasons: because }).slice(0, 300)}
          />
          <button className="btn">{t("confirm", { number: suggestion.orderNumber })}</button>
        </>
      )}
    </form>
  );
}

type Other = Exclude<LineDecision, "confirm">;

/** What a movement can be besides a suggested order, the likeliest first. */
function possibleFor(line: WaitingLine): readonly Other[] {
  const same: readonly Other[] = line.sameAs === null ? [] : ["same"];
  if (line.amount.amountMinor > 0n) {
    return [...same, "balance", "payout_stripe", "payout_paypal", "keep"];
  }
  const left: readonly Other[] =
    line.orderNumber === null
      ? ["charge", "given_back", "returned"]
      : ["returned", "given_back", "charge"];
  return [...same, ...left, "keep"];
}

/** Everything else that a movement can be. */
function Otherwise({
  line,
  reader,
  decided,
  decide,
}: {
  readonly line: WaitingLine;
  readonly reader: Reader;
  readonly decided: PresentedAnswer;
  readonly decide: Props["decide"];
}): ReactNode {
  const t = translator(reader.locale, "statements");
  const possible = possibleFor(line);
  const isThis = decided.values["lineId"] === line.id;
  const values = isThis ? decided.values : {};
  const problem = (field: string): string | null =>
    isThis ? problemAt(decided.problems, field) : null;
  return (
    <details open={isThis}>
      <summary>{t(line.suggestions.length > 0 ? "otherwise" : "decision")}</summary>
      <form action={decide} noValidate className="stack">
        <input type="hidden" name="lineId" value={line.id} />
        <Choice
          name="decision"
          form={line.id}
          label={t("decision")}
          value={values["decision"] ?? possible[0]}
          options={possible.map((decision) => [decision, t(`decide.${decision}`)])}
          problem={problem("decision")}
        />
        <Field
          name="customer"
          form={line.id}
          label={t("customer")}
          type="text"
          autoComplete="off"
          maxLength={300}
          hint={t("customerHint")}
          value={values["customer"] ?? line.orderNumber ?? undefined}
          problem={problem("customer")}
        />
        <Field
          name="reason"
          form={line.id}
          label={t("reason")}
          type="text"
          autoComplete="off"
          maxLength={300}
          hint={t("reasonHint")}
          value={values["reason"]}
          problem={problem("reason")}
        />
        <button className="btn quiet">{t("decide.submit")}</button>
      </form>
    </details>
  );
}

/** A day of the bank's calendar, which has no zone. */
function bankDay(day: string, { locale }: Reader): string {
  return formatDate(new Date(`${day}T00:00:00Z`), { locale, timeZone: "UTC" }, "date");
}
