import { describe, test } from "vitest";
import { expect } from "playwright/test";
import type { Page } from "playwright";
import { DEMO_PASSWORD } from "#prisma/seed/people.ts";
import { usePortal } from "#tests/support/portal.ts";

const portal = usePortal();

const words = {
  en: { email: "Email", password: "Password", signIn: "Sign in", signOut: "Sign out" },
  "zh-CN": { email: "邮箱", password: "密码", signIn: "登录", signOut: "退出登录" },
} as const;

async function fillIn(
  page: Page,
  email: string,
  password: string,
  locale: keyof typeof words = "en",
): Promise<void> {
  const t = words[locale];
  await page.getByLabel(t.email, { exact: true }).fill(email);
  await page.getByLabel(t.password, { exact: true }).fill(password);
  await page.getByRole("button", { name: t.signIn }).click();
}

describe.each([
  { title: "with scripts", javaScript: true },
  { title: "without scripts", javaScript: false },
])("signing in $title", ({ javaScript }) => {
  test("a wrong password says so, keeps the address and not the password; the right one opens the dashboard", async () => {
    const traveller = await portal.giveTraveller();
    const page = await portal.open({ javaScript });
    await page.goto("/sign-in");
    await fillIn(page, traveller.email, "not-the-password-2026");

    const summary = page.locator(".summary");
    await expect(summary).toContainText("E-mail and password do not match");
    await expect(summary).toBeFocused();
    await expect(page).toHaveTitle(/^Error: /);
    await expect(page.getByLabel("Email", { exact: true })).toHaveValue(traveller.email);
    await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
    await expect(page.getByLabel("Email", { exact: true })).toHaveAccessibleDescription(
      /do not match/,
    );
    expect(await page.content()).not.toContain("not-the-password-2026");
    expect((await page.context().cookies()).some(({ name }) => name === "session")).toBe(false);

    await fillIn(page, traveller.email, DEMO_PASSWORD);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your eSIMs");
    await expect(page).toHaveTitle(/^Your eSIMs/);
    expect(new URL(page.url()).pathname).toBe("/dashboard");
  });

  test("an empty form names what is missing, in Chinese too", async () => {
    const page = await portal.open({ javaScript, prefers: "zh-CN" });
    await page.goto("/sign-in");
    await page.getByRole("button", { name: "登录" }).click();
    await expect(page.locator(".summary li")).toHaveCount(2);
    await expect(page).toHaveTitle(/^出错/);
    await page.locator(".summary a").first().click();
    await expect(page.getByLabel("邮箱", { exact: true })).toBeFocused();
  });

  test("a message about the last attempt is gone on the next page", async () => {
    const page = await portal.open({ javaScript });
    await page.goto("/sign-in");
    await fillIn(page, "nobody@customers.example", "not-the-password-2026");
    await expect(page.locator(".summary")).toBeVisible();
    await page.goto("/sign-in");
    await expect(page.locator("h1")).toHaveText("Sign in");
    await expect(page.locator(".summary")).toHaveCount(0);
  });

  test("after signing out a copy of the cookie opens nothing", async () => {
    const traveller = await portal.giveTraveller({ locale: "zh-CN" });
    const page = await portal.open({ javaScript, prefers: "zh-CN" });
    await page.goto("/sign-in");
    await fillIn(page, traveller.email, DEMO_PASSWORD, "zh-CN");
    await page.waitForURL("**/dashboard");
    const copied = (await page.context().cookies()).find(({ name }) => name === "session");
    expect(copied).toMatchObject({ httpOnly: true, sameSite: "Lax" });
    const withCopy = async (): Promise<Response> =>
      await fetch(`${portal.url}/dashboard`, {
        headers: { cookie: `session=${copied?.value}` },
        redirect: "manual",
      });
    expect((await withCopy()).status).toBe(200);

    await page.getByRole("button", { name: "退出登录" }).click();
    await expect(page.getByRole("link", { name: "登录", exact: true }).first()).toBeVisible();
    const dead = await withCopy();
    expect(dead.status).toBe(307);
    expect(dead.headers.get("location")).toBe("/sign-in?next=%2Fdashboard");
    await page.goBack();
    await expect(page.locator("main")).not.toContainText(traveller.name);
  });
});

test("a new sign-in ends the session that the browser had", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open();
  await page.goto("/sign-in");
  await fillIn(page, traveller.email, DEMO_PASSWORD);
  await page.waitForURL("**/dashboard");
  const [first] = await page.context().cookies(portal.url);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL((address) => address.pathname === "/");
  await page.goto("/sign-in");
  await fillIn(page, traveller.email, DEMO_PASSWORD);
  await page.waitForURL("**/dashboard");
  const sessions = await portal.rows<{ ended_at: Date | null }>(
    "SELECT ended_at FROM audit.sessions WHERE customer_email = $1 ORDER BY created_at",
    [traveller.email],
  );
  expect(sessions.map(({ ended_at: ended }) => ended === null)).toEqual([false, true]);
  const second = (await page.context().cookies()).find(({ name }) => name === "session");
  expect(second?.value).not.toBe(first?.value);
});

test("guessing at one account stops after eight attempts and says how long to wait", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ javaScript: false });
  await page.goto("/sign-in");
  for (let attempt = 1; attempt <= 8; attempt++) {
    await fillIn(page, traveller.email, `guess-number-${attempt}-2026`);
    await expect(page.locator(".summary")).toContainText("do not match");
  }
  await fillIn(page, traveller.email, DEMO_PASSWORD);
  await expect(page.locator(".summary")).toContainText(
    /Too many attempts\. Please wait 15 minutes/,
  );
  expect(new URL(page.url()).pathname).toBe("/sign-in");
});

test("a customer whose data is used up gets light mode by signing in, and loses it by choice only", async () => {
  const traveller = await portal.giveTraveller({ leftBytes: 0n });
  const page = await portal.open();
  portal.allow(page, /script-src 'sha256-|^failed script .* csp$/);
  await page.goto("/sign-in");
  await expect(page.locator("footer")).toContainText("Slow or expensive connection?");
  await fillIn(page, traveller.email, DEMO_PASSWORD);
  await expect(page.locator("footer")).toContainText("Data saver is on");
  await page.getByRole("link", { name: "Turn it off" }).click();
  await expect(page.locator("footer")).toContainText("Slow or expensive connection?");
  await page.goto("/orders");
  await expect(page.locator("footer")).toContainText("Slow or expensive connection?");
});

test.each([
  ["/orders?page=1", "/orders?page=1"],
  ["//evil.example/x", "/dashboard"],
  ["/\\evil.example", "/dashboard"],
  ["\\/evil.example", "/dashboard"],
  ["https://evil.example/", "/dashboard"],
  ["javascript:alert(1)", "/dashboard"],
  ["/\t/evil.example", "/dashboard"],
  ["/\n//evil.example", "/dashboard"],
  ["%2F%2Fevil.example", "/dashboard"],
  ["/..//evil.example", "/dashboard"],
  ["", "/dashboard"],
])("after signing in with next=%j somebody is on a page of ours", async (next, expected) => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ javaScript: false });
  await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
  await fillIn(page, traveller.email, DEMO_PASSWORD);
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  const { origin, pathname, search } = new URL(page.url());
  expect(origin).toBe(portal.url);
  expect(pathname + search).toBe(expected);
});
