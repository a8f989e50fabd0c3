import { parse } from "csv-parse/sync";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright";
import { expect } from "playwright/test";
import { extractText } from "unpdf";
import { beforeAll, describe, test } from "vitest";
import { giveOrder } from "#tests/support/orders.ts";
import { usePortal } from "#tests/support/portal.ts";
import { PLENTY, type Traveller } from "#tests/support/traveller.ts";
import { getOverWire } from "#tests/support/wire.ts";

const portal = usePortal();

let traveller: Traveller;
let number: string;
let receipt: string;

beforeAll(async () => {
  traveller = await portal.giveTraveller({ balanceMinor: PLENTY, locale: "zh-CN" });
  number = await giveOrder(portal, traveller, "as-5gb-30d");
  receipt = await receiptOf(number);
});

/** Number of an order's receipt, as soon as the worker has issued it. */
async function receiptOf(order: string): Promise<string> {
  let found: string | null | undefined;
  await expect
    .poll(async () => {
      const [row] = await portal.rows<{ number: string | null }>(
        `SELECT d.number FROM document d JOIN "order" o ON o.id = d.order_id WHERE o.number = $1`,
        [order],
      );
      found = row?.number;
      return found ?? null;
    })
    .not.toBeNull();
  return found ?? "";
}

/** Presses a link that gives a file, and reads the file. */
async function download(page: Page, name: string): Promise<{ name: string; body: Buffer }> {
  // What becomes a file is, to the browser, a page that was given up.
  portal.allow(page, /^failed document .* net::ERR_ABORTED$/);
  const arriving = page.waitForEvent("download");
  await page.getByRole("link", { name }).click();
  const arrived = await arriving;
  return { name: arrived.suggestedFilename(), body: await readFile(await arrived.path()) };
}

describe.each([
  ["with scripts", { javaScript: true }],
  ["without scripts", { javaScript: false }],
  ["in light mode", { light: true }],
])("%s", (_title, how) => {
  test("a customer finds the receipt of an order, reads it and keeps it as PDF", async () => {
    const page = await portal.open({ as: traveller, ...how });
    await page.goto(`/orders/${number}`);
    await page.getByRole("link", { name: receipt }).click();
    await page.waitForURL(`**/orders/${number}/documents/${receipt}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("收据");
    const sheet = page.getByRole("article");
    for (const text of [receipt, number, traveller.name, traveller.iccid.slice(-4), "账户余额"]) {
      await expect(sheet).toContainText(text);
    }
    for (const [link, paper] of [
      ["下载 PDF（A4）", "A4"],
      ["下载 PDF（Letter）", "letter"],
    ] as const) {
      const file = await download(page, link);
      expect([paper, file.name]).toEqual([paper, `${receipt}.pdf`]);
      const { text } = await extractText(new Uint8Array(file.body), { mergePages: true });
      expect(text.replaceAll(/\s+/g, "")).toContain(traveller.name);
      expect(text).toContain(receipt);
    }
  });

  test("a customer narrows the history down and takes it along", async () => {
    const page = await portal.open({ as: traveller, ...how });
    await page.goto("/dashboard");
    await page.getByRole("link", { name: "历史记录" }).click();
    await page.waitForURL("**/history");
    const entries = page.locator(".list > li");
    await expect(entries.filter({ hasText: number })).toHaveCount(5);
    await page.getByLabel("类型").selectOption({ label: "收据与账单" });
    await page.getByRole("button", { name: "查看" }).click();
    await page.waitForURL("**/history?kind=document**");
    await expect(entries).toHaveCount(1);
    await expect(entries).toContainText(`收据 ${receipt}`);

    const csv = await download(page, "CSV（可用 Excel 打开）");
    expect(csv.name).toBe("history.csv");
    const text = csv.body.toString("utf8");
    expect(text.startsWith("\ufeff")).toBe(true);
    const [head, ...rows] = parse(text.slice(1));
    expect(head?.slice(1, 4)).toEqual(["类型", "内容", "状态"]);
    expect(rows.map((row) => row.slice(1, 4))).toEqual([["单据", `收据 ${receipt}`, "已开具"]]);

    await page.getByRole("link", { name: "清除筛选" }).click();
    const json = await download(page, "JSON（供程序读取）");
    const all = JSON.parse(json.body.toString("utf8")) as { kind: string; orderNumber: string }[];
    expect(
      all
        .filter(({ orderNumber }) => orderNumber === number)
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(["document", "message", "order", "payment", "period"]);
  });
});

test("staff open a customer's receipt from the account's page, which is written down", async () => {
  const page = await portal.open({ as: await portal.demoPerson("lead") });
  await page.goto(`/console/accounts/${traveller.accountId}`);
  await page.getByRole("link", { name: receipt }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Receipt");
  await expect(page.getByRole("article")).toContainText(traveller.name);
  expect(
    await portal.rows(
      "SELECT DISTINCT actor_email FROM audit.events WHERE action = 'document.viewed' AND subject = $1",
      [`document ${receipt}`],
    ),
  ).toEqual([{ actor_email: "lead@axis.example" }]);
});

test("nobody else gets a receipt, its file or an export, and nobody in between keeps one", async () => {
  const stranger = await portal.giveTraveller();
  const ask = async (path: string, accountId?: string) => {
    const cookie =
      accountId === undefined ? "" : `session=${await portal.sessionCookie(accountId)}`;
    return await getOverWire(portal.url + path, { cookie });
  };
  const page = `/orders/${number}/documents/${receipt}`;
  for (const path of [page, `${page}/pdf`]) {
    expect((await ask(path, traveller.accountId)).status).toBe(200);
    expect((await ask(path, stranger.accountId)).status).toBe(404);
    const visitor = await ask(path);
    expect([303, 307]).toContain(visitor.status);
    expect(visitor.headers.location).toContain("/sign-in?next=");
  }
  const own = await ask("/history/export?format=json", stranger.accountId);
  expect(own.body.toString("utf8")).not.toContain(number);
  for (const path of [`${page}/pdf`, "/history/export?format=csv"]) {
    const { headers } = await ask(path, traveller.accountId);
    expect(headers["cache-control"]).toContain("no-store");
    expect(headers["content-disposition"]).toMatch(/^attachment; filename="/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
  }
  for (const wrong of ["", "?format=xml", "?format=csv&from=yesterday", "?format=csv&kind=x"]) {
    expect((await ask(`/history/export${wrong}`, traveller.accountId)).status).toBe(404);
  }
});

test("a receipt prints without the frame of the site, on A4 and on Letter", async () => {
  const page = await portal.open({ as: traveller });
  await page.goto(`/orders/${number}/documents/${receipt}`);
  await page.emulateMedia({ media: "print" });
  for (const hidden of ["header", "footer", ".unprinted"]) {
    await expect(page.locator(hidden).first()).toBeHidden();
  }
  await expect(page.getByRole("article")).toBeVisible();
  for (const format of ["A4", "Letter"]) {
    const { text, totalPages } = await extractText(
      new Uint8Array(await page.pdf({ format, preferCSSPageSize: true })),
      { mergePages: true },
    );
    expect(totalPages).toBe(1);
    expect(text).toContain(receipt);
  }
});
