import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bankReference,
  findBankReferences,
  formatBankReference,
} from "#lib/domain/bank-reference.ts";
import { remainder97 } from "#lib/domain/mod97.ts";

const references = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((random) => bankReference(random));

describe("a payment reference", () => {
  test("is a creditor reference as ISO 11649 has it", () => {
    fc.assert(
      fc.property(references, (reference) => {
        expect(reference).toMatch(/^RF\d{2}[1-9]\d{11}$/);
        expect(remainder97(reference.slice(4) + reference.slice(0, 4))).toBe(1);
      }),
    );
  });

  test("has the check digits of published examples", () => {
    expect(findBankReferences("RF18 5390 0754 7034")).toEqual(["RF18539007547034"]);
    expect(findBankReferences("RF17 5390 0754 7034")).toEqual([]);
  });

  test("is shown in groups of four", () => {
    expect(formatBankReference("RF18539007547034")).toBe("RF18 5390 0754 7034");
  });

  test("is different for different random bytes, and wants enough of them", () => {
    expect(bankReference(new Uint8Array(8))).not.toBe(bankReference(new Uint8Array(8).fill(7)));
    expect(() => bankReference(new Uint8Array(7))).toThrow(RangeError);
  });
});

describe("a reference that was typed wrongly", () => {
  test("is noticed whichever single character is another one", () => {
    fc.assert(
      fc.property(
        references,
        fc.nat({ max: 15 }),
        fc.constantFrom(..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("")),
        (reference, index, other) => {
          const meant = { O: "0", I: "1", L: "1" }[other] ?? other;
          fc.pre(meant !== reference[index]);
          const wrong = reference.slice(0, index) + other + reference.slice(index + 1);
          expect(findBankReferences(wrong)).toEqual([]);
          expect(findBankReferences(formatBankReference(wrong))).toEqual([]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("is noticed whichever neighbours are swapped", () => {
    fc.assert(
      fc.property(references, fc.nat({ max: 14 }), (reference, index) => {
        const [a = "", b = ""] = reference.slice(index, index + 2);
        fc.pre(a !== b);
        const wrong = reference.slice(0, index) + b + a + reference.slice(index + 2);
        expect(findBankReferences(wrong)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("is noticed when a digit is missing or one is too many", () => {
    fc.assert(
      fc.property(
        references,
        fc.integer({ min: 2, max: 15 }),
        fc.nat({ max: 9 }),
        (reference, index, digit) => {
          const short = reference.slice(0, index) + reference.slice(index + 1);
          expect(findBankReferences(short)).toEqual([]);
          expect(findBankReferences(`${short} on 22 November`)).toEqual([]);
          const long = reference.slice(0, index) + digit + reference.slice(index);
          expect(findBankReferences(long)).toEqual([]);
          expect(findBankReferences(formatBankReference(reference) + digit)).toEqual([]);
        },
      ),
    );
  });
});

describe("a reference in what the bank passes on", () => {
  const reference = "RF18539007547034";

  test.each([
    ["in lower case", "rf18 5390 0754 7034"],
    ["with hyphens", "RF18-5390-0754-7034"],
    ["with dots and slashes", "RF18.5390/0754.7034"],
    ["with another dash", "RF18–5390—0754‑7034"],
    ["with letters that look like digits", "RFI8 539O o754 7O34"],
    ["with a small L and a bar for a one", "RFl8539007547034 RF|8539007547034"],
    ["with an invisible mark in it", "RF18\u200B5390\u200D07547034"],
    ["with hard and thin blanks", "RF18\u00A05390\u202F0754\u20097034"],
    ["in the wide characters of a Chinese keyboard", "ＲＦ１８　５３９０　０７５４　７０３４"],
    ["among other words", "Invoice RF18 5390 0754 7034, thank you"],
    ["among Chinese words without a blank", "续费RF18539007547034谢谢"],
    ["behind the bank's own mark", "SVWZ+RF18539007547034 EREF+NOTPROVIDED"],
    ["before a date", "RF18 5390 0754 7034 2026-11-22"],
    ["after a number", "4711 RF18539007547034"],
    ["with a name that begins like a digit attached", "RF18539007547034Ivan"],
    ["broken over two lines", "Payment for order AX RF18 53\r\n90 0754 7034"],
    ["broken in its first letters", "R F18539007547034"],
    ["with blanks inserted by column width", "RF1853900   7547034"],
    ["twice", "RF18539007547034 RF18 5390 0754 7034"],
  ])("is found %s", (_how, text) => {
    expect(findBankReferences(text)).toEqual([reference]);
  });

  test("is found however case, gaps and look-alikes are changed", () => {
    const gap = fc.constantFrom("", "", "", " ", "-", "\n", " - ");
    fc.assert(
      fc.property(
        references,
        fc.array(gap, { minLength: 16 }),
        fc.boolean(),
        (given, gaps, low) => {
          const spread = [...given].map((character, i) => character + (gaps[i] ?? "")).join("");
          const similar = spread.replaceAll("0", "O").replaceAll("1", "l");
          expect(findBankReferences(low ? similar.toLowerCase() : spread)).toEqual([given]);
        },
      ),
    );
  });

  test("is found beside another one, in the order in which they stand", () => {
    fc.assert(
      fc.property(
        references,
        references,
        fc.constantFrom(" ", ", ", "\n", "and"),
        (a, b, between) => {
          fc.pre(a !== b);
          expect(findBankReferences(a + between + b)).toEqual([a, b]);
        },
      ),
    );
  });

  test("is not seen where there is none", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        fc.pre(!/r.*f/isu.test(text.normalize("NFKC")));
        expect(findBankReferences(text)).toEqual([]);
      }),
    );
    expect(findBankReferences("RF2012345678")).toEqual([]);
    expect(findBankReferences("")).toEqual([]);
  });

  test("is looked for without losing time in a hostile text", () => {
    const started = performance.now();
    for (const hostile of ["R", "RF", "RF1", "R F 1 ", "RF18 5390 0754 703 ", " ", "/-"]) {
      expect(findBankReferences(hostile.repeat(20_000))).toEqual([]);
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
