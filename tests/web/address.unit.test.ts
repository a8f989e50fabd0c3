import { describe, expect, test } from "vitest";
import { isOwnOrigin, ownPath, withParameter } from "#lib/web/address.ts";
import { paymentOrigins, requirePaymentPage } from "#lib/web/payment-origins.ts";

describe("where somebody is sent after signing in", () => {
  test.each(["/dashboard", "/orders/AX-7Q2F-91KM?wait=1", "/esims/8986/renew?plan=a%20b"])(
    "may be our own page %s",
    (path) => {
      expect(ownPath(path, "/")).toBe(path);
    },
  );

  test.each([
    "//evil.example",
    "/\\evil.example",
    "/a\\..\\b",
    "https://evil.example/",
    "javascript:alert(1)",
    "dashboard",
    "",
    "/a\nb",
    "/\t/evil.example",
    undefined,
    null,
  ])("is never %j", (candidate) => {
    expect(ownPath(candidate, "/fallback")).toBe("/fallback");
  });
});

test("a switch on a page keeps what else stands in its address", () => {
  expect(withParameter("/plans?term=day", "lang", "en")).toBe("/plans?term=day&lang=en");
  expect(withParameter("/plans?lang=en&term=day", "lang", "zh-CN")).toBe(
    "/plans?lang=zh-CN&term=day",
  );
  expect(withParameter("/plans?light=1", "light", null)).toBe("/plans");
});

describe("a form is accepted", () => {
  const appUrl = "https://portal.example";

  test("from our own pages, by the public address or by the host that was asked", () => {
    expect(isOwnOrigin("https://portal.example", "10.0.0.1:3000", appUrl)).toBe(true);
    expect(isOwnOrigin("http://10.0.0.1:3000", "10.0.0.1:3000", appUrl)).toBe(true);
  });

  test.each([
    "https://evil.example",
    "https://portal.example.evil.example",
    "http://portal.example",
    "https://portal.example:8443",
    "null",
    "not an address",
    null,
  ])("never from %s", (origin) => {
    expect(isOwnOrigin(origin, "internal:3000", appUrl)).toBe(false);
  });
});

describe("a payment page", () => {
  const settings = {
    PAYMENT_METHODS: ["stripe" as const],
    STRIPE_API_BASE: "http://127.0.0.1:9000/v1",
    PAYPAL_API_BASE: undefined,
  };

  test("is Stripe's, or that of the address that stands in for it", () => {
    expect(paymentOrigins(settings)).toEqual([
      "https://checkout.stripe.com",
      "http://127.0.0.1:9000",
    ]);
    expect(requirePaymentPage("https://checkout.stripe.com/c/pay/cs_1", settings)).toContain(
      "cs_1",
    );
  });

  test("elsewhere is not followed, whoever names it", () => {
    expect(() => requirePaymentPage("https://evil.example/pay", settings)).toThrow(/evil\.example/);
  });

  test("exists only where the provider is switched on", () => {
    expect(paymentOrigins({ ...settings, PAYMENT_METHODS: ["balance"] })).toEqual([]);
  });
});
