import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import { fromStripeAmount, toStripeAmount, toStripeCharge } from "#lib/payments/stripe/amounts.ts";

describe("amounts in Stripe's units", () => {
  it.each([
    ["1234.56 CNY", 123_456n, "CNY", 123_456],
    ["500 JPY, which has no decimals", 500n, "JPY", 500],
    ["5.120 KWD, in multiples of ten", 5_120n, "KWD", 5_120],
    ["5 ISK, sent with two decimals", 5n, "ISK", 500],
    ["700 UGX, sent with two decimals", 700n, "UGX", 70_000],
    ["7 MGA, which has decimals for us and none for Stripe", 700n, "MGA", 7],
    ["999,999.99 USD, the most there is", 99_999_999n, "USD", 99_999_999],
    ["9,999,999,999.99 IDR, the most there is", 999_999_999_999n, "IDR", 999_999_999_999],
  ])("takes %s", (_text, amountMinor, currency, amount) => {
    expect(toStripeAmount(money(amountMinor, currency))).toEqual({ ok: true, amount });
  });

  it.each([
    ["nothing", 0n, "USD", "amount_too_small"],
    ["less than nothing", -1n, "USD", "amount_too_small"],
    ["a million dollars", 100_000_000n, "USD", "amount_too_large"],
    ["more than a double can count", 2n ** 53n + 1n, "CNY", "amount_too_large"],
    ["a million krónur, which are sent in hundredths", 1_000_000n, "ISK", "amount_too_large"],
    ["5.124 KWD, which is no multiple of ten", 5_124n, "KWD", "amount_not_representable"],
    ["half an ariary", 50n, "MGA", "amount_not_representable"],
  ])("refuses %s before anything is sent", (_text, amountMinor, currency, code) => {
    expect(toStripeAmount(money(amountMinor, currency))).toEqual({ ok: false, code });
  });

  it("gives back exactly what was sent, in every currency", () => {
    const currencies = ["CNY", "USD", "JPY", "KRW", "KWD", "BHD", "ISK", "UGX", "MGA", "IDR"];
    fc.assert(
      fc.property(
        fc.constantFrom(...currencies),
        fc.bigInt({ min: 1n, max: 2n ** 40n }),
        (currency, amountMinor) => {
          const amount = money(amountMinor, currency);
          const sent = toStripeAmount(amount);
          const back = sent.ok ? fromStripeAmount(sent.amount, currency.toLowerCase()) : amount;
          expect(back).toEqual(amount);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("sends three-decimal amounts in multiples of ten and krónur in whole ones, whatever the amount", () => {
    const cases = [
      ["KWD", 10],
      ["OMR", 10],
      ["ISK", 100],
      ["UGX", 100],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...cases),
        fc.bigInt({ min: 1n, max: 10n ** 8n }),
        ([currency, step], amountMinor) => {
          const sent = toStripeAmount(money(amountMinor, currency));
          expect(sent.ok ? sent.amount % step : 0).toBe(0);
        },
      ),
    );
  });

  it("does not make up a minor unit that our currency does not have", () => {
    expect(() => fromStripeAmount(550, "isk")).toThrow(RangeError);
    expect(() => fromStripeAmount(1.5, "usd")).toThrow(RangeError);
  });
});

describe("amounts that Stripe charges", () => {
  it.each([
    ["USD", 50n],
    ["EUR", 50n],
    ["GBP", 30n],
    ["JPY", 50n],
    ["CNY", 400n],
    ["HKD", 400n],
    ["HUF", 17_500n],
  ])("begin in %s at %s, for less is not worth charging", (currency, least) => {
    expect(toStripeCharge(money(least, currency)).ok).toBe(true);
    expect(toStripeCharge(money(least - 1n, currency))).toEqual({
      ok: false,
      code: "amount_too_small",
    });
    expect(toStripeAmount(money(least - 1n, currency)).ok).toBe(true);
  });

  it("begin at any amount where Stripe publishes none", () => {
    expect(toStripeCharge(money(10n, "KWD")).ok).toBe(true);
    expect(toStripeCharge(money(0n, "KWD")).ok).toBe(false);
  });
});
