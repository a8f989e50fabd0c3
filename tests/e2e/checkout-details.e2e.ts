import type { Page } from "playwright";
import { expect } from "playwright/test";
import { describe, test } from "vitest";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";
import { countOrders, findMoney } from "#tests/support/money.ts";
import { usePortal } from "#tests/support/portal.ts";
import {
  openCheckout,
  orderNumberIn,
  payOnHostedPage,
  pressPay,
  waitForPhase,
} from "#tests/support/renewing.ts";
import type { Traveller } from "#tests/support/traveller.ts";

const portal = usePortal();

/** Fills in fields by their ids, and says what they hold then. */
async function fill(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [id, text] of Object.entries(fields)) {
    const field = page.locator(`#${id}`);
    if (id === "countryCode") await field.selectOption(text);
    else await field.fill(text);
  }
}

async function expectHeld(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [id, text] of Object.entries(fields)) {
    await expect(page.locator(`#${id}`)).toHaveValue(text);
  }
}

async function openBilling(page: Page, locale: Locale): Promise<void> {
  await page.locator("#billing button").click();
  const company = translator(locale, "billing")("company");
  await page.getByRole("radio", { name: company }).check();
}

async function billingOf(number: string) {
  const [order] = await portal.rows<{ billing: object; contact_phone: string | null }>(
    `SELECT billing, contact_phone FROM "order" WHERE number = $1`,
    [number],
  );
  return order;
}

const ways = [
  { title: "with scripts", javaScript: true },
  { title: "without scripts", javaScript: false },
] as const;

describe.each(ways)("a company renews, $title", ({ javaScript }) => {
  test("corrects its tax number, sees the price without tax, and has lost nothing", async () => {
    const traveller = await portal.giveTraveller();
    const page = await portal.open({ as: traveller, javaScript, width: 360 });
    await openCheckout(page, traveller.iccid, "as-10gb-30d");
    await openBilling(page, "en");
    const typed = {
      companyName: "Beispiel & Söhne GmbH",
      taxNumber: "DE 136 695 977",
      billingName: "Erika Mustermann",
      line1: "Torstraße 1",
      line2: "Hinterhaus",
      city: "Berlin",
      region: "",
      postalCode: "10119",
      countryCode: "DE",
      deliveryEmail: "rechnung@beispiel.example",
      deliveryPhone: "030 901820",
    };
    await fill(page, typed);
    await page.locator("#saveMethod").check();
    await pressPay(page, "card");

    await expect(page).toHaveTitle(/^Error: /);
    await expect(page.locator(".summary")).toContainText("Tax number: this is not a valid one");
    await expectHeld(page, typed);
    await expect(page.locator("#saveMethod")).toBeChecked();
    await page.locator(".summary a").click();
    await expect(page.locator("#taxNumber")).toBeInViewport();
    await expect(page.locator("#taxNumber")).toHaveAttribute("aria-invalid", "true");
    await expect(page.locator(".pay-area")).toContainText("Tax 19%");
    expect(await countOrders(portal, traveller.email)).toBe(0);

    await page.locator("#taxNumber").fill("DE 136 695 976");
    await pressPay(page, "card");
    await expect(page.locator(".summary")).toContainText("Price, tax or dates have changed");
    await expect(page.locator(".pay-area")).toContainText("reverse charge");
    await expect(page.locator(".pay-area .sum").last()).toHaveText("¥73.95");
    await expectHeld(page, { ...typed, taxNumber: "DE 136 695 976" });
    expect(await countOrders(portal, traveller.email)).toBe(0);

    await pressPay(page, "card");
    await payOnHostedPage(page);
    await waitForPhase(page, "live", { pressing: !javaScript });
    const number = orderNumberIn(page);
    expect(await findMoney(portal, number)).toMatchObject({
      totalMinor: 7_395n,
      paidMinor: 7_395n,
      captured: [7_395],
    });
    expect(await billingOf(number)).toEqual({
      billing: {
        kind: "company",
        name: "Erika Mustermann",
        companyName: "Beispiel & Söhne GmbH",
        taxNumber: "DE136695976",
        line1: "Torstraße 1",
        line2: "Hinterhaus",
        city: "Berlin",
        region: null,
        postalCode: "10119",
        countryCode: "DE",
      },
      contact_phone: "+4930901820",
    });
    const mail = await portal.standIns.mailbox.waitForMail("rechnung@beispiel.example");
    expect(mail).toBeTruthy();

    await openCheckout(page, traveller.iccid, "as-5gb-30d");
    await expect(page.locator("#billing")).toContainText("Beispiel & Söhne GmbH, Berlin, Germany");
    await expect(page.locator("#companyName")).toHaveCount(0);
    await expect(page.locator(".pay-area")).toContainText("reverse charge");
  });
});

test("公司续费：税号填错不丢内容，改正后付款成功", async () => {
  const traveller = await portal.giveTraveller({ locale: "zh-CN" });
  const page = await portal.open({ as: traveller, javaScript: false, width: 360 });
  await openCheckout(page, traveller.iccid, "as-10gb-30d");
  await openBilling(page, "zh-CN");
  const typed = {
    companyName: "北京示例科技有限公司",
    taxNumber: "911100006000373410",
    billingName: "王晓明",
    region: "北京市",
    city: "海淀区",
    line1: "中关村大街 1 号",
    line2: "2 号楼 301 室",
    postalCode: "",
    countryCode: "CN",
    deliveryPhone: "138 0013 8000",
  };
  await fill(page, typed);
  await pressPay(page, "card", "zh-CN");
  await expect(page).toHaveTitle(/^出错：/);
  await expect(page.locator(".summary")).toContainText("税号与所选国家或地区的规则不符");
  await expectHeld(page, typed);

  await page.locator("#taxNumber").fill("91110000600037341L");
  await pressPay(page, "card", "zh-CN");
  await payOnHostedPage(page, { locale: "zh-CN" });
  await waitForPhase(page, "live", { locale: "zh-CN", pressing: true });
  expect(await billingOf(orderNumberIn(page))).toMatchObject({
    billing: { companyName: "北京示例科技有限公司", taxNumber: "91110000600037341L" },
    contact_phone: "+8613800138000",
  });
});

test("a private person opens nothing, types nothing and pays", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller, javaScript: false });
  await openCheckout(page, traveller.iccid, "as-10gb-30d");
  await expect(page.locator("#billingName")).toHaveCount(0);
  await pressPay(page, "card");
  await payOnHostedPage(page);
  await waitForPhase(page, "live", { pressing: true });
  expect(await billingOf(orderNumberIn(page))).toEqual({ billing: null, contact_phone: null });
});

test("“Update” shows the price for other details before anything is paid", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller, javaScript: false });
  await openCheckout(page, traveller.iccid, "as-10gb-30d");
  await page.locator("#billing button").click();
  await page.locator("#countryCode").selectOption("CA");
  await page.locator("#city").fill("Ottawa");
  await page.locator("#billing button").click();
  await expect(page.locator(".pay-area .sum").last()).toHaveText("¥92.40");
  await expect(page.locator("#city")).toHaveValue("Ottawa");
  await expect(page).not.toHaveTitle(/^Error/);
  expect(await countOrders(portal, traveller.email)).toBe(0);
});

describe("a card that is kept", () => {
  async function payAndKeep(traveller: Traveller): Promise<Page> {
    const page = await portal.open({ as: traveller, javaScript: false });
    await openCheckout(page, traveller.iccid, "as-10gb-30d");
    await page.locator("#saveMethod").check();
    await pressPay(page, "card");
    await payOnHostedPage(page);
    await waitForPhase(page, "live", { pressing: true });
    return page;
  }

  test("stands in the settings until it is removed there, and Stripe forgets it", async () => {
    const traveller = await portal.giveTraveller();
    const page = await payAndKeep(traveller);
    await page.getByRole("link", { name: "Settings", exact: true }).click();
    await expect(page.locator("main")).toContainText("Visa •••• 4242");
    await page.getByRole("button", { name: "Remove Visa •••• 4242" }).click();
    await expect(page.getByRole("status")).toHaveText(/^Removed/);
    await expect(page.locator("main")).not.toContainText("4242");
    await expect
      .poll(
        async () =>
          await portal.rows(
            `SELECT forgotten_at IS NOT NULL AS forgotten FROM saved_method WHERE account_id = $1`,
            [traveller.accountId],
          ),
        { timeout: 15_000 },
      )
      .toEqual([{ forgotten: true }]);
  });

  test("can be kept only of a kind that can renew by itself", async () => {
    const traveller = await portal.giveTraveller();
    const page = await portal.open({ as: traveller });
    await openCheckout(page, traveller.iccid, "as-10gb-30d");
    await page.getByRole("radio", { name: /Alipay/ }).check();
    await expect(page.locator("#saveMethod")).toBeVisible();
    await page.getByRole("radio", { name: /WeChat Pay/ }).check();
    await expect(page.locator("#saveMethod")).toBeHidden();
  });
});

test("a country that is not among the usual ones is chosen from the whole list", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller, javaScript: false });
  await page.goto("/settings");
  await fill(page, { line1: "1 Queen Street", city: "Apia" });
  await expect(page.locator("#countryCode option[value=WS]")).toHaveCount(0);
  await page.locator("#countryCode").selectOption("other");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.locator(".summary")).toContainText("choose it from the list");
  await page.locator("#countryCode").selectOption({ label: "Samoa" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("status")).toHaveText("Saved.");
  await expectHeld(page, { line1: "1 Queen Street", city: "Apia", countryCode: "WS" });
});

test("settings keep an address, and say what is wrong with one", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller, javaScript: false });
  await page.goto("/settings");
  const typed = { line1: "1 Main Street", city: "Springfield", postalCode: "6270" };
  await fill(page, { ...typed, countryCode: "US", region: "Illinois" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).toHaveTitle(/^Error: /);
  await expect(page.locator(".summary")).toContainText("Postal code");
  await expectHeld(page, typed);
  await page.locator("#postalCode").fill("62701");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("status")).toHaveText("Saved.");
  await expectHeld(page, { ...typed, postalCode: "62701", countryCode: "US" });
});
