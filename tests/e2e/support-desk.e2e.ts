import { beforeAll, describe, test } from "vitest";
import { expect } from "playwright/test";
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

let caller: Traveller;
let phone: string;
let number: string;
let payment: { payment_id: string; provider_reference: string; provider_payment_id: string };

beforeAll(async () => {
  caller = await portal.giveTraveller();
  phone = `+8613${String(Date.now()).slice(-9)}`;
  await portal.rows("UPDATE account SET phone = $2 WHERE id = $1", [caller.accountId, phone]);
  const page = await portal.open({ as: caller });
  await openCheckout(page, caller.iccid, "as-5gb-30d");
  await pressPay(page, "card");
  await payOnHostedPage(page);
  await waitForPhase(page, "live");
  number = orderNumberIn(page);
  const [row] = await portal.rows<typeof payment>(
    `SELECT p.id AS payment_id, p.provider_reference, p.provider_payment_id FROM payment p
       JOIN "order" o ON o.id = p.order_id WHERE o.number = $1`,
    [number],
  );
  if (row === undefined) throw new Error("The order has no payment");
  payment = row;
});

const readOut: readonly (readonly [what: string, by: string, text: () => string])[] = [
  ["the e-mail address", "E-mail", () => caller.email],
  ["the e-mail address in capitals", "E-mail", () => caller.email.toUpperCase()],
  ["the beginning of the e-mail address", "E-mail", () => caller.email.slice(0, 30)],
  ["the phone number", "Phone", () => phone],
  ["the phone number as it is spoken", "Phone", () => phone.replace(/^\+86(...)(....)/, "$1 $2 ")],
  ["the ICCID", "ICCID", () => caller.iccid],
  ["the ICCID in groups", "ICCID", () => caller.iccid.replaceAll(/(.{4})/g, "$1 ")],
  ["eight digits from the middle of the ICCID", "ICCID", () => caller.iccid.slice(9, 17)],
  ["the last digits of the ICCID", "ICCID", () => caller.iccid.slice(-9)],
  ["the order number", "Order", () => number],
  [
    "the order number in small letters without dashes",
    "Order",
    () => number.toLowerCase().replaceAll("-", ""),
  ],
  ["our payment reference", "Payment", () => payment.payment_id],
  ["the provider's session", "Payment", () => payment.provider_reference],
  ["the provider's payment", "Payment", () => payment.provider_payment_id],
];

describe("support finds the caller", () => {
  test.each(readOut)("by %s", async (_what, by, text) => {
    const page = await portal.open({ as: await portal.demoPerson("lead"), javaScript: false });
    await page.goto("/console");
    await page.getByLabel(/E-mail, phone, ICCID/).fill(text());
    await page.getByRole("button", { name: "Search" }).click();
    const hit = page.getByRole("row").filter({ hasText: caller.email });
    await expect(hit).toContainText(by);
    await hit.getByRole("link", { name: caller.name }).click();
    await page.waitForURL(`**/console/accounts/${caller.accountId}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(caller.name);
  });
});

test("the account page shows what the caller has, bought and did, and both truths agree", async () => {
  const page = await portal.open({ as: await portal.demoPerson("lead") });
  await page.goto(`/console/accounts/${caller.accountId}`);
  const main = page.locator("main");
  for (const text of [
    caller.email,
    phone,
    number,
    /CNY\s49\.00/,
    "order.placed",
    "payment.settled",
  ]) {
    await expect(main).toContainText(text);
  }
  const esim = page.getByRole("row", { name: /^Travel/ });
  await expect(esim).toContainText("Books and carrier agree");

  await portal.standIns.esimAccess.changeEsim(
    { iccid: caller.iccid },
    { expiredTime: "2030-01-01T00:00:00Z", notify: false },
  );
  await portal.rows(`UPDATE esim SET carrier_expires_at = '2030-01-01' WHERE iccid = $1`, [
    caller.iccid,
  ]);
  await page.reload();
  await expect(esim).toContainText("End differs");
  await expect(esim).toContainText("1 Jan 2030");
});

test("every search and every look is written down with who did it", async () => {
  const support = await portal.demoPerson("support");
  const page = await portal.open({ as: support });
  const before = await portal.rows("SELECT 1 FROM audit.events WHERE actor_email = $1", [
    support.email,
  ]);
  await page.goto(`/console?query=${encodeURIComponent(caller.email)}`);
  await page.getByRole("link", { name: caller.name }).click();
  await page.waitForURL("**/console/accounts/*");
  const events = await portal.rows<{ action: string; subject: string; reason: string | null }>(
    "SELECT action, subject, reason FROM audit.events WHERE actor_email = $1 ORDER BY at",
    [support.email],
  );
  expect(events.slice(before.length)).toEqual([
    { action: "accounts.searched", subject: `accounts ${caller.accountId}`, reason: "email" },
    { action: "account.viewed", subject: `account ${caller.accountId}`, reason: null },
  ]);
});

test("the slash key goes to the search box, and what is not found says what to check", async () => {
  // Speaks Chinese, as the account does.
  const page = await portal.open({ as: await portal.demoPerson("support") });
  await page.goto(`/console/accounts/${caller.accountId}`);
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("nobody@nowhere.example");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status")).toContainText("nobody@nowhere.example");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.locator("table")).toHaveCount(0);
});

test.each([
  "<script>alert(1)</script>",
  "%",
  "' OR 1=1 --",
  "\\",
  "x".repeat(500),
  "__",
  "1",
  "a\0b",
])("a search for %j finds nobody and breaks nothing", async (query) => {
  const page = await portal.open({ as: await portal.demoPerson("lead"), javaScript: false });
  const answer = await page.goto(`/console?query=${encodeURIComponent(query)}`);
  expect(answer?.status()).toBe(200);
  await expect(page.locator("table")).toHaveCount(0);
});
