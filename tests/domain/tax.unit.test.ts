import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { currencyExponent, money } from "#lib/domain/money.ts";
import {
  chargedBasisPoints,
  decideTaxRule,
  taxLine,
  taxTotals,
  type TaxRate,
  type TaxRule,
  type TaxTreatment,
} from "#lib/domain/tax.ts";

const RATES: readonly TaxRate[] = [
  { countryCode: "DE", customerKind: "private", treatment: "inclusive", basisPoints: 1900 },
  { countryCode: "DE", customerKind: "company", treatment: "reverse_charge", basisPoints: 1900 },
  { countryCode: "GB", customerKind: "private", treatment: "inclusive", basisPoints: 2000 },
  { countryCode: "CA", customerKind: "private", treatment: "exclusive", basisPoints: 500 },
  { countryCode: "SG", customerKind: "company", treatment: "exclusive", basisPoints: 900 },
];

describe("which tax applies", () => {
  const rule = (countryCode: string, kind: "private" | "company", hasTaxNumber = false) =>
    decideTaxRule(RATES, { countryCode, kind, hasTaxNumber });

  test("to a private person it is the country's", () => {
    expect(rule("DE", "private")).toEqual({ treatment: "inclusive", basisPoints: 1900 });
    expect(rule("CA", "private")).toEqual({ treatment: "exclusive", basisPoints: 500 });
  });

  test("a company with a tax number owes it itself, where its country has it so", () => {
    expect(rule("DE", "company", true)).toEqual({ treatment: "reverse_charge", basisPoints: 1900 });
  });

  test("a company without a tax number is taxed like everybody", () => {
    expect(rule("DE", "company", false)).toEqual({ treatment: "inclusive", basisPoints: 1900 });
  });

  test("a private person with a tax number stays a private person", () => {
    expect(rule("DE", "private", true)?.treatment).toBe("inclusive");
  });

  test("companies are taxed like everybody where nothing else is set for them", () => {
    expect(rule("GB", "company", true)).toEqual({ treatment: "inclusive", basisPoints: 2000 });
  });

  test("companies need no tax number for a rule of their own that is no reverse charge", () => {
    expect(rule("SG", "company")).toEqual({ treatment: "exclusive", basisPoints: 900 });
    expect(rule("SG", "private")).toBeNull();
  });

  test("where nothing is set, none does", () => {
    expect(rule("ZZ", "private")).toBeNull();
    expect(rule("ZZ", "company", true)).toBeNull();
  });
});

const cny = (amountMinor: bigint) => money(amountMinor, "CNY");
const line = (price: bigint, treatment: TaxTreatment, basisPoints: number) => {
  const { net, tax, gross } = taxLine(cny(price), { treatment, basisPoints });
  return [net.amountMinor, tax.amountMinor, gross.amountMinor];
};

describe("what a line costs", () => {
  test("with the tax in it", () => {
    expect(line(11_900n, "inclusive", 1900)).toEqual([10_000n, 1_900n, 11_900n]);
  });

  test("with the tax added", () => {
    expect(line(10_000n, "exclusive", 500)).toEqual([10_000n, 500n, 10_500n]);
  });

  test("with the tax left to the buyer, who pays the price without it", () => {
    expect(line(11_900n, "reverse_charge", 1900)).toEqual([10_000n, 0n, 10_000n]);
  });

  test("with no tax", () => {
    expect(taxLine(cny(68n), null)).toEqual({ net: cny(68n), tax: cny(0n), gross: cny(68n) });
    expect(line(68n, "exclusive", 0)).toEqual([68n, 0n, 68n]);
  });

  test("a half is rounded up, less than a half down", () => {
    expect(line(10n, "exclusive", 500)[1]).toBe(1n);
    expect(line(9n, "exclusive", 500)[1]).toBe(0n);
    // 3 × 20 % ÷ 120 % is exactly a half.
    expect(line(3n, "inclusive", 2000)[1]).toBe(1n);
    expect(line(2n, "inclusive", 2000)[1]).toBe(0n);
  });

  test("is exact beyond what a float can hold", () => {
    const price = 9_007_199_254_740_993n * 100n;
    expect(line(price, "exclusive", 1000)).toEqual([price, price / 10n, price + price / 10n]);
  });

  test("is nothing below zero", () => {
    expect(() => taxLine(cny(-1n), null)).toThrow(RangeError);
  });
});

const anyRule = fc.option(
  fc.record({
    treatment: fc.constantFrom<TaxTreatment>("inclusive", "exclusive", "reverse_charge"),
    basisPoints: fc.integer({ min: 0, max: 10_000 }),
  }),
  { nil: null },
);
const anyPrice = fc.oneof(
  fc.bigInt({ min: 0n, max: 100_000n }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 62n }),
);
/** Of no decimals, two and three. */
const anyCurrency = fc.constantFrom("JPY", "EUR", "KWD");

describe("whatever is sold, wherever, in whatever currency", () => {
  test("the currencies have 0, 2 and 3 decimals", () => {
    expect(["JPY", "EUR", "KWD"].map(currencyExponent)).toEqual([0, 2, 3]);
  });

  test("net and tax make what is paid, and the totals are the sums of their lines", () => {
    fc.assert(
      fc.property(
        fc.array(anyPrice, { minLength: 1, maxLength: 6 }),
        anyRule,
        anyCurrency,
        (prices, rule, currency) => {
          const lines = prices.map((price) => taxLine(money(price, currency), rule));
          const totals = taxTotals(lines);
          const sum = (part: "net" | "tax" | "gross") =>
            lines.reduce((total, each) => total + each[part].amountMinor, 0n);
          for (const part of ["net", "tax", "gross"] as const) {
            expect(totals[part]).toEqual(money(sum(part), currency));
            expect(totals[part].amountMinor).toBeGreaterThanOrEqual(0n);
          }
          expect(totals.net.amountMinor + totals.tax.amountMinor).toBe(totals.gross.amountMinor);
        },
      ),
    );
  });

  test("the tax is the rate of the net amount, to half a minor unit", () => {
    fc.assert(
      fc.property(anyPrice, anyRule, anyCurrency, (price, rule, currency) => {
        const { net, tax, gross } = taxLine(money(price, currency), rule);
        const basisPoints = BigInt(chargedBasisPoints(rule));
        const off = tax.amountMinor * 10_000n - net.amountMinor * basisPoints;
        // Contained tax is rounded from the price, which moves the net amount by as much.
        const most = rule?.treatment === "inclusive" ? 10_000n + basisPoints : 10_000n;
        expect((off < 0n ? -off : off) * 2n).toBeLessThanOrEqual(most);
        if (rule?.treatment === "inclusive") expect(gross.amountMinor).toBe(price);
        if (rule?.treatment === "exclusive") expect(net.amountMinor).toBe(price);
        if (rule?.treatment === "reverse_charge") expect(tax.amountMinor).toBe(0n);
      }),
    );
  });

  test("a company that owes the tax itself pays what others pay without their tax", () => {
    fc.assert(
      fc.property(anyPrice, fc.integer({ min: 0, max: 10_000 }), (price, basisPoints) => {
        const rule = (treatment: TaxTreatment): TaxRule => ({ treatment, basisPoints });
        const others = taxLine(cny(price), rule("inclusive"));
        const company = taxLine(cny(price), rule("reverse_charge"));
        expect(company.gross).toEqual(others.net);
        expect(chargedBasisPoints(rule("reverse_charge"))).toBe(0);
      }),
    );
  });
});

test("amounts of different currencies are never added", () => {
  const of = (currency: string) => taxLine(money(100n, currency), null);
  expect(() => taxTotals([of("JPY"), of("KWD")])).toThrow(RangeError);
  expect(() => taxTotals([])).toThrow(RangeError);
});
