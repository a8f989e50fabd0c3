import type { Page } from "playwright";
import { expect } from "playwright/test";
import type { Locale } from "#lib/domain/locale.ts";
import type { OrderPhase } from "#lib/domain/order.ts";
import { translator } from "#lib/i18n/translator.ts";
import type { Funding } from "#lib/sandbox/paypal/world.ts";
import { planByCode } from "#prisma/seed/plans.ts";

/** What is written on what a customer presses, in the words that other programs may rely on. */
export const LABELS = {
  en: {
    renew: "Renew",
    pay: /^Pay .*\d/,
    card: /Credit or debit card/,
    paypal: /PayPal/,
    transfer: /Bank transfer/,
    balance: /Account balance/,
    hostedNumber: "Card number",
    hostedPay: "Pay",
    hostedBack: "Back",
    paypalPay: "Pay now",
    paypalCancel: "Cancel and return to the shop",
  },
  "zh-CN": {
    renew: "续费",
    pay: /^支付 .*\d/,
    card: /信用卡或借记卡/,
    paypal: /PayPal/,
    transfer: /银行转账/,
    balance: /账户余额/,
    hostedNumber: "卡号",
    hostedPay: "支付",
    hostedBack: "返回",
    paypalPay: "立即付款",
    paypalCancel: "取消并返回商户",
  },
} as const satisfies Record<Locale, object>;

/** A card that pays, and one that is declined. */
export const CARDS = { good: "4242 4242 4242 4242", declined: "4000 0000 0000 0002" } as const;

/** Text as a reader sees it: one space wherever there is white space of any kind. */
export function plain(text: string | null): string {
  return (text ?? "").replaceAll(/\s+/g, " ").trim();
}

/** What one side of "before and after" says. */
export interface Side {
  /** "10.8 GB" */
  readonly data: string;
  /** Everything below it. */
  readonly rest: string;
}

/** From the dashboard to the page with the pay button, by pressing what a customer presses. */
export async function chooseFromDashboard(
  page: Page,
  planCode: string,
  locale: Locale = "en",
): Promise<void> {
  await page.goto("/dashboard");
  await page.getByRole("link", { name: LABELS[locale].renew, exact: true }).first().click();
  await page.waitForURL("**/renew");
  await page.getByRole("link", { name: planByCode(planCode).name[locale], exact: true }).click();
  await page.waitForURL("**/renew?plan=*");
}

/** Opens the page with the pay button. */
export async function openCheckout(page: Page, iccid: string, planCode: string): Promise<void> {
  await page.goto(`/esims/${iccid}/renew?plan=${planCode}`);
}

/** Chooses how to pay and presses the button. */
export async function pressPay(
  page: Page,
  method: "card" | "paypal" | "transfer" | "balance",
  locale: Locale = "en",
): Promise<void> {
  const words = LABELS[locale];
  await page.getByRole("radio", { name: words[method] }).check();
  await page.getByRole("button", { name: words.pay }).click();
}

/** Enters a card on the provider's page and sends it off. */
export async function payOnHostedPage(
  page: Page,
  options: { readonly locale?: Locale; readonly card?: string } = {},
): Promise<void> {
  const words = LABELS[options.locale ?? "en"];
  await page.getByLabel(words.hostedNumber, { exact: true }).fill(options.card ?? CARDS.good);
  await page.getByRole("button", { name: words.hostedPay, exact: true }).click();
}

/** Approves on PayPal's page, from funds of PayPal's that go as their value says. */
export async function approveAtPayPal(
  page: Page,
  options: { readonly locale?: Locale; readonly funding?: Funding } = {},
): Promise<void> {
  const { locale = "en", funding = "balance" } = options;
  await page.locator(`input[name=funding][value=${funding}]`).check();
  await page.getByRole("button", { name: LABELS[locale].paypalPay, exact: true }).click();
}

/** What the page with the pay button promises. */
export async function readPromise(page: Page): Promise<{ before: Side; after: Side }> {
  const side = async (index: number): Promise<Side> => {
    const part = page.locator(".change > div").nth(index);
    const lines = await part.locator("p").allTextContents();
    return { data: plain(await part.locator("b").textContent()), rest: plain(lines.join(" ")) };
  };
  return { before: await side(0), after: await side(1) };
}

/** What an eSIM has, as the dashboard (or the eSIM's own page) shows it. */
export async function readDashboard(page: Page): Promise<Side> {
  const data = plain(await page.locator(".left").first().textContent());
  const periods = await page.locator(".periods li").allTextContents();
  return { data: data.replace(/ ?([GM]B).*$/, " $1"), rest: plain(periods.join(" ")) };
}

/** Where an order stands, as its page says it. */
export function headline(phase: OrderPhase, locale: Locale = "en"): string {
  return translator(locale, "order")(`phase.${phase}`);
}

/** The same in a word or two, as lists say it. */
export function shortPhase(phase: OrderPhase, locale: Locale = "en"): string {
  return translator(locale, "order")(`shortPhase.${phase}`);
}

/**
 * Waits until the page of an order says this. Where scripts run the page keeps itself current; elsewhere
 * "Check again" is pressed, as the page asks for.
 */
export async function waitForPhase(
  page: Page,
  phase: OrderPhase,
  options: {
    readonly locale?: Locale;
    readonly pressing?: boolean;
    readonly timeout?: number;
  } = {},
): Promise<void> {
  const { locale = "en", pressing = false, timeout = 30_000 } = options;
  const said = page.locator("h1:visible");
  await page.waitForURL(/\/orders\/AX-/);
  if (!pressing) return await expect(said).toHaveText(headline(phase, locale), { timeout });
  const again = page.getByRole("button", { name: translator(locale, "order")("checkAgain") });
  await expect(async () => {
    if ((await said.textContent()) !== headline(phase, locale)) await again.click();
    await expect(said).toHaveText(headline(phase, locale), { timeout: 1 });
  }).toPass({ timeout });
}

/** The number of the order whose page is open. */
export function orderNumberIn(page: Page): string {
  const number = /\/orders\/(AX-[0-9A-Z-]+)/.exec(page.url())?.[1];
  if (number === undefined) throw new Error(`Not the page of an order: ${page.url()}`);
  return number;
}
