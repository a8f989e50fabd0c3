import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addMoney, containedTax, money, subtractMoney, toDecimal } from "#lib/domain/money.ts";

describe("money", () => {
  test("is written with the decimals of its currency, beyond what a float can hold", () => {
    expect(toDecimal(money(6800n, "CNY"))).toBe("68.00");
    expect(toDecimal(money(1280n, "JPY"))).toBe("1280");
    expect(toDecimal(money(5n, "KWD"))).toBe("0.005");
    expect(toDecimal(money(-105n, "EUR"))).toBe("-1.05");
    expect(toDecimal(money(9_007_199_254_740_993n, "USD"))).toBe("90071992547409.93");
  });

  test("of two currencies is never added up", () => {
    expect(() => addMoney(money(1n, "EUR"), money(1n, "USD"))).toThrow(RangeError);
    expect(() => subtractMoney(money(1n, "EUR"), money(1n, "USD"))).toThrow(RangeError);
    expect(() => money(1n, "eur")).toThrow(RangeError);
  });

  test("comes back after adding and taking away", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        const [x, y] = [money(a, "CNY"), money(b, "CNY")];
        expect(subtractMoney(addMoney(x, y), y)).toEqual(x);
      }),
    );
  });
});

describe("contained tax", () => {
  test("is what is in the price, rounded half up", () => {
    expect(containedTax(6800n, 600)).toBe(385n); // 384.905…
    expect(containedTax(120n, 2000)).toBe(20n);
    expect(containedTax(100n, 0)).toBe(0n);
  });

  test("and the net price make the price, and tax on the net price is the tax", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        fc.integer({ min: 0, max: 5000 }),
        (gross, rate) => {
          const tax = containedTax(gross, rate);
          expect(tax >= 0n && tax <= gross).toBe(true);
          // |net × rate − tax| is at most half a minor unit of the price's tax: 2·|…| ≤ 1 + rate.
          const scaled = (gross - tax) * BigInt(rate) - tax * 10_000n;
          const off = scaled < 0n ? -scaled : scaled;
          expect(off * 2n <= 10_000n + BigInt(rate)).toBe(true);
        },
      ),
    );
  });
});
