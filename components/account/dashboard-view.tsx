import type { ReactNode } from "react";
import { byUrgency } from "#components/esim/condition.tsx";
import { EsimCard } from "#components/esim/esim-card.tsx";
import { OrderList } from "#components/order/order-list.tsx";
import type { Dashboard } from "#lib/domain/account.ts";
import { formatMoney, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

/** What is left on each eSIM, the balance, and the latest orders. */
export function DashboardView({
  dashboard,
  reader,
  now,
}: {
  readonly dashboard: Dashboard;
  readonly reader: Reader;
  readonly now: Date;
}): ReactNode {
  const t = translator(reader.locale, "dashboard");
  return (
    <div className="stack">
      <div>
        <h1>{t("title")}</h1>
        <p className="soft">{t("greeting", { name: dashboard.name })}</p>
      </div>
      <div className="cols">
        <div className="stack">
          {dashboard.esims.length === 0 && (
            <section className="card stack">
              <h2>{t("none")}</h2>
              <p>{t("noneText")}</p>
              <p>
                <a href="/help#iccid">{t("noneHelp")}</a>
              </p>
            </section>
          )}
          {byUrgency(dashboard.esims).map((esim) => (
            <EsimCard
              key={esim.iccid}
              esim={esim}
              reader={reader}
              now={now}
              several={dashboard.esims.length > 1}
            />
          ))}
        </div>
        <div className="stack">
          <section className="card tight" aria-labelledby="balance">
            <h2 id="balance">{t("balance")}</h2>
            <p className="left word">
              <b>{formatMoney(dashboard.balance, reader.locale)}</b>
            </p>
            {dashboard.balance.amountMinor > 0n && <p className="small soft">{t("balanceText")}</p>}
            <p>
              <a href="/balance">{t("toBalance")}</a>
            </p>
          </section>
          <section className="card stack" aria-labelledby="orders">
            <h2 id="orders">{t("latestOrders")}</h2>
            {dashboard.orders.length === 0 ? (
              <p className="soft">{t("noOrders")}</p>
            ) : (
              <>
                <OrderList orders={dashboard.orders} reader={reader} now={now} />
                <p>
                  <a href="/orders">{t("allOrders")}</a>
                </p>
              </>
            )}
          </section>
        </div>
      </div>
    </div>
  );
}
