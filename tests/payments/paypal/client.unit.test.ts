import { afterEach, describe, expect, it, vi } from "vitest";
import { createPayPalClient, isAboutOurKey } from "#lib/payments/paypal/client.ts";

const settings = {
  clientId: "id",
  clientSecret: "secret",
  webhookId: "W",
  apiBase: undefined,
  brandName: "Axis",
  timeoutMs: 1_000,
};

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Answers the token endpoint, and every other question by `answer`. */
function stubPayPal(
  answer: () => Response | Promise<Response>,
): { url: string; init: RequestInit }[] {
  const asked: { url: string; init: RequestInit }[] = [];
  vi.stubGlobal("fetch", async (url: URL, init: RequestInit) => {
    asked.push({ url: url.toString(), init });
    return url.pathname === "/v1/oauth2/token"
      ? Response.json({ access_token: `token-${asked.length}`, expires_in: 32_400 })
      : await answer();
  });
  return asked;
}

const ask = () =>
  createPayPalClient(settings).ask({ method: "GET", path: "/v2/checkout/orders/O" });

describe("PayPal's client", () => {
  it("speaks to PayPal itself unless told otherwise, and is live only there", async () => {
    const asked = stubPayPal(() => Response.json({ id: "O" }));
    expect(await ask()).toEqual({ kind: "answered", body: { id: "O" } });
    expect(asked.map(({ url }) => url)).toEqual([
      "https://api-m.paypal.com/v1/oauth2/token",
      "https://api-m.paypal.com/v2/checkout/orders/O",
    ]);
    expect(new Headers(asked[0]?.init.headers).get("authorization")).toBe("Basic aWQ6c2VjcmV0");
    expect(new Headers(asked[1]?.init.headers).get("authorization")).toBe("Bearer token-1");
    expect(asked.map(({ init }) => init.redirect)).toEqual(["error", "error"]);
  });

  it.each([
    [undefined, true],
    ["https://api-m.paypal.com", true],
    ["https://api.paypal.com", true],
    ["https://api-m.sandbox.paypal.com", false],
    ["http://127.0.0.1:4242", false],
  ])("at %s is live: %s", (apiBase, live) => {
    expect(createPayPalClient({ ...settings, apiBase }).live).toBe(live);
  });

  it("refuses an address with a path, which would be dropped in silence", () => {
    const apiBase = "https://proxy.example/paypal";
    expect(() => createPayPalClient({ ...settings, apiBase })).toThrow("PAYPAL_API_BASE");
  });

  const error = { name: "UNPROCESSABLE_ENTITY", details: [{ issue: "ORDER_NOT_APPROVED" }] };

  it.each([
    [422, error, { kind: "refused", status: 422, code: "ORDER_NOT_APPROVED" }],
    [400, { name: "INVALID_REQUEST" }, { kind: "refused", status: 400, code: "INVALID_REQUEST" }],
    [
      404,
      { name: "RESOURCE_NOT_FOUND", details: [] },
      { kind: "refused", status: 404, code: "RESOURCE_NOT_FOUND" },
    ],
    [409, error, { kind: "unknown", reason: "409 ORDER_NOT_APPROVED" }],
    [429, { name: "RATE_LIMIT_REACHED" }, { kind: "unknown", reason: "429 RATE_LIMIT_REACHED" }],
    [
      500,
      { name: "INTERNAL_SERVER_ERROR" },
      { kind: "unknown", reason: "500 INTERNAL_SERVER_ERROR" },
    ],
    // Not in PayPal's words: a proxy's 404 does not say that an order is not there.
    [404, { message: "no route" }, { kind: "unknown", reason: "404 unreadable error" }],
  ])("takes %i as it is meant", async (status, body, expected) => {
    stubPayPal(() => Response.json(body, { status }));
    expect(await ask()).toEqual(expected);
  });

  it.each([
    ["a page", new Response("<html>", { status: 200 })],
    ["nothing", new Response("", { status: 200 })],
    ["a page with an error", new Response("<html>", { status: 404 })],
  ])("knows nothing from %s", async (_what, response) => {
    stubPayPal(() => response);
    expect((await ask()).kind).toBe("unknown");
  });

  it("knows nothing when no answer comes", async () => {
    stubPayPal(() => {
      throw new TypeError("fetch failed", { cause: new Error("ECONNRESET") });
    });
    expect(await ask()).toEqual({ kind: "unknown", reason: "ECONNRESET" });
  });

  it("lets a defect be one", async () => {
    stubPayPal(() => {
      throw new RangeError("ours");
    });
    await expect(ask()).rejects.toThrow("ours");
  });

  it("gives up after a second 401, and says that it is about our credentials", async () => {
    const refused = { name: "AUTHENTICATION_FAILURE" };
    const asked = stubPayPal(() => Response.json(refused, { status: 401 }));
    const answer = await ask();
    expect(answer).toEqual({ kind: "refused", status: 401, code: "AUTHENTICATION_FAILURE" });
    expect(isAboutOurKey(answer)).toBe(true);
    expect(asked).toHaveLength(4);
  });

  it("knows nothing from an access token that is none", async () => {
    vi.stubGlobal("fetch", async () => Response.json({ access_token: "", expires_in: "soon" }));
    expect(await ask()).toEqual({ kind: "unknown", reason: "unreadable access token" });
  });
});
