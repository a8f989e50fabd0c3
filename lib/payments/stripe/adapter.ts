import type Stripe from "stripe";
import type { Money } from "#lib/domain/money.ts";
import {
  ProviderUnavailableError,
  type PaymentAdapter,
  type PaymentReport,
  type ProviderDispute,
  type ProviderPayment,
  type ProviderPaymentKey,
  type ProviderPayout,
  type ProviderRefund,
  type RefundOutcome,
  type RefundRequest,
  type StartPaymentOutcome,
  type StartPaymentRequest,
} from "../port.ts";
import { toStripeAmount, toStripeCharge } from "./amounts.ts";
import { UnreadableAnswerError } from "./answer.ts";
import {
  createStripeClient,
  isAboutOurKey,
  isLiveKey,
  readStripeFailure,
  underKeys,
  type StripeSettings,
} from "./client.ts";
import { readDispute, readDisputedIntent } from "./dispute-wire.ts";
import { stripeMethodTypes, type StripeMethod } from "./method-types.ts";
import { readPayout } from "./payout-wire.ts";
import { readRefund, readRefundOutcome } from "./refund-wire.ts";
import { toSessionParams } from "./session-params.ts";
import { parseStripeWebhook } from "./webhook.ts";
import { readIntent, readSession, readStartedSession, reportOfIntent } from "./wire.ts";

const WHOLE_INTENT = ["latest_charge.balance_transaction", "payment_method"];
const WHOLE_PAYMENT = WHOLE_INTENT.map((path) => `payment_intent.${path}`);
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
    canTake: (amount) => toStripeCharge(amount).ok,
    methodTypesFor: (amount) => methodTypesFor(settings, amount),
    start: (request) => start(stripe, request),
    find: (providerReference) => find(stripe, providerReference),
    expire: (providerReference) => expire(stripe, providerReference),
    refund: (request) => refund(stripe, request),
    findRefund: (providerReference) => findRefund(stripe, providerReference),
    listRefunds: (payment) => listRefunds(stripe, payment),
    listDisputes: (payment) => listDisputes(stripe, payment),
    createCustomer: (customer) => createCustomer(stripe, customer),
    forgetMethod: (reference) => forgetMethod(stripe, reference),
    listPayouts: (from) => listPayouts(stripe, from),
    listPayments: (from) => listPayments(stripe, from),
    listDisputedPayments: (from) => listDisputedPayments(stripe, from),
    parseWebhook: async (headers, rawBody, now) =>
      parseStripeWebhook(headers, rawBody, settings.webhookSecrets, now),
  };
}

function methodTypesFor({ methodTypes }: StripeSettings, amount: Money): readonly StripeMethod[] {
  if (!toStripeCharge(amount).ok) return [];
  return stripeMethodTypes().filter(
    ({ type, currencies }) =>
      methodTypes.includes(type) && (currencies?.includes(amount.currency) ?? true),
  );
}

/**
 * A session that was made though Stripe answered 500 is nobody's: its page has an address that only
 * the lost answer named, so it cannot be paid and expires.
 */
async function start(stripe: Stripe, request: StartPaymentRequest): Promise<StartPaymentOutcome> {
  const amount = toStripeCharge(request.amount);
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
      return readRefundOutcome(
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
    if (candidate.metadata?.["refund_id"] === refundId) return readRefundOutcome(candidate);
  }
  return null;
}

async function findRefund(stripe: Stripe, providerReference: string): Promise<RefundOutcome> {
  try {
    return readRefundOutcome(await stripe.refunds.retrieve(providerReference));
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

async function listRefunds(
  stripe: Stripe,
  { providerPaymentId }: ProviderPaymentKey,
): Promise<readonly ProviderRefund[]> {
  const found = await ask(async () => {
    const refunds: ProviderRefund[] = [];
    const list = stripe.refunds.list({ payment_intent: providerPaymentId, limit: PAGE });
    for await (const refund of list) refunds.push(readRefund(refund));
    return refunds;
  });
  return found ?? [];
}

async function listDisputes(
  stripe: Stripe,
  { providerPaymentId }: ProviderPaymentKey,
): Promise<readonly ProviderDispute[]> {
  const found = await ask(async () => {
    const disputes: ProviderDispute[] = [];
    const list = stripe.disputes.list({ payment_intent: providerPaymentId, limit: PAGE });
    for await (const dispute of list) disputes.push(readDispute(dispute));
    return disputes;
  });
  return found ?? [];
}

/** Payments that are no PaymentIntents are none of ours. */
async function* listDisputedPayments(stripe: Stripe, from: Date): AsyncGenerator<string> {
  try {
    const created = { gte: Math.floor(from.getTime() / 1000) };
    for await (const dispute of stripe.disputes.list({ created, limit: PAGE })) {
      const intent = readDisputedIntent(dispute);
      if (intent !== null) yield intent;
    }
  } catch (error) {
    throw asUnavailable(error);
  }
}

async function createCustomer(
  stripe: Stripe,
  { accountId, email }: { readonly accountId: string; readonly email: string },
): Promise<string> {
  return orUnavailable(async () => {
    const customer = await underKeys(accountId, (idempotencyKey) =>
      stripe.customers.create(
        { email, metadata: { account_id: accountId } },
        { idempotencyKey: `customer.${idempotencyKey}` },
      ),
    );
    return customer.id;
  });
}

/** Stripe refuses to detach what belongs to nobody, with no code of its own: whose it is decides. */
async function forgetMethod(stripe: Stripe, reference: string): Promise<void> {
  try {
    await stripe.paymentMethods.detach(reference);
  } catch (error) {
    const failure = readStripeFailure(error);
    if (failure.kind === "refused" && !isAboutOurKey(failure)) {
      const method = await ask(() => stripe.paymentMethods.retrieve(reference));
      if (method === null || method.customer === null) return;
    }
    throw unavailable(failure.kind === "refused" ? failure.code : failure.reason, error);
  }
}

/**
 * By the day on which a payout reaches the bank, for that is when Stripe calls it paid; it may turn
 * out to have failed within five days, and is not listed any more then.
 */
async function* listPayouts(stripe: Stripe, from: Date): AsyncGenerator<ProviderPayout> {
  try {
    const payouts = stripe.payouts.list({
      arrival_date: { gte: Math.floor(from.getTime() / 1000) },
      status: "paid",
      limit: PAGE,
    });
    for await (const payout of payouts) yield readPayout(payout);
  } catch (error) {
    throw asUnavailable(error);
  }
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
      expand: WHOLE_INTENT.map((path) => `data.${path}`),
    });
    for await (const candidate of intents) {
      // A bank transfer that came in part is the customer's still: Stripe has captured nothing.
      if (candidate.status !== "succeeded" || explained.has(candidate.id)) continue;
      yield { ...reportOfIntent(readIntent(candidate)), providerReference: candidate.id };
    }
  } catch (error) {
    throw asUnavailable(error);
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
    throw asUnavailable(error);
  }
}

/** An act that either is done or is not known to be. */
async function orUnavailable<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw asUnavailable(error);
  }
}

function asUnavailable(error: unknown): ProviderUnavailableError {
  if (error instanceof UnreadableAnswerError) return unavailable(error.message, error);
  const failure = readStripeFailure(error);
  return unavailable(failure.kind === "refused" ? failure.code : failure.reason, error);
}

function unavailable(reason: string, cause: unknown): ProviderUnavailableError {
  return new ProviderUnavailableError(`Stripe could not be asked: ${reason}`, { cause });
}
