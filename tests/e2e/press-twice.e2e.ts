import { describe, test } from "vitest";
import { expect } from "playwright/test";
import type { Page } from "playwright";
import { postForm, readForm } from "#tests/support/forms.ts";
import { countOrders, findMoney } from "#tests/support/money.ts";
import { usePortal } from "#tests/support/portal.ts";
import {
  openCheckout,
  orderNumberIn,
  payOnHostedPage,
  pressPay,
  readDashboard,
  waitForPhase,
} from "#tests/support/renewing.ts";
import { PLENTY, type Traveller } from "#tests/support/traveller.ts";

const portal = usePortal();

/** Payment pages that were ever opened at the provider for this customer's orders. */
async function countPaymentPages(traveller: Traveller): Promise<number> {
  const payments = await portal.rows<{ payment_id: string }>(
    `SELECT p.payment_id FROM audit.payments p JOIN audit.orders o USING (order_number) WHERE o.customer_email = $1`,
    [traveller.email],
  );
  const { sessions } = await portal.standIns.stripe.state();
  return sessions.filter(({ clientReferenceId }) =>
    payments.some(({ payment_id: id }) => id === clientReferenceId),
  ).length;
}

async function expectOneRenewal(traveller: Traveller, number: string, captured: number[]) {
  expect(await countOrders(portal, traveller.email)).toBe(1);
  expect(await findMoney(portal, number)).toMatchObject({
    state: "completed",
    captured,
    returned: 0,
    topUps: 1,
  });
}

/** Presses a button twice before the browser has gone anywhere. */
async function pressTwice(page: Page, name: RegExp): Promise<void> {
  await page.getByRole("button", { name }).evaluate((button: HTMLButtonElement) => {
    button.click();
    button.click();
  });
}

describe("pressing pay twice", () => {
  test("by card opens one payment page and charges once", async () => {
    const traveller = await portal.giveTraveller();
    const page = await portal.open({ as: traveller });
    // The first of the two submissions is given up by the browser for the second.
    portal.allow(page, /^failed document .*ERR_ABORTED$/);
    await openCheckout(page, traveller.iccid, "as-10gb-30d");
    await page.getByRole("radio", { name: /Credit or debit card/ }).check();
    await pressTwice(page, /^Pay/);
    await payOnHostedPage(page);
    await waitForPhase(page, "live");
    await expectOneRenewal(traveller, orderNumberIn(page), [8_800]);
    expect(await countPaymentPages(traveller)).toBe(1);
  });

  test("by balance takes the price once", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller });
    portal.allow(page, /^failed document .*ERR_ABORTED$/);
    await openCheckout(page, traveller.iccid, "as-10gb-30d");
    await page.getByRole("radio", { name: /Account balance/ }).check();
    await pressTwice(page, /^Pay/);
    await waitForPhase(page, "live");
    await expectOneRenewal(traveller, orderNumberIn(page), []);
    const [row] = await portal.rows<{ balance_minor: string }>(
      "SELECT balance_minor FROM audit.balances WHERE customer_email = $1",
      [traveller.email],
    );
    expect(BigInt(row?.balance_minor ?? 0)).toBe(PLENTY - 8_800n);
  });

  test("eight times at the same moment is one order", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller, javaScript: false });
    await openCheckout(page, traveller.iccid, "as-10gb-30d");
    await page.getByRole("radio", { name: /Account balance/ }).check();
    const fields = { ...(await readForm(page, "form.checkout")), intent: "pay" };
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => await postForm(page, page.url(), fields)),
    );
    expect(answers.map((answer) => answer.status())).toEqual(Array.from({ length: 8 }, () => 303));
    const leads = new Set(answers.map((answer) => answer.headers()["location"]));
    expect([...leads]).toEqual([expect.stringMatching(/^\/orders\/AX-.*\?returned=1$/)]);
    await page.goto([...leads][0] ?? "");
    await waitForPhase(page, "live", { pressing: true });
    await expectOneRenewal(traveller, orderNumberIn(page), []);
  });
});

test("the same checkout in two tabs leads to one order, and the second payment page is already paid", async () => {
  const traveller = await portal.giveTraveller();
  const first = await portal.open({ as: traveller });
  const second = await first.context().newPage();
  await openCheckout(first, traveller.iccid, "as-10gb-30d");
  await openCheckout(second, traveller.iccid, "as-10gb-30d");
  await pressPay(first, "card");
  await first.getByLabel("Card number").waitFor();
  await pressPay(second, "card");
  await second.getByLabel("Card number").waitFor();
  expect(second.url()).toBe(first.url());

  await payOnHostedPage(first);
  await waitForPhase(first, "live");
  await second.reload();
  await expect(second.getByRole("heading")).toHaveText("This payment is complete");
  await second.getByRole("link", { name: "Return to the shop" }).click();
  await waitForPhase(second, "live");
  expect(orderNumberIn(second)).toBe(orderNumberIn(first));
  await expectOneRenewal(traveller, orderNumberIn(first), [8_800]);
});

describe.each([
  { title: "with scripts", javaScript: true },
  { title: "without scripts", javaScript: false },
])("after paying, $title", ({ javaScript }) => {
  test("reloading, going back and paying again do nothing more without being asked", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller, javaScript });
    await openCheckout(page, traveller.iccid, "as-10gb-30d");
    await pressPay(page, "balance");
    await waitForPhase(page, "live", { pressing: !javaScript });
    const number = orderNumberIn(page);
    await page.reload();
    await waitForPhase(page, "live", { pressing: !javaScript });
    await expectOneRenewal(traveller, number, []);

    await page.goBack();
    await page.waitForURL("**/renew?plan=*");
    // Whether the browser kept the old form or asked for a new one: it must not renew by itself.
    await pressPay(page, "balance");
    await expect(page.locator("h1:visible")).toHaveText(/Check and pay|Your plan is live/);
    await expectOneRenewal(traveller, number, []);
  });

  test("a second renewal is asked about, and placed when confirmed", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller, javaScript });
    await openCheckout(page, traveller.iccid, "as-10gb-30d");
    await pressPay(page, "balance");
    await waitForPhase(page, "live", { pressing: !javaScript });
    const first = orderNumberIn(page);

    await openCheckout(page, traveller.iccid, "as-10gb-30d");
    await expect(page.getByRole("heading", { name: /already renewed this eSIM/ })).toBeVisible();
    await expect(page.getByRole("link", { name: first })).toBeVisible();
    await pressPay(page, "balance");
    const summary = page.locator(".summary");
    await expect(summary).toContainText(first);
    await expect(summary).toContainText("If you want to renew it once more, please confirm");
    await expect(summary).toBeFocused();
    await expectOneRenewal(traveller, first, []);

    await page.getByRole("checkbox", { name: "Yes, renew once more" }).check();
    await pressPay(page, "balance");
    await waitForPhase(page, "live", { pressing: !javaScript });
    const second = orderNumberIn(page);
    expect(second).not.toBe(first);
    expect(await countOrders(portal, traveller.email)).toBe(2);
    expect(await findMoney(portal, second)).toMatchObject({ state: "completed", topUps: 1 });
    await page.goto("/dashboard");
    expect((await readDashboard(page)).data).toBe("20.8 GB");
  });
});

test("an unpaid order is given up when another is placed: its payment page can no longer be paid", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller });
  await openCheckout(page, traveller.iccid, "as-10gb-30d");
  await pressPay(page, "card");
  await page.getByLabel("Card number").waitFor();
  const firstPage = page.url();
  await openCheckout(page, traveller.iccid, "as-5gb-30d");
  await expect(page.locator("main")).toContainText("that order is not paid yet");
  await page.getByRole("checkbox", { name: "Leave that order" }).check();
  await pressPay(page, "card");
  await page.getByLabel("Card number").waitFor();
  const other = await page.context().newPage();
  await other.goto(firstPage);
  await expect(other.getByRole("heading")).toHaveText("This payment page has expired");
  await payOnHostedPage(page);
  await waitForPhase(page, "live");
  await page.goto("/dashboard");
  expect((await readDashboard(page)).data).toBe("5.8 GB");
});
