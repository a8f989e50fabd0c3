import { getOverWire } from "#tests/support/wire.ts";
import { serveFloor } from "./floor.ts";
import { openSlowPage, secondsUntilUsable } from "./slow-connection.ts";
import type { BenchStage } from "./stage.ts";
import { median, printTable } from "./table.ts";

const TIMES = 3;

/** A page, and what a customer came to it to press. */
export interface ColdPage {
  readonly name: string;
  readonly path: string;
  readonly button: string;
  readonly as: { readonly accountId: string } | null;
}

/**
 * Seconds until the main button of a page can be pressed, in a browser that has seen nothing before, over
 * a slow connection: as it comes, in light mode, and from a bare server that sends the light page's bytes.
 */
export async function measureColdPages(
  stage: BenchStage,
  pages: readonly ColdPage[],
): Promise<void> {
  const rows: string[][] = [];
  for (const { name, path, button, as } of pages) {
    const cookies = as ? { session: await stage.sessionCookie(as.accountId) } : {};
    const time = async (base: string, sent: Record<string, string>): Promise<number> => {
      const slow = await openSlowPage(stage.browser, base, sent);
      const { page } = slow;
      const seconds = await secondsUntilUsable(page, button, async () => {
        await page.goto(path, { waitUntil: "commit" });
      });
      await slow.close();
      return seconds;
    };
    const cookie = Object.entries({ ...cookies, light: "on" })
      .map(([key, value]) => `${key}=${value}`)
      .join("; ");
    const bytes = await getOverWire(stage.stack.url + path, {
      cookie,
      "accept-encoding": "gzip, br",
    });
    const floor = await serveFloor(bytes);
    const seconds = { page: [] as number[], light: [] as number[], floor: [] as number[] };
    // In turns, so that whatever else this machine does falls on all three.
    for (let n = 0; n < TIMES; n++) {
      seconds.floor.push(await time(floor.url, {}));
      seconds.page.push(await time(stage.stack.url, cookies));
      seconds.light.push(await time(stage.stack.url, { ...cookies, light: "on" }));
    }
    await floor.close();
    const least = median(seconds.floor);
    rows.push([
      name,
      median(seconds.page).toFixed(2),
      median(seconds.light).toFixed(2),
      least.toFixed(2),
      (median(seconds.page) / least).toFixed(2),
      (median(seconds.light) / least).toFixed(2),
    ]);
  }
  printTable(
    "Seconds until the main button of a cold page is usable (128 kbit/s, 400 ms, 4× slower processor)",
    ["page", "page", "light", "node:http", "ratio", "light ratio"],
    rows,
  );
}
