import type { ReactNode } from "react";
import { ErrorSummary, type FormProblem } from "#components/forms/error-summary.tsx";
import type { OrderView } from "#lib/domain/order.ts";
import { formatMoment, formatMoney, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

/** What giving up a booked period means, where the money goes, and the button that does it. */
export function CancelOrder(props: {
  readonly order: OrderView;
  readonly reader: Reader;
  readonly now: Date;
  readonly action: (data: FormData) => Promise<void>;
  readonly problems: readonly FormProblem[];
  readonly destination: string | undefined;
}): ReactNode {
  const { order, reader } = props;
  const t = translator(reader.locale, "cancelOrder");
  const back = `/orders/${order.number}`;
  if (!order.canCancel || order.service === null || order.startsAt === null) {
    return (
      <div className="stack">
        <h1>{t("tooLate")}</h1>
        <p>{t("tooLateText")}</p>
        <p>
          <a href={back}>{t("back")}</a>
        </p>
      </div>
    );
  }
  const amount = formatMoney(order.total, reader.locale);
  const onlyBalance = order.parts.every((part) => part.method === "balance");
  return (
    <div className="stack">
      <ErrorSummary locale={reader.locale} problems={props.problems} />
      <h1>{t("title")}</h1>
      <p>
        {t("lead", {
          plan: order.service.planName[reader.locale],
          label: order.service.esimLabel,
          date: formatMoment(order.startsAt, reader, props.now),
        })}{" "}
        {t("behind")}
      </p>
      <form action={props.action} className="stack">
        <input type="hidden" name="number" value={order.number} />
        {onlyBalance ? (
          <input type="hidden" name="destination" value="balance" />
        ) : (
          <fieldset className="card options">
            <legend>{t("where")}</legend>
            {(["origin", "balance"] as const).map((destination) => (
              <label className="option" key={destination}>
                <input
                  type="radio"
                  name="destination"
                  value={destination}
                  defaultChecked={destination === (props.destination ?? "origin")}
                />
                <b>{t(destination)}</b>
                <span className="small soft">{t(`${destination}Text`, { amount })}</span>
              </label>
            ))}
          </fieldset>
        )}
        <div className="row">
          <button className="btn">{t("submit", { amount })}</button>
          <a href={back}>{t("keep")}</a>
        </div>
      </form>
    </div>
  );
}
