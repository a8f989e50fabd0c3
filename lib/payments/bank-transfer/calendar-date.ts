/** `YYYY-MM-DD` of a day that exists between 1970 and 2199, or null. */
export function calendarDate(year: number, month: number, day: number): string | null {
  if (year < 1970 || year > 2199) return null;
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return date.toISOString().slice(0, 10);
}
