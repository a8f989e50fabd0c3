import type Stripe from "stripe";
import { z } from "zod";
import type { Locale } from "#lib/domain/locale.ts";
import { currencyExponent, money, type Money } from "#lib/domain/money.ts";
import type { PaymentReport, RefundOutcome, StartPaymentRequest } from "../port.ts";

/**
 * Decimals of Stripe's API amounts where they differ from two, and where they differ from ISO 4217
 * (docs.stripe.com/currencies): MGA has none, ISK and UGX are sent with two for compatibility.
 */
const STRIPE_EXPONENTS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF"].map((code) => [code, 0]),
  ),
  ...Object.fromEntries(["VND", "VUV", "XAF", "XOF", "XPF"].map((code) => [code, 0])),
  ...Object.fromEntries(["BHD", "JOD", "KWD", "OMR", "TND"].map((code) => [code, 3])),
};

/** Greatest amount in Stripe's units: eight digits; twelve in rupiah (docs.stripe.com/currencies). */
const GREATEST = 99_999_999n;
const GREATEST_IDR = 999_999_999_999n;

export type StripeAmount =
  | { readonly ok: true; readonly amount: number }
  | {
      readonly ok: false;
      readonly code: "amount_too_small" | "amount_too_large" | "amount_not_representable";
    };

/**
 * An amount in the units of Stripe's API. Refused before anything is sent: nothing or less, more
 * than Stripe takes, and what its units cannot say (three-decimal currencies take multiples of ten;
 * a fraction where Stripe has no decimals).
 */
export function toStripeAmount({ amountMinor, currency }: Money): StripeAmount {
  if (amountMinor <= 0n) return { ok: false, code: "amount_too_small" };
  const scaled = rescale(amountMinor, currencyExponent(currency), stripeExponent(currency));
  if (scaled === null) return { ok: false, code: "amount_not_representable" };
  if (scaled > (currency === "IDR" ? GREATEST_IDR : GREATEST)) {
    return { ok: false, code: "amount_too_large" };
  }
  if (stripeExponent(currency) === 3 && scaled % 10n !== 0n) {
    return { ok: false, code: "amount_not_representable" };
  }
  return { ok: true, amount: Number(scaled) };
}

/**
 * Money from an amount of Stripe's API.
 *
 * @param amount in Stripe's units, a safe integer
 * @param currency as Stripe writes it, lower case
 * @throws RangeError when our minor units cannot say it, e.g. a fraction of a króna
 */
export function fromStripeAmount(amount: number, currency: string): Money {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`Not a whole amount: ${amount}`);
  const code = currency.toUpperCase();
  const scaled = rescale(BigInt(amount), stripeExponent(code), currencyExponent(code));
  if (scaled === null) throw new RangeError(`Not a whole minor unit: ${amount} ${code}`);
  return money(scaled, code);
}

function stripeExponent(currency: string): number {
  return STRIPE_EXPONENTS[currency] ?? 2;
}

function rescale(amount: bigint, from: number, to: number): bigint | null {
  if (to >= from) return amount * 10n ** BigInt(to - from);
  const divisor = 10n ** BigInt(from - to);
  return amount % divisor === 0n ? amount / divisor : null;
}

/** Stripe's names of our languages. */
const CHECKOUT_LOCALES: Readonly<Record<Locale, "zh" | "en">> = { "zh-CN": "zh", en: "en" };

/** Longest text Stripe takes as a product name. */
const LONGEST_NAME = 250;

/**
 * The Checkout session for a payment: one line, in exactly the currency and amount that our books
 * wait for (no adaptive pricing, no promotion codes of Stripe's), our payment id wherever Stripe
 * hands it back.
 */
export function toSessionParams(
  request: StartPaymentRequest,
  amount: number,
): Stripe.Checkout.SessionCreateParams {
  const ours = { payment_id: request.paymentId, order_number: request.orderNumber };
  return {
    mode: "payment",
    client_reference_id: request.paymentId,
    metadata: ours,
    payment_intent_data: { metadata: ours },
    customer_email: request.customerEmail,
    locale: CHECKOUT_LOCALES[request.locale],
    adaptive_pricing: { enabled: false },
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: request.amount.currency.toLowerCase(),
          unit_amount: amount,
          product_data: { name: shorten(request.description) },
        },
      },
    ],
    success_url: request.successUrl,
    cancel_url: request.cancelUrl,
    expires_at: Math.floor(request.expiresAt.getTime() / 1000),
  };
}

/** Cut at whole characters, so that no half of a surrogate pair is sent. */
function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST_NAME
    ? text
    : `${characters.slice(0, LONGEST_NAME - 1).join("")}…`;
}

/** The parts of Stripe's objects that are believed; what is not here is never looked at. */
const amount = z.int().nonnegative();
const currency = z.string().regex(/^[a-zA-Z]{3}$/);
const metadata = z.record(z.string(), z.string()).nullish();

const ChargeSchema = z.object({ amount_refunded: amount, currency });

const IntentSchema = z.object({
  id: z.string(),
  created: z.int(),
  status: z.string(),
  amount_received: amount,
  currency,
  livemode: z.boolean(),
  metadata,
  latest_charge: z.union([ChargeSchema, z.null()]),
  last_payment_error: z
    .object({ code: z.string().nullish(), decline_code: z.string().nullish() })
    .nullish(),
});

const SessionSchema = z.object({
  id: z.string(),
  url: z.string().nullish(),
  expires_at: z.int(),
  status: z.string().nullable(),
  payment_status: z.string(),
  livemode: z.boolean(),
  client_reference_id: z.string().nullish(),
  metadata,
  payment_intent: z.union([IntentSchema, z.null()]),
});

const RefundSchema = z.object({
  id: z.string(),
  status: z.string().nullable(),
  failure_reason: z.string().nullish(),
});

export type CheckoutIntent = z.infer<typeof IntentSchema>;

/** Stripe's answer is not what its documentation promises; nothing is known from it. */
export class UnreadableAnswerError extends Error {
  override readonly name = "UnreadableAnswerError";
}

/** What was created, for the redirect. Throws {@link UnreadableAnswerError}. */
export function readStartedSession(answer: unknown): {
  id: string;
  url: string;
  expiresAt: Date;
} {
  const session = read(
    z.object({ id: z.string().min(1), url: z.url({ protocol: /^https?$/ }), expires_at: z.int() }),
    answer,
  );
  return { id: session.id, url: session.url, expiresAt: new Date(session.expires_at * 1000) };
}

/**
 * What a Checkout session says about its payment; it must have been asked for with
 * `payment_intent.latest_charge` expanded. A session that is complete and unpaid is
 * `processing` by a delayed method, unless its intent fell back to wanting a payment method, which is
 * how Stripe says that it failed. Throws {@link UnreadableAnswerError}.
 */
export function readSession(answer: unknown): PaymentReport {
  const session = read(SessionSchema, answer);
  const intent = session.payment_intent;
  const facts = {
    paymentId: ourPaymentId(session.metadata?.["payment_id"] ?? session.client_reference_id),
    providerPaymentId: intent?.id ?? null,
    refundedMinor: refundedMinor(intent),
    live: session.livemode,
  };
  const paid = session.payment_status === "paid" || intent?.status === "succeeded";
  if (paid && intent !== null) {
    return { ...facts, state: "settled", captured: captured(intent), reason: null };
  }
  if (paid) {
    // Paid, and no intent that says how much: not to be believed, and asked about again.
    return { ...facts, state: "processing", captured: null, reason: "paid_without_payment_intent" };
  }
  const reason =
    intent?.last_payment_error?.decline_code ?? intent?.last_payment_error?.code ?? null;
  if (session.status === "expired") {
    return { ...facts, state: "expired", captured: null, reason };
  }
  const fellBack = intent?.status === "requires_payment_method" || intent?.status === "canceled";
  if (session.status === "complete" && fellBack) {
    const because = reason ?? (intent.status === "canceled" ? "canceled" : "payment_failed");
    return { ...facts, state: "failed", captured: null, reason: because };
  }
  const state = session.status === "complete" ? "processing" : "pending";
  return { ...facts, state, captured: null, reason };
}

/** A PaymentIntent with `latest_charge` expanded. Throws {@link UnreadableAnswerError}. */
export function readIntent(answer: unknown): CheckoutIntent {
  return read(IntentSchema, answer);
}

/** What a captured PaymentIntent says of itself, as {@link readSession} does. */
export function reportOfIntent(intent: CheckoutIntent): PaymentReport {
  return {
    paymentId: ourPaymentId(intent.metadata?.["payment_id"]),
    state: "settled",
    captured: captured(intent),
    refundedMinor: refundedMinor(intent),
    providerPaymentId: intent.id,
    live: intent.livemode,
    reason: null,
  };
}

/** What became of a refund. Throws {@link UnreadableAnswerError}. */
export function readRefund(answer: unknown): RefundOutcome {
  const refund = read(RefundSchema, answer);
  switch (refund.status) {
    case "succeeded":
      return { kind: "succeeded", providerReference: refund.id };
    case "failed":
    case "canceled":
      return {
        kind: "failed",
        reason: refund.failure_reason ?? refund.status,
        providerReference: refund.id,
      };
    // pending, requires_action, and whatever Stripe may add: not at its end yet.
    default:
      return { kind: "pending", providerReference: refund.id };
  }
}

/** The payment id when it has the shape of ours; somebody else's metadata is nobody's payment. */
export function ourPaymentId(value: string | null | undefined): string | null {
  return z.uuid().safeParse(value).data ?? null;
}

function captured(intent: CheckoutIntent): Money {
  return readable(() => fromStripeAmount(intent.amount_received, intent.currency));
}

function refundedMinor(intent: CheckoutIntent | null): bigint {
  const charge = intent?.latest_charge;
  if (charge === null || charge === undefined) return 0n;
  return readable(() => fromStripeAmount(charge.amount_refunded, charge.currency).amountMinor);
}

function readable<T>(convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableAnswerError(error.message);
    throw error;
  }
}

function read<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UnreadableAnswerError(
    `Stripe's answer has no readable ${issue?.path.join(".") ?? "shape"}`,
  );
}
