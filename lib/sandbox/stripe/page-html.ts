import type Stripe from "stripe";
import { escapeHtml as h } from "../http.ts";
import { document } from "../page.ts";
import { decimalsOf } from "./currency.ts";
import type { PageTexts } from "./page-texts.ts";
import type { KeptSession } from "./world.ts";

/** An amount in the API's units as the customer reads it. */
export function money(amount: number, currency: string, lang: string): string {
  const decimals = decimalsOf(currency);
  const digits = String(amount).padStart(decimals + 1, "0");
  const split = digits.length - decimals;
  const decimal = decimals > 0 ? `${digits.slice(0, split)}.${digits.slice(split)}` : digits;
  return new Intl.NumberFormat(lang, {
    style: "currency",
    currency: currency.toUpperCase(),
    minimumFractionDigits: decimals,
  }).format(decimal as Intl.StringNumericLiteral);
}

/** What the form shows again after a mistake or a refusal. */
export interface Attempt {
  type: string;
  number: string;
  email: string;
  /** A key of `texts.errors`. */
  error: string | null;
}

const freshAttempt: Attempt = {
  type: "card",
  number: "4242 4242 4242 4242",
  email: "",
  error: null,
};

/** The page on which the customer pays (or saves a card). */
export function payPage(
  texts: PageTexts,
  session: KeptSession,
  knownEmail: string | null,
  attempt: Attempt = freshAttempt,
): string {
  const isSetup = session.mode === "setup";
  const title = isSetup ? texts.saveTitle : texts.pay;
  const error = attempt.error
    ? (texts.errors[attempt.error] ?? texts.errors["declined"] ?? "")
    : "";
  const place = attempt.error === "email" ? "email" : "number";
  const content = `${back(texts, session)}<section>${error ? summary(texts, error, place) : ""}<h1>${h(title)}</h1>${isSetup ? "" : items(texts, session)}<form method="post" novalidate>${methods(texts, session, attempt.type)}${knownEmail ? "" : emailField(texts, attempt, place === "email" ? error : "")}${numberField(texts, attempt.number, place === "number" ? error : "")}${session.sandbox.intent.setupFutureUsage || isSetup ? `<p class="hint">${h(texts.saved)}</p>` : ""}<button type="submit">${h(isSetup ? texts.saveCard : texts.pay)}</button></form>${testNumbers(texts)}</section>`;
  return document(texts, `${error ? texts.errorPrefix : ""}${title}`, content);
}

function back(texts: PageTexts, session: KeptSession): string {
  return session.cancel_url
    ? `<a class="back" href="${h(session.cancel_url.replaceAll("{CHECKOUT_SESSION_ID}", session.id))}">${h(texts.back)}</a>`
    : "";
}

function summary(texts: PageTexts, error: string, place: string): string {
  return `<div class="summary" role="alert"><h2>${h(texts.errorSummary)}</h2><a href="#${place}">${h(error)}</a></div>`;
}

function items(texts: PageTexts, session: KeptSession): string {
  const currency = session.currency ?? "usd";
  const lines = session.sandbox.lineItems.map(
    (line: Stripe.LineItem) =>
      `<div class="item"><span>${h(line.description ?? "")}${(line.quantity ?? 1) > 1 ? ` × ${line.quantity}` : ""}</span><span>${h(money(line.amount_total, currency, texts.lang))}</span></div>`,
  );
  return `${lines.join("")}<div class="total"><span>${h(texts.total)}</span><b>${h(money(session.amount_total ?? 0, currency, texts.lang))}</b></div>`;
}

function methods(texts: PageTexts, session: KeptSession, chosen: string): string {
  const types = session.payment_method_types;
  if (types.length === 1) return `<input type="hidden" name="type" value="${h(types[0] ?? "")}">`;
  const choices = types.map(
    (type) =>
      `<label class="method"><input type="radio" name="type" value="${h(type)}"${type === chosen ? " checked" : ""}> ${h(texts.methods[type] ?? type)}</label>`,
  );
  return `<fieldset><legend>${h(texts.howToPay)}</legend>${choices.join("")}</fieldset>`;
}

function emailField(texts: PageTexts, attempt: Attempt, error: string): string {
  return `<div class="field"><label for="email">${h(texts.email)}</label>${error ? `<p class="bad" id="email-error">${h(error)}</p>` : ""}<input id="email" name="email" type="email" autocomplete="email" value="${h(attempt.email)}"${error ? ' aria-invalid="true" aria-describedby="email-error"' : ""}></div>`;
}

function numberField(texts: PageTexts, number: string, error: string): string {
  return `<div class="field"><label for="number">${h(texts.cardNumber)}</label>${error ? `<p class="bad" id="number-error">${h(error)}</p>` : ""}<input id="number" name="number" type="text" inputmode="numeric" autocomplete="off" value="${h(number)}" aria-describedby="number-hint${error ? " number-error" : ""}"${error ? ' aria-invalid="true"' : ""}><p class="hint" id="number-hint">${h(texts.cardHint)}</p></div>`;
}

function testNumbers(texts: PageTexts): string {
  const rows = Object.entries(texts.cards).map(
    ([number, what]) => `<tr><td>${number}</td><td>${h(what)}</td></tr>`,
  );
  return `<details><summary>${h(texts.testCards)}</summary><table>${rows.join("")}</table></details>`;
}

/** The bank's question. */
export function confirmPage(texts: PageTexts, amount: string): string {
  return document(
    texts,
    texts.confirmTitle,
    `<section><h1>${h(texts.confirmTitle)}</h1><p>${h(texts.confirmText)}</p><div class="total"><span>${h(texts.total)}</span><b>${h(amount)}</b></div><form method="post"><button name="outcome" value="confirm">${h(texts.confirmYes)}</button><button class="second" name="outcome" value="refuse">${h(texts.confirmNo)}</button></form></section>`,
  );
}

/** A page with a heading, a sentence and one way on. */
export function noticePage(
  texts: PageTexts,
  title: string,
  text: string,
  link: { href: string; label: string } | null,
): string {
  const way = link ? `<a class="button" href="${h(link.href)}">${h(link.label)}</a>` : "";
  return document(texts, title, `<section><h1>${h(title)}</h1><p>${h(text)}</p>${way}</section>`);
}

/** The switch for money that is on its way. */
export function waitingPage(texts: PageTexts, action: string): string {
  return document(
    texts,
    texts.waitingTitle,
    `<section><h1>${h(texts.waitingTitle)}</h1><p>${h(texts.waitingText)}</p><form method="post" action="${h(action)}"><button name="outcome" value="arrives">${h(texts.moneyArrives)}</button><button class="second" name="outcome" value="fails">${h(texts.moneyFails)}</button></form></section>`,
  );
}
