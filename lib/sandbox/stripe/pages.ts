import type Stripe from "stripe";
import { seeOther } from "../http.ts";
import type { Answer, Incoming } from "../http.ts";
import { confirmIntent, failConfirmation } from "./charging.ts";
import {
  confirmPage,
  money,
  noticePage,
  payPage,
  transferPage,
  waitingPage,
  walletPage,
} from "./page-html.ts";
import { behaviourOf } from "./method-types.ts";
import { textsFor } from "./page-texts.ts";
import type { PageTexts } from "./page-texts.ts";
import { answerConfirmation, paySession, settleSession, shownMethods } from "./pay-session.ts";
import type { PaymentStep } from "./pay-session.ts";
import { currentSession } from "./sessions.ts";
import { passesCheckSum, testCard } from "./test-cards.ts";
import { missingOf, receiveTransfer } from "./transfers.ts";
import { ofItsOwn } from "./world.ts";
import type { KeptPaymentMethod, KeptSession, StripeWorld } from "./world.ts";

/**
 * The hosted pages: paying, the bank's or the wallet's question, where to transfer to, the end of a
 * delayed payment, the receipt.
 * Plain forms; every answer to a POST is a redirect or the form again with the reason.
 */
export function answerPage(world: StripeWorld, request: Incoming): Answer | null {
  const address = /^\/c\/(pay|confirm|receipt|transfer)\/([^/]+)(?:\/(confirm|settle|fund))?$/.exec(
    request.path,
  );
  if (!address) return null;
  const [, area, id = "", step] = address;
  const form = new URLSearchParams(request.method === "POST" ? request.rawBody : "");
  const language = request.headers["accept-language"];
  if (area === "receipt") return receipt(world, id, language);
  if (area === "transfer") return transferOf(world, id);
  if (area === "confirm") return confirmAlone(world, id, request.method, form, language);
  const session = world.find("session", id) ? currentSession(world, id) : null;
  if (!session) return { status: 404, body: "Unknown session" };
  const texts = textsFor(session.locale, language);
  if (step === "confirm") return confirmStep(world, session, texts, request.method, form);
  if (step === "settle" && request.method === "POST") return settleStep(world, session, form);
  if (step === "fund" && request.method === "POST") return fundStep(world, session, form);
  return request.method === "POST"
    ? payStep(world, session, texts, form)
    : showSession(world, session, texts);
}

function showSession(world: StripeWorld, session: KeptSession, texts: PageTexts): Answer {
  if (session.status === "expired") {
    const link = session.cancel_url ? { href: session.cancel_url, label: texts.back } : null;
    return { status: 200, body: noticePage(texts, texts.expiredTitle, texts.expiredText, link) };
  }
  if (session.status === "complete") return showComplete(world, session, texts);
  return { status: 200, body: payPage(texts, session, knownOf(world, session)) };
}

function showComplete(world: StripeWorld, session: KeptSession, texts: PageTexts): Answer {
  const intent =
    typeof session.payment_intent === "string"
      ? world.find("paymentIntent", session.payment_intent)
      : null;
  if (intent?.status === "processing") {
    return { status: 200, body: waitingPage(texts, `/c/pay/${session.id}/settle`) };
  }
  const transfer = intent?.next_action?.display_bank_transfer_instructions;
  if (intent && transfer && missingOf(intent) !== null) {
    const back = successAddress(session);
    const body = transferPage(texts, transfer, `/c/pay/${session.id}/fund`, back);
    return { status: 200, body };
  }
  const link = { href: successAddress(session), label: texts.returnToShop };
  return { status: 200, body: noticePage(texts, texts.doneTitle, texts.doneText, link) };
}

function payStep(
  world: StripeWorld,
  session: KeptSession,
  texts: PageTexts,
  form: URLSearchParams,
): Answer {
  if (session.status === "complete") return seeOther(successAddress(session));
  if (session.status !== "open") return showSession(world, session, texts);
  const known = knownOf(world, session);
  const chosen = form.get("type") ?? "";
  const saved = known.saved.some(({ id }) => id === chosen);
  const type = saved ? "card" : chosen;
  const number = form.get("number") ?? "";
  const email = known.email ?? form.get("email") ?? "";
  const again = (error: string): Answer => ({
    status: 422,
    body: payPage(texts, session, known, { type: chosen, number, email, error }),
  });
  if (!session.payment_method_types.includes(type)) return again("method");
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) return again("email");
  if (saved) return afterStep(paySession(world, session, { type, saved: chosen, email }), again);
  if (type === "card" && !passesCheckSum(number)) return again("card_number");
  if (type === "card" && !testCard(number)) return again("unknown_card");
  const choice = type === "card" ? { type, number, email } : { type, email };
  return afterStep(paySession(world, session, choice), again);
}

function afterStep(step: PaymentStep, again: (error: string) => Answer): Answer {
  if (step.kind === "declined") return again(step.code);
  if (step.kind === "confirm") return seeOther(`/c/pay/${step.session.id}/confirm`);
  if (step.kind === "transfer") return seeOther(`/c/pay/${step.session.id}`);
  return seeOther(successAddress(step.session));
}

function confirmStep(
  world: StripeWorld,
  session: KeptSession,
  texts: PageTexts,
  method: string,
  form: URLSearchParams,
): Answer {
  if (session.status !== "open") return seeOther(`/c/pay/${session.id}`);
  if (!awaitsConfirmation(world, session)) return seeOther(`/c/pay/${session.id}`);
  const amount = money(session.amount_total ?? 0, session.currency ?? "usd", texts.lang);
  const type = chosenType(world, session);
  if (method !== "POST") {
    const isWallet = behaviourOf(type) === "wallet";
    const body = isWallet
      ? walletPage(texts, texts.methods[type] ?? type, amount)
      : confirmPage(texts, amount);
    return { status: 200, body };
  }
  const known = knownOf(world, session);
  const outcome = form.get("outcome");
  const answer = outcome === "confirm" || outcome === "later" ? outcome : "refuse";
  const step = answerConfirmation(world, session, answer);
  return afterStep(step, (error) => ({
    status: 422,
    body: payPage(texts, session, known, {
      type,
      number: "",
      email: known.email ?? "",
      error,
    }).replace('<form method="post"', `<form method="post" action="/c/pay/${session.id}"`),
  }));
}

/** The type that the customer is asked to confirm. */
function chosenType(world: StripeWorld, session: KeptSession): string {
  const intent =
    typeof session.payment_intent === "string"
      ? world.find("paymentIntent", session.payment_intent)
      : null;
  return world.find("paymentMethod", String(intent?.payment_method))?.type ?? "card";
}

function awaitsConfirmation(world: StripeWorld, session: KeptSession): boolean {
  const intent =
    session.mode === "setup"
      ? world.find("setupIntent", String(session.setup_intent))
      : world.find("paymentIntent", String(session.payment_intent));
  return intent?.status === "requires_action";
}

function settleStep(world: StripeWorld, session: KeptSession, form: URLSearchParams): Answer {
  const intent = world.find("paymentIntent", String(session.payment_intent));
  if (intent?.status === "processing") {
    settleSession(world, session, form.get("outcome") === "arrives");
  }
  return seeOther(successAddress(session));
}

/** A transfer of that many of the smallest unit arrives. */
function fundStep(world: StripeWorld, session: KeptSession, form: URLSearchParams): Answer {
  const amount = form.get("amount") ?? "";
  if (/^[1-9]\d{0,8}$/.test(amount) && typeof session.customer === "string") {
    receiveTransfer(world, session.customer, session.currency ?? "usd", Number(amount));
  }
  return seeOther(`/c/pay/${session.id}`);
}

/** The page of transfer instructions under the address that the intent names. */
function transferOf(world: StripeWorld, intentId: string): Answer {
  const session = world.list("session", { payment_intent: intentId })[0];
  return session ? seeOther(`/c/pay/${session.id}`) : { status: 404, body: "Unknown payment" };
}

/** The bank's question for an intent that was made without a session. */
function confirmAlone(
  world: StripeWorld,
  id: string,
  method: string,
  form: URLSearchParams,
  language: string | undefined,
): Answer {
  const intent = world.find("paymentIntent", id);
  if (!intent) return { status: 404, body: "Unknown payment" };
  const texts = textsFor(null, language);
  if (intent.status !== "requires_action") {
    return { status: 200, body: noticePage(texts, texts.doneTitle, texts.doneText, null) };
  }
  const amount = money(intent.amount, intent.currency, texts.lang);
  if (method !== "POST") return { status: 200, body: confirmPage(texts, amount) };
  const kept = world.get("paymentMethod", String(intent.payment_method));
  const returnUrl = intent.next_action?.redirect_to_url?.return_url ?? null;
  const how = { offSession: false, authenticated: true, actionUrl: "", returnUrl };
  const confirmation =
    form.get("outcome") === "confirm"
      ? confirmIntent(world, intent, kept, how, ofItsOwn)
      : failConfirmation(world, intent, kept, ofItsOwn);
  const after = confirmation.intent;
  if (returnUrl) return seeOther(withOutcome(returnUrl, after));
  return { status: 200, body: noticePage(texts, texts.doneTitle, texts.doneText, null) };
}

function withOutcome(returnUrl: string, intent: Stripe.PaymentIntent): string {
  const url = new URL(returnUrl);
  url.searchParams.set("payment_intent", intent.id);
  url.searchParams.set("payment_intent_client_secret", intent.client_secret ?? "");
  url.searchParams.set("redirect_status", intent.status === "succeeded" ? "succeeded" : "failed");
  return url.toString();
}

function receipt(world: StripeWorld, id: string, language: string | undefined): Answer {
  const charge = world.find("charge", id);
  if (!charge) return { status: 404, body: "Unknown charge" };
  const texts = textsFor(null, language);
  const amount = money(charge.amount, charge.currency, texts.lang);
  const text = `${charge.description ?? charge.id} · ${amount}`;
  return { status: 200, body: noticePage(texts, texts.receipt, text, null) };
}

function knownOf(
  world: StripeWorld,
  session: KeptSession,
): { email: string | null; saved: KeptPaymentMethod[] } {
  return { email: emailOf(world, session), saved: shownMethods(world, session) };
}

function emailOf(world: StripeWorld, session: KeptSession): string | null {
  if (session.customer_email) return session.customer_email;
  if (typeof session.customer !== "string") return null;
  return world.find("customer", session.customer)?.email ?? null;
}

/** The shop's address after paying, with the session's id filled in. */
export function successAddress(session: KeptSession): string {
  return (session.success_url ?? "/").replaceAll("{CHECKOUT_SESSION_ID}", session.id);
}
