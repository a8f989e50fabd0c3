import { parseArgs } from "node:util";

/** How the stand-ins were started. */
export interface SandboxSettings {
  dataFolder: string;
  stopWithStdin: boolean;
  /** Base URL of the application, without a trailing slash; webhooks go there. */
  appUrl: string;
  stripeSecretKey: string;
  stripeWebhookSecret: string;
  paypalClientId: string;
  paypalClientSecret: string;
  paypalWebhookId: string;
  esimAccessCode: string;
  esimAccessSecret: string;
  clockOffsetSeconds: number;
}

/** Reads command line and environment; every value but the data folder has a default for use by hand. */
export function readSettings(
  args: string[],
  environment: Record<string, string | undefined>,
): SandboxSettings {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: "string" },
      "stop-with-stdin": { type: "boolean", default: false },
    },
  });
  if (!values.data) throw new Error("Usage: main.ts --data <folder> [--stop-with-stdin]");
  const offset = Number(environment["SANDBOX_CLOCK_OFFSET_SECONDS"] ?? 0);
  if (!Number.isInteger(offset)) {
    throw new Error("SANDBOX_CLOCK_OFFSET_SECONDS must be a whole number of seconds");
  }
  return {
    dataFolder: values.data,
    stopWithStdin: values["stop-with-stdin"],
    appUrl: (environment["SANDBOX_APP_URL"] ?? "http://127.0.0.1:3000").replace(/\/+$/, ""),
    stripeSecretKey: environment["SANDBOX_STRIPE_SECRET_KEY"] ?? "sk_test_sandbox",
    stripeWebhookSecret: environment["SANDBOX_STRIPE_WEBHOOK_SECRET"] ?? "whsec_sandbox",
    paypalClientId: environment["SANDBOX_PAYPAL_CLIENT_ID"] ?? "sandbox-client-id",
    paypalClientSecret: environment["SANDBOX_PAYPAL_CLIENT_SECRET"] ?? "sandbox-client-secret",
    paypalWebhookId: environment["SANDBOX_PAYPAL_WEBHOOK_ID"] ?? "SANDB0XWEBH00K1D0",
    esimAccessCode: environment["SANDBOX_ESIM_ACCESS_CODE"] ?? "sandbox-access-code",
    esimAccessSecret: environment["SANDBOX_ESIM_ACCESS_SECRET"] ?? "sandbox-access-secret",
    clockOffsetSeconds: offset,
  };
}
