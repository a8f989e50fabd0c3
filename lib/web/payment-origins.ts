import type { Env } from "#lib/config/env.ts";

type PaymentSettings = Pick<Env, "PAYMENT_METHODS" | "STRIPE_API_BASE" | "PAYPAL_API_BASE">;

/**
 * Where the hosted payment pages live that a form of ours may lead to: the offered providers' own,
 * and the origins that STRIPE_API_BASE and PAYPAL_API_BASE name instead.
 */
export function paymentOrigins(settings: PaymentSettings): readonly string[] {
  const origins: string[] = [];
  if (settings.PAYMENT_METHODS.includes("stripe")) {
    origins.push("https://checkout.stripe.com", ...originOf(settings.STRIPE_API_BASE));
  }
  if (settings.PAYMENT_METHODS.includes("paypal")) {
    origins.push("https://www.paypal.com", "https://www.sandbox.paypal.com");
    origins.push(...originOf(settings.PAYPAL_API_BASE));
  }
  return origins;
}

function originOf(base: string | undefined): string[] {
  return base === undefined ? [] : [new URL(base).origin];
}

/** `url` when a form of ours may lead there. Throws otherwise: a provider's answer is not to be trusted with more. */
export function requirePaymentPage(url: string, settings: PaymentSettings): string {
  if (paymentOrigins(settings).includes(new URL(url).origin)) return url;
  throw new Error(`Not a payment page of a configured provider: ${new URL(url).origin}`);
}
