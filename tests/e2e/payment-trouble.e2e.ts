import { afterEach, describe, test } from "vitest";
import { expect } from "playwright/test";
import type { Page } from "playwright";
import { countOrders, findMoney } from "#tests/support/money.ts";
import { usePortal } from "#tests/support/portal.ts";
import {
  CARDS,
  LABELS,
  openCheckout,
  orderNumberIn,
  payOnHostedPage,
  pressPay,
  readDashboard,
  shortPhase,
  waitForPhase,
} from "#tests/support/renewing.ts";
import { until } from "#tests/support/stand-ins.ts";
import { PLENTY, type Traveller } from "#tests/support/traveller.ts";

const portal = usePortal();

afterEach(async () => {
  await portal.standIns.stripe.clearFaults();
  await portal.standIns.esimAccess.clearFaults();
});

/** The carrier will refuse this eSIM's next top-up, and mean it. */
async function refuseNextTopUp(traveller: Traveller): Promise<void> {
  await portal.standIns.esimAccess.setFault({
    kind: "refuse",
    match: { path: "/api/v1/open/esim/topup", bodyIncludes: traveller.esimTranNo },
    errorCode: "200011",
  });
}

/** The latest payment of a customer: ours, and the provider's session. */
async function latestPayment(traveller: Traveller): Promise<{ id: string; session: string }> {
  const [row] = await portal.rows<{ payment_id: string; provider_reference: string }>(
    `SELECT p.payment_id, p.provider_reference FROM audit.payments p JOIN audit.orders o USING (order_number)
       WHERE o.customer_email = $1 ORDER BY p.created_at DESC LIMIT 1`,
    [traveller.email],
  );
  return { id: row?.payment_id ?? "", session: row?.provider_reference ?? "" };
}

async function toHostedPage(page: Page, traveller: Traveller): Promise<void> {
  await openCheckout(page, traveller.iccid, "as-10gb-30d");
  await pressPay(page, "card", traveller.locale);
  await page.getByLabel(LABELS[traveller.locale].hostedNumber).waitFor();
}

describe.each([
  { locale: "en", javaScript: true, subject: "Your money is on its way back" },
  { locale: "zh-CN", javaScript: false, subject: "款项正在退回" },
] as const)("when the carrier refuses for good ($locale)", ({ locale, javaScript, subject }) => {
  test("the card gets its money back, the page and one mail say so, and nothing on the eSIM changed", async () => {
    const traveller = await portal.giveTraveller({ locale });
    await refuseNextTopUp(traveller);
    const page = await portal.open({ as: traveller, javaScript });
    await toHostedPage(page, traveller);
    await payOnHostedPage(page, { locale });
    await waitForPhase(page, "refunded", { locale, pressing: !javaScript });
    await expect(page.locator("main")).toContainText("¥88.00");
    const number = orderNumberIn(page);
    expect(await findMoney(portal, number)).toMatchObject({
      paidMinor: 8_800n,
      refundedMinor: 8_800n,
      captured: [8_800],
      returned: 8_800,
      topUps: 0,
    });
    const mails = await portal.standIns.mailbox.waitForMail(traveller.email);
    expect(mails.map((mail) => mail.subject)).toEqual([expect.stringContaining(subject)]);
    expect(mails[0]?.text).toContain(number);
    await page.goto("/dashboard");
    expect((await readDashboard(page)).data).toBe("0.8 GB");
  });
});

test("when the carrier refuses for good, what came from the balance is on it again", async () => {
  const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
  await refuseNextTopUp(traveller);
  const page = await portal.open({ as: traveller });
  await openCheckout(page, traveller.iccid, "as-10gb-30d");
  await pressPay(page, "balance");
  await waitForPhase(page, "refunded");
  await expect(page.locator("main")).toContainText("It is on your account balance");
  await page.goto("/dashboard");
  await expect(page.locator("section[aria-labelledby=balance]")).toContainText("¥1,000.00");
  expect((await readDashboard(page)).data).toBe("0.8 GB");
});

test("a declined card can be followed by another one, and only that one is charged", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller });
  portal.allow(page, /^422 POST /);
  await toHostedPage(page, traveller);
  await payOnHostedPage(page, { card: CARDS.declined });
  await expect(page.getByRole("alert")).toContainText("Your card was declined");
  await payOnHostedPage(page, { card: CARDS.good });
  await waitForPhase(page, "live");
  expect(await findMoney(portal, orderNumberIn(page))).toMatchObject({
    captured: [8_800],
    topUps: 1,
  });
  expect(await countOrders(portal, traveller.email)).toBe(1);
});

test("somebody who turns back at the payment page finds the order waiting and can pay it later", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller, javaScript: false });
  await toHostedPage(page, traveller);
  const hosted = page.url();
  await page.getByRole("link", { name: LABELS.en.hostedBack }).click();
  await waitForPhase(page, "awaiting_payment");
  await expect(page.locator("main")).toContainText("Nothing has been charged yet");
  const number = orderNumberIn(page);
  expect(await findMoney(portal, number)).toMatchObject({ paidMinor: 0n, captured: [], topUps: 0 });

  await page.goto("/dashboard");
  await expect(page.locator("section[aria-labelledby=orders]")).toContainText(
    shortPhase("awaiting_payment"),
  );
  await page.getByRole("link", { name: /10 GB/ }).first().click();
  await page.getByRole("button", { name: "Continue to payment" }).click();
  expect(page.url()).toBe(hosted);
  await payOnHostedPage(page);
  await waitForPhase(page, "live", { pressing: true });
  expect(orderNumberIn(page)).toBe(number);
  expect(await findMoney(portal, number)).toMatchObject({ captured: [8_800], topUps: 1 });
});

test("without a webhook the page that the customer comes back to settles the payment", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller });
  await toHostedPage(page, traveller);
  const { id, session } = await latestPayment(traveller);
  await portal.standIns.stripe.setFault({
    kind: "webhook_drop",
    match: { bodyIncludes: id },
    times: null,
  });
  await payOnHostedPage(page);
  await waitForPhase(page, "live");
  const told = (await portal.standIns.stripe.webhooks()).filter(({ body }) =>
    body.includes(session),
  );
  expect(told.map(({ state }) => state)).not.toContain("delivered");
  expect(told.map(({ state }) => state)).toContain("dropped");
  expect(await findMoney(portal, orderNumberIn(page))).toMatchObject({
    captured: [8_800],
    topUps: 1,
  });
});

test("a customer who never comes back is served by the webhook", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller });
  await toHostedPage(page, traveller);
  const { session } = await latestPayment(traveller);
  await page.goto("about:blank");
  await portal.standIns.stripe.pay(session);
  const state = async (): Promise<string | undefined> => {
    const [order] = await portal.rows<{ state: string }>(
      "SELECT state FROM audit.orders WHERE customer_email = $1",
      [traveller.email],
    );
    return order?.state === "completed" ? order.state : undefined;
  };
  // The poller would look a minute after the order was placed.
  await until(state, 40_000, "the order is not completed");
  await page.goto("/dashboard");
  expect((await readDashboard(page)).data).toBe("10.8 GB");
  await expect(page.locator("section[aria-labelledby=orders]")).toContainText(shortPhase("live"));
});

test("an open order page follows what happens elsewhere, with the heading and the title", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller });
  await toHostedPage(page, traveller);
  await page.getByRole("link", { name: LABELS.en.hostedBack }).click();
  await waitForPhase(page, "awaiting_payment");
  const { session } = await latestPayment(traveller);
  await portal.standIns.stripe.pay(session);
  await waitForPhase(page, "live", { timeout: 60_000 });
  await expect(page).toHaveTitle(/^Your plan is live/);
  await expect(page.getByRole("status")).toHaveText("Your plan is live");
});

test("an answer of the carrier that gets lost is asked for, and the plan is put on once", async () => {
  const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
  await portal.standIns.esimAccess.setFault({
    kind: "timeout_after",
    match: { path: "/api/v1/open/esim/topup", bodyIncludes: traveller.esimTranNo },
    ms: 1_000,
  });
  const page = await portal.open({ as: traveller });
  await openCheckout(page, traveller.iccid, "as-10gb-30d");
  await pressPay(page, "balance");
  await waitForPhase(page, "outcome_unknown");
  await expect(page.locator("main")).toContainText("Please do not order again");
  await waitForPhase(page, "live", { timeout: 60_000 });
  expect(await findMoney(portal, orderNumberIn(page))).toMatchObject({ topUps: 1 });
  const state = await portal.standIns.esimAccess.state();
  const esim = state.esims.find(({ iccid }) => iccid === traveller.iccid);
  // The plan the eSIM was sold with is none.
  expect(esim?.topUps).toHaveLength(1);
});

test("when the network does not answer, the plans cannot be shown, and the page says what to do", async () => {
  const traveller = await portal.giveTraveller();
  await portal.standIns.esimAccess.setFault({
    kind: "status",
    match: { path: "/api/v1/open/package/list", bodyIncludes: traveller.iccid },
    times: null,
    status: 503,
  });
  const page = await portal.open({ as: traveller, javaScript: false });
  await page.goto(`/esims/${traveller.iccid}/renew`);
  await expect(page.getByRole("alert")).toContainText("the network does not answer");
  await portal.standIns.esimAccess.clearFaults();
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.locator(".plan").first()).toBeVisible();
});
