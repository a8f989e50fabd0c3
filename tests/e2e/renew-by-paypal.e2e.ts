import { afterEach, describe, test } from "vitest";
import { expect } from "playwright/test";
import type { Page } from "playwright";
import { money, toDecimal } from "#lib/domain/money.ts";
import { planByCode } from "#prisma/seed/plans.ts";
import { countOrders, findMoney } from "#tests/support/money.ts";
import { usePortal } from "#tests/support/portal.ts";
import {
  approveAtPayPal,
  chooseFromDashboard,
  LABELS,
  openCheckout,
  orderNumberIn,
  payOnHostedPage,
  plain,
  pressPay,
  readDashboard,
  readPromise,
  shortPhase,
  waitForPhase,
} from "#tests/support/renewing.ts";
import { until } from "#tests/support/stand-ins.ts";
import type { Traveller } from "#tests/support/traveller.ts";

const portal = usePortal();

const PLAN = "as-10gb-30d";
const PRICE = Number(planByCode(PLAN).prices.GBP);
/** PayPal takes no yuan from abroad. */
const POUNDS = { currency: "GBP" } as const;

afterEach(async () => {
  await portal.standIns.paypal.clearFaults();
  await portal.standIns.esimAccess.clearFaults();
});

async function toPayPal(page: Page, traveller: Traveller): Promise<void> {
  await openCheckout(page, traveller.iccid, PLAN);
  await pressPay(page, "paypal", traveller.locale);
  await page.getByRole("button", { name: LABELS[traveller.locale].paypalPay }).waitFor();
}

/** PayPal's name of the customer's order, whose page is open. */
function paypalOrderIn(page: Page): string {
  return new URL(page.url()).searchParams.get("token") ?? "";
}

/** The captures that PayPal made of a payment of this customer. */
async function capturesOf(traveller: Traveller): Promise<number> {
  const payments = await portal.rows<{ payment_id: string }>(
    `SELECT p.payment_id FROM audit.payments p JOIN audit.orders o USING (order_number)
       WHERE o.customer_email = $1`,
    [traveller.email],
  );
  const { captures } = await portal.standIns.paypal.state();
  return captures.filter(({ customId }) => payments.some((each) => each.payment_id === customId))
    .length;
}

const ways = [
  { title: "with scripts", javaScript: true, light: false },
  { title: "without scripts", javaScript: false, light: false },
  { title: "in light mode", javaScript: true, light: true },
] as const;

describe.each([
  { locale: "en", subject: "is on (order " },
  { locale: "zh-CN", subject: "已开通（订单 " },
] as const)("a renewal by PayPal in $locale", ({ locale, subject }) => {
  test.each(ways)("is live, as promised, $title", async ({ javaScript, light }) => {
    const traveller = await portal.giveTraveller({ ...POUNDS, locale });
    const prefers = locale === "en" ? "zh-CN" : "en";
    const page = await portal.open({ as: traveller, javaScript, light, width: 360, prefers });
    await chooseFromDashboard(page, PLAN, locale);
    const promise = await readPromise(page);
    await pressPay(page, "paypal", locale);
    // PayPal's page speaks the customer's language and names the order and its price.
    await expect(page.locator("html")).toHaveAttribute("lang", locale);
    await expect(page.locator("main")).toContainText(planByCode(PLAN).name[locale]);
    expect(plain(await page.locator("main").textContent())).toContain(
      `£${toDecimal(money(BigInt(PRICE), "GBP"))}`,
    );
    await approveAtPayPal(page, { locale });
    await waitForPhase(page, "live", { locale, pressing: !javaScript });
    await expect(page.locator("main")).toContainText("PayPal");
    const number = orderNumberIn(page);
    expect(await findMoney(portal, number)).toMatchObject({
      state: "completed",
      currency: "GBP",
      totalMinor: BigInt(PRICE),
      paidMinor: BigInt(PRICE),
      refundedMinor: 0n,
      captured: [PRICE],
      topUps: 1,
    });
    expect(promise.after.data).toBe("10.8 GB");
    const mails = await portal.standIns.mailbox.waitForMail(traveller.email);
    expect(mails.map((mail) => mail.subject)).toEqual([
      expect.stringContaining(`${subject}${number}`),
    ]);
    await page.goto("/dashboard");
    expect((await readDashboard(page)).data).toBe("10.8 GB");
  });
});

test("somebody who cancels at PayPal has paid nothing, and can go on with the same order", async () => {
  const traveller = await portal.giveTraveller(POUNDS);
  const page = await portal.open({ as: traveller, javaScript: false });
  await toPayPal(page, traveller);
  const order = paypalOrderIn(page);
  await page.getByRole("button", { name: LABELS.en.paypalCancel }).click();
  await waitForPhase(page, "awaiting_payment");
  await expect(page.locator("main")).toContainText("Nothing has been charged yet");
  const number = orderNumberIn(page);
  await page.getByRole("button", { name: "Continue to payment" }).click();
  expect(paypalOrderIn(page)).toBe(order);
  await approveAtPayPal(page);
  await waitForPhase(page, "live", { pressing: true });
  expect(orderNumberIn(page)).toBe(number);
  expect(await findMoney(portal, number)).toMatchObject({ captured: [PRICE], topUps: 1 });
});

test("somebody who cancels at PayPal can pay by card, and an approval that comes all the same moves no money", async () => {
  const traveller = await portal.giveTraveller(POUNDS);
  const page = await portal.open({ as: traveller });
  await toPayPal(page, traveller);
  const order = paypalOrderIn(page);
  await page.getByRole("button", { name: LABELS.en.paypalCancel }).click();
  await waitForPhase(page, "awaiting_payment");
  const first = orderNumberIn(page);

  await page.getByRole("link", { name: "Pay another way" }).click();
  await page.getByRole("checkbox", { name: "Leave that order" }).check();
  await pressPay(page, "card");
  await payOnHostedPage(page);
  await waitForPhase(page, "live");
  const second = orderNumberIn(page);
  expect(second).not.toBe(first);

  await portal.standIns.paypal.approve(order);
  await portal.standIns.paypal.waitForWebhooks();
  await page.goto(`/orders/${first}?returned=1`);
  await waitForPhase(page, "payment_expired");
  expect(await capturesOf(traveller)).toBe(0);
  expect(await findMoney(portal, first)).toMatchObject({ paidMinor: 0n, captured: [], topUps: 0 });
  expect(await findMoney(portal, second)).toMatchObject({ captured: [PRICE], topUps: 1 });
  expect(await countOrders(portal, traveller.email)).toBe(2);
});

test("a customer who approves and never comes back is served by PayPal's message", async () => {
  const traveller = await portal.giveTraveller(POUNDS);
  const page = await portal.open({ as: traveller });
  await toPayPal(page, traveller);
  const order = paypalOrderIn(page);
  await page.goto("about:blank");
  await portal.standIns.paypal.approve(order);
  const state = async (): Promise<string | undefined> => {
    const [found] = await portal.rows<{ state: string }>(
      "SELECT state FROM audit.orders WHERE customer_email = $1",
      [traveller.email],
    );
    return found?.state === "completed" ? found.state : undefined;
  };
  // The poller would look a minute after the order was placed.
  await until(state, 40_000, "the order is not completed");
  expect(await capturesOf(traveller)).toBe(1);
  await page.goto("/dashboard");
  expect((await readDashboard(page)).data).toBe("10.8 GB");
  await expect(page.locator("section[aria-labelledby=orders]")).toContainText(shortPhase("live"));
});

test("without any message of PayPal's the page that the customer comes back to takes the money", async () => {
  const traveller = await portal.giveTraveller(POUNDS);
  const page = await portal.open({ as: traveller, javaScript: false });
  await toPayPal(page, traveller);
  const order = paypalOrderIn(page);
  await portal.standIns.paypal.setFault({
    kind: "webhook_drop",
    match: { bodyIncludes: order },
    times: null,
  });
  await approveAtPayPal(page);
  await waitForPhase(page, "live", { pressing: true });
  const told = (await portal.standIns.paypal.webhooks()).filter(({ body }) => body.includes(order));
  expect(told.map(({ state }) => state)).not.toContain("delivered");
  expect(await findMoney(portal, orderNumberIn(page))).toMatchObject({
    captured: [PRICE],
    topUps: 1,
  });
});

test("funds that PayPal declines can be followed by others, and only those are charged", async () => {
  const traveller = await portal.giveTraveller(POUNDS);
  const page = await portal.open({ as: traveller, javaScript: false });
  await toPayPal(page, traveller);
  await approveAtPayPal(page, { funding: "declined" });
  await waitForPhase(page, "awaiting_payment", { pressing: true });
  await page.getByRole("button", { name: "Continue to payment" }).click();
  await expect(page.getByRole("alert")).toContainText("Your last choice was declined");
  await approveAtPayPal(page);
  await waitForPhase(page, "live", { pressing: true });
  expect(await findMoney(portal, orderNumberIn(page))).toMatchObject({
    captured: [PRICE],
    topUps: 1,
  });
});

test.each([
  { locale: "en", javaScript: true, words: "PayPal account", subject: "on its way back" },
  { locale: "zh-CN", javaScript: false, words: "PayPal 账户", subject: "款项正在退回" },
] as const)(
  "what the network cannot switch on goes back to the PayPal account, and page and mail say so in $locale",
  async ({ locale, javaScript, words, subject }) => {
    const traveller = await portal.giveTraveller({ ...POUNDS, locale });
    await portal.standIns.esimAccess.setFault({
      kind: "refuse",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: traveller.esimTranNo },
      errorCode: "200011",
    });
    const page = await portal.open({ as: traveller, javaScript });
    await toPayPal(page, traveller);
    await approveAtPayPal(page, { locale });
    await waitForPhase(page, "refunded", { locale, pressing: !javaScript });
    await expect(page.locator("section:visible[aria-labelledby=next]")).toContainText(words);
    expect(await findMoney(portal, orderNumberIn(page))).toMatchObject({
      paidMinor: BigInt(PRICE),
      refundedMinor: BigInt(PRICE),
      captured: [PRICE],
      returned: PRICE,
      topUps: 0,
    });
    const mails = await portal.standIns.mailbox.waitForMail(traveller.email);
    expect(mails.map((mail) => mail.subject)).toEqual([expect.stringContaining(subject)]);
    expect(mails[0]?.text).toContain(words);
  },
);

test.each([
  { locale: "en", consent: "may charge this PayPal account", remove: /Remove/ },
  { locale: "zh-CN", consent: "在自动续费时从此 PayPal 账户扣款", remove: /删除/ },
] as const)(
  "a PayPal account can be kept for next time, and be forgotten again, in $locale",
  async ({ locale, consent, remove }) => {
    const traveller = await portal.giveTraveller({ ...POUNDS, locale });
    const page = await portal.open({ as: traveller, javaScript: false });
    await openCheckout(page, traveller.iccid, PLAN);
    await page.getByRole("radio", { name: LABELS[locale].paypal }).check();
    await page.locator("input[name=saveMethod]").check();
    await page.getByRole("button", { name: LABELS[locale].pay }).click();
    await expect(page.locator("main")).toContainText(consent);
    const order = paypalOrderIn(page);
    await approveAtPayPal(page, { locale });
    await waitForPhase(page, "live", { locale, pressing: true });
    const kept = async (): Promise<number> =>
      (await portal.standIns.paypal.state()).tokens.filter((each) => each.order === order).length;
    expect(await kept()).toBe(1);

    await page.goto("/settings");
    const methods = page.locator("section[aria-labelledby=methods]");
    await expect(methods).toContainText("p•••@example.com");
    await methods.getByRole("button", { name: remove }).click();
    await expect(methods).not.toContainText("p•••@example.com");
    await until(
      async () => ((await kept()) === 0 ? true : undefined),
      15_000,
      "PayPal keeps the wallet",
    );
  },
);

test("where PayPal does not take the currency, it is not offered", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller, javaScript: false });
  await openCheckout(page, traveller.iccid, PLAN);
  await expect(page.getByRole("radio", { name: LABELS.en.card })).toBeVisible();
  await expect(page.getByRole("radio", { name: LABELS.en.paypal })).toHaveCount(0);
});
