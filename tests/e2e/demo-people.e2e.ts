import { describe, test } from "vitest";
import { expect } from "playwright/test";
import type { Locator, Page } from "playwright";
import type { OrderPhase } from "#lib/domain/order.ts";
import { DEMO_PASSWORD } from "#prisma/seed/people.ts";
import { headline, readDashboard, shortPhase } from "#tests/support/renewing.ts";
import { usePortal } from "#tests/support/portal.ts";

const portal = usePortal();

/** The dashboard of somebody of the demo, in the language of the account unless `lang` says otherwise. */
async function dashboardOf(key: string, lang?: "en" | "zh-CN"): Promise<Page> {
  const page = await portal.open({ as: await portal.demoPerson(key), javaScript: false });
  await page.goto(lang === undefined ? "/dashboard" : `/dashboard?lang=${lang}`);
  return page;
}

function card(page: Page, label: string): Locator {
  return page.getByRole("region", { name: label, exact: true });
}

test.each(["lin", "emma", "sato", "noor", "omar", "new", "support", "lead", "admin"])(
  "%s@axis.example signs in with the password of the demo",
  async (key) => {
    const page = await portal.open();
    portal.allow(page, /script-src 'sha256-|^failed script .* csp$/);
    await page.goto("/sign-in?lang=en");
    await page.getByLabel("Email", { exact: true }).fill(`${key}@axis.example`);
    await page.getByLabel("Password", { exact: true }).fill(DEMO_PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    const isStaff = ["support", "lead", "admin"].includes(key);
    await page.waitForURL(isStaff ? "**/console" : "**/dashboard");
    await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  },
);

test("lin is running low: 0.8 GB, three days, ¥328.00 on the balance, in Chinese", async () => {
  const page = await dashboardOf("lin");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  const line = card(page, "亚洲出行");
  await expect(line).toContainText("流量不多了");
  expect((await readDashboard(page)).data).toBe("0.8 GB");
  await expect(line).toContainText(/还剩 3 天|还剩 7\d 小时/);
  await expect(card(page, "账户余额")).toContainText("¥328.00");
  await expect(line.getByRole("link", { name: "续费", exact: true })).toBeVisible();
  await expect(line).toContainText(/数据截至 .*（中国时间）/);
});

test("emma has a year at home in good order, and roaming that is used up", async () => {
  const page = await dashboardOf("emma");
  await expect(card(page, "Phone at home")).toContainText("Active");
  const roaming = card(page, "Roaming");
  await expect(roaming).toContainText("Data used up");
  await expect(roaming).toContainText(/0\s*GB\s*left of/);
  await expect(roaming.getByRole("link", { name: /^Renew/ })).toBeVisible();
});

test("sato has a period waiting behind the one that runs", async () => {
  const page = await dashboardOf("sato");
  const periods = card(page, "Tokyo").locator(".periods li");
  await expect(periods).toHaveCount(2);
  await expect(periods.first()).toContainText("Now");
  await expect(periods.last()).toContainText("Then");
  await expect(card(page, "Tokyo")).toContainText(/20\sGB more from/);
  await expect(card(page, "Account balance")).toContainText("¥");
});

test("noor's eSIM has expired, and the page shows the way forward although the network takes no renewal", async () => {
  const page = await dashboardOf("noor");
  await expect(card(page, "Gulf")).toContainText("Expired");
  await expect(card(page, "Account balance")).toContainText("$0.00");
  await card(page, "Gulf").getByRole("link", { name: "Renew", exact: true }).click();
  await page.waitForURL("**/renew");
  const main = page.locator("main");
  await expect(main).toContainText("the network does not let an expired one be renewed");
  await expect(main).toContainText("You can get a new eSIM instead");
  await expect(page.locator(".plan")).toHaveCount(0);
  await expect(main.getByRole("link", { name: "Get in touch" })).toHaveAttribute(
    "href",
    "mailto:help@axis.example",
  );
});

describe("omar", () => {
  const phases = [
    "outcome_unknown",
    "refunded",
    "refund_delayed",
    "scheduled",
    "being_checked",
    "payment_processing",
  ] as const satisfies readonly OrderPhase[];

  // What was under way when the demo was seeded may have gone on since; these wait for somebody.
  test.each(phases)("has an order that is %s, with its own words", async (phase) => {
    const page = await portal.open({ as: await portal.demoPerson("omar"), javaScript: false });
    await page.goto("/orders");
    const tag = page.locator(".tag", { hasText: new RegExp(`^${shortPhase(phase)}$`) });
    const row = page.locator(".list li").filter({ has: tag }).first();
    await row.getByRole("link").click();
    await expect(page.locator("h1")).toHaveText(headline(phase));
    await expect(
      page.getByRole("region", { name: "What next" }).locator("p").first(),
    ).not.toBeEmpty();
  });

  test("has eSIMs in every condition that the others are not in", async () => {
    const page = await dashboardOf("omar");
    for (const [label, condition] of [
      ["Phone", "Active"],
      ["Work line", "Ending soon"],
      ["Tablet", "Not installed yet"],
      ["Spare", "No plan yet"],
      ["Trip to Japan", "Starts later"],
      ["Old phone", "Suspended"],
      ["Lost phone", "Closed"],
    ] as const) {
      await expect(card(page, label)).toContainText(condition);
    }
    await expect(card(page, "Lost phone").getByRole("link", { name: /^Renew/ })).toHaveCount(0);
  });
});

test("somebody new has no eSIM, and is told what to do about it", async () => {
  const page = await dashboardOf("new");
  await expect(
    page.getByRole("heading", { name: "There is no eSIM on this account yet" }),
  ).toBeVisible();
  await expect(page.locator("main")).toContainText("No orders yet");
  await page.getByRole("link", { name: "How to find the ICCID" }).click();
  await page.waitForURL("**/help#iccid");
});

describe("the language", () => {
  test("is the account's, then the chosen one, and the choice is remembered", async () => {
    const page = await portal.open({ as: await portal.demoPerson("lin"), prefers: "en" });
    await page.goto("/dashboard");
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
    await page.getByRole("link", { name: "English" }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await page.goto("/orders");
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await expect(page.locator("h1")).toHaveText("Your orders");
    await page.getByRole("link", { name: "中文" }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  });

  test.each([
    ["zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"],
    ["de-DE,en;q=0.5", "en"],
    ["fr", "en"],
  ])("of a visitor whose browser says %s is %s", async (prefers, expected) => {
    const answer = await fetch(portal.url, { headers: { "accept-language": prefers } });
    expect(await answer.text()).toContain(`<html lang="${expected}">`);
  });
});
