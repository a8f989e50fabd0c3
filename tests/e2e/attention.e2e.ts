import { describe, expect as expectValue, test } from "vitest";
import { expect } from "playwright/test";
import { attentionWords } from "#lib/i18n/attention.ts";
import { translator } from "#lib/i18n/translator.ts";
import { giveOrder } from "#tests/support/orders.ts";
import { usePortal } from "#tests/support/portal.ts";
import { PLENTY } from "#tests/support/traveller.ts";

const portal = usePortal();

/** An order of a traveller with which something is wrong. */
async function giveTrouble(code: string): Promise<string> {
  const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
  const number = await giveOrder(portal, traveller, "as-5gb-30d");
  await setReason(number, code);
  return number;
}

async function setReason(number: string, code: string): Promise<void> {
  await portal.rows(`UPDATE "order" SET needs_attention = $2 WHERE number = $1`, [number, code]);
}

describe("what waits for a person", () => {
  test.each([
    { locale: "en" as const, javaScript: true },
    { locale: "zh-CN" as const, javaScript: false },
  ])(
    "is listed with what to do, and leaves the list with a reason ($locale, scripts: $javaScript)",
    async ({ locale, javaScript }) => {
      const t = translator(locale, "attention");
      const number = await giveTrouble("notice_rejected");
      const { what, advice } = attentionWords("notice_rejected", locale);
      const page = await portal.open({ as: await portal.demoPerson("support"), javaScript });
      await page.goto(`/console?lang=${locale}`);
      await page
        .getByRole("link", { name: translator(locale, "shell")("attention"), exact: true })
        .click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(t("title"));
      const entry = page.getByRole("article").filter({ hasText: number });
      await expect(entry.getByRole("heading")).toHaveText(what);
      await expect(entry).toContainText(advice);
      await entry.getByRole("link", { name: number }).click();

      const note = page.getByRole("region", { name: what });
      await expect(note).toContainText(advice);
      await note.getByRole("button", { name: t("submit") }).click();
      await expect(page.locator(".summary a")).toHaveAttribute("href", "#reason-done");
      await note.getByLabel(t("because")).fill("Called, and told them");
      await note.getByRole("button", { name: t("submit") }).click();
      await expect(page.getByRole("status")).toHaveText(t("done"));
      await expect(page.getByRole("article").filter({ hasText: number })).toHaveCount(0);
      const written = await portal.rows<{ reason: string }>(
        "SELECT reason FROM audit_event WHERE action = 'order.attention_resolved' AND subject = $1",
        [`order ${number}`],
      );
      expectValue(written).toEqual([{ reason: "notice_rejected: Called, and told them" }]);
    },
  );

  test("is not wiped by somebody who has seen an earlier reason, and nothing typed is lost", async () => {
    const t = translator("en", "attention");
    const number = await giveTrouble("notice_rejected");
    const page = await portal.open({ as: await portal.demoPerson("support"), javaScript: false });
    await page.goto(`/console/orders/${number}?lang=en`);
    await page.getByLabel(t("because")).fill("Called, and told them");
    await setReason(number, "refund_failed");
    await page.getByRole("button", { name: t("submit") }).click();
    await expect(page.locator(".summary")).toContainText(
      translator("en", "refusal")("attention_changed"),
    );
    await expect(
      page.getByRole("region", { name: attentionWords("refund_failed", "en").what }),
    ).toBeVisible();
    await expect(page.getByLabel(t("because"))).toHaveValue("Called, and told them");
  });

  test("is not for customers", async () => {
    const page = await portal.open({ as: await portal.giveTraveller() });
    portal.allow(page, /404/);
    const answer = await page.goto("/console/attention");
    expectValue(answer?.status()).toBe(404);
  });
});
