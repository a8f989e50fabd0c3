import { describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import { toSessionParams } from "#lib/payments/stripe/session-params.ts";

const paymentId = "0190b3f0-5b5e-7c3a-9d39-0f6a3c2e1d10";

describe("the session that is asked for", () => {
  const request = {
    paymentId,
    orderNumber: "AX-2345-6789",
    amount: money(5_900n, "CNY"),
    description: "中国大陆 5 GB · 30 天",
    customerEmail: "lin@axis.example",
    methodType: null,
    customerReference: null,
    saveMethod: false,
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

  it("offers what the account has, to nobody Stripe knows, and keeps nothing, unless told", () => {
    const params = toSessionParams(request, 5_900);
    expect(params).toMatchObject({ customer_email: "lin@axis.example" });
    for (const absent of [
      "allowed_payment_method_types",
      "payment_method_options",
      "customer",
      "saved_payment_method_options",
    ]) {
      expect(params).not.toHaveProperty(absent);
    }
    expect(params.payment_intent_data).not.toHaveProperty("setup_future_usage");
  });

  it("offers the one kind of payment that was chosen", () => {
    const params = toSessionParams({ ...request, methodType: "alipay" }, 5_900);
    expect(params.allowed_payment_method_types).toEqual(["alipay"]);
    expect(params).not.toHaveProperty("payment_method_options");
  });

  it("tells WeChat Pay that the customer is in a browser", () => {
    const params = toSessionParams({ ...request, methodType: "wechat_pay" }, 5_900);
    expect(params.payment_method_options).toEqual({ wechat_pay: { client: "web" } });
  });

  it.each([
    ["EUR", { type: "eu_bank_transfer", eu_bank_transfer: { country: "DE" } }],
    ["GBP", { type: "gb_bank_transfer" }],
    ["JPY", { type: "jp_bank_transfer" }],
    ["MXN", { type: "mx_bank_transfer" }],
    ["USD", { type: "us_bank_transfer" }],
  ])("has %s transferred into an account of the currency's kind", (currency, transfer) => {
    const params = toSessionParams(
      {
        ...request,
        amount: money(5_900n, currency),
        methodType: "customer_balance",
        customerReference: "cus_1",
      },
      5_900,
    );
    expect(params.payment_method_options).toEqual({
      customer_balance: { funding_type: "bank_transfer", bank_transfer: transfer },
    });
  });

  it("shows a customer of Stripe's the cards that are kept, and does not ask for an address again", () => {
    const params = toSessionParams({ ...request, customerReference: "cus_1" }, 5_900);
    expect(params).toMatchObject({
      customer: "cus_1",
      saved_payment_method_options: { allow_redisplay_filters: ["always", "limited"] },
    });
    expect(params).not.toHaveProperty("customer_email");
  });

  it.each([
    [null, true],
    ["card", true],
    ["alipay", true],
    ["wechat_pay", false],
    ["customer_balance", false],
    ["grabpay", false],
  ])("has %s kept, if the customer wants that: %s", (methodType, kept) => {
    const asked = { ...request, methodType, saveMethod: true, customerReference: "cus_1" };
    const params = toSessionParams(asked, 5_900);
    expect(params.payment_intent_data?.setup_future_usage).toBe(kept ? "off_session" : undefined);
  });

  it("keeps nothing of somebody who is no customer of Stripe's", () => {
    const params = toSessionParams({ ...request, saveMethod: true }, 5_900);
    expect(params.payment_intent_data).not.toHaveProperty("setup_future_usage");
  });
});
