import { describe, test } from "vitest";
import { expect } from "playwright/test";
import { giveOrder } from "#tests/support/orders.ts";
import { usePortal } from "#tests/support/portal.ts";
import { openCheckout, orderNumberIn, pressPay, waitForPhase } from "#tests/support/renewing.ts";
import { PLENTY } from "#tests/support/traveller.ts";

const portal = usePortal();

describe.each([{ javaScript: true }, { javaScript: false }])(
  "support gives money back (scripts: $javaScript)",
  ({ javaScript }) => {
    test("for an order that is live, and the customer sees it", async () => {
      const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
      const number = await giveOrder(portal, traveller, "as-5gb-30d");
      const page = await portal.open({ as: await portal.demoPerson("support"), javaScript });
      await page.goto(`/console?query=${number}&lang=en`);
      await page.getByRole("link", { name: traveller.name }).click();
      await page.getByRole("link", { name: number }).click();
      await page.getByLabel(/^Amount in CNY/).fill("10000");
      await page.getByRole("radio", { name: "to the balance" }).check();
      await page.getByRole("button", { name: "Give it back" }).click();
      // Nothing typed is lost, and both problems are said at once.
      await expect(page.getByRole("group", { name: "Please check this" })).toBeVisible();
      await expect(page.getByLabel(/^Amount in CNY/)).toHaveValue("10000");
      await expect(page.getByRole("radio", { name: "to the balance" })).toBeChecked();
      await page.getByLabel(/^Amount in CNY/).fill("10.50");
      await page.getByLabel("Reason, for the record").fill("The network was down for a day");
      await page.getByRole("button", { name: "Give it back" }).click();
      await expect(page.getByRole("row", { name: /CNY\s?10\.50/ }).first()).toBeVisible();
      const own = await portal.open({ as: traveller, javaScript });
      await own.goto(`/orders/${number}`);
      await expect(own.getByText("¥10.50").first()).toBeVisible();
      await own.goto("/balance");
      await expect(own.getByText(/^Refund for/).first()).toBeVisible();
    });
  },
);

describe.each([
  { locale: "en" as const, javaScript: true, link: "Cancel this", submit: /^Cancel and get/ },
  { locale: "zh-CN" as const, javaScript: false, link: "取消并退款", submit: /^取消并退回/ },
])("a plan that has not begun ($locale)", ({ locale, javaScript, link, submit }) => {
  test("is cancelled by the customer, and the money is back at once", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY, locale });
    const page = await portal.open({ as: traveller, javaScript });
    await openCheckout(page, traveller.iccid, "as-10gb-30d-next");
    await pressPay(page, "balance", locale);
    await waitForPhase(page, "scheduled", { locale, pressing: !javaScript });
    const number = orderNumberIn(page);
    await page.getByRole("link", { name: link }).click();
    await page.getByRole("button", { name: submit }).click();
    await waitForPhase(page, "refunded", { locale, pressing: !javaScript });
    const rows = await portal.rows<{ balance_minor: string }>(
      "SELECT balance_minor FROM audit.balances WHERE customer_email = $1",
      [traveller.email],
    );
    expect(rows).toEqual([{ balance_minor: String(PLENTY) }]);
    await page.goto(`/orders/${number}/cancel`);
    await expect(page.getByRole("button", { name: submit })).toHaveCount(0);
  });
});
