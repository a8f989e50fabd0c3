import { Temporal } from "temporal-polyfill";
import type { Validity } from "./plan.ts";

/**
 * The end of a period of `validity` that begins at `start`. Days are 24 hours each, as carriers
 * count them; months and years follow the calendar in `timeZone`, and a day the month does not have
 * becomes its last (31 January + 1 month = 28 or 29 February). Clock changes keep the wall-clock time.
 *
 * @param timeZone IANA zone, e.g. "Asia/Shanghai"
 */
export function addValidity(start: Date, validity: Validity, timeZone: string): Date {
  if (!Number.isInteger(validity.count) || validity.count < 1) {
    throw new RangeError(`A validity lasts at least one ${validity.unit}`);
  }
  if (validity.unit === "day") return new Date(start.getTime() + validity.count * 86_400_000);
  const zoned = Temporal.Instant.fromEpochMilliseconds(start.getTime()).toZonedDateTimeISO(
    timeZone,
  );
  const duration =
    validity.unit === "month" ? { months: validity.count } : { years: validity.count };
  return new Date(zoned.add(duration, { overflow: "constrain" }).epochMilliseconds);
}

/** The instant at which a calendar day (`YYYY-MM-DD`) begins in `timeZone`. Throws RangeError on a text that is no date. */
export function startOfDay(date: string, timeZone: string): Date {
  return new Date(Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds);
}

/** The calendar day (`YYYY-MM-DD`) that an instant falls on in `timeZone`. */
export function dayOf(instant: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

/** The first instant of the calendar month after the one that `instant` falls in, in `timeZone`. */
export function startOfNextMonth(instant: Date, timeZone: string): Date {
  const next = Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .with({ day: 1 })
    .add({ months: 1 });
  return new Date(next.toZonedDateTime(timeZone).epochMilliseconds);
}
