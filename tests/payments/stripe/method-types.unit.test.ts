import { describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import { stripeAdapter } from "#lib/payments/stripe/adapter.ts";
import { stripeMethodTypes } from "#lib/payments/stripe/method-types.ts";
import type { StripeMethodType } from "#lib/config/stripe-method-types.ts";

describe("Stripe's kinds of payment", () => {
  it("renew by themselves where Stripe charges them without the customer", () => {
    const renewing = stripeMethodTypes()
      .filter(({ renewsByItself }) => renewsByItself)
      .map(({ type }) => type);
    expect(renewing).toEqual(expect.arrayContaining(["card", "link", "alipay", "sepa_debit"]));
    for (const once of ["wechat_pay", "grabpay", "customer_balance", "konbini", "paynow"]) {
      expect(renewing).not.toContain(once);
    }
  });

  function offered(
    methodTypes: readonly StripeMethodType[],
    amountMinor: bigint,
    currency: string,
  ) {
    const adapter = stripeAdapter({
      secretKey: "sk_test_1",
      webhookSecrets: [],
      methodTypes,
      apiBase: undefined,
      timeoutMs: 1_000,
    });
    return adapter.methodTypesFor?.(money(amountMinor, currency)).map(({ type }) => type);
  }

  const all = ["card", "alipay", "wechat_pay", "grabpay", "customer_balance"] as const;

  it.each([
    ["CNY", ["card", "alipay", "wechat_pay"]],
    ["EUR", ["card", "alipay", "wechat_pay", "customer_balance"]],
    ["GBP", ["card", "alipay", "wechat_pay", "customer_balance"]],
    ["SGD", ["card", "alipay", "wechat_pay", "grabpay"]],
    ["KWD", ["card"]],
  ])("on offer for %s are those that take it", (currency, expected) => {
    expect(offered(all, 5_000n, currency)).toEqual(expected);
  });

  it("on offer are only those that the operator chose, for amounts that Stripe charges", () => {
    expect(offered(["alipay"], 5_000n, "CNY")).toEqual(["alipay"]);
    expect(offered(["alipay"], 5_000n, "KWD")).toEqual([]);
    expect(offered(all, 399n, "CNY")).toEqual([]);
  });
});
