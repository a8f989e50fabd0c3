/** How long a quote can be accepted. */
export const QUOTE_LIFETIME_MINUTES = 15;

/** A second order for the same eSIM within this time asks before it is placed. */
export const REPEAT_ORDER_MINUTES = 10;

/**
 * How long a hosted payment page stays open. Stripe allows 30 minutes to 24 hours from when it opens; the
 * rest is time in which a start whose outcome is unknown can be repeated with the same parameters.
 */
export const PAYMENT_LIFETIME_MINUTES = 60;

/** How long an order waits for a bank transfer: 1 to 3 bank days under way, and time to get to a bank. */
export const BANK_TRANSFER_DAYS = 7;

/** When somebody who has not transferred yet is reminded, counted from placing the order. */
export const BANK_TRANSFER_REMINDER_DAYS = 3;

/** A queued period is sent to the carrier this long before it begins: carriers refuse an eSIM that has expired. */
export const ACTIVATION_LEAD_MINUTES = 60;

/** How long one call to a provider or carrier may take. */
export const OUTSIDE_CALL_TIMEOUT_MS = 10_000;

/** How long a worker owns an activation, refund or notice it claimed; longer than any call it makes for it. */
export const LEASE_SECONDS = 25;

/** The order page waits this long for the next step before it answers. */
export const ORDER_WAIT_MS = 4_000;

/** When to ask again about an outcome that is not known: seconds after the last time, in the end daily. */
export const LOOKUP_DELAYS_SECONDS = [
  10, 60, 300, 900, 3_600, 21_600, 86_400, 86_400, 86_400, 86_400, 86_400,
] as const;

/** How many seconds to wait before asking again; `earlier`: how often it was asked before the last time. */
export function lookupDelaySeconds(earlier: number): number {
  return LOOKUP_DELAYS_SECONDS[Math.max(0, earlier)] ?? 86_400;
}

/** An outcome unknown for longer is also put before a person. */
export const ATTENTION_AFTER_MINUTES = 15;

/** A session ends this long after signing in, however much it is used. */
export const SESSION_IDLE_DAYS = 30;

/** How often the carrier is asked about the usage of an eSIM with service. */
export const USAGE_POLL_MINUTES = 30;

/** How often a worker looks for rows whose time has come and whose job was lost. */
export const SWEEP_SECONDS = 5;

/** What a top-up may be, in major units of any currency. */
export const TOP_UP_LEAST = 1;
export const TOP_UP_MOST = 50_000;

/** Largest statement of a bank that is taken: some ten thousand movements. Larger ones are brought by shorter periods. */
export const STATEMENT_MAX_BYTES = 5 * 1024 * 1024;

/** What support may give back of one order without a lead, in major units; other currencies need one. */
export const SUPPORT_REFUND_MOST: Readonly<Record<string, number>> = {
  CNY: 700,
  USD: 100,
  EUR: 100,
  GBP: 100,
  JPY: 15_000,
};

/** Everything is compared with providers and carriers this long after the last time. */
export const RECONCILE_HOURS = 24;

/** How far back it is compared: banks take disputes for 120 days, PayPal refunds for 180. */
export const RECONCILE_DAYS = 180;
