import type { ReactNode } from "react";
import { Pager } from "#components/ui/pager.tsx";
import type { OrderSummary } from "#lib/domain/order.ts";
import type { Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import { OrderList } from "./order-list.tsx";

/** All orders of a customer, a page at a time. */
export function OrderPages(props: {
  readonly orders: readonly OrderSummary[];
  readonly page: number;
  readonly pages: number;
  readonly reader: Reader;
  readonly now: Date;
}): ReactNode {
  const { reader } = props;
  const t = translator(reader.locale, "order");
  return (
    <div className="stack">
      <h1>{t("list")}</h1>
      <section className="card">
        {props.orders.length === 0 ? (
          <div className="tight">
            <h2>{t("none")}</h2>
            <p>{t("noneText")}</p>
            <p>
              <a href="/dashboard">{translator(reader.locale, "home")("toDashboard")}</a>
            </p>
          </div>
        ) : (
          <OrderList orders={props.orders} reader={reader} now={props.now} />
        )}
      </section>
      <Pager
        locale={reader.locale}
        page={props.page}
        pages={props.pages}
        href={(page) => `/orders?page=${page}`}
      />
    </div>
  );
}
