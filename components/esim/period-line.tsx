import type { ReactNode } from "react";
import type { EsimOverview, PeriodView } from "#lib/domain/esim.ts";
import { formatDay, formatMoment, type Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

/** The bar is this wide in its own units; the length of a period is its share of it. */
const WIDTH = 1_000;

/**
 * The periods that run and follow: a bar to scale for the eye, and the same as a list, which is what
 * everybody can read.
 */
export function PeriodLine({
  esim,
  reader,
  now,
}: {
  readonly esim: EsimOverview;
  readonly reader: Reader;
  readonly now: Date;
}): ReactNode {
  const t = translator(reader.locale, "esim");
  const periods = esim.current === null ? esim.queued : [esim.current, ...esim.queued];
  const last = periods.at(-1);
  if (last === undefined) return null;
  const from = now.getTime();
  const scale = WIDTH / Math.max(1, last.endsAt.getTime() - from);
  const place = (moment: Date): number =>
    Math.max(0, Math.round((moment.getTime() - from) * scale));
  return (
    <div className="tight">
      {periods.length > 1 && (
        <svg className="line" viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden>
          {periods.map((period) => {
            const x = place(period.startsAt);
            return (
              <rect
                key={period.startsAt.getTime()}
                className={period === esim.current ? "now" : undefined}
                x={x}
                // A hair's breadth between two periods, so that they can be counted.
                width={Math.max(1, place(period.endsAt) - x - 6)}
                height="8"
              />
            );
          })}
        </svg>
      )}
      <ol className="periods" aria-label={t("periods")}>
        {periods.map((period) => (
          <li
            key={period.startsAt.getTime()}
            className={period === esim.current ? "now" : undefined}
          >
            <b>{t(period === esim.current ? "periodNow" : "periodThen")}</b>
            <span>
              {period.planName[reader.locale]}
              {translator(reader.locale, "words")("separator")}
              <span className="nowrap">{when(period, period === esim.current, reader, now)}</span>
              {!period.confirmed && ` (${t("periodUnconfirmed")})`}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function when(period: PeriodView, isCurrent: boolean, reader: Reader, now: Date): string {
  const t = translator(reader.locale, "esim");
  return isCurrent
    ? t("periodUntil", { date: formatMoment(period.endsAt, reader, now) })
    : t("periodFromTo", {
        from: formatDay(period.startsAt, reader, now),
        to: formatDay(period.endsAt, reader, now),
      });
}
