import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EU_COUNTRIES, parseTaxNumber } from "#lib/domain/tax-number.ts";

/** Numbers that are valid, as people type them, and as they are kept. */
const VALID: readonly (readonly [country: string, typed: string, kept: string])[] = [
  ["CN", "91110000600037341L", "91110000600037341L"],
  ["CN", "9111 0000 6000 37341l", "91110000600037341L"],
  ["CN", "９１１１００００６０００３７３４１Ｌ", "91110000600037341L"],
  ["DE", "DE136695976", "DE136695976"],
  ["DE", "136 695 976", "DE136695976"],
  ["GR", "EL094259216", "EL094259216"],
  ["FR", "FR 40 303 265 045", "FR40303265045"],
  ["ES", "B58378431", "ESB58378431"],
  ["IT", "IT00743110157", "IT00743110157"],
  ["NL", "NL004495445B01", "NL004495445B01"],
  ["AT", "ATU13585627", "ATU13585627"],
  ["IE", "IE6433435F", "IE6433435F"],
  ["SE", "SE123456789701", "SE123456789701"],
  ["GB", "GB 980 7806 84", "GB980780684"],
  ["GB", "980780684", "GB980780684"],
  ["CH", "CHE-107.787.577 MWST", "CHE-107.787.577 MWST"],
  ["CH", "che107787577", "CHE-107.787.577"],
  ["JP", "5835678256246", "5835678256246"],
  ["JP", "T5835678256246", "T5835678256246"],
  ["AU", "83914571673", "83 914 571 673"],
  ["IN", "27aapfu0939f1zv", "27AAPFU0939F1ZV"],
  ["US", "911144442", "91-1144442"],
  ["SG", "197401143C", "197401143C"],
  ["AE", "100-2003-0040-0003", "100-2003-0040-0003"],
];

describe("a company's tax number", () => {
  test.each(VALID)("of %s is taken as typed: %s", (country, typed, kept) => {
    expect(parseTaxNumber(typed, country)).toBe(kept);
  });

  test.each(VALID)("of %s, once kept, is taken again: %s", (country, _typed, kept) => {
    expect(parseTaxNumber(kept, country)).toBe(kept);
  });

  // Britain counts in two ways, so that two numbers in eighty slip through; of an American number only the
  // prefix can be checked, and the last digits of Dutch and Swedish ones count branches.
  test.each([
    ["91110000600037341L", "CN"],
    ["DE136695976", "DE"],
    ["EL094259216", "GR"],
    ["FR40303265045", "FR"],
    ["ESB58378431", "ES"],
    ["IT00743110157", "IT"],
    ["ATU13585627", "AT"],
    ["IE6433435F", "IE"],
    ["CHE-107.787.577", "CH"],
    ["5835678256246", "JP"],
    ["83 914 571 673", "AU"],
    ["27AAPFU0939F1ZV", "IN"],
    ["197401143C", "SG"],
  ])("such as %s is refused with any one digit mistyped", (number, country) => {
    const mistyped = [...number].flatMap((digit, place) =>
      /\d/.test(digit)
        ? Array.from({ length: 9 }, (_, by) => {
            const other = (Number(digit) + by + 1) % 10;
            return number.slice(0, place) + String(other) + number.slice(place + 1);
          })
        : [],
    );
    expect(mistyped.length).toBeGreaterThan(60);
    expect(mistyped.filter((each) => parseTaxNumber(each, country) !== null)).toEqual([]);
  });

  test("of one country is none of another", () => {
    expect(parseTaxNumber("DE136695976", "FR")).toBeNull();
    expect(parseTaxNumber("91110000600037341L", "DE")).toBeNull();
  });

  test.each(["", " ", "-", "none", "12", "x".repeat(41), "<script>", "1; DROP TABLE"])(
    "is not %j, wherever there are rules",
    (typed) => {
      const countries = [...EU_COUNTRIES, "CN", "GB", "CH", "JP", "AU", "IN", "US"];
      expect(countries.filter((country) => parseTaxNumber(typed, country) !== null)).toEqual([]);
    },
  );

  test.each(["", "ab", "----", "a".repeat(31), "12<34>", "1234\n5678"])(
    "is not %j in a country without rules either",
    (typed) => {
      expect(parseTaxNumber(typed, "AE")).toBeNull();
    },
  );

  test("is read without an error, whatever is typed", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...VALID.join("")), maxLength: 20 }),
    );
    const countries = [...EU_COUNTRIES, ...new Set(VALID.map(([country]) => country)), "KR", "ZZ"];
    fc.assert(
      fc.property(anything, (typed) => {
        for (const country of countries) {
          const number = parseTaxNumber(typed, country);
          expect(number === null || number.length <= 60).toBe(true);
        }
      }),
    );
  });
});
