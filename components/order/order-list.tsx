import type { ReactNode } from "react";
import type { OrderSummary } from "#lib/domain/order.ts";
import { formatDay, formatMoney, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import { PhaseTag } from "./phase.tsx";

/** Orders, latest first: what, when, how much, and how it stands. */
export function OrderList({
  orders,
  reader,
  now,
}: {
  readonly orders: readonly OrderSummary[];
  readonly reader: Reader;
  readonly now: Date;
}): ReactNode {
  return (
    <ul className="list">
      {orders.map((order) => (
        <li key={order.number}>
          <a href={`/orders/${order.number}`}>
            {order.planName?.[reader.locale] ?? translator(reader.locale, "order")("topUp")}
          </a>
          <b>{formatMoney(order.total, reader.locale)}</b>
          <span className="small soft">
            {formatDay(order.placedAt, reader, now)}
            {translator(reader.locale, "words")("separator")}
            <span className="nowrap">{order.number}</span>
          </span>
          <PhaseTag phase={order.phase} locale={reader.locale} />
        </li>
      ))}
    </ul>
  );
}
