import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, test } from "vitest";
import { expect } from "playwright/test";
import { customerPages, staffPages, type KnownPage } from "#tests/support/pages.ts";
import { usePortal } from "#tests/support/portal.ts";
import { getOverWire, type WireAnswer } from "#tests/support/wire.ts";

const portal = usePortal();

/** What fits the first flight of a TCP connection: ten segments (RFC 6928), rounded down. */
const FIRST_VIEW_BYTES = 14_000;
const SCRIPT_BYTES = 150_000;

let customers: readonly KnownPage[];
let all: readonly KnownPage[];
const cookies = new Map<KnownPage, string>();

beforeAll(async () => {
  customers = await customerPages(portal);
  all = [...customers, ...(await staffPages(portal))];
  for (const page of all) {
    if (page.as) cookies.set(page, `session=${await portal.sessionCookie(page.as.accountId)}`);
  }
});

async function fetchPage(
  page: KnownPage,
  options: { encoding?: string; light?: boolean } = {},
): Promise<WireAnswer> {
  const cookie = [cookies.get(page), options.light ? "light=on" : undefined]
    .filter(Boolean)
    .join("; ");
  return await getOverWire(portal.url + page.path, {
    cookie,
    "accept-encoding": options.encoding ?? "gzip",
  });
}

test("the first view of every customer page, styles included, is at most 14 kB, light or not", async () => {
  const heavy: string[] = [];
  const table: string[] = [];
  for (const page of customers) {
    const gzip = await fetchPage(page);
    const brotli = await fetchPage(page, { encoding: "gzip, deflate, br" });
    const light = await fetchPage(page, { light: true });
    expect(gzip.headers["content-encoding"]).toBe("gzip");
    expect(gzip.status).toBe(page.status ?? 200);
    // Whatever else the first view waits for would have to be counted.
    expect(gunzipSync(gzip.body).toString("utf8")).not.toMatch(/<link[^>]*rel="stylesheet"/);
    const sizes = [gzip, brotli, light].map(({ body }) => body.length);
    table.push([...sizes.map((size) => String(size).padStart(7)), ` ${page.name}`].join(" "));
    if (Math.max(...sizes) > FIRST_VIEW_BYTES) heavy.push(`${page.name}: ${sizes.join(", ")}`);
  }
  console.log(["   gzip      br   light  page", ...table].join("\n"));
  expect(heavy).toEqual([]);
});

test("no page asks anybody else for anything, and scripts stay within 150 kB", async () => {
  const wrong: string[] = [];
  let most = 0;
  for (const known of all) {
    const page = await portal.open(known.as ? { as: known.as } : {});
    if (known.status === 404) portal.allow(page, /^404 GET /);
    const scripts: Promise<number>[] = [];
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== "data:" && origin !== portal.url) {
        wrong.push(`${known.name}: ${request.url()}`);
      }
    });
    page.on("requestfinished", (request) => {
      if (request.resourceType() !== "script") return;
      scripts.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
    });
    await page.goto(known.path);
    const bytes = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(0);
    most = Math.max(most, bytes);
    if (bytes > SCRIPT_BYTES) wrong.push(`${known.name}: ${bytes} bytes of scripts`);
    await page.context().close();
  }
  console.log(`scripts: at most ${most} bytes compressed`);
  expect(wrong).toEqual([]);
}, 480_000);

describe("light mode", () => {
  test.each([
    ["when it was chosen", { light: true }],
    ["when the browser saves data", { headers: { "save-data": "on" } }],
    ["when the connection is slow", { headers: { ect: "2g" } }],
  ] as const)("fetches no script at all %s, and works", async (_title, how) => {
    const traveller = await portal.giveTraveller();
    const page = await portal.open({ as: traveller, ...how });
    portal.allow(page, /script-src 'sha256-|^failed script .* csp$/);
    const scripts: string[] = [];
    page.on("response", (response) => {
      if (response.request().resourceType() === "script") scripts.push(response.url());
    });
    for (const path of ["/dashboard", `/esims/${traveller.iccid}/install`]) {
      await page.goto(path, { waitUntil: "networkidle" });
      await expect(page.locator("footer")).toContainText("Data saver is on");
    }
    // Our own small script runs all the same.
    await expect(page.getByRole("button", { name: /^Copy / }).first()).toBeVisible();
    expect(scripts).toEqual([]);
  });

  test("can be turned on and off on any page, and stays as chosen", async () => {
    const page = await portal.open();
    portal.allow(page, /script-src 'sha256-|^failed script .* csp$/);
    await page.goto("/plans");
    await page.getByRole("link", { name: "Turn data saver on" }).click();
    await expect(page.locator("footer")).toContainText("Data saver is on");
    await page.goto("/help");
    await expect(page.locator("footer")).toContainText("Data saver is on");
    await page.getByRole("link", { name: "Turn it off" }).click();
    await expect(page.locator("footer")).toContainText("Slow or expensive connection?");
    expect(new URL(page.url()).pathname).toBe("/help");
  });
});

test("every script on a page is one that its policy names, and light pages have our own only", async () => {
  for (const page of all) {
    for (const light of [false, true]) {
      const answer = await fetchPage(page, { light });
      const html = gunzipSync(answer.body).toString("utf8");
      const policy = String(answer.headers["content-security-policy"]);
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
      expect(nonce === undefined).toBe(light);
      const scripts = [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)];
      expect(scripts.length).toBeGreaterThan(0);
      for (const [, attributes = "", source = ""] of scripts) {
        const given = /nonce="([^"]*)"/.exec(attributes)?.[1];
        const hash = createHash("sha256").update(source).digest("base64");
        const isOurs = source !== "" && policy.includes(`'sha256-${hash}'`);
        expect({
          page: page.name,
          named: isOurs || (given !== undefined && given === nonce),
        }).toEqual({ page: page.name, named: true });
        if (light) expect(isOurs).toBe(true);
      }
      expect(html).not.toMatch(/\son[a-z]+=["']/i);
    }
  }
});

test("a nonce is never used twice", async () => {
  const nonces = new Set<string>();
  for (let time = 0; time < 5; time++) {
    const { headers } = await getOverWire(`${portal.url}/sign-in`);
    nonces.add(/'nonce-([^']+)'/.exec(String(headers["content-security-policy"]))?.[1] ?? "");
  }
  expect(nonces.size).toBe(5);
});

describe("security headers", () => {
  const addresses: readonly (readonly [path: string, status: number])[] = [
    ["/", 200],
    ["/sign-in", 200],
    ["/plans", 200],
    ["/help", 200],
    ["/dashboard", 307],
    ["/console", 307],
    ["/nothing/here", 404],
    ["/_next/nothing.js", 404],
    ["/api/nothing", 404],
    ["/api/health/live", 200],
    ["/api/health/ready", 200],
    ["/api/metrics", 404],
    ["/robots.txt", 200],
  ];

  test.each(addresses)("stand on %s (%i)", async (path, status) => {
    const { headers, status: given } = await getOverWire(portal.url + path);
    expect(given).toBe(status);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff" });
    expect(headers["x-powered-by"]).toBeUndefined();
    expect(headers["server"]).toBeUndefined();
    const isPage = String(headers["content-type"]).startsWith("text/html") && status !== 307;
    if (!isPage) return;
    expect(headers).toMatchObject({
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "permissions-policy": expect.stringContaining("camera=()"),
      "cache-control": expect.stringContaining("no-store"),
    });
    const policy = String(headers["content-security-policy"]);
    for (const part of [
      "default-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "form-action 'self' https://checkout.stripe.com",
    ]) {
      expect(policy).toContain(part);
    }
    expect(/script-src [^;]*/.exec(policy)?.[0]).not.toMatch(
      /unsafe-inline|unsafe-eval|https?:|\*/,
    );
  });

  test("personal pages are not kept by anybody", async () => {
    for (const page of all.filter(({ as }) => as !== null)) {
      const { headers } = await fetchPage(page);
      expect(headers["cache-control"]).toContain("no-store");
    }
  });

  test("a session cookie cannot be read by scripts or sent along from elsewhere", async () => {
    const page = await portal.open({ as: await portal.demoPerson("sato") });
    await page.goto("/dashboard");
    expect(await page.evaluate(() => document.cookie)).toBe("");
  });
});
