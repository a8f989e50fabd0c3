import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStripeClient, isLiveKey } from "#lib/payments/stripe/client.ts";

const settings = {
  DATABASE_URL: "postgresql://localhost/axis",
  APP_URL: "https://axis.example",
  AUTH_SECRET: "a".repeat(32),
  SMTP_URL: "smtp://localhost",
  MAIL_FROM: "no-reply@axis.example",
  ESIM_ACCESS_CODE: "code",
  ESIM_ACCESS_SECRET: "secret",
  PAYMENT_METHODS: "balance",
};

beforeEach(() => {
  vi.resetModules();
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  for (const name of ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE"]) {
    vi.stubEnv(name, undefined);
  }
  for (const name of ["CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_ID", "API_BASE"]) {
    vi.stubEnv(`PAYPAL_${name}`, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the payment adapter", () => {
  it("is there once Stripe is set up, and the same each time", async () => {
    vi.stubEnv("STRIPE_SECRET_KEY", "sk_live_1");
    vi.stubEnv("STRIPE_WEBHOOK_SECRET", "whsec_1,whsec_2");
    const { paymentAdapter } = await import("#lib/payments/registry.ts");
    expect(paymentAdapter("stripe")).toMatchObject({ id: "stripe", live: true });
    expect(paymentAdapter("stripe")).toBe(paymentAdapter("stripe"));
  });

  it("is there once PayPal is set up, live unless it is PayPal's sandbox", async () => {
    vi.stubEnv("PAYPAL_CLIENT_ID", "id");
    vi.stubEnv("PAYPAL_CLIENT_SECRET", "secret");
    vi.stubEnv("PAYPAL_WEBHOOK_ID", "W1");
    const { paymentAdapter } = await import("#lib/payments/registry.ts");
    expect(paymentAdapter("paypal")).toMatchObject({ id: "paypal", live: true });
    expect(paymentAdapter("paypal")).toBe(paymentAdapter("paypal"));
    vi.resetModules();
    vi.stubEnv("PAYPAL_API_BASE", "https://api-m.sandbox.paypal.com");
    const again = await import("#lib/payments/registry.ts");
    expect(again.paymentAdapter("paypal").live).toBe(false);
  });

  it("names the settings it lacks", async () => {
    const { paymentAdapter } = await import("#lib/payments/registry.ts");
    expect(() => paymentAdapter("stripe")).toThrow("STRIPE_SECRET_KEY");
    expect(() => paymentAdapter("paypal")).toThrow("PAYPAL_CLIENT_ID");
  });
});

describe("Stripe's client", () => {
  const client = {
    secretKey: "sk_test_1",
    webhookSecrets: [],
    methodTypes: [],
    timeoutMs: 1_000,
  };

  it("refuses an address with a path, which the SDK would drop in silence", () => {
    expect(() =>
      createStripeClient({ ...client, apiBase: "https://proxy.example/stripe" }),
    ).toThrow("STRIPE_API_BASE");
  });

  it("speaks to the host and port it is given, and else to Stripe", () => {
    const given = createStripeClient({ ...client, apiBase: "http://127.0.0.1:4242" });
    expect([
      given.getApiField("protocol"),
      given.getApiField("host"),
      given.getApiField("port"),
    ]).toEqual(["http", "127.0.0.1", 4242]);
    const own = createStripeClient({ ...client, apiBase: undefined });
    expect([own.getApiField("protocol"), own.getApiField("host")]).toEqual([
      "https",
      "api.stripe.com",
    ]);
  });

  it.each([
    ["sk_live_1", true],
    ["rk_live_1", true],
    ["sk_test_1", false],
    ["rk_test_sk_live_", false],
  ])("takes %s for a live key: %s", (key, live) => {
    expect(isLiveKey(key)).toBe(live);
  });
});
