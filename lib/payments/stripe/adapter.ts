import type Stripe from "stripe";
import {
  ProviderUnavailableError,
  type PaymentAdapter,
  type PaymentReport,
  type ProviderPayment,
  type RefundOutcome,
  type RefundRequest,
  type StartPaymentOutcome,
  type StartPaymentRequest,
} from "../port.ts";
import {
  createStripeClient,
  isAboutOurKey,
  isLiveKey,
  readStripeFailure,
  underKeys,
  type StripeSettings,
} from "./client.ts";
import { parseStripeWebhook } from "./webhook.ts";
import {
  readIntent,
  readRefund,
  readSession,
  readStartedSession,
  reportOfIntent,
  toSessionParams,
  toStripeAmount,
  UnreadableAnswerError,
} from "./wire.ts";

const WHOLE_PAYMENT = ["payment_intent.latest_charge"];
const PAGE = 100;
/** Longest life of a Checkout session: one that was paid at `from` began at most this long before. */
const LONGEST_SESSION_SECONDS = 24 * 3600;

/** Cards and wallets by Stripe's hosted Checkout (docs.stripe.com/payments/checkout). */
export function stripeAdapter(settings: StripeSettings): PaymentAdapter {
  const stripe = createStripeClient(settings);
  return {
    id: "stripe",
    live: isLiveKey(settings.secretKey),
    listingLagMinutes: 0,
    canTake: (amount) => toStripeAmount(amount).ok,
    start: (request) => start(stripe, request),
    find: (providerReference) => find(stripe, providerReference),
    expire: (providerReference) => expire(stripe, providerReference),
    refund: (request) => refund(stripe, request),
    findRefund: (providerReference) => findRefund(stripe, providerReference),
    listPayments: (from) => listPayments(stripe, from),
    parseWebhook: async (headers, rawBody, now) =>
      parseStripeWebhook(headers, rawBody, settings.webhookSecrets, now),
  };
}

/**
 * A session that was made though Stripe answered 500 is nobody's: its page has an address that only
 * the lost answer named, so it cannot be paid and expires.
 */
async function start(stripe: Stripe, request: StartPaymentRequest): Promise<StartPaymentOutcome> {
  const amount = toStripeAmount(request.amount);
  if (!amount.ok) return { kind: "rejected", reason: amount.code };
  const params = toSessionParams(request, amount.amount);
  try {
    const session = readStartedSession(
      await underKeys(request.paymentId, (idempotencyKey) =>
        stripe.checkout.sessions.create(params, { idempotencyKey }),
      ),
    );
    return {
      kind: "redirect",
      providerReference: session.id,
      url: session.url,
      expiresAt: session.expiresAt,
    };
  } catch (error) {
    if (error instanceof UnreadableAnswerError) return { kind: "unknown", reason: error.message };
    const failure = readStripeFailure(error);
    return failure.kind === "refused"
      ? { kind: "rejected", reason: failure.code }
      : { kind: "unknown", reason: failure.reason };
  }
}

async function find(stripe: Stripe, providerReference: string): Promise<PaymentReport | null> {
  return ask(async () =>
    readSession(
      await stripe.checkout.sessions.retrieve(providerReference, { expand: WHOLE_PAYMENT }),
    ),
  );
}

async function expire(stripe: Stripe, providerReference: string): Promise<PaymentReport | null> {
  try {
    return readSession(
      await stripe.checkout.sessions.expire(providerReference, { expand: WHOLE_PAYMENT }),
    );
  } catch (error) {
    if (error instanceof UnreadableAnswerError) throw unavailable(error.message, error);
    const failure = readStripeFailure(error);
    // Only an open session can be expired: it was paid or has expired, and says so when asked.
    if (failure.kind === "refused" && !isAboutOurKey(failure))
      return find(stripe, providerReference);
    throw unavailable(failure.kind === "refused" ? failure.code : failure.reason, error);
  }
}

/**
 * The refund is looked for by our id among those of the payment before it is asked for: Stripe
 * forgets idempotency keys after a day, and a repeat after that would refund twice.
 */
async function refund(stripe: Stripe, request: RefundRequest): Promise<RefundOutcome> {
  const amount = toStripeAmount(request.amount);
  if (!amount.ok) return { kind: "failed", reason: amount.code, providerReference: null };
  try {
    return await underKeys(request.refundId, async (idempotencyKey) => {
      const known = await findOurRefund(stripe, request);
      if (known !== null) return known;
      return readRefund(
        await stripe.refunds.create(
          {
            payment_intent: request.providerPaymentId,
            amount: amount.amount,
            metadata: { refund_id: request.refundId },
          },
          { idempotencyKey },
        ),
      );
    });
  } catch (error) {
    return refundFailure(error);
  }
}

async function findOurRefund(
  stripe: Stripe,
  { refundId, providerPaymentId }: RefundRequest,
): Promise<RefundOutcome | null> {
  const refunds = stripe.refunds.list({ payment_intent: providerPaymentId, limit: PAGE });
  for await (const candidate of refunds) {
    if (candidate.metadata?.["refund_id"] === refundId) return readRefund(candidate);
  }
  return null;
}

async function findRefund(stripe: Stripe, providerReference: string): Promise<RefundOutcome> {
  try {
    return readRefund(await stripe.refunds.retrieve(providerReference));
  } catch (error) {
    return refundFailure(error);
  }
}

function refundFailure(error: unknown): RefundOutcome {
  if (error instanceof UnreadableAnswerError) return { kind: "unknown", reason: error.message };
  const failure = readStripeFailure(error);
  if (failure.kind === "unknown") return { kind: "unknown", reason: failure.reason };
  // A key of ours that Stripe does not take says nothing about the refund.
  if (isAboutOurKey(failure)) return { kind: "unknown", reason: failure.code };
  return { kind: "failed", reason: failure.code, providerReference: null };
}

/**
 * Sessions first, for their ids are the references our books know; then the intents that no
 * session explains, under their own id, so that reconciliation sees money nobody asked for.
 */
async function* listPayments(stripe: Stripe, from: Date): AsyncGenerator<ProviderPayment> {
  const since = Math.floor(from.getTime() / 1000);
  const explained = new Set<string>();
  try {
    const sessions = stripe.checkout.sessions.list({
      created: { gte: since - LONGEST_SESSION_SECONDS },
      status: "complete",
      limit: PAGE,
      expand: WHOLE_PAYMENT.map((path) => `data.${path}`),
    });
    for await (const session of sessions) {
      const report = readSession(session);
      if (report.state !== "settled" || report.providerPaymentId === null) continue;
      explained.add(report.providerPaymentId);
      if (readIntent(session.payment_intent).created < since) continue;
      yield { ...report, providerReference: session.id };
    }
    const intents = stripe.paymentIntents.list({
      created: { gte: since },
      limit: PAGE,
      expand: ["data.latest_charge"],
    });
    for await (const candidate of intents) {
      if (candidate.amount_received === 0 || explained.has(candidate.id)) continue;
      yield { ...reportOfIntent(readIntent(candidate)), providerReference: candidate.id };
    }
  } catch (error) {
    if (error instanceof UnreadableAnswerError) throw unavailable(error.message, error);
    const failure = readStripeFailure(error);
    throw unavailable(failure.kind === "refused" ? failure.code : failure.reason, error);
  }
}

/** A question: null when Stripe has no such object, an exception when it cannot be asked now. */
async function ask<T>(question: () => Promise<T>): Promise<T | null> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof UnreadableAnswerError) throw unavailable(error.message, error);
    const failure = readStripeFailure(error);
    if (failure.kind === "refused" && failure.code === "resource_missing") return null;
    throw unavailable(failure.kind === "refused" ? failure.code : failure.reason, error);
  }
}

function unavailable(reason: string, cause: unknown): ProviderUnavailableError {
  return new ProviderUnavailableError(`Stripe could not be asked: ${reason}`, { cause });
}
