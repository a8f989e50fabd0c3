import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import {
  fromStripeAmount,
  ourPaymentId,
  readRefund,
  readSession,
  readStartedSession,
  toSessionParams,
  toStripeAmount,
  UnreadableAnswerError,
} from "#lib/payments/stripe/wire.ts";

const paymentId = "0190b3f0-5b5e-7c3a-9d39-0f6a3c2e1d10";

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

describe("the session that is asked for", () => {
  const request = {
    paymentId,
    orderNumber: "AX-2345-6789",
    amount: money(5_900n, "CNY"),
    description: "中国大陆 5 GB · 30 天",
    customerEmail: "lin@axis.example",
    locale: "zh-CN",
    successUrl: "https://axis.example/orders/AX-2345-6789?back=1",
    cancelUrl: "https://axis.example/orders/AX-2345-6789",
    expiresAt: new Date("2026-11-22T15:00:00.900Z"),
  } as const;

  it("carries our payment id wherever Stripe hands it back", () => {
    const params = toSessionParams(request, 5_900);
    expect(params.client_reference_id).toBe(paymentId);
    expect(params.metadata).toMatchObject({ payment_id: paymentId });
    expect(params.payment_intent_data?.metadata).toMatchObject({ payment_id: paymentId });
  });

  it("is one line in the currency and amount of the order, and Stripe may not convert it", () => {
    const params = toSessionParams(request, 5_900);
    expect(params.mode).toBe("payment");
    expect(params.adaptive_pricing).toEqual({ enabled: false });
    expect(params.line_items).toEqual([
      {
        quantity: 1,
        price_data: {
          currency: "cny",
          unit_amount: 5_900,
          product_data: { name: "中国大陆 5 GB · 30 天" },
        },
      },
    ]);
  });

  it("is in the customer's language and closes in time", () => {
    expect(toSessionParams(request, 5_900).locale).toBe("zh");
    expect(toSessionParams({ ...request, locale: "en" }, 5_900).locale).toBe("en");
    expect(toSessionParams(request, 5_900).expires_at).toBe(
      Date.parse("2026-11-22T15:00:00Z") / 1000,
    );
  });

  it("is the same when it is asked for again, so that the idempotency key holds", () => {
    expect(toSessionParams({ ...request }, 5_900)).toEqual(toSessionParams(request, 5_900));
  });

  it("has a name that Stripe takes, however long the plan's is", () => {
    const params = toSessionParams({ ...request, description: "📶".repeat(300) }, 5_900);
    const name = params.line_items?.[0]?.price_data?.product_data?.name ?? "";
    expect([...name]).toHaveLength(250);
    expect(name.isWellFormed()).toBe(true);
  });
});

const charge = { amount_refunded: 0, currency: "cny" };
const intent = {
  id: "pi_1",
  created: 1_763_823_600,
  status: "succeeded",
  amount_received: 5_900,
  currency: "cny",
  livemode: false,
  metadata: { payment_id: paymentId },
  latest_charge: charge,
  last_payment_error: null,
};
const session = {
  id: "cs_1",
  url: null,
  expires_at: 1_763_827_200,
  status: "complete",
  payment_status: "paid",
  livemode: false,
  client_reference_id: paymentId,
  metadata: { payment_id: paymentId },
  payment_intent: intent,
};

describe("what a session says", () => {
  it("is settled with what was captured, once paid", () => {
    expect(readSession(session)).toEqual({
      paymentId,
      state: "settled",
      captured: { amountMinor: 5_900n, currency: "CNY" },
      refundedMinor: 0n,
      providerPaymentId: "pi_1",
      live: false,
      reason: null,
    });
  });

  it("believes what was received, not what was asked for", () => {
    const short = { ...intent, amount: 5_900, amount_received: 100 };
    expect(readSession({ ...session, payment_intent: short }).captured).toEqual(money(100n, "CNY"));
  });

  it("counts what was given back, in our minor units", () => {
    const refunded = {
      ...intent,
      amount_received: 70_000,
      currency: "ugx",
      latest_charge: { amount_refunded: 20_000, currency: "ugx" },
    };
    const report = readSession({ ...session, payment_intent: refunded });
    expect(report.captured).toEqual(money(700n, "UGX"));
    expect(report.refundedMinor).toBe(200n);
  });

  it("is pending while it waits for the customer", () => {
    const report = readSession({
      ...session,
      status: "open",
      payment_status: "unpaid",
      payment_intent: null,
    });
    expect(report).toMatchObject({ state: "pending", captured: null });
  });

  it.each([
    ["a delayed method", "processing"],
    ["a bank transfer", "requires_action"],
  ])("is processing while it waits for %s", (_text, status) => {
    const report = readSession({
      ...session,
      payment_status: "unpaid",
      payment_intent: { ...intent, status },
    });
    expect(report).toMatchObject({ state: "processing", captured: null });
  });

  it("is expired when it closed unpaid", () => {
    const report = readSession({
      ...session,
      status: "expired",
      payment_status: "unpaid",
      payment_intent: null,
    });
    expect(report).toMatchObject({ state: "expired", captured: null, providerPaymentId: null });
  });

  it("has failed when a delayed method did, and says why", () => {
    const fellBack = {
      ...intent,
      status: "requires_payment_method",
      amount_received: 0,
      last_payment_error: { code: "payment_intent_payment_attempt_failed", decline_code: null },
    };
    expect(
      readSession({ ...session, payment_status: "unpaid", payment_intent: fellBack }),
    ).toMatchObject({
      state: "failed",
      captured: null,
      reason: "payment_intent_payment_attempt_failed",
    });
  });

  it("is still pending after a declined card, for the customer may try another", () => {
    const declined = {
      ...intent,
      status: "requires_payment_method",
      amount_received: 0,
      last_payment_error: { code: "card_declined", decline_code: "insufficient_funds" },
    };
    expect(
      readSession({
        ...session,
        status: "open",
        payment_status: "unpaid",
        payment_intent: declined,
      }),
    ).toMatchObject({ state: "pending", reason: "insufficient_funds" });
  });

  it("is not believed when it is paid by nothing", () => {
    expect(readSession({ ...session, payment_intent: null })).toMatchObject({
      state: "processing",
      captured: null,
      reason: "paid_without_payment_intent",
    });
  });

  it("tells of the live mode, so that the other mode can be seen through", () => {
    expect(readSession({ ...session, livemode: true }).live).toBe(true);
  });

  it("takes the customer's reference where there is no metadata, and nobody else's id", () => {
    expect(readSession({ ...session, metadata: {} }).paymentId).toBe(paymentId);
    expect(readSession({ ...session, metadata: { payment_id: "42" } }).paymentId).toBeNull();
    expect(ourPaymentId("'; DROP TABLE payment; --")).toBeNull();
  });

  it.each([
    ["is no object", "OK"],
    ["has an intent that was not expanded", { ...session, payment_intent: "pi_1" }],
    ["has no mode", { ...session, livemode: undefined }],
    ["has a fraction", { ...session, payment_intent: { ...intent, amount_received: 10.5 } }],
    ["has a negative amount", { ...session, payment_intent: { ...intent, amount_received: -1 } }],
    ["has a currency that is none", { ...session, payment_intent: { ...intent, currency: "€" } }],
    [
      "has half a króna",
      { ...session, payment_intent: { ...intent, amount_received: 50, currency: "isk" } },
    ],
  ])("is unreadable, not unpaid, when it %s", (_text, answer) => {
    expect(() => readSession(answer)).toThrow(UnreadableAnswerError);
  });
});

describe("what else Stripe answers", () => {
  it("a new session has an id, a page and an end", () => {
    const url = "https://checkout.stripe.com/c/pay/cs_1";
    expect(readStartedSession({ ...session, url })).toEqual({
      id: "cs_1",
      url,
      expiresAt: new Date(1_763_827_200_000),
    });
    expect(() => readStartedSession({ ...session, url: null })).toThrow(UnreadableAnswerError);
    expect(() => readStartedSession({ ...session, url: "javascript:alert(1)" })).toThrow(
      UnreadableAnswerError,
    );
  });

  it.each([
    ["succeeded", { kind: "succeeded", providerReference: "re_1" }],
    ["pending", { kind: "pending", providerReference: "re_1" }],
    ["requires_action", { kind: "pending", providerReference: "re_1" }],
    ["failed", { kind: "failed", reason: "expired_or_canceled_card", providerReference: "re_1" }],
    ["canceled", { kind: "failed", reason: "expired_or_canceled_card", providerReference: "re_1" }],
  ])("a refund that is %s", (status, outcome) => {
    const failure_reason = "expired_or_canceled_card";
    expect(readRefund({ id: "re_1", status, failure_reason })).toEqual(outcome);
  });
});
