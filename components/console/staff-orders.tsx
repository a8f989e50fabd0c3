import type { ReactNode } from "react";
import { DocumentLinks } from "#components/document/document-links.tsx";
import { PhaseTag } from "#components/order/phase.tsx";
import type { StaffOrder } from "#lib/domain/account.ts";
import { attentionWords } from "#lib/i18n/attention.ts";
import { formatDate, formatMoney, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

/** Each order with its payment, its activation and its refunds, as the books have them. */
export function StaffOrders({
  orders,
  reader,
}: {
  readonly orders: readonly StaffOrder[];
  readonly reader: Reader;
}): ReactNode {
  const t = translator(reader.locale, "console");
  return (
    <section className="card scroll" tabIndex={0} aria-labelledby="orders">
      <h2 id="orders">{t("orders")}</h2>
      {orders.length === 0 ? (
        <p className="soft">{t("noOrders")}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("order")}</th>
              <th scope="col">{t("plan")}</th>
              <th scope="col">{t("state")}</th>
              <th scope="col">{t("payment")}</th>
              <th scope="col">{t("activation")}</th>
            </tr>
          </thead>
          <tbody>
            {orders.map((order) => (
              <tr key={order.number}>
                <th scope="row" className="nowrap">
                  <a href={`/console/orders/${order.number}`}>{order.number}</a>
                  <br />
                  <span className="soft">{formatDate(order.placedAt, reader, "stamp")}</span>
                </th>
                <td>
                  {order.planName?.[reader.locale] ?? t("topUp")}
                  <br />
                  <span className="soft">{order.esimLabel}</span>
                </td>
                <td>
                  <PhaseTag phase={order.phase} locale={reader.locale} />
                  <br />
                  <span className="code soft">{order.state}</span>
                  {order.needsAttention !== null && (
                    <p className="wrong">
                      {attentionWords(order.needsAttention, reader.locale).what}
                    </p>
                  )}
                  {order.nextAttemptAt !== null && (
                    <p className="soft">
                      {t("nextAttempt", { time: formatDate(order.nextAttemptAt, reader, "stamp") })}
                    </p>
                  )}
                </td>
                <td>
                  <Payments order={order} reader={reader} />
                </td>
                <td>
                  <Activation activation={order.activation} reader={reader} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Payments({
  order,
  reader,
}: {
  readonly order: StaffOrder;
  readonly reader: Reader;
}): ReactNode {
  const t = translator(reader.locale, "console");
  return (
    <>
      {order.payments.map((payment) => (
        <p key={payment.id}>
          {formatMoney(payment.amount, reader.locale, "code")} · {payment.adapter} · {payment.state}
          {payment.settledAt !== null && (
            <>
              {" · "}
              {t("settled", { time: formatDate(payment.settledAt, reader, "stamp") })}
            </>
          )}
          {payment.providerReference !== null && (
            <>
              <br />
              <span className="code soft">{payment.providerReference}</span>
            </>
          )}
        </p>
      ))}
      {order.refunds.map((refund) => (
        <p key={`${refund.reason} ${refund.state} ${refund.amount.amountMinor}`}>
          {t("refund")} {formatMoney(refund.amount, reader.locale, "code")} · {refund.state} ·{" "}
          {refund.reason}
        </p>
      ))}
      <DocumentLinks
        orderNumber={order.number}
        documents={order.documents}
        locale={reader.locale}
      />
    </>
  );
}

function Activation({
  activation,
  reader,
}: {
  readonly activation: StaffOrder["activation"];
  readonly reader: Reader;
}): ReactNode {
  const t = translator(reader.locale, "console");
  if (activation === null) return "–";
  return (
    <>
      {activation.state}
      {activation.reason !== null && <> · {activation.reason}</>}
      <br />
      <span className="soft">
        {t("attempts", { attempts: activation.attempts, lookups: activation.lookups })}
        <br />
        {t("ourReference")} <span className="code">{activation.ourReference}</span>
        {activation.carrierReference !== null && (
          <>
            <br />
            {t("carrierReference")} <span className="code">{activation.carrierReference}</span>
          </>
        )}
      </span>
    </>
  );
}
