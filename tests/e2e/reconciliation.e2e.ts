import { describe, expect as expectValue, test } from "vitest";
import { expect } from "playwright/test";
import { translator } from "#lib/i18n/translator.ts";
import { usePortal } from "#tests/support/portal.ts";

const portal = usePortal();
const PAGE = "/console/reconciliation";

/** A difference as a run would have written it; what it is about is in no provider's books. */
async function giveDifference(about: string): Promise<void> {
  await portal.rows(
    `WITH run AS (INSERT INTO reconciliation (id, started_at, ended_at, checked)
       VALUES (gen_random_uuid(), now() - interval '1 day', now() - interval '1 day', 7) RETURNING id)
     INSERT INTO difference (id, reconciliation_id, kind, subject, expected, actual)
       SELECT gen_random_uuid(), id, 'activation_of_nobody', $1, 'nothing', 'EU_5_30 on 8988' FROM run`,
    [about],
  );
}

describe("reconciliation", () => {
  test.each([
    ["with scripts", true],
    ["without scripts", false],
  ])("goes on while a lead looks, and says when it is done, %s", async (_how, javaScript) => {
    const page = await portal.open({ as: await portal.demoPerson("lead"), javaScript });
    await page.goto("/console");
    await page.getByRole("link", { name: "Reconciliation" }).click();
    const compare = page.getByRole("button", { name: "Compare now" }).locator("visible=true");
    await expect(async () => {
      if (!javaScript) await page.reload();
      await expect(compare).toBeVisible({ timeout: 500 });
    }).toPass();
    await compare.click();
    await page.waitForURL(`**${PAGE}`);
    await expect(async () => {
      if (!javaScript) await page.reload();
      await expect(compare).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    await expect(page.locator("main p:visible", { hasText: /^Last compared on/ })).toBeVisible();
    const written = await portal.rows(
      "SELECT 1 FROM audit.events WHERE action = 'reconciliation.requested' AND actor_email LIKE 'lead@%'",
    );
    expectValue(written.length).toBeGreaterThan(0);
  });

  test.each(["en", "zh-CN"] as const)(
    "a difference says what it means, and a lead resolves it with a reason (%s)",
    async (locale) => {
      const words = translator(locale, "reconciliation");
      const about = `esim_access/by-hand-${Date.now()}`;
      await giveDifference(about);
      const page = await portal.open({ as: await portal.demoPerson("lead"), javaScript: false });
      await page.goto(`${PAGE}?lang=${locale}`);
      const card = page.getByRole("article").filter({ hasText: about });
      await expect(card.getByRole("heading")).toHaveText(words("kind.activation_of_nobody"));
      await expect(card).toContainText(words("advice.activation_of_nobody"));
      await card.getByText(words("resolve"), { exact: true }).click();
      const submit = card.getByRole("button", { name: words("resolveSubmit"), exact: true });
      await submit.click();
      await expect(page.locator(".summary a")).toBeVisible();
      await card.getByLabel(words("reason")).fill("Given by hand after an outage");
      await submit.click();
      await expect(page.getByRole("status")).toHaveText(words("resolved"));
      await expect(card).toHaveCount(0);
      const [row] = await portal.rows<{ resolution: string }>(
        "SELECT resolution FROM difference WHERE subject = $1",
        [about],
      );
      expectValue(row?.resolution).toBe("Given by hand after an outage");
    },
  );

  test("support sees differences and can neither compare nor resolve", async () => {
    const about = `esim_access/by-hand-${Date.now()}`;
    await giveDifference(about);
    const page = await portal.open({ as: await portal.demoPerson("support") });
    await page.goto(PAGE);
    await expect(page.getByRole("article").filter({ hasText: about })).toBeVisible();
    await expect(page.locator("main").getByRole("button")).toHaveCount(0);
    await portal.rows(
      "UPDATE difference SET resolved_at = now(), resolution = 'seen' WHERE subject = $1",
      [about],
    );
  });

  test("customers do not find the page", async () => {
    const page = await portal.open({ as: await portal.giveTraveller() });
    portal.allow(page, /404/);
    const answer = await page.goto(PAGE);
    expectValue(answer?.status()).toBe(404);
  });
});
