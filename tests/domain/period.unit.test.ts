import { describe, expect, test } from "vitest";
import { addValidity, dayOf, startOfDay } from "#lib/domain/period.ts";

const end = (start: string, unit: "day" | "month" | "year", count: number, zone: string): string =>
  addValidity(new Date(start), { unit, count }, zone).toISOString();

describe("the end of a period", () => {
  test("31 January and a month is the last day of February", () => {
    expect(end("2027-01-31T12:00:00Z", "month", 1, "UTC")).toBe("2027-02-28T12:00:00.000Z");
    expect(end("2028-01-31T12:00:00Z", "month", 1, "UTC")).toBe("2028-02-29T12:00:00.000Z");
  });

  test("29 February and a year is 28 February", () => {
    expect(end("2028-02-29T12:00:00Z", "year", 1, "UTC")).toBe("2029-02-28T12:00:00.000Z");
  });

  test("a month keeps the wall-clock time when clocks change", () => {
    // London: 12:00 GMT on 1 March, 12:00 BST on 1 April.
    expect(end("2027-03-01T12:00:00Z", "month", 1, "Europe/London")).toBe(
      "2027-04-01T11:00:00.000Z",
    );
  });

  test("a day is 24 hours when clocks change", () => {
    expect(end("2027-03-27T12:00:00Z", "day", 1, "Europe/London")).toBe("2027-03-28T12:00:00.000Z");
  });

  test("months are counted in the customer's calendar, from UTC+14 to UTC−10", () => {
    // 31 January, 13:00 UTC is already 1 February on Kiritimati, and still 31 January in Honolulu.
    expect(end("2027-01-31T13:00:00Z", "month", 1, "Pacific/Kiritimati")).toBe(
      "2027-02-28T13:00:00.000Z",
    );
    expect(end("2027-01-31T13:00:00Z", "month", 1, "Pacific/Honolulu")).toBe(
      "2027-02-28T13:00:00.000Z",
    );
    expect(end("2027-01-30T13:00:00Z", "month", 1, "Pacific/Kiritimati")).toBe(
      "2027-02-27T13:00:00.000Z",
    );
  });

  test("a validity of nothing is refused", () => {
    expect(() => end("2027-01-31T13:00:00Z", "day", 0, "UTC")).toThrow(RangeError);
  });
});

describe("a calendar day", () => {
  test("begins at the customer's midnight", () => {
    expect(startOfDay("2027-01-31", "Asia/Shanghai").toISOString()).toBe(
      "2027-01-30T16:00:00.000Z",
    );
    expect(dayOf(new Date("2027-01-30T16:00:00Z"), "Asia/Shanghai")).toBe("2027-01-31");
    expect(dayOf(new Date("2027-01-30T15:59:59Z"), "Asia/Shanghai")).toBe("2027-01-30");
  });

  test("that does not exist is refused", () => {
    expect(() => startOfDay("2027-02-30", "UTC")).toThrow(RangeError);
  });
});
