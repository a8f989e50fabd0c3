import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  documentNumber,
  documentSeries,
  documentTotals,
  numberDocument,
  paperOf,
  parseDocumentNumber,
  type DocumentLine,
} from "#lib/domain/document.ts";
import { containedTax, money } from "#lib/domain/money.ts";
import { sampleContent } from "#tests/documents/sample.ts";

const ISSUE = {
  number: "R-2026-000001",
  issuedAt: new Date("2026-01-01T00:00:00Z"),
  timeZone: "UTC",
};

/** A line as it is sold: a price with its tax within, of any size. */
const lines = fc
  .array(
    fc.record({
      gross: fc.bigInt({ min: 0n, max: 10n ** 20n }),
      basisPoints: fc.constantFrom(0, 500, 600, 810, 1900, 2000, 2700),
      quantity: fc.integer({ min: 1, max: 9 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((sold) =>
    sold.map(({ gross, basisPoints, quantity }): DocumentLine => {
      const tax = containedTax(gross, basisPoints);
      return {
        subject: { kind: "top_up" },
        quantity,
        net: money(gross - tax, "EUR"),
        taxBasisPoints: basisPoints,
        tax: money(tax, "EUR"),
        gross: money(gross, "EUR"),
      };
    }),
  );

const sum = (amounts: readonly { readonly amountMinor: bigint }[]): bigint =>
  amounts.reduce((total, { amountMinor }) => total + amountMinor, 0n);

describe("totals", () => {
  test("are what the lines come to, as a whole and rate by rate", () => {
    fc.assert(
      fc.property(lines, (sold) => {
        const totals = documentTotals(sold);
        expect(totals.net.amountMinor).toBe(sum(sold.map(({ net }) => net)));
        expect(totals.tax.amountMinor).toBe(sum(sold.map(({ tax }) => tax)));
        expect(totals.gross.amountMinor).toBe(sum(sold.map(({ gross }) => gross)));
        expect(totals.net.amountMinor + totals.tax.amountMinor).toBe(totals.gross.amountMinor);
        expect(sum(totals.taxes.map(({ tax }) => tax))).toBe(totals.tax.amountMinor);
        expect(sum(totals.taxes.map(({ net }) => net))).toBe(totals.net.amountMinor);
        const rates = totals.taxes.map(({ taxBasisPoints }) => taxBasisPoints);
        expect(rates).toEqual([...new Set(rates)].toSorted((a, b) => a - b));
      }),
    );
  });

  test("are refused of a line that does not add up, of none, and of two currencies", () => {
    const [line] = sampleContent().lines;
    if (line === undefined) throw new Error("The sample has a line");
    const wrong = { ...line, tax: money(386n, "CNY") };
    const foreign = {
      ...line,
      net: money(6415n, "EUR"),
      tax: money(385n, "EUR"),
      gross: money(6800n, "EUR"),
    };
    expect(() => documentTotals([wrong])).toThrow(RangeError);
    expect(() => documentTotals([])).toThrow(RangeError);
    expect(() => documentTotals([line, foreign])).toThrow(RangeError);
  });
});

describe("a document", () => {
  test("is issued only when what was paid is what it says, to the minor unit", () => {
    fc.assert(
      fc.property(lines, fc.bigInt({ min: -3n, max: 3n }), (sold, off) => {
        const { gross } = documentTotals(sold);
        const content = sampleContent({
          lines: sold,
          payments: [
            {
              method: "stripe",
              amount: money(gross.amountMinor + off, "EUR"),
              at: ISSUE.issuedAt,
            },
          ],
        });
        if (off === 0n) expect(numberDocument(content, ISSUE).totals.gross).toEqual(gross);
        else expect(() => numberDocument(content, ISSUE)).toThrow("paid exactly");
      }),
    );
  });

  test("that takes one back says which, and no other does", () => {
    const credit = { kind: "credit_note", corrects: "R-2026-000001" } as const;
    expect(numberDocument(sampleContent(credit), ISSUE).corrects).toBe("R-2026-000001");
    expect(() => numberDocument(sampleContent({ kind: "credit_note" }), ISSUE)).toThrow("corrects");
    expect(() => numberDocument(sampleContent({ corrects: "R-2026-000001" }), ISSUE)).toThrow(
      "corrects",
    );
  });
});

describe("numbers", () => {
  test("count within the year of the operator's zone, each kind apart", () => {
    const newYear = new Date("2026-12-31T16:30:00Z");
    expect(documentSeries("receipt", newYear, "Asia/Shanghai")).toBe("R-2027");
    expect(documentSeries("invoice", newYear, "Europe/London")).toBe("I-2026");
    expect(documentSeries("credit_note", newYear, "UTC")).toBe("C-2026");
    expect(documentNumber("R-2026", 123)).toBe("R-2026-000123");
    expect(documentNumber("R-2026", 1_234_567)).toBe("R-2026-1234567");
    expect(() => documentNumber("R-2026", 0)).toThrow(RangeError);
  });

  test("are known in any case, and nothing else is taken for one", () => {
    expect(parseDocumentNumber(" r-2026-000123 ")).toBe("R-2026-000123");
    for (const text of ["", "X-2026-000123", "R-26-000123", "R-2026-123", "R-2026-000123'--"]) {
      expect(parseDocumentNumber(text)).toBeNull();
    }
  });
});

test("a country prints on its own paper", () => {
  expect(paperOf("US")).toBe("letter");
  expect(paperOf("CN")).toBe("A4");
  expect(paperOf("DE")).toBe("A4");
});
