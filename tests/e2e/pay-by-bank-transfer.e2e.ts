import { describe, expect as expectValue, test } from "vitest";
import { expect } from "playwright/test";
import type { Page } from "playwright";
import type { Locale } from "#lib/domain/locale.ts";
import { money, toDecimal } from "#lib/domain/money.ts";
import { translator } from "#lib/i18n/translator.ts";
import { accountNumberOf } from "#prisma/seed/bank-accounts.ts";
import { planByCode } from "#prisma/seed/plans.ts";
import { usePortal } from "#tests/support/portal.ts";
import {
  openCheckout,
  orderNumberIn,
  plain,
  pressPay,
  waitForPhase,
} from "#tests/support/renewing.ts";
import type { Traveller } from "#tests/support/traveller.ts";

const portal = usePortal();

const PLAN = "as-10gb-30d";
const PRICE = toDecimal(money(planByCode(PLAN).prices.CNY, "CNY"));

/** Orders by bank transfer; the order's page is open then. Returns the reference it shows. */
async function orderByTransfer(page: Page, traveller: Traveller): Promise<string> {
  await openCheckout(page, traveller.iccid, PLAN);
  await pressPay(page, "transfer", traveller.locale);
  await page.waitForURL(/\/orders\/AX-/);
  const shown = page.locator("section[aria-labelledby=transfer]");
  await expect(shown).toContainText(accountNumberOf("CNY"));
  const reference = /RF\d{2}(?: \d{4}){3}/.exec(plain(await shown.textContent()))?.[0];
  if (reference === undefined) throw new Error("The page names no reference");
  return reference;
}

/** Somebody transfers to the operator's account. */
async function transfer(traveller: Traveller, amount: string, text: string): Promise<void> {
  await portal.standIns.bank.transfer({
    account: accountNumberOf("CNY"),
    currency: "CNY",
    amount,
    name: traveller.name,
    text,
  });
}

async function statement(): Promise<Buffer> {
  const today = new Date().toISOString().slice(0, 10);
  const bytes = await portal.standIns.bank.statement(accountNumberOf("CNY"), {
    format: "camt053.xml",
    from: today,
    to: today,
  });
  return Buffer.from(bytes);
}

/** Brings a file on the console's page. */
async function upload(desk: Page, locale: Locale, name: string, buffer: Buffer): Promise<void> {
  const words = translator(locale, "statements");
  await desk.goto(`/console/statements?lang=${locale}`);
  const file = { name, mimeType: "application/octet-stream", buffer };
  await desk.getByLabel(words("file"), { exact: true }).setInputFiles(file);
  await desk.getByRole("button", { name: words("import"), exact: true }).click();
}

describe.each([
  { locale: "en", javaScript: false },
  { locale: "zh-CN", javaScript: true },
] as const)("in $locale, scripts $javaScript", ({ locale, javaScript }) => {
  test("an order waits for its transfer, staff bring the bank's statement, and the plan goes live", async () => {
    const traveller = await portal.giveTraveller({ locale });
    const page = await portal.open({ as: traveller, javaScript });
    const reference = await orderByTransfer(page, traveller);
    const number = orderNumberIn(page);
    await expect(page.locator("section:visible[aria-labelledby=next]")).toContainText("1–3");
    const [mail] = await portal.standIns.mailbox.waitForMail(traveller.email);
    expectValue(mail?.subject).toContain(number);
    expectValue(plain(mail?.text ?? "")).toContain(reference);

    await transfer(traveller, PRICE, `eSIM ${reference}`);
    const words = translator(locale, "statements");
    const desk = await portal.open({ as: await portal.demoPerson("lead"), javaScript });
    const file = await statement();
    await upload(desk, locale, "today.xml", file);
    const taken = desk.locator("section[aria-labelledby=taken]");
    await expect(taken).toContainText(words("imported", { file: "today.xml" }));
    await expect(taken).toContainText(words("match.exact"));
    await waitForPhase(page, "live", { locale, pressing: !javaScript });

    await upload(desk, locale, "today.xml", file);
    await expect(taken).toContainText(words("importedAgain", { file: "today.xml" }));
    const paid = await portal.rows(
      "SELECT state, paid_minor FROM audit.orders WHERE order_number = $1",
      [number],
    );
    expectValue(paid).toEqual([
      { state: "completed", paid_minor: planByCode(PLAN).prices.CNY.toString() },
    ]);
  });

  test("a transfer without its reference is confirmed by one press", async () => {
    const traveller = await portal.giveTraveller({ locale });
    const page = await portal.open({ as: traveller, javaScript });
    await orderByTransfer(page, traveller);
    const number = orderNumberIn(page);
    const text = `for the trip of ${traveller.email.slice(0, 20)}`;
    await transfer(traveller, PRICE, text);
    const words = translator(locale, "statements");
    const desk = await portal.open({ as: await portal.demoPerson("admin"), javaScript });
    await upload(desk, locale, "again.xml", await statement());
    const line = desk.locator("article", { hasText: text });
    await line.getByRole("button", { name: words("confirm", { number }), exact: true }).click();
    await expect(desk.getByRole("status")).toContainText(words("decided"));
    await expect(desk.locator("article", { hasText: text })).toHaveCount(0);
    await waitForPhase(page, "live", { locale, pressing: !javaScript });
  });

  test("a file that is no statement is refused in words, at the field", async () => {
    const words = translator(locale, "statements");
    const desk = await portal.open({ as: await portal.demoPerson("lead"), javaScript });
    await upload(desk, locale, "statement.pdf", Buffer.from("%PDF-1.7 nothing to read"));
    await expect(desk.locator("#file-wrong")).toContainText(words("problem.format_unknown"));
    await expect(desk).toHaveTitle(locale === "en" ? /^Error:/ : /^出错/);
    await upload(desk, locale, "large.csv", Buffer.alloc(5 * 1024 * 1024 + 1, "a,b\n"));
    await expect(desk.locator("#file-wrong")).toContainText("5");
  });
});

test("a customer who will not pay closes the order, and can renew again", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller, javaScript: false });
  await orderByTransfer(page, traveller);
  await page.getByRole("button", { name: "I will not pay this" }).click();
  await waitForPhase(page, "payment_expired", { pressing: true });
  await expect(page.locator("main")).toContainText("given up");
  await expect(page.locator("section[aria-labelledby=transfer]")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Renew again" })).toBeVisible();
});

test("support reads what waits, and cannot bring or decide anything", async () => {
  const support = await portal.demoPerson("support");
  const desk = await portal.open({ as: support, javaScript: false });
  await desk.goto("/console/statements?lang=en");
  await expect(desk.locator("main")).toContainText("Leads and administrators");
  await expect(desk.getByLabel("Statement file")).toHaveCount(0);
  await expect(desk.getByRole("button", { name: /^(Import|Decide|It is for)/ })).toHaveCount(0);
  const form = new FormData();
  form.set("file", new File(["a,b"], "a.csv"));
  const answer = await fetch(`${portal.url}/console/statements/import`, {
    method: "POST",
    body: form,
    redirect: "manual",
    headers: {
      origin: portal.url,
      cookie: `session=${await portal.sessionCookie(support.accountId)}`,
    },
  });
  expectValue(answer.status).toBe(303);
  const rows = await portal.rows("SELECT 1 FROM bank_statement WHERE file_name = 'a.csv'");
  expectValue(rows).toEqual([]);
});
