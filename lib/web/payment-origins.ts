import type { Env } from "#lib/config/env.ts";

/**
 * Where the hosted payment pages live that a form of ours may lead to: Stripe Checkout, and the
 * origin that STRIPE_API_BASE names instead of Stripe's own.
 */
export function paymentOrigins(
  settings: Pick<Env, "PAYMENT_METHODS" | "STRIPE_API_BASE">,
): readonly string[] {
  if (!settings.PAYMENT_METHODS.includes("stripe")) return [];
  const base = settings.STRIPE_API_BASE;
  return base === undefined
    ? ["https://checkout.stripe.com"]
    : ["https://checkout.stripe.com", new URL(base).origin];
}

/** `url` when a form of ours may lead there. Throws otherwise: a provider's answer is not to be trusted with more. */
export function requirePaymentPage(
  url: string,
  settings: Pick<Env, "PAYMENT_METHODS" | "STRIPE_API_BASE">,
): string {
  if (paymentOrigins(settings).includes(new URL(url).origin)) return url;
  throw new Error(`Not a payment page of a configured provider: ${new URL(url).origin}`);
}
