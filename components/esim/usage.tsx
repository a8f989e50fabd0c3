import type { ReactNode } from "react";
import { Meter, type Tone } from "#components/ui/meter.tsx";
import type { EsimCondition, EsimOverview } from "#lib/domain/esim.ts";
import {
  dataVolume,
  formatData,
  formatDay,
  formatMoment,
  formatZone,
  type Reader,
} from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";

interface UsageProps {
  readonly esim: EsimOverview;
  readonly reader: Reader;
  readonly now: Date;
}

/** What is left, large, with a bar, how long it lasts, and the time the figures hold for. */
export function Usage({ esim, reader, now }: UsageProps): ReactNode {
  const t = translator(reader.locale, "esim");
  const { dataBytes, laterBytes, laterFrom } = esim.now;
  if (esim.current === null && dataBytes === 0n) {
    // Nothing is usable now: what comes later is the figure, and without it there is none.
    return laterFrom === null ? null : (
      <Amount
        bytes={laterBytes}
        locale={reader.locale}
        words={t("startsWith", { date: formatDay(laterFrom, reader, now) })}
      />
    );
  }
  return (
    <div className="tight">
      <AmountLeft esim={esim} reader={reader} now={now} />
      {dataBytes !== null && esim.totalBytes !== null && esim.totalBytes > 0n && (
        <Meter
          percent={percentLeft(dataBytes, esim.totalBytes)}
          tone={meterTone(esim.condition)}
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
  const total = esim.totalBytes;
  const time = timeLeft(until, now, reader);
  const words =
    dataBytes === null
      ? null
      : total === null || total === 0n
        ? t("left")
        : t("leftOf", { total: formatData(total, reader.locale) });
  return (
    <Amount
      bytes={dataBytes}
      locale={reader.locale}
      words={
        <>
          {words}
          {words !== null && time !== null && translator(reader.locale, "words")("separator")}
          {time !== null && <strong className="nowrap">{time}</strong>}
        </>
      }
    />
  );
}

/** A volume, large, with the words that belong to it; null is unlimited. */
function Amount({
  bytes,
  locale,
  words,
}: {
  readonly bytes: bigint | null;
  readonly locale: Reader["locale"];
  readonly words: ReactNode;
}): ReactNode {
  if (bytes === null) {
    return (
      <p className="left word">
        <b>{translator(locale, "words")("unlimited")}</b> <span>{words}</span>
      </p>
    );
  }
  const { value, unit } = dataVolume(bytes, locale);
  return (
    <p className="left">
      <b>{value}</b>{" "}
      <span>
        {unit} {words}
      </span>
    </p>
  );
}

/** Whole percent, to the nearest, yet never 0 while something is left. */
function percentLeft(left: bigint, total: bigint): number {
  const percent = Number((left * 100n + total / 2n) / total);
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

function meterTone(condition: EsimCondition): Tone {
  if (condition === "used_up") return "bad";
  if (condition === "running_low") return "warn";
  return condition === "suspended" || condition === "cancelled" ? "plain" : "good";
}
