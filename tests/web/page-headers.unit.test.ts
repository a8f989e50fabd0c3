import { createHash } from "node:crypto";
import { NextRequest } from "next/server";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Env } from "#lib/config/env.ts";
import { PAGE_SCRIPT, PAGE_SCRIPT_HASH } from "#lib/web/page-script.ts";
import { proxy } from "../../proxy.ts";

const settings = vi.hoisted(() => ({ current: {} as Partial<Env> }));
vi.mock("#lib/config/env.ts", () => ({ env: () => settings.current }));

beforeEach(() => {
  settings.current = {
    APP_ENV: "production",
    APP_URL: "https://portal.example",
    DEFAULT_LOCALE: "en",
    PAYMENT_METHODS: ["stripe", "balance"],
  };
});
afterEach(() => vi.clearAllMocks());

type Sent = { headers?: Record<string, string>; method?: string };

function ask(path: string, { headers = {}, method = "GET" }: Sent = {}) {
  const response = proxy(
    new NextRequest(new URL(path, "https://portal.example"), {
      method,
      headers: { host: "portal.example", ...headers },
    }),
  );
  const directives = new Map(
    (response.headers.get("content-security-policy") ?? "").split("; ").map((directive) => {
      const [name = "", ...values] = directive.split(" ");
      return [name, values];
    }),
  );
  return {
    response,
    directive: (name: string) => directives.get(name) ?? [],
    /** What the pages are told, by the name of the header. */
    told: (name: string) => response.headers.get(`x-middleware-request-${name}`),
    cookie: (name: string) => response.cookies.get(name),
  };
}

describe("scripts", () => {
  test("run by a nonce that is new for each page, and ours by its hash", () => {
    const first = ask("/").directive("script-src");
    const second = ask("/").directive("script-src");
    expect(first).toContain("'strict-dynamic'");
    expect(first).toContain(`'${PAGE_SCRIPT_HASH}'`);
    expect(first.join(" ")).toMatch(/'nonce-[A-Za-z0-9+/]{22}=='/);
    expect(first).not.toEqual(second);
    expect(first.join(" ")).not.toMatch(/unsafe/);
  });

  test("of the framework are stopped in light mode; ours goes on", () => {
    expect(ask("/?light=1").directive("script-src")).toEqual([`'${PAGE_SCRIPT_HASH}'`]);
  });

  test("the hash is that of the script as it stands in the page", () => {
    const hash = createHash("sha256").update(PAGE_SCRIPT).digest("base64");
    expect(PAGE_SCRIPT_HASH).toBe(`sha256-${hash}`);
    expect(PAGE_SCRIPT).not.toMatch(/<\/script|<!--/i);
  });

  test("may be evaluated on the development server only", () => {
    settings.current = { ...settings.current, APP_ENV: "development" };
    expect(ask("/").directive("script-src")).toContain("'unsafe-eval'");
  });
});

describe("every page", () => {
  test("is closed to other sites", () => {
    const { directive, response } = ask("/dashboard");
    expect(directive("default-src")).toEqual(["'none'"]);
    expect(directive("frame-ancestors")).toEqual(["'none'"]);
    expect(directive("base-uri")).toEqual(["'none'"]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("referrer-policy")).toBe("same-origin");
    expect(response.headers.get("permissions-policy")).toContain("camera=()");
    expect(response.headers.get("cache-control")).toBe("private, no-store");
  });

  test("lets forms lead to ourselves and to the payment pages that are set", () => {
    expect(ask("/").directive("form-action")).toEqual(["'self'", "https://checkout.stripe.com"]);
    settings.current = { ...settings.current, STRIPE_API_BASE: "http://127.0.0.1:9000" };
    expect(ask("/").directive("form-action")).toContain("http://127.0.0.1:9000");
  });

  test("asks for https from then on, where there is https", () => {
    expect(ask("/").response.headers.get("strict-transport-security")).toMatch(/^max-age=\d{8}/);
    settings.current = { ...settings.current, APP_URL: "http://localhost:3000" };
    expect(ask("/").response.headers.get("strict-transport-security")).toBeNull();
  });
});

describe("a form that is posted", () => {
  const post = (headers: Record<string, string>) =>
    ask("/sign-in", { method: "POST", headers }).response.status;

  test("passes from our own pages", () => {
    expect(post({ origin: "https://portal.example" })).toBe(200);
  });

  test.each([[{}], [{ origin: "null" }], [{ origin: "https://evil.example" }]])(
    "is refused with %j",
    (headers) => {
      expect(post(headers)).toBe(403);
    },
  );
});

describe("the language", () => {
  test("of the address is used, remembered and beats all others", () => {
    const { told, cookie } = ask("/?lang=zh-CN", {
      headers: { cookie: "lang=en", "accept-language": "en" },
    });
    expect(told("x-locale")).toBe("zh-CN");
    expect(told("x-locale-chosen")).toBe("zh-CN");
    expect(cookie("lang")).toMatchObject({ value: "zh-CN", httpOnly: true, secure: true });
  });

  test("remembered earlier beats the browser's and is not written again", () => {
    const { told, cookie } = ask("/", {
      headers: { cookie: "lang=zh-CN", "accept-language": "en" },
    });
    expect(told("x-locale")).toBe("zh-CN");
    expect(cookie("lang")).toBeUndefined();
  });

  test.each([
    ["zh-TW,zh;q=0.9", "zh-CN"],
    ["fr-FR, zh;q=0.4, en-US;q=0.6", "en"],
    ["zh;q=0, en;q=0.1", "en"],
    ["fr", "en"],
    ["", "en"],
  ])("the browser asks for as %j is %s, and leaves the account's to decide", (header, locale) => {
    const { told } = ask("/", { headers: { "accept-language": header } });
    expect(told("x-locale")).toBe(locale);
    expect(told("x-locale-chosen")).toBe("");
  });

  test("that we do not speak is not taken from the address", () => {
    expect(ask("/?lang=xx").told("x-locale-chosen")).toBe("");
    expect(ask("/?lang=xx").cookie("lang")).toBeUndefined();
  });
});

describe("light mode", () => {
  test.each([
    ["/", { "save-data": "on" }, "1"],
    ["/", { ect: "2g" }, "1"],
    ["/", { ect: "3g" }, "1"],
    ["/", { ect: "4g" }, "0"],
    ["/", {}, "0"],
    ["/", { cookie: "light=auto" }, "1"],
    ["/", { cookie: "light=on" }, "1"],
    ["/", { cookie: "light=off", "save-data": "on" }, "0"],
    ["/?light=0", { cookie: "light=on", "save-data": "on" }, "0"],
    ["/?light=1", { cookie: "light=off" }, "1"],
    ["/", { "x-light": "1" }, "0"],
  ])("for %s with %j is %s", (path, headers, light) => {
    expect(ask(path, { headers }).told("x-light")).toBe(light);
  });

  test("that was chosen is remembered", () => {
    expect(ask("/?light=1").cookie("light")).toMatchObject({ value: "on", path: "/" });
    expect(ask("/?light=0").cookie("light")).toMatchObject({ value: "off" });
    expect(ask("/", { headers: { "save-data": "on" } }).cookie("light")).toBeUndefined();
  });
});

describe("the answer to a refused form", () => {
  const headers = { cookie: "__Host-answer=eyJ9" };

  test("is handed to the next page and taken from the browser", () => {
    const { told, cookie } = ask("/sign-in", { headers });
    expect(told("x-answer")).toBe("eyJ9");
    expect(cookie("__Host-answer")).toMatchObject({ value: "", maxAge: 0 });
  });

  test("cannot be sent by a header", () => {
    expect(ask("/sign-in", { headers: { "x-answer": "eyJ9" } }).told("x-answer")).toBe("");
  });
});
