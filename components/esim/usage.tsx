import type { ReactNode } from "react";
import { Meter } from "#components/ui/meter.tsx";
import type { EsimOverview } from "#lib/domain/esim.ts";
import {
  dataVolume,
  formatData,
  formatDay,
  formatMoment,
  formatZone,
  type Reader,
} from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import { toneOf } from "./condition.tsx";

interface UsageProps {
  readonly esim: EsimOverview;
  readonly reader: Reader;
  readonly now: Date;
}

/** What is left, large, with a bar, how long it lasts, and the time the figures hold for. */
export function Usage({ esim, reader, now }: UsageProps): ReactNode {
  const t = translator(reader.locale, "esim");
  const { dataBytes, laterBytes, laterFrom } = esim.now;
  return (
    <div className="tight">
      <AmountLeft esim={esim} reader={reader} now={now} />
      {dataBytes !== null && esim.totalBytes !== null && esim.totalBytes > 0n && (
        <Meter
          percent={percentLeft(dataBytes, esim.totalBytes)}
          tone={toneOf(esim.condition)}
          label={t("meter", { percent: percentLeft(dataBytes, esim.totalBytes) })}
        />
      )}
      {laterFrom !== null && (
        <p>
          {t("later", {
            data: formatData(laterBytes, reader.locale),
            date: formatDay(laterFrom, reader, now),
          })}
        </p>
      )}
      <p className="small soft">{asOf(esim, reader, now)}</p>
    </div>
  );
}

function AmountLeft({ esim, reader, now }: UsageProps): ReactNode {
  const t = translator(reader.locale, "esim");
  const { dataBytes, until } = esim.now;
  const time = timeLeft(until, now, reader);
  if (dataBytes === null) {
    return (
      <p className="left word">
        <b>{translator(reader.locale, "words")("unlimited")}</b>
        {time !== null && <span>{time}</span>}
      </p>
    );
  }
  const { value, unit } = dataVolume(dataBytes, reader.locale);
  const total = esim.totalBytes;
  return (
    <p className="left">
      <b>{value}</b>
      <span>
        {unit}{" "}
        {total === null || total === 0n
          ? t("left")
          : t("leftOf", { total: formatData(total, reader.locale) })}
        {time !== null && (
          <>
            {translator(reader.locale, "words")("separator")}
            <strong>{time}</strong>
          </>
        )}
      </span>
    </p>
  );
}

/** Whole percent, rounded down, yet never 0 while something is left. */
function percentLeft(left: bigint, total: bigint): number {
  const percent = Number((left * 100n) / total);
  return Math.min(100, left > 0n ? Math.max(1, percent) : 0);
}

function timeLeft(until: Date | null, now: Date, reader: Reader): string | null {
  if (until === null || until <= now) return null;
  const t = translator(reader.locale, "esim");
  const hours = Math.floor((until.getTime() - now.getTime()) / 3_600_000);
  if (hours >= 48) return t("daysLeft", { count: Math.floor(hours / 24) });
  return hours >= 1 ? t("hoursLeft", { count: hours }) : t("lastHour");
}

function asOf(esim: EsimOverview, reader: Reader, now: Date): string {
  const t = translator(reader.locale, "esim");
  if (esim.usageAsOf === null) return t("asOfNever");
  const time = formatMoment(esim.usageAsOf, reader, now);
  const zone = formatZone(reader);
  return esim.usageLagHours > 0
    ? t("asOfLag", { time, zone, hours: esim.usageLagHours })
    : t("asOf", { time, zone });
}
