import { z } from "zod";
import { PAYMENT_METHODS } from "#lib/domain/payment-method.ts";
import { LOCALES } from "#lib/domain/locale.ts";
import { bankAccounts } from "./bank-accounts.ts";
import { STRIPE_METHOD_TYPES } from "./stripe-method-types.ts";

/**
 * The settings of the portal, read once from the environment. This is the only reader of process.env
 * in product code; `.env.example` documents each setting.
 */
export type Env = z.infer<typeof EnvSchema>;

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

const url = z.url({ protocol: /^https?$/, error: "must be an http or https address" });
const secret = z.string().min(32, "must have at least 32 characters");
const timeZone = z.string().refine(isTimeZone, "must be an IANA time zone, e.g. Asia/Shanghai");
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, "must begin with postgresql://");

const Limits = z.record(
  z.string().regex(/^[A-Z]{3}$/),
  z.string().regex(/^\d+$/).transform(BigInt),
);
const MethodRuleSchema = z.strictObject({
  currencies: z.array(z.string().regex(/^[A-Z]{3}$/)).optional(),
  countries: z.array(z.string().regex(/^[A-Z]{2}$/)).optional(),
  minMinor: Limits.optional(),
  maxMinor: Limits.optional(),
});
const MethodRulesText = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "must be JSON" });
      return z.NEVER;
    }
  })
  .pipe(z.partialRecord(z.enum(PAYMENT_METHODS), MethodRuleSchema));

const EnvSchema = z
  .object({
    APP_ENV: z.enum(["production", "demo", "development", "test"]).default("production"),
    DATABASE_URL: postgresUrl,
    DATABASE_DIRECT_URL: optional(postgresUrl),
    APP_URL: url,
    AUTH_SECRET: secret,
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: optional(z.string()),
    BRAND_NAME: z.string().min(1).max(40).default("Axis"),
    OPERATOR_TIME_ZONE: timeZone.default("UTC"),
    DEFAULT_LOCALE: z.enum(LOCALES).default("en"),
    CURRENCIES: list
      .pipe(z.array(z.string().regex(/^[A-Z]{3}$/, "each must be an ISO 4217 code")).min(1))
      .default(["CNY", "USD", "EUR", "GBP", "JPY"]),
    SUPPORT_EMAIL: optional(z.email()),
    SUPPORT_PHONE: optional(z.string()),
    SELLER_NAME: optional(z.string().max(120)),
    SELLER_ADDRESS: optional(
      z.string().transform((text) =>
        text
          .split("|")
          .map((line) => line.trim())
          .filter((line) => line !== ""),
      ),
    ),
    SELLER_TAX_NUMBER: optional(z.string().max(40)),
    TRUSTED_PROXIES: list
      .pipe(
        z.array(
          z.union(
            [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
            "each must be an address or a CIDR range",
          ),
        ),
      )
      .default([]),
    CLOCK_OFFSET_SECONDS: optional(z.coerce.number().int()),
    METRICS_TOKEN: optional(secret),
    LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),

    PAYMENT_METHODS: list.pipe(z.array(z.enum(PAYMENT_METHODS)).min(1)).default(["balance"]),
    PAYMENT_METHOD_RULES: optional(MethodRulesText),
    STRIPE_SECRET_KEY: optional(
      z.string().regex(/^(sk|rk)_(test|live)_/, "must be a Stripe secret key"),
    ),
    STRIPE_WEBHOOK_SECRET: optional(list.pipe(z.array(z.string().startsWith("whsec_")).min(1))),
    STRIPE_METHOD_TYPES: list
      .pipe(
        z
          .array(
            z.enum(STRIPE_METHOD_TYPES, `each must be one of ${STRIPE_METHOD_TYPES.join(", ")}`),
          )
          .min(1),
      )
      .default(["card"]),
    STRIPE_API_BASE: optional(url),
    PAYPAL_CLIENT_ID: optional(z.string()),
    PAYPAL_CLIENT_SECRET: optional(z.string()),
    PAYPAL_WEBHOOK_ID: optional(
      z.string().regex(/^[A-Za-z0-9]{1,50}$/, "must be the id of a PayPal webhook"),
    ),
    PAYPAL_API_BASE: optional(url),
    BANK_TRANSFER_INSTRUCTIONS: optional(bankAccounts),

    CARRIERS: list.pipe(z.array(z.enum(["esim_access"])).min(1)).default(["esim_access"]),
    ESIM_ACCESS_CODE: optional(z.string()),
    ESIM_ACCESS_SECRET: optional(z.string()),
    ESIM_ACCESS_API_BASE: optional(url),

    SMTP_URL: z.string().regex(/^smtps?:\/\//, "must begin with smtp:// or smtps://"),
    MAIL_FROM: z.string().min(3),
  })
  .superRefine((env, context) => {
    const need = (name: keyof typeof env, why: string): void => {
      if (env[name] === undefined) context.addIssue({ code: "custom", path: [name], message: why });
    };
    if (env.PAYMENT_METHODS.includes("stripe")) {
      need("STRIPE_SECRET_KEY", "is needed because PAYMENT_METHODS has stripe");
      need("STRIPE_WEBHOOK_SECRET", "is needed because PAYMENT_METHODS has stripe");
    }
    if (env.PAYMENT_METHODS.includes("paypal")) {
      need("PAYPAL_CLIENT_ID", "is needed because PAYMENT_METHODS has paypal");
      need("PAYPAL_CLIENT_SECRET", "is needed because PAYMENT_METHODS has paypal");
      need("PAYPAL_WEBHOOK_ID", "is needed because PAYMENT_METHODS has paypal");
    }
    if (env.PAYMENT_METHODS.includes("bank_transfer")) {
      need("BANK_TRANSFER_INSTRUCTIONS", "is needed because PAYMENT_METHODS has bank_transfer");
    }
    for (const currency of Object.keys(env.BANK_TRANSFER_INSTRUCTIONS ?? {})) {
      if (env.CURRENCIES.includes(currency)) continue;
      const message = `has ${currency}, which CURRENCIES has not`;
      context.addIssue({ code: "custom", path: ["BANK_TRANSFER_INSTRUCTIONS"], message });
    }
    if (env.CARRIERS.includes("esim_access")) {
      need("ESIM_ACCESS_CODE", "is needed because CARRIERS has esim_access");
      need("ESIM_ACCESS_SECRET", "is needed because CARRIERS has esim_access");
    }
    if (env.CLOCK_OFFSET_SECONDS !== undefined && env.APP_ENV !== "test") {
      context.addIssue({
        code: "custom",
        path: ["CLOCK_OFFSET_SECONDS"],
        message: "is allowed only with APP_ENV=test",
      });
    }
    if (env.APP_ENV === "production") {
      if (env.APP_URL.startsWith("http://") && !isLoopback(env.APP_URL)) {
        context.addIssue({
          code: "custom",
          path: ["APP_URL"],
          message: "must be https, or a loopback address",
        });
      }
      for (const name of ["STRIPE_API_BASE", "PAYPAL_API_BASE", "ESIM_ACCESS_API_BASE"] as const) {
        const base = env[name];
        if (base !== undefined && isLoopback(base)) {
          context.addIssue({
            code: "custom",
            path: [name],
            message: "must not be a loopback address when APP_ENV=production",
          });
        }
      }
    }
  });

/** A bad or missing setting. `problems` names each one, a line each; no value is repeated, for it may be a secret. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Settings are wrong or missing:\n${problems.map((line) => `  - ${line}`).join("\n")}`);
    this.problems = problems;
  }
}

/** Parses settings from `source`. Throws {@link SettingsError} naming every bad one. */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const result = EnvSchema.safeParse(source);
  if (result.success) return result.data;
  throw new SettingsError(
    result.error.issues.map((issue) => {
      const name = String(issue.path[0] ?? "environment");
      const missing = source[name] === undefined && issue.code !== "custom";
      return `${name} ${missing ? "is missing" : issue.message}`;
    }),
  );
}

let cached: Env | undefined;

/** The settings of this process. Throws {@link SettingsError} on first use when one is wrong. */
export function env(): Env {
  cached ??= parseEnv(process.env);
  return cached;
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

function isLoopback(address: string): boolean {
  const host = new URL(address).hostname;
  return host === "localhost" || host === "[::1]" || /^127\./.test(host);
}
