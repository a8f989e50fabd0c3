import type { ReactNode } from "react";
import { ErrorSummary, problemAt, problemsIn } from "#components/forms/error-summary.tsx";
import { Field } from "#components/forms/field.tsx";
import { DocumentLinks } from "#components/document/document-links.tsx";
import { PhaseTag } from "#components/order/phase.tsx";
import { Facts } from "#components/ui/facts.tsx";
import type { StaffOrderView } from "#lib/domain/staff-order.ts";
import { formatDate, formatIccid, formatMoney, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import type { PresentedAnswer } from "#lib/web/present-answer.ts";
import { AttentionNote, DONE_FORM } from "./attention-note.tsx";

interface Props {
  readonly order: StaffOrderView;
  readonly reader: Reader;
  /** What was wrong with giving back, with another way for a failed refund, and with saying that it is done. */
  readonly given: PresentedAnswer;
  readonly redirected: PresentedAnswer;
  readonly resolved: PresentedAnswer;
  readonly resolve: (data: FormData) => Promise<void>;
  readonly giveBack: (data: FormData) => Promise<void>;
  readonly putOnBalance: (data: FormData) => Promise<void>;
}

/** One order as the books have it: what was paid, given back, contested and booked; and giving back. */
export function StaffOrderPage(props: Props): ReactNode {
  const { order, reader } = props;
  const t = translator(reader.locale, "staffOrder");
  return (
    <div className="stack">
      <ErrorSummary
        locale={reader.locale}
        problems={[
          ...props.given.problems,
          ...problemsIn(props.redirected.values["refundId"], props.redirected.problems),
          ...problemsIn(
            order.needsAttention === null ? undefined : DONE_FORM,
            props.resolved.problems,
          ),
        ]}
      />
      <h1>{t("title", { number: order.number })}</h1>
      {order.needsAttention !== null && (
        <AttentionNote
          orderNumber={order.number}
          code={order.needsAttention}
          nextAttemptAt={order.nextAttemptAt}
          reader={reader}
          answer={props.resolved}
          resolve={props.resolve}
        />
      )}
      <div className="cols">
        <section className="card" aria-label={order.number}>
          <Facts
            items={[
              [
                t("customer"),
                <a key="customer" href={`/console/accounts/${order.accountId}`}>
                  {order.customer.name} · {order.customer.email}
                </a>,
              ],
              [t("plan"), order.planName?.[reader.locale] ?? t("topUp")],
              order.iccid === null
                ? null
                : [
                    "ICCID",
                    <span key="iccid" className="code">
                      {formatIccid(order.iccid)}
                    </span>,
                  ],
              [
                t("state"),
                <span key="state">
                  <PhaseTag phase={order.phase} locale={reader.locale} />{" "}
                  <span className="code soft">{order.state}</span>
                </span>,
              ],
              [t("placed"), formatDate(order.placedAt, reader, "stamp")],
              [t("total"), <b key="total">{formatMoney(order.total, reader.locale, "code")}</b>],
              [t("tax"), formatMoney(order.tax, reader.locale, "code")],
            ]}
          />
          <DocumentLinks
            orderNumber={order.number}
            documents={order.documents}
            locale={reader.locale}
          />
        </section>
        <GiveBack {...props} />
      </div>
      <Payments order={order} reader={reader} />
      <Refunds {...props} />
      {order.disputes.length > 0 && <Disputes order={order} reader={reader} />}
      <Ledger order={order} reader={reader} />
      <Events order={order} reader={reader} />
    </div>
  );
}

/** The form that gives money back, saying what it does before it does it. */
function GiveBack({ order, reader, given, giveBack }: Props): ReactNode {
  const t = translator(reader.locale, "staffOrder");
  const { refundable, refundLimit } = order;
  const { problems, values } = given;
  return (
    <section className="card stack" aria-labelledby="give">
      <h2 id="give">{t("give")}</h2>
      {refundable === null ? (
        <p className="soft">{t("giveNone")}</p>
      ) : (
        <form action={giveBack} className="stack" noValidate>
          <p>{t("giveText", { amount: formatMoney(refundable, reader.locale, "code") })}</p>
          {refundLimit !== null && (
            <p className="small soft">
              {t("limit", { amount: formatMoney(refundLimit, reader.locale, "code") })}
            </p>
          )}
          <input type="hidden" name="number" value={order.number} />
          <input type="hidden" name="attemptId" value={order.attemptId} />
          <Field
            name="amount"
            label={t("giveAmount", { currency: refundable.currency })}
            type="text"
            inputMode="decimal"
            value={values["amount"]}
            problem={problemAt(problems, "amount")}
          />
          <Destination order={order} reader={reader} chosen={values["destination"]} />
          <Field
            name="reason"
            label={t("reason")}
            type="text"
            value={values["reason"]}
            problem={problemAt(problems, "reason")}
          />
          <p>
            <button className="btn">{t("submit")}</button>
          </p>
        </form>
      )}
    </section>
  );
}

function Destination({
  order,
  reader,
  chosen,
}: Pick<Props, "order" | "reader"> & { readonly chosen: string | undefined }): ReactNode {
  const t = translator(reader.locale, "staffOrder");
  if (order.isTopUp) return <input type="hidden" name="destination" value="origin" />;
  return (
    <fieldset className="options">
      <legend>{t("to")}</legend>
      {(["origin", "balance"] as const).map((destination) => (
        <label className="option" key={destination}>
          <input
            type="radio"
            name="destination"
            value={destination}
            defaultChecked={destination === (chosen ?? "origin")}
          />
          <span>{t(destination === "origin" ? "giveOrigin" : "giveBalance")}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Payments({ order, reader }: Pick<Props, "order" | "reader">): ReactNode {
  const t = translator(reader.locale, "staffOrder");
  return (
    <Table
      id="payments"
      title={t("payments")}
      head={[t("when"), t("method"), t("state"), t("amount"), t("reference")]}
      rows={order.payments.map((payment) => [
        payment.id,
        [
          formatDate(payment.at, reader, "stamp"),
          payment.methodType === null
            ? payment.adapter
            : `${payment.adapter} · ${payment.methodType}`,
          payment.state,
          formatMoney(payment.amount, reader.locale, "code"),
          <span key="reference" className="code">
            {payment.providerReference ?? payment.id}
          </span>,
        ],
      ])}
    />
  );
}

function Refunds({ order, reader, redirected, putOnBalance }: Props): ReactNode {
  const t = translator(reader.locale, "staffOrder");
  const isAgain = (refundId: string): boolean => redirected.values["refundId"] === refundId;
  if (order.refunds.length === 0) {
    return (
      <section className="card">
        <h2>{t("refunds")}</h2>
        <p className="soft">{t("noRefunds")}</p>
      </section>
    );
  }
  return (
    <>
      <Table
        id="refunds"
        title={t("refunds")}
        head={[t("when"), t("state"), t("amount"), t("to"), t("why")]}
        rows={order.refunds.map((refund) => [
          refund.id,
          [
            formatDate(refund.at, reader, "stamp"),
            refund.state,
            formatMoney(refund.amount, reader.locale, "code"),
            t(refund.toBalance ? "toBalance" : "toOrigin"),
            refund.byProvider ? `${refund.reason} · ${t("byProvider")}` : refund.reason,
          ],
        ])}
      />
      {order.refunds
        .filter((refund) => refund.canRedirect)
        .map((refund) => (
          <form key={refund.id} action={putOnBalance} className="card stack" noValidate>
            <p>
              {t("redirectText", { amount: formatMoney(refund.amount, reader.locale, "code") })}
            </p>
            <input type="hidden" name="number" value={order.number} />
            <input type="hidden" name="refundId" value={refund.id} />
            <Field
              name="reason"
              form={refund.id}
              label={t("reason")}
              type="text"
              autoComplete="off"
              maxLength={500}
              value={isAgain(refund.id) ? redirected.values["reason"] : undefined}
              problem={isAgain(refund.id) ? problemAt(redirected.problems, "reason") : null}
            />
            <p>
              <button className="btn">{t("redirect")}</button>
            </p>
          </form>
        ))}
    </>
  );
}

function Disputes({ order, reader }: Pick<Props, "order" | "reader">): ReactNode {
  const t = translator(reader.locale, "staffOrder");
  return (
    <Table
      id="disputes"
      title={t("disputes")}
      head={[t("when"), t("state"), t("amount"), t("why"), t("reference")]}
      rows={order.disputes.map((dispute) => [
        dispute.providerReference,
        [
          formatDate(dispute.at, reader, "stamp"),
          <span key="state">
            {t(`dispute.${dispute.state}`)}
            {dispute.respondBy !== null && dispute.state === "open" && (
              <p className="wrong">
                {t("respondBy", { date: formatDate(dispute.respondBy, reader, "full") })}
              </p>
            )}
          </span>,
          formatMoney(dispute.amount, reader.locale, "code"),
          dispute.reason,
          <span key="reference" className="code">
            {dispute.providerReference}
          </span>,
        ],
      ])}
    />
  );
}

function Ledger({ order, reader }: Pick<Props, "order" | "reader">): ReactNode {
  const t = translator(reader.locale, "staffOrder");
  return (
    <Table
      id="ledger"
      title={t("ledger")}
      head={[t("when"), t("why"), t("account"), t("debit"), t("credit")]}
      rows={order.entries.map((entry, index) => {
        const isDebit = entry.amount.amountMinor > 0n;
        const amount = formatMoney(
          isDebit ? entry.amount : { ...entry.amount, amountMinor: -entry.amount.amountMinor },
          reader.locale,
          "code",
        );
        return [
          `${entry.journalId} ${entry.code} ${index}`,
          [
            formatDate(entry.at, reader, "stamp"),
            <span key="kind" className="code nowrap">
              {entry.kind}
            </span>,
            <span key="code" className="code nowrap">
              {entry.code}
            </span>,
            isDebit ? amount : "",
            isDebit ? "" : amount,
          ],
        ];
      })}
    />
  );
}

function Events({ order, reader }: Pick<Props, "order" | "reader">): ReactNode {
  const t = translator(reader.locale, "console");
  return (
    <Table
      id="events"
      title={translator(reader.locale, "staffOrder")("events")}
      head={[t("when"), t("what"), t("who"), t("why")]}
      rows={order.events.map((event) => [
        `${event.at.getTime()} ${event.action} ${event.actor}`,
        [
          formatDate(event.at, reader, "stamp"),
          <span key="action" className="code nowrap">
            {event.action}
          </span>,
          event.actor,
          event.reason ?? "",
        ],
      ])}
    />
  );
}

function Table(props: {
  readonly id: string;
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly [string, readonly ReactNode[]])[];
}): ReactNode {
  return (
    <section className="card scroll" tabIndex={0} aria-labelledby={props.id}>
      <h2 id={props.id}>{props.title}</h2>
      <table className="table">
        <thead>
          <tr>
            {props.head.map((text) => (
              <th scope="col" key={text}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map(([key, cells]) => (
            <tr key={key}>
              {cells.map((cell, index) => (
                // Cells have no identity but their column.
                <td key={props.head[index]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
