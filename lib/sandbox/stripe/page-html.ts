import type Stripe from "stripe";
import { escapeHtml as h } from "../http.ts";
import { decimalsOf } from "./currency.ts";
import type { PageTexts } from "./page-texts.ts";
import type { KeptSession } from "./world.ts";

const style = `:root{color-scheme:light dark;--ink:#15202b;--soft:#5b6875;--line:#d5dce3;--page:#f4f6f8;--card:#fff;--accent:#0b5cad;--on:#fff;--bad:#b3261e;--note:#fff4d6;--noteink:#5c4400}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#a3b0bd;--line:#33404d;--page:#0f151b;--card:#18212b;--accent:#7db7f5;--on:#06121f;--bad:#ff9d94;--note:#3a3010;--noteink:#f3dfa6}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.note{background:var(--note);color:var(--noteink);padding:.5rem 1rem;text-align:center;font-size:.9rem}
main{max-width:28rem;margin:2rem auto;padding:0 1rem}section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.5rem}
h1{font-size:1.25rem;margin:0 0 1rem}.total{display:flex;justify-content:space-between;align-items:baseline;border-top:1px solid var(--line);margin-top:.5rem;padding-top:.75rem;font-weight:600}
.total b{font-size:1.75rem;font-variant-numeric:tabular-nums}.item{display:flex;justify-content:space-between;gap:1rem;color:var(--soft)}
fieldset{border:0;margin:1.25rem 0 0;padding:0}legend{font-weight:600;padding:0;margin-bottom:.5rem}
.method{display:flex;gap:.6rem;align-items:center;padding:.6rem .75rem;border:1px solid var(--line);border-radius:.5rem;margin-bottom:.4rem}
.field{margin-top:1.25rem}label{font-weight:600}input[type=text],input[type=email]{display:block;width:100%;margin-top:.25rem;padding:.65rem .75rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:.5rem;font-variant-numeric:tabular-nums}
.hint{color:var(--soft);font-size:.9rem;margin:.25rem 0 0}.bad{color:var(--bad);font-weight:600;margin:.25rem 0 0}
.summary{border:2px solid var(--bad);border-radius:.5rem;padding:.75rem 1rem;margin-bottom:1rem}.summary h2{font-size:1rem;margin:0}.summary a{color:var(--bad)}
button,.button{display:block;width:100%;margin-top:1.25rem;padding:.8rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;color:var(--on);background:var(--accent);border:1px solid var(--accent);border-radius:.5rem;cursor:pointer}
.second{color:var(--accent);background:transparent}.back{display:inline-block;margin-bottom:1rem;color:var(--accent);padding:.25rem 0}
details{margin-top:1rem;color:var(--soft);font-size:.9rem}td{padding:.1rem 1rem .1rem 0}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`;

/** A whole page around `content`. */
export function document(texts: PageTexts, title: string, content: string): string {
  return `<!doctype html><html lang="${texts.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${h(title)}</title><link rel="icon" href="data:,"><style>${style}</style></head><body><p class="note" role="note" style="margin:0">${h(texts.banner)}</p><main>${content}</main></body></html>`;
}

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
