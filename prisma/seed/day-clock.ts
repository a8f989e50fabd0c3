import { Temporal } from "temporal-polyfill";

/** Times relative to the day of seeding, as a person in one zone would say them. */
export interface DayClock {
  readonly timeZone: string;
  /** The moment of seeding. */
  readonly now: Date;
  /** `time` (`HH:MM`) of the day that lies `days` after today; before it when negative. */
  at(days: number, time: string): Date;
  /** So many minutes before the moment of seeding, at a full second. */
  minutesAgo(minutes: number): Date;
}

/** The clock of one person. */
export function dayClock(now: Date, timeZone: string): DayClock {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  return {
    timeZone,
    now,
    at: (days, time) =>
      new Date(
        today.add({ days }).toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(time) })
          .epochMilliseconds,
      ),
    minutesAgo: (minutes) => new Date(Math.floor(now.getTime() / 1_000) * 1_000 - minutes * 60_000),
  };
}
