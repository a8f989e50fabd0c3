import { describe, test } from "vitest";
import { expect } from "playwright/test";
import { countOrders, findMoney } from "#tests/support/money.ts";
import { usePortal } from "#tests/support/portal.ts";
import {
  chooseFromDashboard,
  openCheckout,
  orderNumberIn,
  pressPay,
  readDashboard,
  readPromise,
  waitForPhase,
} from "#tests/support/renewing.ts";
import { PLENTY } from "#tests/support/traveller.ts";

const portal = usePortal();

async function balanceOf(email: string): Promise<bigint> {
  const [row] = await portal.rows<{ balance_minor: string }>(
    "SELECT balance_minor FROM audit.balances WHERE customer_email = $1",
    [email],
  );
  return BigInt(row?.balance_minor ?? 0);
}

describe.each([
  { title: "with scripts", javaScript: true },
  { title: "without scripts", javaScript: false },
])("paying from the balance $title", ({ javaScript }) => {
  test("is live at once, and the balance is what it costs less", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: 10_000n, locale: "zh-CN" });
    const page = await portal.open({ as: traveller, javaScript, width: 360 });
    await chooseFromDashboard(page, "as-10gb-30d", "zh-CN");
    const promise = await readPromise(page);
    await pressPay(page, "balance", "zh-CN");
    await waitForPhase(page, "live", { locale: "zh-CN", pressing: !javaScript });
    const number = orderNumberIn(page);
    await page.goto("/dashboard");
    expect((await readDashboard(page)).data).toBe(promise.after.data);
    await expect(page.locator("section[aria-labelledby=balance]")).toContainText("¥12.00");
    expect(await balanceOf(traveller.email)).toBe(1_200n);
    expect(await findMoney(portal, number)).toMatchObject({
      state: "completed",
      paidMinor: 8_800n,
      captured: [],
      topUps: 1,
    });
    await portal.standIns.mailbox.waitForMail(traveller.email);
  });

  test("a plan that begins later is booked behind the running one, and both pages say when", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller, javaScript });
    await openCheckout(page, traveller.iccid, "as-10gb-30d-next");
    const promise = await readPromise(page);
    expect(promise.after.data).toBe("0.8 GB");
    expect(promise.after.rest).toMatch(/^and 10 GB more from \d+ \w+ until \d+ \w+/);
    const begins = /more from (\d+ \w+)/.exec(promise.after.rest)?.[1] ?? "?";
    const ends = /until (\d+ \w+)/.exec(promise.after.rest)?.[1] ?? "?";

    await pressPay(page, "balance");
    await waitForPhase(page, "scheduled", { pressing: !javaScript });
    const number = orderNumberIn(page);
    await expect(page.locator("main")).toContainText(`The plan begins ${begins}`);
    await page.goto("/dashboard");
    const after = await readDashboard(page);
    expect(after.data).toBe("0.8 GB");
    expect(after.rest).toContain(`${begins} to ${ends}`);
    await expect(page.locator("main")).toContainText(`10 GB more from ${begins}`);

    const mails = await portal.standIns.mailbox.waitForMail(traveller.email);
    expect(mails.map((mail) => mail.subject)).toEqual([expect.stringMatching(/starts on .*AX-/)]);
    // Paid and waiting: the carrier is told shortly before it begins.
    expect(await findMoney(portal, number)).toMatchObject({
      state: "held",
      paidMinor: 8_600n,
      topUps: 0,
    });
  });

  test("a plan that starts afresh is sold only to those who accept what they lose", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller, javaScript });
    await openCheckout(page, traveller.iccid, "as-20gb-30d-fresh");
    await expect(page.locator("main")).toContainText(/0\.8\sGB and [23] days/);
    expect((await readPromise(page)).after.data).toBe("20 GB");

    await pressPay(page, "balance");
    const summary = page.locator(".summary");
    await expect(summary).toContainText("Please confirm that you accept what is given up");
    await expect(summary).toBeFocused();
    await expect(page.getByRole("radio", { name: /Account balance/ })).toBeChecked();
    expect(await countOrders(portal, traveller.email)).toBe(0);
    expect(await balanceOf(traveller.email)).toBe(PLENTY);

    await page.getByRole("checkbox", { name: /I agree to give up 0\.8\sGB and/ }).check();
    await pressPay(page, "balance");
    await waitForPhase(page, "live", { pressing: !javaScript });
    await page.goto("/dashboard");
    expect((await readDashboard(page)).data).toBe("20 GB");
    const periods = await portal.rows<{ plan_code: string; over: boolean }>(
      `SELECT plan_code, ends_at <= now() AS over FROM audit.periods WHERE iccid = $1 ORDER BY starts_at`,
      [traveller.iccid],
    );
    expect(periods).toEqual([
      { plan_code: "as-10gb-30d", over: true },
      { plan_code: "as-20gb-30d-fresh", over: false },
    ]);
  });
});

test("extra data changes the data and not the end", async () => {
  const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
  const page = await portal.open({ as: traveller });
  await openCheckout(page, traveller.iccid, "as-extra-5gb");
  const { before, after } = await readPromise(page);
  expect([before.data, after.data]).toEqual(["0.8 GB", "5.8 GB"]);
  expect(after.rest).toBe(before.rest);
  await pressPay(page, "balance");
  await waitForPhase(page, "live");
  await page.goto("/dashboard");
  expect((await readDashboard(page)).data).toBe("5.8 GB");
  await expect(page.locator(".periods li")).toHaveCount(1);
});

test("a balance that is too small can only pay a part, and forging the choice buys nothing", async () => {
  const traveller = await portal.giveTraveller({ balanceMinor: 8_000n });
  const page = await portal.open({ as: traveller });
  await openCheckout(page, traveller.iccid, "as-10gb-30d");
  await expect(page.locator("#method")).toContainText("Use my balance of ¥80.00 first");
  await expect(page.getByRole("radio", { name: /Account balance/ })).toHaveCount(0);
  const card = page.locator("input[name=method]").first();
  await card.evaluate((radio: HTMLInputElement) => {
    radio.value = "balance";
  });
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.locator(".summary")).toContainText(
    "Your balance of ¥80.00 is not enough for ¥88.00",
  );
  expect(await countOrders(portal, traveller.email)).toBe(0);
  expect(await balanceOf(traveller.email)).toBe(8_000n);
});

test("a balance that leaves too little for a card says by what the rest can be paid", async () => {
  const traveller = await portal.giveTraveller({ balanceMinor: 8_799n });
  const page = await portal.open({ as: traveller, javaScript: false });
  await openCheckout(page, traveller.iccid, "as-10gb-30d");
  const rest = page.locator("#method label", { has: page.locator("#useBalance") });
  await expect(rest).toContainText("Only ¥0.01 is left to pay");
  await expect(rest).toContainText("by: Bank transfer.");
  await page.locator("#useBalance").check();
  await pressPay(page, "card");
  await expect(page.locator(".summary")).toContainText("not available here");
  await expect(page.locator("#useBalance")).toBeChecked();
  expect(await countOrders(portal, traveller.email)).toBe(0);
  expect(await balanceOf(traveller.email)).toBe(8_799n);
});

test("two orders at once cannot spend the same balance twice", async () => {
  const traveller = await portal.giveTraveller({ balanceMinor: 10_000n });
  const page = await portal.open({ as: traveller });
  const other = await page.context().newPage();
  await openCheckout(page, traveller.iccid, "as-10gb-30d");
  await openCheckout(other, traveller.iccid, "as-5gb-30d");
  await Promise.all([pressPay(page, "balance"), pressPay(other, "balance")]);
  await expect(page.locator("h1:visible")).toHaveText(/live|Check and pay|did not go through/);
  await expect(other.locator("h1:visible")).toHaveText(/live|Check and pay|did not go through/);
  const orders = await portal.rows<{ paid_minor: string }>(
    "SELECT paid_minor FROM audit.orders WHERE customer_email = $1 AND paid_minor > 0",
    [traveller.email],
  );
  expect(orders).toHaveLength(1);
  expect(await balanceOf(traveller.email)).toBe(10_000n - BigInt(orders[0]?.paid_minor ?? 0));
});

test("a plan that queues begins when the running period ends, and on no other date", async () => {
  const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
  const page = await portal.open({ as: traveller });
  await openCheckout(page, traveller.iccid, "as-10gb-30d-next");
  await expect(page.getByRole("radio", { name: "On a date" })).toHaveCount(0);

  const renew = `/esims/${traveller.iccid}/renew?plan=as-10gb-30d-next&start=on_date`;
  for (const day of ["2020-01-01", "2099-01-01"]) {
    await page.goto(`${renew}&on=${day}`);
    await expect(page.locator(".summary")).toContainText("The plan cannot begin then");
  }
  await openCheckout(page, traveller.iccid, "as-10gb-30d-next");
  await pressPay(page, "balance");
  await waitForPhase(page, "scheduled");
});
