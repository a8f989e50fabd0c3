import { env, type Env } from "#lib/config/env.ts";
import { OUTSIDE_CALL_TIMEOUT_MS } from "#lib/config/limits.ts";
import {
  transferCurrencies,
  transferInstructions,
  transferQrText,
} from "./bank-transfer/instructions.ts";
import { readStatement, type StatementHints } from "./bank-transfer/statement.ts";
import { paypalAdapter } from "./paypal/adapter.ts";
import type { PaymentAdapter } from "./port.ts";
import { stripeAdapter } from "./stripe/adapter.ts";

const built = new Map<PaymentAdapter["id"], PaymentAdapter>();

/** The adapter of an outside payment provider, built once from the settings. Throws when it is not configured. */
export function paymentAdapter(id: PaymentAdapter["id"]): PaymentAdapter {
  const known = built.get(id);
  if (known !== undefined) return known;
  const adapter = build[id](env());
  built.set(id, adapter);
  return adapter;
}

/** Bank transfers have no provider to ask: instructions go out, and the bank's statements come in. */
export function bankTransfers() {
  const accounts = env().BANK_TRANSFER_INSTRUCTIONS;
  return {
    /** ISO 4217, those with an account. */
    currencies: transferCurrencies(accounts),
    instructions: transferInstructions.bind(null, accounts),
    qrText: transferQrText.bind(null, accounts),
    readStatement: (file: Uint8Array, hints: StatementHints) =>
      readStatement(file, hints, accounts),
  };
}

const build: Readonly<Record<PaymentAdapter["id"], (settings: Env) => PaymentAdapter>> = {
  stripe(settings) {
    if (settings.STRIPE_SECRET_KEY === undefined || settings.STRIPE_WEBHOOK_SECRET === undefined) {
      throw new Error("Stripe is not configured: STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET");
    }
    return stripeAdapter({
      secretKey: settings.STRIPE_SECRET_KEY,
      webhookSecrets: settings.STRIPE_WEBHOOK_SECRET,
      methodTypes: settings.STRIPE_METHOD_TYPES,
      apiBase: settings.STRIPE_API_BASE,
      timeoutMs: OUTSIDE_CALL_TIMEOUT_MS,
    });
  },
  paypal(settings) {
    const { PAYPAL_CLIENT_ID, PAYPAL_CLIENT_SECRET, PAYPAL_WEBHOOK_ID } = settings;
    if (
      PAYPAL_CLIENT_ID === undefined ||
      PAYPAL_CLIENT_SECRET === undefined ||
      PAYPAL_WEBHOOK_ID === undefined
    ) {
      throw new Error(
        "PayPal is not configured: PAYPAL_CLIENT_ID, PAYPAL_CLIENT_SECRET and PAYPAL_WEBHOOK_ID",
      );
    }
    return paypalAdapter({
      clientId: PAYPAL_CLIENT_ID,
      clientSecret: PAYPAL_CLIENT_SECRET,
      webhookId: PAYPAL_WEBHOOK_ID,
      apiBase: settings.PAYPAL_API_BASE,
      brandName: settings.BRAND_NAME,
      timeoutMs: OUTSIDE_CALL_TIMEOUT_MS,
    });
  },
};
