import type { ReactNode } from "react";
import { DocumentLinks } from "#components/document/document-links.tsx";
import { Facts } from "#components/ui/facts.tsx";
import type { OrderStep, OrderView } from "#lib/domain/order.ts";
import {
  formatData,
  formatDate,
  formatMoment,
  formatMoney,
  formatZone,
  type Reader,
} from "#lib/i18n/format.ts";
import { methodName } from "#lib/i18n/payment-method.ts";
import { translator } from "#lib/i18n/translator.ts";
import { TransferInstructions } from "./transfer-instructions.tsx";

interface Props {
  readonly order: OrderView;
  readonly reader: Reader;
  readonly now: Date;
  readonly resume: (data: FormData) => Promise<void>;
  /** Whether the code for banking apps is drawn, or offered by a link. */
  readonly showQr?: boolean;
  /** The customer will not pay. */
  readonly giveUp: (data: FormData) => Promise<void>;
}

/** How an order stands: heading, cause, what to do, the steps with their times, and the facts. */
export function OrderProgress(props: Props): ReactNode {
  const { order, reader, now } = props;
  const t = translator(reader.locale, "order");
  return (
    <div className="stack">
      <div>
        <p className="soft">
          {order.service === null
            ? t("topUp")
            : order.service.planName[reader.locale] +
              translator(reader.locale, "words")("separator") +
              order.service.esimLabel}
        </p>
        <h1>{t(`phase.${order.phase}`)}</h1>
        <p>{causeText(order, reader, now)}</p>
      </div>
      <div className="cols">
        <div className="stack">
          {order.transfer !== null && (
            <TransferInstructions
              transfer={order.transfer}
              reader={reader}
              qrHref={props.showQr === true ? null : `/orders/${order.number}?qr=1`}
            />
          )}
          <section className="card stack" aria-labelledby="steps">
            <div className="row between">
              <h2 id="steps">{t("steps")}</h2>
              <span className="small soft">{t("timesIn", { zone: formatZone(reader) })}</span>
            </div>
            <ol className="steps">
              {order.steps.map((step) => (
                <Step key={step.kind} step={step} reader={reader} now={now} />
              ))}
            </ol>
          </section>
        </div>
        <div className="stack">
          <section className="card stack" aria-labelledby="next">
            <h2 id="next">{t("whatNext")}</h2>
            <NextStep {...props} />
          </section>
          <OrderFacts order={order} reader={reader} />
          {order.documents.length > 0 && (
            <section className="card tight" aria-labelledby="documents">
              <h2 id="documents">{translator(reader.locale, "document")("heading")}</h2>
              <DocumentLinks
                orderNumber={order.number}
                documents={order.documents}
                locale={reader.locale}
              />
            </section>
          )}
        </div>
      </div>
    </div>
  );
}

function Step({
  step,
  reader,
  now,
}: {
  readonly step: OrderStep;
  readonly reader: Reader;
  readonly now: Date;
}): ReactNode {
  const t = translator(reader.locale, "order");
  const isToday =
    step.at !== null && formatDate(step.at, reader, "date") === formatDate(now, reader, "date");
  return (
    <li className={step.status} aria-current={step.status === "current" ? "step" : undefined}>
      <span>
        {t(`step.${step.kind}`, { status: step.status })}
        {step.status !== "done" && <span className="vh"> ({t(`stepStatus.${step.status}`)})</span>}
      </span>
      {step.at !== null && (
        <time className="soft" dateTime={step.at.toISOString()}>
          {formatDate(step.at, reader, isToday ? "seconds" : "stamp")}
        </time>
      )}
    </li>
  );
}

function causeText(order: OrderView, reader: Reader, now: Date): string {
  const t = translator(reader.locale, "order");
  if (order.phase === "scheduled") {
    return order.startsAt === null
      ? t("cause.scheduledOpen")
      : t("cause.scheduled", { date: formatMoment(order.startsAt, reader, now) });
  }
  const words = translator(reader.locale, "transfer");
  if (order.canGiveUp) return words("cause");
  if (order.phase === "payment_expired" && isByTransfer(order)) {
    return words(order.givenUp ? "givenUp" : "expired");
  }
  return t(`cause.${order.phase}`, {
    amount: formatMoney(order.refunded ?? order.total, reader.locale),
  });
}

function isByTransfer(order: OrderView): boolean {
  return order.parts.some((part) => part.method === "bank_transfer");
}

function nextText(order: OrderView, reader: Reader, now: Date): string {
  const t = translator(reader.locale, "order");
  switch (order.phase) {
    case "refunding":
      return order.refundedToBalance
        ? t("next.refundingBalance")
        : t("next.refundingOrigin", { method: originOf(order) });
    case "refunded":
      return order.refundedToBalance
        ? t("next.refundedBalance")
        : t("next.refundedOrigin", { method: originOf(order) });
    case "awaiting_payment": {
      const time = order.payBy === null ? "–" : formatMoment(order.payBy, reader, now);
      return order.transfer === null
        ? t("next.awaiting_payment", { time })
        : translator(reader.locale, "transfer")("until", { time });
    }
    case "payment_processing":
      return order.canGiveUp && order.payBy !== null
        ? translator(reader.locale, "transfer")("atProvider", {
            time: formatMoment(order.payBy, reader, now),
          })
        : t("next.payment_processing");
    default:
      return t(`next.${order.phase}`);
  }
}

/** The method to whose provider money goes back. */
function originOf(order: OrderView): string {
  return order.parts.find((part) => part.method !== "balance")?.method ?? "balance";
}

/** What the customer can or need not do now. */
function NextStep({ order, reader, now, resume, giveUp }: Props): ReactNode {
  const t = translator(reader.locale, "order");
  const words = translator(reader.locale, "transfer");
  const { service } = order;
  const esim = service === null ? null : `/esims/${service.iccid}`;
  const after = service?.preview.after ?? null;
  return (
    <>
      {order.phase === "live" && after !== null && (
        <p>
          {t("after")}{" "}
          <b>
            {after.until === null
              ? formatData(after.dataBytes, reader.locale)
              : t("afterLive", {
                  data: formatData(after.dataBytes, reader.locale),
                  date: formatMoment(after.until, reader, now),
                })}
          </b>
        </p>
      )}
      {order.transfer !== null && <p>{words(service === null ? "daysTopUp" : "days")}</p>}
      <p>
        {nextText(order, reader, now)}
        {order.phase === "live" && ` ${t("noInstall")}`}
      </p>
      {order.phase === "payment_expired" && isByTransfer(order) && <p>{words("whereMoney")}</p>}
      {order.phase === "live" && (
        <details>
          <summary>{t("checkDevice")}</summary>
          <ul className="bullets small">
            <li>{t("check1")}</li>
            <li>{t("check2")}</li>
            <li>{t("check3")}</li>
          </ul>
        </details>
      )}
      <div className="row">
        {order.phase === "awaiting_payment" && order.transfer === null && (
          <form action={resume}>
            <input type="hidden" name="number" value={order.number} />
            <button className="btn">{t("pay")}</button>
          </form>
        )}
        {order.phase === "awaiting_payment" && order.transfer === null && (
          <a href={service === null ? "/balance" : `${esim}/renew?plan=${service.planCode}`}>
            {t("payOther")}
          </a>
        )}
        {["payment_failed", "payment_expired", "refunded"].includes(order.phase) && (
          <a className="btn" href={esim === null ? "/balance" : `${esim}/renew`}>
            {t(esim === null ? "topUpAgain" : "renewAgain")}
          </a>
        )}
        {order.canCancel && <a href={`/orders/${order.number}/cancel`}>{t("cancel")}</a>}
        {order.phase === "credited" && (
          <a className="btn" href="/balance">
            {t("showBalance")}
          </a>
        )}
        {!order.settled && (
          <form method="get">
            <input type="hidden" name="wait" value={order.version} />
            <button className="btn quiet">{t("checkAgain")}</button>
          </form>
        )}
        {order.phase === "live" && esim !== null && (
          <a className="btn" href={esim}>
            {t("showEsim")}
          </a>
        )}
        {order.phase === "live" && esim !== null && <a href={`${esim}/install`}>{t("setUp")}</a>}
      </div>
      {!order.settled && <p className="small soft">{t("checkText")}</p>}
      {order.canGiveUp && (
        <form action={giveUp} className="tight">
          <input type="hidden" name="number" value={order.number} />
          <button className="btn quiet">{words("cancel")}</button>
          <p className="small soft">
            {words(order.transfer === null ? "cancelTextAtProvider" : "cancelText")}
          </p>
        </form>
      )}
    </>
  );
}

/** One method, or each with its part. */
function paidWith(order: OrderView, reader: Reader): string {
  const nameOf = ({ method, methodType }: OrderView["parts"][number]): string =>
    methodName(method, methodType, reader.locale);
  const [only, ...others] = order.parts;
  if (only !== undefined && others.length === 0) return nameOf(only);
  return order.parts
    .map((part) => `${nameOf(part)} ${formatMoney(part.amount, reader.locale)}`)
    .join(" + ");
}

function OrderFacts({ order, reader }: Pick<Props, "order" | "reader">): ReactNode {
  const t = translator(reader.locale, "order");
  return (
    <section className="card stack" aria-label={t("number")}>
      <Facts
        items={[
          [t("number"), <b key="number">{order.number}</b>],
          [t("placed"), formatDate(order.placedAt, reader, "full")],
          order.service === null
            ? null
            : [
                t("esim"),
                <a key="esim" href={`/esims/${order.service.iccid}`}>
                  {order.service.esimLabel}
                </a>,
              ],
          [t("paidWith"), paidWith(order, reader)],
          [t("total"), <b key="total">{formatMoney(order.total, reader.locale)}</b>],
          [t("tax"), formatMoney(order.tax, reader.locale)],
          order.refunded === null
            ? null
            : [t("refundedAmount"), formatMoney(order.refunded, reader.locale)],
        ]}
      />
      <p className="small soft">{t("keep", { number: order.number })}</p>
    </section>
  );
}
