import { env } from "#lib/config/env.ts";
import { OUTSIDE_CALL_TIMEOUT_MS } from "#lib/config/limits.ts";
import type { PaymentAdapter } from "./port.ts";
import { stripeAdapter } from "./stripe/adapter.ts";

const built = new Map<PaymentAdapter["id"], PaymentAdapter>();

/** The adapter of an outside payment provider, built once from the settings. Throws when it is not configured. */
export function paymentAdapter(id: PaymentAdapter["id"]): PaymentAdapter {
  const known = built.get(id);
  if (known !== undefined) return known;
  const settings = env();
  if (settings.STRIPE_SECRET_KEY === undefined || settings.STRIPE_WEBHOOK_SECRET === undefined) {
    throw new Error("Stripe is not configured: STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET");
  }
  const adapter = stripeAdapter({
    secretKey: settings.STRIPE_SECRET_KEY,
    webhookSecrets: settings.STRIPE_WEBHOOK_SECRET,
    apiBase: settings.STRIPE_API_BASE,
    timeoutMs: OUTSIDE_CALL_TIMEOUT_MS,
  });
  built.set(id, adapter);
  return adapter;
}
