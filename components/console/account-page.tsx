import type { ReactNode } from "react";
import { ConditionTag } from "#components/esim/condition.tsx";
import { Facts } from "#components/ui/facts.tsx";
import type { AccountOverview, EsimDifference } from "#lib/domain/account.ts";
import {
  countryName,
  formatData,
  formatDate,
  formatIccid,
  formatMoney,
  formatZone,
  type Reader,
} from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import { StaffOrders } from "./staff-orders.tsx";

interface Props {
  readonly account: AccountOverview;
  readonly reader: Reader;
}

/** An account as it is: who, what they have, what they bought, and what happened, in one page. */
export function AccountPage({ account, reader }: Props): ReactNode {
  const t = translator(reader.locale, "console");
  return (
    <div className="stack">
      <div>
        <h1>{account.name}</h1>
        <p className="small soft">{t("timesIn", { zone: formatZone(reader) })}</p>
      </div>
      <div className="cols">
        <Person account={account} reader={reader} />
        <section className="card stack" aria-labelledby="balance">
          <h2 id="balance">{t("balance")}</h2>
          <Facts
            items={account.balances.map(({ balance, reserved }) => [
              balance.currency,
              <span key="balance">
                <b>{formatMoney(balance, reader.locale)}</b>
                {reserved.amountMinor > 0n && (
                  <> · {t("reserved", { amount: formatMoney(reserved, reader.locale) })}</>
                )}
              </span>,
            ])}
          />
        </section>
      </div>
      <Esims esims={account.esims} reader={reader} />
      <StaffOrders orders={account.orders} reader={reader} />
      <Timeline account={account} reader={reader} />
    </div>
  );
}

function Person({ account, reader }: Props): ReactNode {
  const t = translator(reader.locale, "console");
  return (
    <section className="card" aria-label={account.name}>
      <Facts
        items={[
          [t("email"), account.email],
          [t("phone"), account.phone ?? t("noPhone")],
          [t("country"), countryName(account.countryCode, reader.locale)],
          [t("language"), account.locale],
          [t("zone"), account.timeZone],
          [
            t("accountId"),
            <span key="id" className="code">
              {account.accountId}
            </span>,
          ],
        ]}
      />
    </section>
  );
}

/** Each eSIM as the books and the carrier have it; what differs stands out. */
function Esims({
  esims,
  reader,
}: {
  readonly esims: AccountOverview["esims"];
  readonly reader: Reader;
}): ReactNode {
  const t = translator(reader.locale, "console");
  return (
    <section className="card scroll" tabIndex={0} aria-labelledby="esims">
      <h2 id="esims">{t("esims")}</h2>
      {esims.length === 0 ? (
        <p className="soft">{t("noEsims")}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("esim")}</th>
              <th scope="col">{t("condition")}</th>
              <th scope="col">{t("data")}</th>
              <th scope="col">{t("until")}</th>
              <th scope="col">{t("network")}</th>
              <th scope="col">{t("atCarrier")}</th>
            </tr>
          </thead>
          <tbody>
            {esims.map((esim) => (
              <EsimRow key={esim.iccid} esim={esim} reader={reader} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function EsimRow({
  esim,
  reader,
}: {
  readonly esim: AccountOverview["esims"][number];
  readonly reader: Reader;
}): ReactNode {
  const t = translator(reader.locale, "console");
  const words = translator(reader.locale, "esim");
  const left = formatData(esim.now.dataBytes, reader.locale);
  return (
    <tr>
      <th scope="row">
        {esim.label}
        <br />
        <span className="code nowrap soft">{formatIccid(esim.iccid)}</span>
      </th>
      <td>
        <ConditionTag condition={esim.condition} locale={reader.locale} />
      </td>
      <td>
        {esim.totalBytes === null
          ? left
          : `${left} / ${formatData(esim.totalBytes, reader.locale)}`}
        {esim.usageAsOf !== null && (
          <p className="soft">
            {t("asOf")} {formatDate(esim.usageAsOf, reader, "moment")}
          </p>
        )}
      </td>
      <td>{esim.now.until === null ? "–" : formatDate(esim.now.until, reader, "full")}</td>
      <td>
        {words(`networkState.${esim.networkState}`)}
        <p className="soft">{words(`profileState.${esim.profileState}`)}</p>
      </td>
      <td>
        {esim.carrier} <span className="code">{esim.carrierEsimId}</span>
        {esim.differences.length === 0 ? (
          <p className="soft">{t("agree")}</p>
        ) : (
          esim.differences.map((difference) => (
            <p key={difference.kind} className="wrong">
              {t(`difference.${difference.kind}`, {
                booked: differenceValue(difference.kind, difference.booked, reader),
                carrier: differenceValue(difference.kind, difference.carrier, reader),
              })}
            </p>
          ))
        )}
      </td>
    </tr>
  );
}

/** Dates come as ISO 8601, data as bytes. */
function differenceValue(kind: EsimDifference["kind"], value: string, reader: Reader): string {
  return kind === "end_differs"
    ? formatDate(new Date(value), reader, "stamp")
    : formatData(BigInt(value), reader.locale);
}

function Timeline({ account, reader }: Props): ReactNode {
  const t = translator(reader.locale, "console");
  return (
    <section className="card scroll" tabIndex={0} aria-labelledby="timeline">
      <h2 id="timeline">{t("timeline")}</h2>
      {account.events.length === 0 ? (
        <p className="soft">{t("noEvents")}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("when")}</th>
              <th scope="col">{t("what")}</th>
              <th scope="col">{t("subject")}</th>
              <th scope="col">{t("who")}</th>
              <th scope="col">{t("why")}</th>
            </tr>
          </thead>
          <tbody>
            {account.events.map((event) => (
              <tr key={`${event.at.getTime()} ${event.action} ${event.subject}`}>
                <td className="nowrap">{formatDate(event.at, reader, "stamp")}</td>
                <td className="code nowrap">{event.action}</td>
                <td>{event.subject}</td>
                <td>{event.actor}</td>
                <td>{event.reason ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
