import type Stripe from "stripe";
import { escapeHtml as h } from "../http.ts";
import { document } from "../page.ts";
import { decimalsOf } from "./currency.ts";
import type { PageTexts } from "./page-texts.ts";
import type { KeptPaymentMethod, KeptSession } from "./world.ts";

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

function freshAttempt(session: KeptSession): Attempt {
  const [first = ""] = session.payment_method_types;
  return { type: first, number: "4242 4242 4242 4242", email: "", error: null };
}

/** The page on which the customer pays (or saves a card). */
export function payPage(
  texts: PageTexts,
  session: KeptSession,
  known: { email: string | null; saved: KeptPaymentMethod[] },
  attempt: Attempt = freshAttempt(session),
): string {
  const isSetup = session.mode === "setup";
  const takesCards = session.payment_method_types.includes("card");
  const title = isSetup ? texts.saveTitle : texts.pay;
  const error = attempt.error
    ? (texts.errors[attempt.error] ?? texts.errors["declined"] ?? "")
    : "";
  const place = attempt.error === "email" ? "email" : "number";
  const content = `${back(texts, session)}<section>${error ? summary(texts, error, place) : ""}<h1>${h(title)}</h1>${isSetup ? "" : items(texts, session)}<form method="post" novalidate>${methods(texts, session, known.saved, attempt.type)}${known.email ? "" : emailField(texts, attempt, place === "email" ? error : "")}${takesCards ? numberField(texts, attempt.number, place === "number" ? error : "") : ""}${session.sandbox.intent.setupFutureUsage || isSetup ? `<p class="hint">${h(texts.saved)}</p>` : ""}<button type="submit">${h(isSetup ? texts.saveCard : texts.pay)}</button></form>${takesCards ? testNumbers(texts) : ""}</section>`;
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

function methods(
  texts: PageTexts,
  session: KeptSession,
  saved: KeptPaymentMethod[],
  chosen: string,
): string {
  const types = session.payment_method_types;
  if (types.length === 1 && saved.length === 0) {
    return `<input type="hidden" name="type" value="${h(types[0] ?? "")}">`;
  }
  const choice = (value: string, label: string): string =>
    `<label class="method"><input type="radio" name="type" value="${h(value)}"${value === chosen ? " checked" : ""}> ${h(label)}</label>`;
  const named = (type: string): string =>
    type === "card" && saved.length > 0 ? texts.anotherCard : (texts.methods[type] ?? type);
  const choices = [
    ...saved.map(({ id, card }) => choice(id, `${card?.brand ?? ""} •••• ${card?.last4 ?? ""}`)),
    ...types.map((type) => choice(type, named(type))),
  ];
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

/** The wallet's page or app. */
export function walletPage(texts: PageTexts, wallet: string, amount: string): string {
  return document(
    texts,
    texts.walletTitle,
    `<section><h1>${h(texts.walletTitle)}</h1><p>${h(texts.walletText)}</p><div class="total"><span>${h(wallet)}</span><b>${h(amount)}</b></div><form method="post"><button name="outcome" value="confirm">${h(texts.walletYes)}</button><button class="second" name="outcome" value="later">${h(texts.walletLater)}</button><button class="second" name="outcome" value="refuse">${h(texts.walletNo)}</button></form></section>`,
  );
}

/** Where to transfer to, and a way for tests to let the transfer arrive. */
export function transferPage(
  texts: PageTexts,
  transfer: Stripe.PaymentIntent.NextAction.DisplayBankTransferInstructions,
  action: string,
  returnTo: string | null,
): string {
  const missing = transfer.amount_remaining ?? 0;
  const [address] = transfer.financial_addresses ?? [];
  const account =
    address?.iban?.iban ??
    address?.sort_code?.account_number ??
    address?.aba?.account_number ??
    address?.zengin?.account_number ??
    address?.spei?.clabe ??
    "";
  const rows = [
    [texts.transferMissing, money(missing, transfer.currency ?? "usd", texts.lang)],
    [texts.transferAccount, account],
    [texts.transferReference, transfer.reference ?? ""],
  ].map(
    ([name = "", value = ""]) =>
      `<div class="item"><span>${h(name)}</span><span>${h(value)}</span></div>`,
  );
  const way = returnTo
    ? `<a class="button" href="${h(returnTo)}">${h(texts.returnToShop)}</a>`
    : "";
  return document(
    texts,
    texts.transferTitle,
    `<section><h1>${h(texts.transferTitle)}</h1><p>${h(texts.transferText)}</p>${rows.join("")}${way}<details><summary>${h(texts.transferTest)}</summary><form method="post" action="${h(action)}"><div class="field"><label for="amount">${h(texts.transferAmount)}</label><input id="amount" name="amount" type="text" inputmode="numeric" value="${missing}"></div><button class="second" type="submit">${h(texts.transferArrives)}</button></form></details></section>`,
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
