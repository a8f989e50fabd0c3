import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { paymentOrigins, requirePaymentPage } from "#lib/web/payment-origins.ts";

beforeEach(() => {
  vi.resetModules();
  const settings = {
    DATABASE_URL: "postgresql://localhost/axis",
    APP_URL: "https://axis.example",
    AUTH_SECRET: "a".repeat(32),
    SMTP_URL: "smtp://localhost",
    MAIL_FROM: "no-reply@axis.example",
    ESIM_ACCESS_CODE: "code",
    ESIM_ACCESS_SECRET: "secret",
    PAYMENT_METHODS: "balance",
    PAYPAL_WEBHOOK_ID: "",
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

it("nobody is at PayPal's address while PayPal is not set up", async () => {
  const { POST } = await import("#app/api/webhooks/paypal/route.ts");
  const request = new Request("http://localhost/api/webhooks/paypal", {
    method: "POST",
    body: "{}",
  });
  expect((await POST(request)).status).toBe(404);
});

it("forms lead to the pages of the providers on offer, and nowhere else", () => {
  const local = { STRIPE_API_BASE: undefined, PAYPAL_API_BASE: "http://127.0.0.1:4242" };
  expect(paymentOrigins({ ...local, PAYMENT_METHODS: ["balance"] })).toEqual([]);
  expect(paymentOrigins({ ...local, PAYMENT_METHODS: ["stripe"] })).toEqual([
    "https://checkout.stripe.com",
  ]);
  const paypal = { ...local, PAYMENT_METHODS: ["paypal" as const] };
  const page = "https://www.paypal.com/checkoutnow?token=O1";
  expect(requirePaymentPage(page, paypal)).toBe(page);
  expect(requirePaymentPage("http://127.0.0.1:4242/checkoutnow?token=O1", paypal)).toContain("O1");
  expect(() => requirePaymentPage("https://checkout.stripe.com/pay", paypal)).toThrow(
    "Not a payment page",
  );
});
