import type { BrowserContext } from "playwright";
import type { KnownPage } from "#tests/support/pages.ts";
import { getOverWire } from "#tests/support/wire.ts";
import type { BenchStage } from "./stage.ts";
import { kilobytes, printTable } from "./table.ts";

/** What each page costs to fetch: HTML (styles stand in it), scripts, anything else. */
export async function measureBytes(stage: BenchStage, pages: readonly KnownPage[]): Promise<void> {
  const rows: string[][] = [];
  for (const page of pages) {
    const session = page.as ? `session=${await stage.sessionCookie(page.as.accountId)}` : "";
    const html = async (encoding: string, cookie: string): Promise<string> => {
      const headers = { cookie, "accept-encoding": encoding };
      return kilobytes((await getOverWire(stage.stack.url + page.path, headers)).body.length);
    };
    const { scripts, other, requests } = await fetchedBeside(stage, page);
    rows.push([
      page.name,
      await html("gzip", session),
      await html("gzip, br", session),
      await html("gzip", `${session}; light=on`),
      kilobytes(scripts),
      kilobytes(other),
      String(requests),
    ]);
  }
  printTable(
    "Bytes per page, compressed, in kB",
    ["page", "HTML+CSS gzip", "brotli", "light gzip", "scripts", "other", "requests"],
    rows,
  );
}

async function fetchedBeside(
  stage: BenchStage,
  page: KnownPage,
): Promise<{ scripts: number; other: number; requests: number }> {
  const opened = await stage.open(page.as ? { as: page.as } : {});
  const context: BrowserContext = opened.context();
  const sizes: Promise<readonly [string, number]>[] = [];
  opened.on("requestfinished", (request) => {
    if (request.url().startsWith("data:")) return;
    sizes.push(
      request.sizes().then(({ responseBodySize }) => [request.resourceType(), responseBodySize]),
    );
  });
  await opened.goto(page.path, { waitUntil: "networkidle" });
  const all = await Promise.all(sizes);
  await context.close();
  const sum = (wanted: (type: string) => boolean): number =>
    all.reduce((total, [type, size]) => total + (wanted(type) ? size : 0), 0);
  return {
    scripts: sum((type) => type === "script"),
    other: sum((type) => type !== "script" && type !== "document"),
    requests: all.length,
  };
}
