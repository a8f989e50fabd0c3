import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import {
  fromPayPalAmount,
  ourId,
  readOrder,
  readOrderOfCapture,
  readOurRefund,
  readPaymentLine,
  readRefund,
  readRefundsOfOrder,
  readRefundLine,
  readStartedOrder,
  readTransactions,
  toOrderRequest,
  toPayPalAmount,
  UnreadableAnswerError,
} from "#lib/payments/paypal/wire.ts";

const paymentId = "0190b3f0-5b5e-7c3a-9d39-0f6a3c2e1d10";
const refundId = "0190b3f0-5b5e-7c3a-9d39-0f6a3c2e1d11";
const amount = { currency_code: "EUR", value: "8.29" };

describe("amounts as PayPal writes them", () => {
  it.each([
    ["8.29 EUR", 829n, "EUR", "8.29"],
    ["5 cents", 5n, "USD", "0.05"],
    ["500 JPY, which has no decimals", 500n, "JPY", "500"],
    ["1,500 forint, which have cents for us and none for PayPal", 150_000n, "HUF", "1500"],
    ["300 New Taiwan dollars, likewise", 30_000n, "TWD", "300"],
    ["the most there is", 99_999_999_999_999_999n, "USD", "999999999999999.99"],
    ["the most there is in yen", 999_999_999_999_999n, "JPY", "999999999999999"],
    ["more than a double can count", 2n ** 53n + 1n, "GBP", "90071992547409.93"],
  ])("take %s", (_text, amountMinor, currency, value) => {
    expect(toPayPalAmount(money(amountMinor, currency))).toEqual({
      ok: true,
      amount: { currency_code: currency, value },
    });
  });

  it.each([
    ["nothing", 0n, "USD", "amount_too_small"],
    ["less than nothing", -1n, "USD", "amount_too_small"],
    ["more than the most", 100_000_000_000_000_000n, "USD", "amount_too_large"],
    ["more than the most in yen", 1_000_000_000_000_000n, "JPY", "amount_too_large"],
    ["half a forint", 150_050n, "HUF", "amount_not_representable"],
    ["a Taiwanese cent", 1n, "TWD", "amount_not_representable"],
    ["dinars", 5_120n, "KWD", "currency_not_supported"],
    ["yuan, which only accounts in China have", 5_900n, "CNY", "currency_not_supported"],
    ["what is no currency", 1n, "XTS", "currency_not_supported"],
  ])("refuse %s before anything is sent", (_text, amountMinor, currency, code) => {
    expect(toPayPalAmount(money(amountMinor, currency))).toEqual({ ok: false, code });
  });

  it("give back exactly what was sent, in every currency", () => {
    const units = [1n, 1n, 1n, 1n, 100n, 100n];
    const currencies = ["EUR", "USD", "GBP", "JPY", "HUF", "TWD"];
    fc.assert(
      fc.property(
        fc.nat({ max: currencies.length - 1 }),
        fc.bigInt({ min: 1n, max: 2n ** 40n }),
        (index, count) => {
          const given = money(count * (units[index] ?? 1n), currencies[index] ?? "");
          const sent = toPayPalAmount(given);
          expect(sent.ok && fromPayPalAmount(sent.amount)).toEqual(given);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["12.5", 1_250n],
    ["12", 1_200n],
    [".5", 50n],
    ["12.500", 1_250n],
    ["-4.00", -400n],
  ])("are read as %s, however it is written", (value, amountMinor) => {
    expect(fromPayPalAmount({ currency_code: "EUR", value })).toEqual(money(amountMinor, "EUR"));
  });

  it.each(["", "-", "1,00", "1.001", "1e3", "NaN", " 1.00", "0x10", "1."])(
    "are not guessed when they are %j",
    (value) => {
      expect(() => fromPayPalAmount({ currency_code: "EUR", value })).toThrow(RangeError);
    },
  );
});

describe("the order that is asked for", () => {
  const request = {
    paymentId,
    orderNumber: "AX-2345-6789",
    amount: money(829n, "EUR"),
    description: "Europe 5 GB · 30 days",
    customerEmail: "emma@axis.example",
    methodType: null,
    customerReference: null,
    saveMethod: false,
    locale: "en" as const,
    successUrl: "https://axis.example/orders/1?returned=1",
    cancelUrl: "https://axis.example/orders/1",
    expiresAt: new Date(),
  };

  it("is one unit in our amount with our ids, paid at once, nothing shipped", () => {
    expect(toOrderRequest(request, amount, "Axis")).toEqual({
      intent: "CAPTURE",
      purchase_units: [
        {
          custom_id: paymentId,
          invoice_id: "AX-2345-6789",
          description: "Europe 5 GB · 30 days",
          amount,
        },
      ],
      payment_source: {
        paypal: {
          experience_context: {
            brand_name: "Axis",
            locale: "en-US",
            shipping_preference: "NO_SHIPPING",
            user_action: "PAY_NOW",
            payment_method_preference: "IMMEDIATE_PAYMENT_REQUIRED",
            return_url: request.successUrl,
            cancel_url: request.cancelUrl,
          },
        },
      },
    });
  });

  it("asks PayPal to keep the wallet only where the customer wants it kept", () => {
    const order = toOrderRequest({ ...request, saveMethod: true }, amount, "Axis");
    expect(order).toMatchObject({
      payment_source: {
        paypal: {
          attributes: {
            vault: {
              store_in_vault: "ON_SUCCESS",
              usage_type: "MERCHANT",
              usage_pattern: "RECURRING_PREPAID",
            },
          },
          experience_context: { return_url: request.successUrl, cancel_url: request.cancelUrl },
        },
      },
    });
    expect(JSON.stringify(toOrderRequest(request, amount, "Axis"))).not.toContain("vault");
  });

  it.each([
    ["x".repeat(127), "x".repeat(127)],
    ["x".repeat(128), `${"x".repeat(126)}…`],
    [`${"x".repeat(125)}😀x`, `${"x".repeat(125)}…`],
  ])("has a description of 127 at most, cut at whole characters", (description, expected) => {
    const order = toOrderRequest({ ...request, description }, amount, "Axis") as {
      purchase_units: { description: string }[];
    };
    expect(order.purchase_units[0]?.description).toBe(expected);
  });
});

function order(change: object = {}, unit: object = {}): object {
  return {
    id: "5O190127TN364715T",
    status: "CREATED",
    purchase_units: [{ reference_id: "default", custom_id: paymentId, amount, ...unit }],
    links: [
      { rel: "self", href: "https://api-m.paypal.com/v2/checkout/orders/5O190127TN364715T" },
      {
        rel: "payer-action",
        href: "https://www.paypal.com/checkoutnow?token=5O190127TN364715T",
      },
    ],
    ...change,
  };
}

describe("an order that was begun", () => {
  const asked = { paymentId, amount: money(829n, "EUR") };

  it("names its page, by either of PayPal's names", () => {
    const url = "https://www.paypal.com/checkoutnow?token=5O190127TN364715T";
    expect(readStartedOrder(order(), asked)).toEqual({ id: "5O190127TN364715T", url });
    const links = [{ rel: "approve", href: url }];
    expect(readStartedOrder(order({ links }), asked).url).toBe(url);
  });

  it.each([
    ["for another payment", order({}, { custom_id: refundId })],
    ["in another amount", order({}, { amount: { ...amount, value: "8.30" } })],
    ["in another currency", order({}, { amount: { ...amount, currency_code: "USD" } })],
    ["without a page", order({ links: [] })],
    ["with a page that is a script", order({ links: [{ rel: "approve", href: "javascript:1" }] })],
    ["with nothing in it", order({ purchase_units: [] })],
    ["that is no order", { status: "CREATED" }],
    ["that is nothing", null],
  ])("%s is not believed", (_what, answer) => {
    expect(() => readStartedOrder(answer, asked)).toThrow(UnreadableAnswerError);
  });
});

describe("what an order says", () => {
  const captured = (status: string, more: object = {}) => ({
    payments: { captures: [{ id: "2GG279541U471931P", status, amount, ...more }] },
  });

  it.each([
    ["CREATED", "pending"],
    ["SAVED", "pending"],
    ["PAYER_ACTION_REQUIRED", "pending"],
    ["APPROVED", "approved"],
    ["VOIDED", "expired"],
    // Completed and no capture: asked about again.
    ["COMPLETED", "processing"],
  ])("%s is %s", (status, state) => {
    const { report } = readOrder(order({ status }), true);
    expect(report).toMatchObject({
      state,
      paymentId,
      captured: null,
      refundedMinor: 0n,
      providerPaymentId: null,
      live: true,
    });
  });

  it.each([
    ["COMPLETED", "settled", null],
    ["PARTIALLY_REFUNDED", "settled", null],
    ["REFUNDED", "settled", null],
    ["PENDING", "processing", null],
    ["DECLINED", "failed", "DECLINED"],
    ["FAILED", "failed", "FAILED"],
  ])("completed with a capture that is %s is %s", (status, state, reason) => {
    const { report } = readOrder(order({ status: "COMPLETED" }, captured(status)), false);
    expect(report).toEqual({
      state,
      paymentId,
      captured: state === "settled" ? money(829n, "EUR") : null,
      refundedMinor: 0n,
      providerPaymentId: "2GG279541U471931P",
      fee: null,
      methodType: "paypal",
      savedMethod: null,
      live: false,
      reason,
    });
  });

  it.each([
    ["nothing", {}, null],
    ["the fee", { paypal_fee: { currency_code: "EUR", value: "0.64" } }, money(64n, "EUR")],
    [
      "the fee in the account's own currency, where it was taken in that",
      {
        paypal_fee: { currency_code: "EUR", value: "0.64" },
        paypal_fee_in_receivable_currency: { currency_code: "USD", value: "0.74" },
      },
      money(74n, "USD"),
    ],
  ])("tells of what PayPal kept %s", (_what, breakdown, fee) => {
    const parts = captured("COMPLETED", { seller_receivable_breakdown: breakdown });
    expect(readOrder(order({ status: "COMPLETED" }, parts), false).report.fee).toEqual(fee);
  });

  it.each([
    ["VAULTED", "emma@axis.example", "e•••@axis.example"],
    ["VAULTED", "e@axis.example", "e•••@axis.example"],
    ["VAULTED", "李@axis.example", "李•••@axis.example"],
    ["VAULTED", null, "PayPal"],
  ])("%s names the kept wallet of %s as %s", (status, email_address, label) => {
    const vault = { id: "8kk8451t", status, customer: { id: "A1" } };
    const payment_source = { paypal: { email_address, attributes: { vault } } };
    expect(readOrder(order({ payment_source }), false).report.savedMethod).toEqual({
      reference: "8kk8451t",
      methodType: "paypal",
      label,
      goodUntil: null,
    });
  });

  it("names no kept wallet while PayPal has not kept it yet", () => {
    const payment_source = { paypal: { attributes: { vault: { status: "APPROVED" } } } };
    expect(readOrder(order({ payment_source }), false).report.savedMethod).toBeNull();
    expect(
      readOrder(order({ payment_source: { paypal: {} } }), false).report.savedMethod,
    ).toBeNull();
  });

  it("names why a capture waits or was denied", () => {
    const details = { status_details: { reason: "PENDING_REVIEW" } };
    const { report } = readOrder(
      order({ status: "COMPLETED" }, captured("PENDING", details)),
      false,
    );
    expect(report.reason).toBe("PENDING_REVIEW");
  });

  it("counts what was given back, but not what failed", () => {
    const refund = (id: string, status: string, value: string) => ({
      id,
      status,
      amount: { ...amount, value },
    });
    const payments = {
      ...captured("PARTIALLY_REFUNDED").payments,
      refunds: [
        refund("R1", "COMPLETED", "1.00"),
        refund("R2", "PENDING", "0.29"),
        refund("R3", "FAILED", "4.00"),
        refund("R4", "CANCELLED", "2.00"),
      ],
    };
    const { report } = readOrder(order({ status: "COMPLETED" }, { payments }), false);
    expect(report.refundedMinor).toBe(129n);
  });

  it("tells one approval from the next", () => {
    const at = (update_time: string) => readOrder(order({ update_time }), false).approval;
    expect(at("2026-11-22T14:40:00Z")).toBe("20261122144000");
    expect(at("2026-11-22T14:41:00Z")).not.toBe(at("2026-11-22T14:40:00Z"));
    expect(readOrder(order(), false).approval).toBe("");
  });

  it("names no payment of ours when the id is somebody else's", () => {
    expect(readOrder(order({}, { custom_id: "12" }), false).report.paymentId).toBeNull();
  });

  it.each([
    ["a status nobody knows", order({ status: "SIDEWAYS" })],
    ["a capture in a status nobody knows", order({ status: "COMPLETED" }, captured("SIDEWAYS"))],
    [
      "an amount that is none",
      order(
        { status: "COMPLETED" },
        captured("COMPLETED", { amount: { currency_code: "EUR", value: "8,29" } }),
      ),
    ],
    [
      "an amount finer than the currency",
      order(
        { status: "COMPLETED" },
        captured("COMPLETED", { amount: { currency_code: "EUR", value: "8.299" } }),
      ),
    ],
    ["two units", { ...order(), purchase_units: [{ amount }, { amount }] }],
    ["no shape at all", "order"],
  ])("is not believed with %s", (_what, answer) => {
    expect(() => readOrder(answer, false)).toThrow(UnreadableAnswerError);
  });
});

describe("what a refund says", () => {
  it.each([
    ["COMPLETED", { kind: "succeeded", providerReference: "R1" }],
    ["PENDING", { kind: "pending", providerReference: "R1" }],
    ["FAILED", { kind: "failed", reason: "FAILED", providerReference: "R1" }],
    ["CANCELLED", { kind: "failed", reason: "CANCELLED", providerReference: "R1" }],
    ["SOMETHING_NEW", { kind: "pending", providerReference: "R1" }],
  ])("%s", (status, outcome) => {
    expect(readRefund({ id: "R1", status })).toEqual(outcome);
  });

  it("is found among those of an order by our id", () => {
    const payments = {
      refunds: [
        { id: "R1", status: "COMPLETED", amount, custom_id: paymentId },
        { id: "R2", status: "PENDING", amount, custom_id: refundId },
      ],
    };
    expect(readOurRefund(order({}, { payments }), refundId)).toEqual({
      kind: "pending",
      providerReference: "R2",
    });
    expect(readOurRefund(order(), refundId)).toBeNull();
  });

  it("is listed with all others, ours under our id, those made on PayPal's site under none", () => {
    const details = { status_details: { reason: "BANK_REFUSED" } };
    const payments = {
      refunds: [
        { id: "R1", status: "COMPLETED", amount, custom_id: refundId },
        { id: "R2", status: "PENDING", amount },
        // PayPal gives one of its own site what the capture carries.
        { id: "R3", status: "FAILED", amount, custom_id: paymentId, ...details },
      ],
    };
    const each = { amount: money(829n, "EUR"), refundId: null, reason: null };
    expect(readRefundsOfOrder(order({}, { payments }))).toEqual([
      { ...each, providerReference: "R1", refundId, state: "succeeded" },
      { ...each, providerReference: "R2", state: "pending" },
      { ...each, providerReference: "R3", state: "failed", reason: "BANK_REFUSED" },
    ]);
    expect(readRefundsOfOrder(order())).toEqual([]);
  });

  it("is not guessed", () => {
    expect(() => readRefund({ status: "COMPLETED" })).toThrow(UnreadableAnswerError);
    expect(() => readOrderOfCapture({ id: "C" })).toThrow(UnreadableAnswerError);
  });
});

describe("the account's history", () => {
  const line = (change: object = {}) => ({
    transaction_id: "2GG279541U471931P",
    transaction_event_code: "T0006",
    transaction_status: "S",
    transaction_amount: amount,
    fee_amount: { currency_code: "EUR", value: "-0.78" },
    custom_field: paymentId,
    ...change,
  });
  const read = (change: object = {}) => {
    const page = { transaction_details: [{ transaction_info: line(change) }], total_pages: 1 };
    const [only] = readTransactions(page).lines;
    if (only === undefined) throw new Error("no line");
    return only;
  };

  it("names payments to us, also those that were given back wholly", () => {
    const expected = {
      paymentId,
      providerReference: "2GG279541U471931P",
      providerPaymentId: "2GG279541U471931P",
      state: "settled",
      captured: money(829n, "EUR"),
      refundedMinor: 29n,
      fee: money(78n, "EUR"),
      methodType: "paypal",
      savedMethod: null,
      live: true,
      reason: null,
    };
    expect(readPaymentLine(read(), 29n, true)).toEqual(expected);
    expect(readPaymentLine(read({ transaction_status: "V" }), 29n, true)).toEqual(expected);
    expect(readPaymentLine(read({ custom_field: null }), 0n, true)?.paymentId).toBeNull();
    expect(readPaymentLine(read({ fee_amount: undefined }), 0n, true)?.fee).toBeNull();
  });

  it.each([
    ["pending", { transaction_status: "P" }],
    ["denied", { transaction_status: "D" }],
    ["a payment of ours", { transaction_amount: { currency_code: "EUR", value: "-8.29" } }],
    ["a refund", { transaction_event_code: "T1107" }],
    ["held for a dispute", { transaction_event_code: "T1110" }],
  ])("does not count what is %s as a payment", (_what, change) => {
    expect(readPaymentLine(read(change), 0n, true)).toBeNull();
  });

  it("tells what a refund gave back of which capture", () => {
    const refund = {
      transaction_event_code: "T1107",
      paypal_reference_id: "2GG279541U471931P",
      transaction_amount: { currency_code: "EUR", value: "-4.00" },
    };
    expect(readRefundLine(read(refund))).toEqual({ capture: "2GG279541U471931P", minor: 400n });
    expect(readRefundLine(read())).toBeNull();
  });

  it("is not believed without its pages", () => {
    expect(() => readTransactions({ transaction_details: [] })).toThrow(UnreadableAnswerError);
  });
});

it("only an id of the shape of ours is one", () => {
  expect(ourId(paymentId)).toBe(paymentId);
  expect([ourId("AX-1"), ourId(""), ourId(null), ourId(undefined)]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
