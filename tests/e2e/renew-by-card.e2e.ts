import { describe, test } from "vitest";
import { expect } from "playwright/test";
import type { Locale } from "#lib/domain/locale.ts";
import {
  chooseFromDashboard,
  orderNumberIn,
  payOnHostedPage,
  plain,
  pressPay,
  readDashboard,
  readPromise,
  waitForPhase,
} from "#tests/support/renewing.ts";
import { usePortal } from "#tests/support/portal.ts";
import { findMoney } from "#tests/support/money.ts";

const portal = usePortal();

const ways = [
  { title: "with scripts", javaScript: true, light: false },
  { title: "without scripts", javaScript: false, light: false },
  { title: "in light mode", javaScript: true, light: true },
] as const;

const languages = [
  { locale: "en", subject: "is on (order " },
  { locale: "zh-CN", subject: "已开通（订单 " },
] as const satisfies readonly { locale: Locale; subject: string }[];

describe.each(languages)("a renewal by card in $locale", ({ locale, subject }) => {
  test.each(ways)("is live, as promised, $title", async ({ javaScript, light }) => {
    const traveller = await portal.giveTraveller({ locale });
    // The account's language decides, not the browser's.
    const prefers = locale === "en" ? "zh-CN" : "en";
    const page = await portal.open({ as: traveller, javaScript, light, width: 360, prefers });
    const scripts: string[] = [];
    page.on("response", (response) => {
      if (response.request().resourceType() === "script") scripts.push(response.url());
    });

    await chooseFromDashboard(page, "as-10gb-30d", locale);
    const promise = await readPromise(page);
    await page.goto("/dashboard");
    const before = await readDashboard(page);
    expect(promise.before.data).toBe(before.data);
    expect(before.data).toBe("0.8 GB");

    await chooseFromDashboard(page, "as-10gb-30d", locale);
    await pressPay(page, "card", locale);
    await payOnHostedPage(page, { locale });
    await waitForPhase(page, "live", { locale, pressing: !javaScript });
    const number = orderNumberIn(page);
    expect(promise.after.data).toBe("10.8 GB");
    await expect(page.locator("main")).toContainText(number);
    const live = plain(await page.locator("section:visible[aria-labelledby=next]").textContent());
    const until = promise.after.rest.replace(/^until |^至 /, "");
    expect(live).toContain(promise.after.data);
    expect(live).toContain(until);

    await page.goto("/dashboard");
    const after = await readDashboard(page);
    expect(after.data).toBe(promise.after.data);
    expect(after.rest).toContain(until.replace(/[, ]*\d\d:\d\d$/, ""));
    await expect(page.locator("main")).toContainText(number);

    const money = await findMoney(portal, number);
    expect(money).toMatchObject({
      state: "completed",
      currency: "CNY",
      totalMinor: 8_800n,
      paidMinor: 8_800n,
      refundedMinor: 0n,
      captured: [8_800],
      topUps: 1,
    });

    const mails = await portal.standIns.mailbox.waitForMail(traveller.email);
    const notices = await portal.rows<{ template: string; locale: string; state: string }>(
      "SELECT template, locale, state FROM audit.notices WHERE order_number = $1",
      [number],
    );
    expect(notices).toMatchObject([{ template: "order_live", locale }]);
    expect(mails.map((mail) => mail.subject)).toEqual([
      expect.stringContaining(`${subject}${number}`),
    ]);
    expect(mails[0]?.text).toContain(number);

    if (light || !javaScript) expect(scripts).toEqual([]);
    else expect(scripts.length).toBeGreaterThan(0);
  });
});

test("the dashboard is at most three pages from being paid", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller });
  const documents: string[] = [];
  page.on("response", (response) => {
    const { origin, pathname } = new URL(response.url());
    if (response.request().resourceType() === "document" && response.ok()) {
      documents.push(origin === portal.url ? pathname : "the provider's page");
    }
  });
  await chooseFromDashboard(page, "as-5gb-30d");
  await pressPay(page, "card");
  await payOnHostedPage(page);
  await waitForPhase(page, "live");
  expect(documents).toEqual([
    "/dashboard",
    `/esims/${traveller.iccid}/renew`,
    `/esims/${traveller.iccid}/renew`,
    "the provider's page",
    `/orders/${orderNumberIn(page)}`,
  ]);
});
