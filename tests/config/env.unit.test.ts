import { describe, expect, test } from "vitest";
import { parseEnv, SettingsError } from "#lib/config/env.ts";
import { DEMO_BANK_ACCOUNTS } from "#prisma/seed/bank-accounts.ts";

const GOOD = {
  APP_ENV: "production",
  DATABASE_URL: "postgresql://portal@db.example/portal",
  APP_URL: "https://portal.example",
  AUTH_SECRET: "s".repeat(32),
  SMTP_URL: "smtp://mail.example",
  MAIL_FROM: "Axis <no-reply@axis.example>",
  PAYMENT_METHODS: "stripe,balance",
  STRIPE_SECRET_KEY: "sk_live_1",
  STRIPE_WEBHOOK_SECRET: "whsec_new, whsec_old",
  CARRIERS: "esim_access",
  ESIM_ACCESS_CODE: "code",
  ESIM_ACCESS_SECRET: "secret",
};

function problems(change: Record<string, string | undefined>): readonly string[] {
  try {
    parseEnv({ ...GOOD, ...change });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe("settings", () => {
  test("that are right are taken, lists split", () => {
    const env = parseEnv(GOOD);
    expect(env.STRIPE_WEBHOOK_SECRET).toEqual(["whsec_new", "whsec_old"]);
    expect(env.CURRENCIES).toEqual(["CNY", "USD", "EUR", "GBP", "JPY"]);
  });

  test("name the kinds of payment of Stripe's on offer: cards unless told, and known ones only", () => {
    expect(parseEnv(GOOD).STRIPE_METHOD_TYPES).toEqual(["card"]);
    expect(parseEnv({ ...GOOD, STRIPE_METHOD_TYPES: "card, alipay" }).STRIPE_METHOD_TYPES).toEqual([
      "card",
      "alipay",
    ]);
    expect(problems({ STRIPE_METHOD_TYPES: "card,ali_pay" })).toEqual([
      expect.stringMatching(/^STRIPE_METHOD_TYPES each must be one of card, .*alipay/),
    ]);
    expect(problems({ STRIPE_METHOD_TYPES: "" })).toHaveLength(1);
  });

  test("that are missing or malformed are all named, and no value is repeated", () => {
    const named = problems({
      DATABASE_URL: undefined,
      AUTH_SECRET: "too short to keep",
      OPERATOR_TIME_ZONE: "Mars/Olympus",
      CURRENCIES: "CNY,dollars",
      TRUSTED_PROXIES: "10.0.0.0/8,nonsense",
      PORT: "ignored here",
    });
    expect(named.map((line) => line.split(" ")[0])).toEqual([
      "DATABASE_URL",
      "AUTH_SECRET",
      "OPERATOR_TIME_ZONE",
      "CURRENCIES",
      "TRUSTED_PROXIES",
    ]);
    expect(named.join("\n")).not.toContain("too short to keep");
  });

  test.each([
    [
      "Stripe without its secrets",
      { STRIPE_SECRET_KEY: undefined, STRIPE_WEBHOOK_SECRET: "" },
      ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"],
    ],
    [
      "PayPal without its credentials and webhook",
      { PAYMENT_METHODS: "paypal", PAYPAL_CLIENT_ID: "", PAYPAL_CLIENT_SECRET: undefined },
      ["PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID"],
    ],
    [
      "what is no id of a webhook",
      { PAYPAL_WEBHOOK_ID: "https://portal.example/api/webhooks/paypal" },
      ["PAYPAL_WEBHOOK_ID"],
    ],
    ["a carrier without its secrets", { ESIM_ACCESS_CODE: "" }, ["ESIM_ACCESS_CODE"]],
    ["a shifted clock outside tests", { CLOCK_OFFSET_SECONDS: "60" }, ["CLOCK_OFFSET_SECONDS"]],
    [
      "a provider on loopback in production",
      {
        STRIPE_API_BASE: "http://127.0.0.1:4000",
        PAYPAL_API_BASE: "http://[::1]:4001",
        ESIM_ACCESS_API_BASE: "http://localhost:1",
      },
      ["STRIPE_API_BASE", "PAYPAL_API_BASE", "ESIM_ACCESS_API_BASE"],
    ],
    [
      "an unencrypted public address in production",
      { APP_URL: "http://portal.example" },
      ["APP_URL"],
    ],
    ["a method nobody knows", { PAYMENT_METHODS: "stripe,shells" }, ["PAYMENT_METHODS"]],
  ])("refuse %s", (_what, change, names) => {
    expect(problems(change).map((line) => line.split(" ")[0])).toEqual(names);
  });

  test("offer PayPal with its credentials and webhook", () => {
    const paypal = {
      PAYMENT_METHODS: "stripe,paypal,balance",
      PAYPAL_CLIENT_ID: "id",
      PAYPAL_CLIENT_SECRET: "secret",
      PAYPAL_WEBHOOK_ID: "8PT597110X687430L",
    };
    expect(problems(paypal)).toEqual([]);
    expect(problems({ ...paypal, PAYPAL_API_BASE: "https://api-m.sandbox.paypal.com" })).toEqual(
      [],
    );
  });

  test("offer bank transfers with the accounts that are transferred to", () => {
    const accounts = JSON.stringify(DEMO_BANK_ACCOUNTS);
    expect(problems({ PAYMENT_METHODS: "bank_transfer" })).toEqual([
      expect.stringContaining("BANK_TRANSFER_INSTRUCTIONS is needed"),
    ]);
    expect(
      problems({ PAYMENT_METHODS: "bank_transfer", BANK_TRANSFER_INSTRUCTIONS: accounts }),
    ).toEqual([]);
  });

  test("let tests shift the clock and talk to loopback", () => {
    expect(
      problems({
        APP_ENV: "test",
        CLOCK_OFFSET_SECONDS: "60",
        STRIPE_API_BASE: "http://127.0.0.1:1",
      }),
    ).toEqual([]);
  });
});
