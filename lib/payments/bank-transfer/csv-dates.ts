import type { StatementPlace } from "#lib/domain/bank-statement.ts";
import { calendarDate } from "./calendar-date.ts";
import { refuseText } from "./statement-refusal.ts";

/** Which of two numbers is the day. */
export type DateOrder = "day_first" | "month_first";

export interface DateCell {
  readonly text: string;
  readonly place: StatementPlace;
}

/**
 * Whether 03/04 is in April or in March, by the dates of a file that can only be one of them. Throws
 * {@link StatementRefusal} when they contradict each other, or none tells and it makes a difference.
 */
export function findDateOrder(cells: readonly DateCell[]): DateOrder {
  const told: Partial<Record<DateOrder, DateCell>> = {};
  let unclear: DateCell | undefined;
  for (const cell of cells) {
    const [dayFirst, monthFirst] = [read(cell.text, "day_first"), read(cell.text, "month_first")];
    if (dayFirst === monthFirst) continue;
    if (dayFirst === null) told.month_first ??= cell;
    else if (monthFirst === null) told.day_first ??= cell;
    else unclear ??= cell;
  }
  if (told.day_first !== undefined && told.month_first !== undefined) {
    throw refuseText("date_ambiguous", told.month_first.place, told.month_first.text);
  }
  if (told.month_first !== undefined) return "month_first";
  if (told.day_first === undefined && unclear !== undefined) {
    throw refuseText("date_ambiguous", unclear.place, unclear.text);
  }
  return "day_first";
}

/** `YYYY-MM-DD`. Throws {@link StatementRefusal} on what is no day of the calendar. */
export function readDateCell({ text, place }: DateCell, order: DateOrder): string {
  const date = read(text, order);
  if (date === null) throw refuseText("not_a_date", place, text);
  return date;
}

const MONTHS: readonly RegExp[] = [
  /^jan/,
  /^feb/,
  /^(mar|mär|mrz|maer)/,
  /^apr/,
  /^(may|mai)/,
  /^jun/,
  /^jul/,
  /^aug/,
  /^sep/,
  /^(oct|okt)/,
  /^nov/,
  /^(dec|dez)/,
];

function read(given: string, order: DateOrder): string | null {
  const text = given
    .normalize("NFKC")
    .trim()
    .replace(/[ T]+\d{1,2}:\d{2}.*$/s, "");
  const [, y = "", m = "", d = ""] =
    /^(\d{4})(\d{2})(\d{2})(?:\d{6})?$/.exec(text) ??
    /^(\d{4})[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})日?$/.exec(text) ??
    [];
  if (y !== "") return calendarDate(Number(y), Number(m), Number(d));
  const [, first = "", mark = "", second = "", year = ""] =
    /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})$/.exec(text) ?? [];
  if (first !== "") {
    // With points the day comes first wherever dates are written so.
    const [day, month] = order === "day_first" || mark === "." ? [first, second] : [second, first];
    return calendarDate(fullYear(year), Number(month), Number(day));
  }
  const [, before = "", name = "", after = ""] =
    /^(\d{1,2})[-. ]+(\p{L}{3,9})\.?[-, ]+(\d{4}|\d{2})$/u.exec(text.toLowerCase()) ?? [];
  if (name !== "") return calendarDate(fullYear(after), monthOf(name), Number(before));
  const [, named = "", day = "", end = ""] =
    /^(\p{L}{3,9})\.? (\d{1,2}),? (\d{4})$/u.exec(text.toLowerCase()) ?? [];
  return named === "" ? null : calendarDate(Number(end), monthOf(named), Number(day));
}

function fullYear(text: string): number {
  return text.length === 2 ? 2000 + Number(text) : Number(text);
}

function monthOf(name: string): number {
  return MONTHS.findIndex((month) => month.test(name)) + 1;
}
