import type { ReactNode } from "react";
import type { RenewalPreview } from "#lib/domain/order.ts";
import type { Snapshot } from "#lib/domain/renewal.ts";
import { formatData, formatDay, formatMoment, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

interface Props {
  readonly preview: RenewalPreview;
  readonly reader: Reader;
  readonly now: Date;
}

/** What there is now and what there will be: computed by what also books it, never here. */
export function BeforeAfter({ preview, reader, now }: Props): ReactNode {
  const t = translator(reader.locale, "checkout");
  return (
    <div className="change">
      <Side title={t("now")} snapshot={preview.before} reader={reader} now={now} />
      <span aria-hidden>→</span>
      <Side title={t("after")} snapshot={preview.after} reader={reader} now={now} />
    </div>
  );
}

function Side(props: {
  readonly title: string;
  readonly snapshot: Snapshot;
  readonly reader: Reader;
  readonly now: Date;
}): ReactNode {
  const { snapshot, reader, now } = props;
  const t = translator(reader.locale, "checkout");
  return (
    <div>
      <h3 className="small soft">{props.title}</h3>
      <b>
        {snapshot.dataBytes === 0n ? t("nothing") : formatData(snapshot.dataBytes, reader.locale)}
      </b>
      {snapshot.laterFrom !== null && (
        <p>
          {t("laterMore", {
            data: formatData(snapshot.laterBytes, reader.locale),
            date: formatDay(snapshot.laterFrom, reader, now),
          })}
        </p>
      )}
      <p>
        {snapshot.until === null
          ? t("noPeriod")
          : t("until", { date: formatMoment(snapshot.until, reader, now) })}
      </p>
    </div>
  );
}

/** The same in one line, for a row of a list. */
export function afterText({ preview, reader, now }: Props): string {
  const t = translator(reader.locale, "renew");
  const { after } = preview;
  if (after.until === null) return formatData(after.dataBytes, reader.locale);
  const date = formatDay(after.until, reader, now);
  const data = formatData(after.dataBytes, reader.locale);
  return after.laterFrom === null
    ? t("afterSummary", { data, date })
    : t("afterLater", {
        data,
        later: formatData(after.laterBytes, reader.locale),
        from: formatDay(after.laterFrom, reader, now),
        date,
      });
}

/** When the data is usable, in words. */
export function dataFromText({ preview, reader, now }: Props): string {
  const t = translator(reader.locale, "checkout");
  return preview.dataFrom <= now
    ? t("dataAtOnce")
    : t("dataFromDate", { date: formatMoment(preview.dataFrom, reader, now) });
}

/** The new days, in words. */
export function newDaysText({ preview, reader, now }: Props): string {
  const t = translator(reader.locale, "checkout");
  if (preview.period === null) return t("noNewDays");
  return t("newDaysFromTo", {
    from: formatDay(preview.period.startsAt, reader, now),
    to: formatDay(preview.period.endsAt, reader, now),
  });
}
