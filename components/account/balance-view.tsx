import type { ReactNode } from "react";
import { ErrorSummary, problemAt, type FormProblem } from "#components/forms/error-summary.tsx";
import { Field } from "#components/forms/field.tsx";
import { MethodOptions } from "#components/payment/method-options.tsx";
import { Pager } from "#components/ui/pager.tsx";
import type { Statement, StatementLine } from "#lib/domain/statement.ts";
import { formatDate, formatDay, formatMoney, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

interface BalanceProps {
  readonly statement: Statement;
  readonly attemptId: string;
  readonly reader: Reader;
  readonly now: Date;
  readonly action: (data: FormData) => Promise<void>;
  readonly problems: readonly FormProblem[];
  readonly values: Readonly<Record<string, string>>;
}

/** The balance in large, the form to top it up, and every change with its reason. */
export function BalanceView(props: BalanceProps): ReactNode {
  const { statement, reader } = props;
  const t = translator(reader.locale, "balance");
  return (
    <div className="stack">
      <ErrorSummary locale={reader.locale} problems={props.problems} />
      <h1>{t("title")}</h1>
      <div className="cols">
        <div className="stack">
          <section className="card stack" aria-labelledby="now">
            <h2 id="now">{t("now")}</h2>
            <p className="left word">
              <b>{formatMoney(statement.balance, reader.locale)}</b>
            </p>
            {statement.reserved.amountMinor > 0n && (
              <p className="small soft">
                {t("reserved", { amount: formatMoney(statement.reserved, reader.locale) })}
              </p>
            )}
            {statement.owed.amountMinor > 0n && (
              <p className="note warn">
                {t("owed", { amount: formatMoney(statement.owed, reader.locale) })}
              </p>
            )}
            {statement.others.map((other) => (
              <p key={other.currency}>
                <a href={`/balance?currency=${other.currency}`}>
                  {t("other", { amount: formatMoney(other, reader.locale, "code") })}
                </a>
              </p>
            ))}
          </section>
          <Lines {...props} />
        </div>
        {statement.methods.length > 0 && <TopUpForm {...props} />}
      </div>
    </div>
  );
}

function TopUpForm(props: BalanceProps): ReactNode {
  const { statement, reader, problems, values } = props;
  const t = translator(reader.locale, "balance");
  return (
    <form action={props.action} noValidate className="card stack" aria-labelledby="top-up">
      <h2 id="top-up">{t("topUp")}</h2>
      <input type="hidden" name="attemptId" value={props.attemptId} />
      <Field
        name="amount"
        label={t("amount", { currency: statement.balance.currency })}
        type="text"
        inputMode="decimal"
        value={values["amount"]}
        problem={problemAt(problems, "amount")}
      />
      <MethodOptions
        options={statement.methods}
        balance={statement.balance}
        reader={reader}
        problems={problems}
        values={values}
      />
      <button className="btn wide">{t("goOn")}</button>
      <p className="small soft">{t("hint")}</p>
    </form>
  );
}

function Lines({ statement, reader, now }: BalanceProps): ReactNode {
  const t = translator(reader.locale, "balance");
  return (
    <section className="card stack" aria-labelledby="statement">
      <h2 id="statement">{t("statement")}</h2>
      {statement.lines.length === 0 ? (
        <p className="soft">{t("none")}</p>
      ) : (
        <ul className="list">
          {statement.lines.map((line) => (
            <li key={`${line.at.toISOString()} ${line.kind} ${line.balanceAfter.amountMinor}`}>
              <span>{reasonText(line, reader)}</span>
              <b className={line.change.amountMinor > 0n ? "plus" : undefined}>
                {formatMoney(line.change, reader.locale, "signed")}
              </b>
              <span className="small soft">
                <time dateTime={line.at.toISOString()} title={formatDate(line.at, reader, "full")}>
                  {formatDay(line.at, reader, now)}
                </time>
                {line.orderNumber !== null && (
                  <>
                    {translator(reader.locale, "words")("separator")}
                    <a className="nowrap" href={`/orders/${line.orderNumber}`}>
                      {line.orderNumber}
                    </a>
                  </>
                )}
              </span>
              <span className="small soft">
                {t("after", { amount: formatMoney(line.balanceAfter, reader.locale) })}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Pager
        locale={reader.locale}
        page={statement.page}
        pages={statement.pages}
        href={(page) => `/balance?currency=${statement.balance.currency}&page=${page}`}
      />
    </section>
  );
}

/** Every change in words: each kind of journal that touches a balance has its own. */
function reasonText(line: StatementLine, reader: Reader): string {
  const t = translator(reader.locale, "balance");
  const plan = line.planName?.[reader.locale] ?? "";
  switch (line.kind) {
    case "payment.settled":
      return line.isTopUp ? t("reason.topUp") : t("reason.paid", { plan });
    case "balance.reserved":
      return t("reason.reserved", { plan });
    case "balance.released":
      return line.isTopUp || plan === ""
        ? t("reason.keptReleased")
        : t("reason.released", { plan });
    case "bank.credited":
      return t("reason.bankCredited");
    case "bank.paid_out":
      return t("reason.bankPaidOut");
    case "bank.returned":
      return t("reason.bankReturned");
    case "dispute.opened":
      return t("reason.disputed");
    case "dispute.won":
      return t("reason.disputeWon");
    case "receivable.settled":
      return t("reason.debtSettled");
    case "refund.redirected":
      return t("reason.refundRedirected", { plan });
    case "order.refunded":
      return line.isTopUp ? t("reason.topUpRefunded") : t("reason.refunded", { plan });
    case "balance.opened":
      return t("reason.opened");
    default:
      throw new Error(`No text for ${line.kind}`);
  }
}
