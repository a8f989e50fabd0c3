import { escapeHtml as h, seeOther } from "../http.ts";
import type { Answer, Incoming } from "../http.ts";
import { document } from "../page.ts";
import type { Money } from "./amounts.ts";
import { PayPalRefusal } from "./errors.ts";
import { approveOrder, canBeApproved, currentOrder, offeredFundings } from "./orders.ts";
import { textsFor } from "./page-texts.ts";
import type { PageTexts } from "./page-texts.ts";
import type { Funding, KeptOrder, Payer, PayPalWorld } from "./world.ts";

/** The page on which the payer approves or cancels: a plain form, answered by a redirect to the shop. */
export function answerPage(world: PayPalWorld, request: Incoming): Answer | null {
  if (request.path !== "/checkoutnow") return null;
  const order = orderFor(world, request.query.get("token") ?? "");
  const language = request.headers["accept-language"];
  const texts = textsFor(order?.experience?.locale, language);
  if (!order) {
    return { status: 404, body: notice(texts, texts.overTitle, texts.overText, null) };
  }
  if (!canBeApproved(order)) return showOver(order, texts);
  if (request.method !== "POST") return { status: 200, body: approvalPage(order, texts) };
  const form = new URLSearchParams(request.rawBody);
  if (form.get("choice") === "cancel") return seeOther(cancelAddress(order) ?? "/");
  const email = (form.get("account") ?? "").trim();
  const funding = offeredFundings(order).find((each) => each === form.get("funding")) ?? "balance";
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
    return { status: 422, body: approvalPage(order, texts, { email, funding }) };
  }
  approveOrder(world, order, { payer: payerNamed(email), funding });
  const address = returnAddress(order, payerNamed(email));
  return address
    ? seeOther(address)
    : { status: 200, body: notice(texts, texts.doneTitle, texts.doneText, null) };
}

function orderFor(world: PayPalWorld, id: string): KeptOrder | null {
  try {
    return currentOrder(world, id);
  } catch (error) {
    if (error instanceof PayPalRefusal) return null;
    throw error;
  }
}

function showOver(order: KeptOrder, texts: PageTexts): Answer {
  const isDone = order.status === "APPROVED" || order.status === "COMPLETED";
  const title = isDone ? texts.doneTitle : texts.overTitle;
  const text = isDone ? texts.doneText : texts.overText;
  const way = isDone && order.payer ? returnAddress(order, order.payer) : cancelAddress(order);
  return { status: 200, body: notice(texts, title, text, way) };
}

/** A payer by the address of the account; the same account has the same id each time. */
export function payerNamed(email: string): Payer {
  const accountId = Buffer.from(email).toString("hex").toUpperCase().padEnd(13, "0").slice(0, 13);
  const givenName = email.split("@")[0] ?? email;
  return { email, accountId, givenName, surname: "Example" };
}

/** The shop's address after approving, as PayPal completes it. */
export function returnAddress(order: KeptOrder, payer: Payer): string | null {
  return extended(order.experience?.return_url, { token: order.id, PayerID: payer.accountId });
}

function cancelAddress(order: KeptOrder): string | null {
  return extended(order.experience?.cancel_url, { token: order.id });
}

function extended(address: string | undefined, more: Record<string, string>): string | null {
  if (address === undefined) return null;
  const url = new URL(address);
  for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
  return url.toString();
}

function approvalPage(
  order: KeptOrder,
  texts: PageTexts,
  wrong: { email: string; funding: Funding } | null = null,
): string {
  const shop = order.experience?.brand_name ?? "Test shop";
  const title = texts.title(shop);
  const error = wrong ? texts.badAccount : "";
  const email = wrong?.email ?? order.payer?.email ?? "payer@example.com";
  const chosen = wrong?.funding ?? "balance";
  const summary = error
    ? `<div class="summary" role="alert"><h2>${h(texts.errorSummary)}</h2><a href="#account">${h(error)}</a></div>`
    : "";
  const declined = order.attempts > 0 ? `<p class="bad" role="alert">${h(texts.declined)}</p>` : "";
  const item = `<div class="item"><span>${h(order.unit.description ?? order.unit.invoice_id ?? order.id)}</span></div>`;
  const total = `<div class="total"><span>${h(texts.total)}</span><b>${h(inMoney(order.unit.amount, texts.lang))}</b></div>`;
  const account = `<div class="field"><label for="account">${h(texts.account)}</label>${error ? `<p class="bad" id="account-error">${h(error)}</p>` : ""}<input id="account" name="account" type="email" autocomplete="email" value="${h(email)}"${error ? ' aria-invalid="true" aria-describedby="account-error"' : ""}></div>`;
  const choices = offeredFundings(order).map(
    (each) =>
      `<label class="method"><input type="radio" name="funding" value="${each}"${each === chosen ? " checked" : ""}> ${h(texts.fundings[each])}</label>`,
  );
  const saved = order.vault ? `<p class="hint">${h(texts.saved(shop))}</p>` : "";
  const button = order.experience?.user_action === "PAY_NOW" ? texts.payNow : texts.goOn;
  const cancel = cancelAddress(order)
    ? `<button class="second" type="submit" name="choice" value="cancel" formnovalidate>${h(texts.cancel)}</button>`
    : "";
  const content = `<section>${summary}${declined}<h1>${h(title)}</h1>${item}${total}<form method="post" novalidate>${account}<fieldset><legend>${h(texts.howToPay)}</legend>${choices.join("")}</fieldset>${saved}<button type="submit" name="choice" value="approve">${h(button)}</button>${cancel}</form></section>`;
  return document(texts, `${error ? texts.errorPrefix : ""}${title}`, content);
}

function notice(texts: PageTexts, title: string, text: string, way: string | null): string {
  const link = way ? `<a class="button" href="${h(way)}">${h(texts.returnToShop)}</a>` : "";
  return document(texts, title, `<section><h1>${h(title)}</h1><p>${h(text)}</p>${link}</section>`);
}

function inMoney({ currency_code, value }: Money, lang: string): string {
  const decimals = value.split(".")[1]?.length ?? 0;
  return new Intl.NumberFormat(lang, {
    style: "currency",
    currency: currency_code,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value as Intl.StringNumericLiteral);
}
