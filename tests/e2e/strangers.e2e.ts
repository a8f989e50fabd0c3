import { beforeAll, describe, test } from "vitest";
import { expect } from "playwright/test";
import { DEMO_PASSWORD } from "#prisma/seed/people.ts";
import { postForm, readForm } from "#tests/support/forms.ts";
import { countOrders, findMoney } from "#tests/support/money.ts";
import { usePortal } from "#tests/support/portal.ts";
import { openCheckout, orderNumberIn, pressPay, waitForPhase } from "#tests/support/renewing.ts";
import { PLENTY, type Traveller } from "#tests/support/traveller.ts";

const portal = usePortal();

const NOT_FOUND = { en: "Page not found", "zh-CN": "页面不存在" } as const;

let owner: Traveller;
let stranger: Traveller;
let number: string;
let cookies: Record<"owner" | "stranger" | "support" | "admin", string>;

beforeAll(async () => {
  owner = await portal.giveTraveller({ balanceMinor: PLENTY });
  stranger = await portal.giveTraveller({ balanceMinor: PLENTY });
  const page = await portal.open({ as: owner });
  await openCheckout(page, owner.iccid, "as-5gb-30d");
  await pressPay(page, "balance");
  await waitForPhase(page, "live");
  number = orderNumberIn(page);
  cookies = {
    owner: await portal.sessionCookie(owner.accountId),
    stranger: await portal.sessionCookie(stranger.accountId),
    support: await portal.sessionCookie((await portal.demoPerson("support")).accountId),
    admin: await portal.sessionCookie((await portal.demoPerson("admin")).accountId),
  };
});

/** Every page that belongs to somebody, by who may see it. */
function pages(): readonly (readonly [path: string, whose: "owner" | "customer" | "staff"])[] {
  return [
    ["/dashboard", "customer"],
    ["/orders", "customer"],
    [`/orders/${number}`, "owner"],
    [`/orders/${number}?returned=1`, "owner"],
    [`/orders/${number}?wait=x`, "owner"],
    [`/esims/${owner.iccid}`, "owner"],
    [`/esims/${owner.iccid}/renew`, "owner"],
    [`/esims/${owner.iccid}/renew?plan=as-5gb-30d`, "owner"],
    [`/esims/${owner.iccid}/install`, "owner"],
    ["/console", "staff"],
    ["/console?query=emma", "staff"],
    [`/console/accounts/${owner.accountId}`, "staff"],
  ];
}

async function get(path: string, cookie?: string): Promise<Response> {
  return await fetch(portal.url + path, {
    redirect: "manual",
    headers: cookie === undefined ? {} : { cookie: `session=${cookie}` },
  });
}

test("each page opens to whom it belongs, is 404 to everybody else and sends visitors to sign in", async () => {
  for (const [path, whose] of pages()) {
    const may = { owner: ["owner"], customer: ["owner", "stranger"], staff: ["support", "admin"] };
    for (const [who, cookie] of Object.entries(cookies)) {
      const answer = await get(path, cookie);
      const text = await answer.text();
      const expected = may[whose].includes(who) ? 200 : 404;
      expect({ path, who, status: answer.status }).toEqual({ path, who, status: expected });
      if (expected === 404) {
        expect(text).toMatch(/Page not found|页面不存在/);
        for (const secret of [owner.email, "rsp-eu.simlessly.com", "Asia 5 GB"]) {
          expect(text).not.toContain(secret);
        }
      }
    }
    const visitor = await get(path);
    expect({ path, status: visitor.status, to: visitor.headers.get("location") }).toEqual({
      path,
      status: 307,
      to: `/sign-in?next=${encodeURIComponent(path)}`,
    });
  }
});

describe.each([
  { title: "with scripts", javaScript: true, locale: "en", prefers: "en" },
  { title: "without scripts", javaScript: false, locale: "zh-CN", prefers: "zh-CN" },
] as const)("somebody else's pages, $title", ({ javaScript, locale, prefers }) => {
  test("look like pages that do not exist", async () => {
    const page = await portal.open({ javaScript, prefers, as: stranger });
    portal.allow(page, /^404 GET /);
    const missing = [`/orders/${number}`, `/esims/${owner.iccid}`, "/orders/AX-0000-0000", "/x/y"];
    const seen = new Set<string>();
    for (const path of missing) {
      const answer = await page.goto(`${path}?lang=${locale}`);
      expect(answer?.status()).toBe(404);
      await expect(page.locator("h1")).toHaveText(NOT_FOUND[locale]);
      seen.add((await page.locator("main").textContent()) ?? "");
    }
    expect(seen.size).toBe(1);
    await page.locator("main").getByRole("link").first().click();
    await page.waitForURL("**/dashboard");
  });

  test("a visitor is brought back to the page after signing in, and nobody else's", async () => {
    const page = await portal.open({ javaScript, prefers });
    await page.goto(`/orders/${number}`);
    await page.waitForURL("**/sign-in?next=*");
    await page.locator("#email").fill(owner.email);
    await page.locator("#password").fill(DEMO_PASSWORD);
    await page.locator("main form button").click();
    await page.waitForURL(`**/orders/${number}`);
    await expect(page.locator("main")).toContainText(number);
  });
});

test("a checkout sent for somebody else's eSIM places nothing for anybody", async () => {
  const page = await portal.open({ as: stranger });
  await openCheckout(page, stranger.iccid, "as-5gb-30d");
  const fields = { ...(await readForm(page, "form.checkout")), intent: "pay", method: "balance" };
  const orders = [
    await countOrders(portal, owner.email),
    await countOrders(portal, stranger.email),
  ];
  const answer = await postForm(page, page.url(), { ...fields, iccid: owner.iccid });
  expect(answer.status()).toBe(303);
  expect(answer.headers()["location"]).not.toContain("/orders/");
  expect([
    await countOrders(portal, owner.email),
    await countOrders(portal, stranger.email),
  ]).toEqual(orders);
});

test("somebody else's attempt id does not lead to their order", async () => {
  const theirs = await portal.open({ as: owner });
  await openCheckout(theirs, owner.iccid, "as-extra-1gb");
  const { attemptId = "" } = await readForm(theirs, "form.checkout");
  await theirs.getByRole("checkbox", { name: "Yes, renew once more" }).check();
  await pressPay(theirs, "balance");
  await waitForPhase(theirs, "live");

  const page = await portal.open({ as: stranger });
  await openCheckout(page, stranger.iccid, "as-5gb-30d");
  const fields = { ...(await readForm(page, "form.checkout")), intent: "pay", method: "balance" };
  await postForm(page, page.url(), { ...fields, attemptId });
  await page.reload();
  await expect(page.locator(".summary")).toContainText("already been used for another order");
  expect(await countOrders(portal, stranger.email)).toBe(0);
});

test("somebody else's unpaid order cannot be taken to the payment page", async () => {
  const buyer = await portal.giveTraveller();
  const theirs = await portal.open({ as: buyer });
  await openCheckout(theirs, buyer.iccid, "as-5gb-30d");
  await pressPay(theirs, "card");
  await theirs.getByRole("link", { name: "Back" }).click();
  await waitForPhase(theirs, "awaiting_payment");
  const fields = await readForm(theirs, "form:has(input[name=number])");
  const unpaid = orderNumberIn(theirs);

  const page = await portal.open({ as: stranger });
  await page.goto("/orders");
  const answer = await postForm(page, `/orders/${unpaid}`, fields);
  expect(answer.headers()["location"] ?? "").not.toContain("/c/pay/");
  expect(await findMoney(portal, unpaid)).toMatchObject({ paidMinor: 0n });
});

test("an account that was disabled is signed out on the next page", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller });
  await page.goto("/dashboard");
  await expect(page.locator("h1")).toHaveText("Your eSIMs");
  await portal.rows("UPDATE account SET disabled_at = now() WHERE id = $1", [traveller.accountId]);
  await page.goto("/dashboard");
  await page.waitForURL("**/sign-in?next=%2Fdashboard");
});
