import { AxeBuilder } from "@axe-core/playwright";
import { beforeAll, describe, test } from "vitest";
import { expect } from "playwright/test";
import type { Locator, Page } from "playwright";
import { customerPages, staffPages, type KnownPage } from "#tests/support/pages.ts";
import { usePortal } from "#tests/support/portal.ts";
import { orderNumberIn, readDashboard, waitForPhase } from "#tests/support/renewing.ts";
import { PLENTY } from "#tests/support/traveller.ts";

const portal = usePortal();

let pages: readonly KnownPage[];
beforeAll(async () => {
  pages = [...(await customerPages(portal)), ...(await staffPages(portal))];
});

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const looks = [
  { scheme: "light", width: 1280 },
  { scheme: "light", width: 360 },
  { scheme: "dark", width: 1280 },
  { scheme: "dark", width: 360 },
] as const;

/** What axe finds wrong with the open page as it looks now, a line each. */
async function violations(page: Page): Promise<string[]> {
  // The portal has no frames; without this axe would open pages of its own.
  const { violations: found } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .withTags(WCAG)
    .analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
  );
}

async function openPage(page: Page, { path, status = 200 }: KnownPage): Promise<void> {
  if (status === 404) portal.allow(page, /^404 GET /);
  const answer = await page.goto(path);
  expect({ path, status: answer?.status() }).toEqual({ path, status });
}

describe.each(["en", "zh-CN"] as const)("every page in %s", (locale) => {
  test("has nothing that axe calls an obstacle, light and dark, narrow and wide", async () => {
    const wrong: string[] = [];
    for (const known of pages) {
      const page = await portal.open(known.as ? { as: known.as } : {});
      await page.context().addCookies([{ name: "lang", value: locale, url: portal.url }]);
      await openPage(page, known);
      // The orders of one customer differ in their words only; two looks are enough for those.
      for (const { scheme, width } of /^order of /.test(known.name)
        ? [looks[0], looks[3]]
        : looks) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height: 800 });
        for (const each of await violations(page)) {
          wrong.push(`${known.name}, ${scheme}, ${width}: ${each}`);
        }
      }
      await page.context().close();
    }
    expect(wrong).toEqual([]);
  }, 900_000);

  test("fits into 320 px, which is 400 % of 1280, without scrolling sideways", async () => {
    const wide: string[] = [];
    for (const known of pages) {
      const page = await portal.open({
        ...(known.as ? { as: known.as } : {}),
        javaScript: false,
        width: 320,
      });
      await page.context().addCookies([{ name: "lang", value: locale, url: portal.url }]);
      await openPage(page, known);
      const sticksOut = await page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        return document.documentElement.scrollWidth > width
          ? [...document.querySelectorAll("main *, header *, footer *")]
              .filter((element) => element.getBoundingClientRect().right > width + 1)
              .slice(0, 3)
              .map((element) => `${element.tagName}.${element.className}`)
          : null;
      });
      if (sticksOut !== null) wide.push(`${known.name}: ${sticksOut.join(", ")}`);
      await page.context().close();
    }
    expect(wide).toEqual([]);
  }, 480_000);
});

describe("a page that shows what went wrong", () => {
  test.each(["en", "zh-CN"] as const)("has no obstacle either, in %s", async (locale) => {
    const traveller = await portal.giveTraveller({ locale, balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller });
    await page.goto(`/esims/${traveller.iccid}/renew?plan=as-20gb-30d-fresh`);
    await page.locator("button[name=intent][value=pay]").click();
    await expect(page.locator(".summary")).toBeFocused();
    const visitor = await portal.open({ prefers: locale });
    await visitor.goto("/sign-in");
    await visitor.locator("main form button").click();
    await expect(visitor.locator(".summary")).toBeFocused();
    for (const each of [page, visitor]) {
      for (const { scheme, width } of looks) {
        await each.emulateMedia({ colorScheme: scheme });
        await each.setViewportSize({ width, height: 800 });
        expect(await violations(each)).toEqual([]);
      }
    }
    // The summary leads to the field, and the field says the same words.
    const link = page.locator(".summary a").first();
    const words = (await link.textContent()) ?? "?";
    await link.click();
    await expect(page.locator("#acceptLoss")).toBeFocused();
    await expect(page.locator("#acceptLoss")).toHaveAccessibleDescription(words);
    await expect(page.locator("#acceptLoss")).toHaveAttribute("aria-invalid", "true");
  });
});

/** Presses Tab until `target` has the focus, and checks that each stop on the way can be seen. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return null;
      const { width, height } = element.getBoundingClientRect();
      // A whole row is outlined when the link that fills it has the focus.
      let outlined: Element | null = element;
      const isOutlined = ({ outlineStyle, outlineWidth }: CSSStyleDeclaration): boolean =>
        outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
      while (outlined !== null && !isOutlined(getComputedStyle(outlined))) {
        outlined = outlined.parentElement;
      }
      return {
        what: `${element.tagName} ${element.textContent.slice(0, 40)}`,
        seen: outlined !== null,
        size: width > 0 && height > 0,
      };
    });
    if (stop !== null) expect(stop).toMatchObject({ seen: true, size: true });
  }
  throw new Error("The keyboard does not get there");
}

test("a whole renewal is done with the keyboard alone, and the focus can always be seen", async () => {
  const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
  const page = await portal.open({ as: traveller });
  await page.goto("/dashboard");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("link", { name: "Renew", exact: true }));
  await page.keyboard.press("Enter");
  await page.waitForURL("**/renew");
  await tabTo(page, page.getByRole("link", { name: "Asia 20 GB, 30 days, starting afresh" }));
  await page.keyboard.press("Enter");
  await page.waitForURL("**/renew?plan=*");
  await tabTo(page, page.getByRole("checkbox", { name: /I agree to give up/ }));
  await page.keyboard.press("Space");
  await tabTo(page, page.getByRole("radio", { name: /Account balance/ }));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("radio", { name: /Account balance/ })).toBeChecked();
  await tabTo(page, page.getByRole("button", { name: /^Pay/ }));
  await page.keyboard.press("Enter");
  await waitForPhase(page, "live");
  expect(orderNumberIn(page)).toMatch(/^AX-/);
  await tabTo(page, page.getByRole("link", { name: "Show the eSIM" }));
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/esims/${traveller.iccid}`);
  expect((await readDashboard(page)).data).toBe("20 GB");
});

test("nothing moves where less motion is asked for", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller });
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const path of ["/dashboard", `/esims/${traveller.iccid}/renew`]) {
    await page.goto(path);
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll("*")]
          .map((element) => getComputedStyle(element))
          .filter(
            ({ transitionDuration, animationName }) =>
              animationName !== "none" ||
              transitionDuration.split(",").some((part) => Number.parseFloat(part) > 0.01),
          ).length,
    );
    expect(moving).toBe(0);
  }
});
