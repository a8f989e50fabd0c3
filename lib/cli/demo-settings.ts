import { DEMO_BANK_ACCOUNTS } from "#prisma/seed/bank-accounts.ts";
import type { Secrets } from "./secrets.ts";

/** Settings (lib/config/env.ts) by name, as they go into the environment of a process. */
export type Settings = Record<string, string>;

/** Base URLs of the stand-ins by their name. */
export type StandIns = Record<string, string>;

/** What the stand-ins must know to speak as the providers would: our keys, and where we listen. */
export function standInSettings(secrets: Secrets, appUrl: string): Settings {
  const shared = Object.entries(providerSecrets(secrets));
  return {
    SANDBOX_APP_URL: appUrl,
    ...Object.fromEntries(shared.map(([name, value]) => [`SANDBOX_${name}`, value])),
  };
}

/** The settings of web and worker: everything an operator would set, pointed at the stand-ins. */
export function appSettings(options: {
  secrets: Secrets;
  standIns: StandIns;
  appUrl: string;
  databaseUrl: string;
  testMode: boolean;
}): Settings {
  const { secrets, standIns, appUrl, databaseUrl, testMode } = options;
  return {
    APP_ENV: testMode ? "test" : "demo",
    APP_URL: appUrl,
    DATABASE_URL: databaseUrl,
    AUTH_SECRET: secrets.authSecret,
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: secrets.serverActionsKey,
    METRICS_TOKEN: secrets.metricsToken,
    SUPPORT_EMAIL: "help@axis.example",
    SUPPORT_PHONE: "+44 20 7946 0000",
    SELLER_NAME: "Axis Mobile Ltd",
    SELLER_ADDRESS: "1 Signal Road|London EC1A 1AA|United Kingdom",
    SELLER_TAX_NUMBER: "GB123456789",
    PAYMENT_METHODS: "stripe,paypal,bank_transfer,balance",
    BANK_TRANSFER_INSTRUCTIONS: JSON.stringify(DEMO_BANK_ACCOUNTS),
    STRIPE_METHOD_TYPES: "card,alipay,wechat_pay,grabpay,customer_balance",
    STRIPE_API_BASE: standIn(standIns, "stripe"),
    PAYPAL_API_BASE: standIn(standIns, "paypal"),
    CARRIERS: "esim_access",
    ESIM_ACCESS_API_BASE: standIn(standIns, "esimAccess"),
    ...providerSecrets(secrets),
    SMTP_URL: standIn(standIns, "smtp"),
    MAIL_FROM: "Axis <no-reply@axis.example>",
  };
}

function providerSecrets(secrets: Secrets): Settings {
  return {
    STRIPE_SECRET_KEY: secrets.stripeSecretKey,
    STRIPE_WEBHOOK_SECRET: secrets.stripeWebhookSecret,
    PAYPAL_CLIENT_ID: secrets.paypalClientId,
    PAYPAL_CLIENT_SECRET: secrets.paypalClientSecret,
    PAYPAL_WEBHOOK_ID: secrets.paypalWebhookId,
    ESIM_ACCESS_CODE: secrets.esimAccessCode,
    ESIM_ACCESS_SECRET: secrets.esimAccessSecret,
  };
}

function standIn(standIns: StandIns, name: string): string {
  const address = standIns[name];
  if (!address) throw new Error(`The stand-ins did not say where "${name}" is`);
  return address;
}
