import { z } from "zod";
import type { Money } from "#lib/domain/money.ts";
import { PARTLY_FUNDED, type PaymentReport } from "../port.ts";
import { fromStripeAmount } from "./amounts.ts";
import { ourId, orUnreadable, readAnswer } from "./answer.ts";
import { PaymentMethodSchema, savedMethodOf } from "./saved-method.ts";

/** The parts of Stripe's objects that are believed; what is not here is never looked at. */
const amount = z.int().nonnegative();
const currency = z.string().regex(/^[a-zA-Z]{3}$/);
const metadata = z.record(z.string(), z.string()).nullish();

const BalanceTransactionSchema = z.object({ fee: z.int(), currency });

const ChargeSchema = z.object({
  amount_refunded: amount,
  currency,
  balance_transaction: z.union([BalanceTransactionSchema, z.null()]).optional(),
  payment_method_details: z.looseObject({ type: z.string() }).nullish(),
});

const IntentSchema = z.object({
  id: z.string(),
  created: z.int(),
  status: z.string(),
  amount,
  amount_received: amount,
  currency,
  livemode: z.boolean(),
  metadata,
  latest_charge: z.union([ChargeSchema, z.null()]),
  setup_future_usage: z.string().nullish(),
  payment_method: z.union([PaymentMethodSchema, z.null()]).optional(),
  next_action: z
    .object({
      display_bank_transfer_instructions: z
        .object({ amount_remaining: amount.nullish() })
        .nullish(),
    })
    .nullish(),
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

export type CheckoutIntent = z.infer<typeof IntentSchema>;

/** What was created, for the redirect. Throws {@link UnreadableAnswerError}. */
export function readStartedSession(answer: unknown): {
  id: string;
  url: string;
  expiresAt: Date;
} {
  const session = readAnswer(
    z.object({ id: z.string().min(1), url: z.url({ protocol: /^https?$/ }), expires_at: z.int() }),
    answer,
  );
  return { id: session.id, url: session.url, expiresAt: new Date(session.expires_at * 1000) };
}

/**
 * What a Checkout session says about its payment; it must have been asked for with
 * `payment_intent.latest_charge.balance_transaction` and `payment_intent.payment_method` expanded. A
 * session that is complete and unpaid is `processing` by a delayed method, unless its intent fell back
 * to wanting a payment method, which is how Stripe says that it failed, or waits for the customer's bank
 * transfer. Such a one nobody can end there: a complete session cannot be expired
 * (docs.stripe.com/api/checkout/sessions/expire), nor can its intent be canceled
 * (docs.stripe.com/api/payment_intents/cancel). What has come of it stays in the customer's cash balance
 * until the rest comes. Throws {@link UnreadableAnswerError}.
 */
export function readSession(answer: unknown): PaymentReport {
  const session = readAnswer(SessionSchema, answer);
  const intent = session.payment_intent;
  const facts = {
    paymentId: ourId(session.metadata?.["payment_id"] ?? session.client_reference_id),
    providerPaymentId: intent?.id ?? null,
    ...chargeFacts(intent),
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
  if (session.status === "complete" && intent !== null && isAwaited(intent)) {
    return { ...facts, state: "awaited", captured: null, reason: partly(intent) };
  }
  const state = session.status === "complete" ? "processing" : "pending";
  return { ...facts, state, captured: null, reason };
}

/** Whether the intent waits for a bank transfer into the customer's cash balance. */
function isAwaited({ status, payment_method: method }: CheckoutIntent): boolean {
  return status === "requires_action" && method?.type === "customer_balance";
}

function partly({ amount: asked, next_action: action }: CheckoutIntent): string | null {
  const missing = action?.display_bank_transfer_instructions?.amount_remaining ?? asked;
  return missing < asked ? PARTLY_FUNDED : null;
}

/** A PaymentIntent with `latest_charge` expanded. Throws {@link UnreadableAnswerError}. */
export function readIntent(answer: unknown): CheckoutIntent {
  return readAnswer(IntentSchema, answer);
}

/** What a captured PaymentIntent says of itself, as {@link readSession} does. */
export function reportOfIntent(intent: CheckoutIntent): PaymentReport {
  return {
    paymentId: ourId(intent.metadata?.["payment_id"]),
    state: "settled",
    captured: captured(intent),
    ...chargeFacts(intent),
    providerPaymentId: intent.id,
    live: intent.livemode,
    reason: null,
  };
}

function captured(intent: CheckoutIntent): Money {
  return orUnreadable(() => fromStripeAmount(intent.amount_received, intent.currency));
}

/** What the charge and the way of paying say, as far as Stripe has booked them. */
function chargeFacts(
  intent: CheckoutIntent | null,
): Pick<PaymentReport, "refundedMinor" | "fee" | "methodType" | "savedMethod"> {
  const charge = intent?.latest_charge ?? null;
  return {
    refundedMinor:
      charge === null
        ? 0n
        : orUnreadable(() => fromStripeAmount(charge.amount_refunded, charge.currency).amountMinor),
    fee: charge?.balance_transaction ? feeOf(charge.balance_transaction) : null,
    // After a refusal the charge names what was refused, and no payment method is chosen any more.
    methodType:
      intent?.status === "succeeded"
        ? (charge?.payment_method_details?.type ?? intent.payment_method?.type ?? null)
        : (intent?.payment_method?.type ?? null),
    savedMethod: intent === null ? null : savedMethodOf(intent),
  };
}

/** Null too when our minor units cannot say it: that must not keep a payment from being settled. */
function feeOf({ fee, currency: code }: z.infer<typeof BalanceTransactionSchema>): Money | null {
  try {
    return fromStripeAmount(fee, code);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
