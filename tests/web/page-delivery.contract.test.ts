import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseEncoding, deliverPages, withoutFramework } from "#lib/web/page-delivery.ts";
import { PAGE_SCRIPT, PAGE_SCRIPT_HASH } from "#lib/web/page-script.ts";
import { followResponses, setStatus } from "#lib/web/response-status.ts";

const OURS = `<script>${PAGE_SCRIPT}</script>`;
const PAGE = `<html><head><link rel="preload" as="script" href="/_next/a.js"/><script src="/_next/a.js" async=""></script></head><body><h1>余额 &lt;script&gt;</h1>${OURS}<script>self.__next_f.push([1,"\\u003c/script>"])</script></body></html>`;
const LIGHT = `script-src '${PAGE_SCRIPT_HASH}'`;
const FULL = "script-src 'nonce-abc' 'strict-dynamic'";

let server: Server;

beforeAll(async () => {
  followResponses();
  deliverPages();
  server = createServer((asked, response) => void answer(asked.url ?? "/", response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());

/** As the framework writes: head first, then the page in parts, flushed early. */
async function answer(path: string, response: ServerResponse): Promise<void> {
  await Promise.resolve();
  if (path === "/missing") setStatus(404);
  response.setHeader("content-security-policy", path === "/light" ? LIGHT : FULL);
  if (path === "/redirect") {
    response.writeHead(303, { Location: "/elsewhere" }).end();
    return;
  }
  response.setHeader(
    "content-type",
    path === "/data" ? "application/json" : "text/html; charset=utf-8",
  );
  response.flushHeaders();
  for (const part of PAGE.match(/[\s\S]{1,40}/g) ?? []) response.write(Buffer.from(part));
  response.end();
}

async function get(
  path: string,
  encoding?: string,
  method = "GET",
): Promise<{ readonly message: IncomingMessage; readonly body: Buffer }> {
  const { port } = server.address() as AddressInfo;
  const headers = encoding === undefined ? {} : { "accept-encoding": encoding };
  return await new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path, method, headers }, (message) => {
      const chunks: Buffer[] = [];
      message.on("data", (chunk: Buffer) => chunks.push(chunk));
      message.on("end", () => resolve({ message, body: Buffer.concat(chunks) }));
    })
      .on("error", reject)
      .end();
  });
}

describe("a page", () => {
  test("arrives whole, with its length, for whoever takes nothing compressed", async () => {
    const { message, body } = await get("/full");
    expect(body.toString()).toBe(PAGE);
    expect(message.headers["content-length"]).toBe(String(Buffer.byteLength(PAGE)));
    expect(message.headers["content-encoding"]).toBeUndefined();
  });

  test("arrives compressed in the best way that is accepted", async () => {
    const brotli = await get("/full", "gzip, deflate, br");
    expect(brotli.message.headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(brotli.body).toString()).toBe(PAGE);
    const gzipped = await get("/full", "gzip");
    expect(gzipped.message.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(gzipped.body).toString()).toBe(PAGE);
    expect(gzipped.message.headers.vary).toMatch(/accept-encoding/i);
  });

  test("can say its own status", async () => {
    expect((await get("/missing", "br")).message.statusCode).toBe(404);
    expect((await get("/full", "br")).message.statusCode).toBe(200);
  });

  test("in light mode comes without the framework's scripts, and with ours", async () => {
    const page = (await get("/light")).body.toString();
    expect(page).toBe(`<html><head></head><body><h1>余额 &lt;script&gt;</h1>${OURS}</body></html>`);
  });

  test("answers HEAD without a body", async () => {
    const { message, body } = await get("/full", "br", "HEAD");
    expect(message.statusCode).toBe(200);
    expect(body).toHaveLength(0);
  });
});

test("what is no page goes on as it is", async () => {
  expect((await get("/data", "br")).body.toString()).toBe(PAGE);
  const { message } = await get("/redirect", "br");
  expect(message.statusCode).toBe(303);
  expect(message.headers.location).toBe("/elsewhere");
});

test("requests at the same time keep their own status", async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => await get(index % 2 ? "/missing" : "/full")),
  );
  expect(answers.map(({ message }) => message.statusCode)).toEqual(
    answers.map((_, index) => (index % 2 ? 404 : 200)),
  );
});

test("outside a request there is no status to set", () => {
  expect(setStatus(404)).toBe(false);
});

test.each([
  ["br;q=1.0, gzip;q=0.8", "br"],
  ["gzip, br;q=0", "gzip"],
  ["deflate", null],
  ["", null],
  ["BR", "br"],
])("of %j is taken %s", (accepted, encoding) => {
  expect(chooseEncoding(accepted)).toBe(encoding);
});

test("a page without scripts stays as it is", () => {
  expect(withoutFramework("<p>a</p>")).toBe("<p>a</p>");
});
