import { describe, test } from "vitest";
import { expect } from "playwright/test";
import { postForm, readForm } from "#tests/support/forms.ts";
import { countOrders } from "#tests/support/money.ts";
import { usePortal } from "#tests/support/portal.ts";
import { openCheckout } from "#tests/support/renewing.ts";
import { PLENTY } from "#tests/support/traveller.ts";

const portal = usePortal();

type Fields = Readonly<Record<string, string>>;

/** A quote of which somebody rewrote one part, with the signature it had. */
function rewritten(quote: string, place: number, by: (part: string) => string): string {
  return quote
    .split(".")
    .map((part, index) => (index === place ? by(part) : part))
    .join(".");
}

const forgeries: readonly (readonly [
  title: string,
  forge: (fields: Fields) => Fields,
  said: RegExp,
])[] = [
  [
    "a quote of other terms",
    ({ quote = "" }) => ({ quote: rewritten(quote, 0, () => "A".repeat(22)) }),
    /could not be read/,
  ],
  [
    "a quote that was made to live longer",
    ({ quote = "" }) => ({ quote: rewritten(quote, 3, () => "zzzzzzzz") }),
    /could not be read/,
  ],
  [
    "a quote that lost a letter",
    ({ quote = "" }) => ({ quote: quote.slice(0, -1) }),
    /could not be read/,
  ],
  [
    "a quote without a signature",
    ({ quote = "" }) => ({ quote: quote.slice(0, quote.lastIndexOf(".")) }),
    /could not be read/,
  ],
  ["no quote", () => ({ quote: "" }), /Please check this/],
  [
    "a quote of two thousand letters and more",
    () => ({ quote: "x".repeat(2_001) }),
    /Please check this/,
  ],
  [
    "a dearer plan under the quote of a cheap one",
    () => ({ planCode: "as-100gb-365d" }),
    /have changed/,
  ],
  ["a plan that does not exist", () => ({ planCode: "no-such-plan" }), /no longer sold/],
  [
    "a plan for another part of the world",
    () => ({ planCode: "eu-20gb-30d" }),
    /does not fit this eSIM/,
  ],
  [
    "a plan code of a kilobyte",
    () => ({ planCode: "p".repeat(1_024) }),
    /Please check this|no longer sold/,
  ],
  [
    "a start that the plan does not allow",
    () => ({ startChoice: "period_end" }),
    /cannot begin then/,
  ],
  [
    "a start that is none",
    () => ({ startChoice: "yesterday" }),
    /Please check this|cannot be right/,
  ],
  ["a day that is none", () => ({ startChoice: "on_date", startsOn: "2026-02-31" }), /cannot/],
  ["a day in the far future", () => ({ startChoice: "on_date", startsOn: "9999-12-31" }), /cannot/],
  ["a negative day", () => ({ startChoice: "on_date", startsOn: "-1" }), /cannot/],
  ["a way of paying that is none", () => ({ method: "free" }), /Way of paying/],
  ["an attempt id that is none", () => ({ attemptId: "-1" }), /Please check this/],
  ["an attempt id made up for prototypes", () => ({ attemptId: "__proto__" }), /Please check this/],
];

describe("a checkout with forged fields", () => {
  test.each(forgeries)("%s: is refused in words and changes nothing", async (_t, forge, said) => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller });
    await openCheckout(page, traveller.iccid, "as-5gb-30d");
    const sent = { ...(await readForm(page, "form.checkout")), method: "balance", intent: "pay" };
    const answer = await postForm(page, page.url(), { ...sent, ...forge(sent) });
    expect(answer.status()).toBe(303);
    const back = answer.headers()["location"] ?? "";
    expect(back).toMatch(new RegExp(`^/esims/${traveller.iccid}/renew\\?plan=`));
    const shown = await page.goto(back);
    expect(shown?.status()).toBe(200);
    await expect(page.locator("main")).toContainText(said);
    await expect(page).toHaveTitle(/^Error: /);
    expect(await countOrders(portal, traveller.email)).toBe(0);
    const [row] = await portal.rows<{ balance_minor: string }>(
      "SELECT balance_minor FROM audit.balances WHERE customer_email = $1",
      [traveller.email],
    );
    expect(BigInt(row?.balance_minor ?? 0)).toBe(PLENTY);
  });

  test("a field that nobody asked for is not taken over", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller });
    await openCheckout(page, traveller.iccid, "as-5gb-30d");
    const fields = { ...(await readForm(page, "form.checkout")), method: "balance", intent: "pay" };
    const extra = {
      totalMinor: "1",
      priceMinor: "1",
      accountId: "x",
      state: "completed",
      currency: "JPY",
    };
    await postForm(page, page.url(), { ...fields, ...extra });
    const orders = await portal.rows(
      "SELECT currency, total_minor, paid_minor FROM audit.orders WHERE customer_email = $1",
      [traveller.email],
    );
    expect(orders).toEqual([{ currency: "CNY", total_minor: "4900", paid_minor: "4900" }]);
  });

  test("a form of a megabyte is not read", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller });
    await openCheckout(page, traveller.iccid, "as-5gb-30d");
    const fields = { ...(await readForm(page, "form.checkout")), method: "balance", intent: "pay" };
    const answer = await postForm(page, page.url(), { ...fields, quote: "x".repeat(1_000_000) });
    expect(answer.status()).toBeGreaterThanOrEqual(400);
    expect(await countOrders(portal, traveller.email)).toBe(0);
  });

  test("a quote of another customer buys nothing", async () => {
    const [one, other] = [
      await portal.giveTraveller({ balanceMinor: PLENTY }),
      await portal.giveTraveller({ balanceMinor: PLENTY }),
    ];
    const theirs = await portal.open({ as: one });
    await openCheckout(theirs, one.iccid, "as-5gb-30d");
    const { quote = "" } = await readForm(theirs, "form.checkout");
    const page = await portal.open({ as: other });
    await openCheckout(page, other.iccid, "as-5gb-30d");
    const fields = { ...(await readForm(page, "form.checkout")), method: "balance", intent: "pay" };
    await postForm(page, page.url(), { ...fields, quote });
    await page.reload();
    await expect(page.locator(".summary")).toContainText("have changed");
    expect(await countOrders(portal, other.email)).toBe(0);
  });
});

describe("an address that somebody made up", () => {
  test.each([
    ["/orders?page=-1", 200],
    ["/orders?page=0", 200],
    ["/orders?page=99999999999999999999", 200],
    ["/orders?page=1e308", 200],
    ["/orders?page=2&page=x", 200],
    ["/plans?term=decade&scope=moon&country=%00", 200],
    ["/plans?currency=XXX", 200],
    ["/esims/1", 404],
    [`/esims/${"9".repeat(400)}`, 404],
    ["/esims/89852230000000000000%27--", 404],
    ["/orders/-1", 404],
    [`/orders/${"A".repeat(1_000)}`, 404],
    ["/orders/%00", 404],
    ["/esims/%00", 404],
    ["/esims/%00/install", 404],
    ["/orders/AX-0000-0000?returned=1&wait=%00", 404],
    ["/dashboard?lang=xx&light=9", 200],
  ])("%s is answered with %i", async (path, status) => {
    const traveller = await portal.giveTraveller();
    const page = await portal.open({ as: traveller, javaScript: false });
    if (status === 404) portal.allow(page, /^404 GET /);
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(status);
    await expect(page.locator("h1").first()).toBeVisible();
  });

  test.each([
    "plan=%00",
    "plan=",
    "plan=as-5gb-30d&start=never",
    "plan=as-5gb-30d&start=on_date&on=2026-13-45",
    "plan=as-10gb-30d-next&start=on_date",
    "plan=as-10gb-30d-next&start=on_date&on=0000-00-00",
    `plan=${"p".repeat(3_000)}`,
    "plan[]=as-5gb-30d",
  ])("a checkout with ?%s is a page with a way on", async (query) => {
    const traveller = await portal.giveTraveller();
    const page = await portal.open({ as: traveller, javaScript: false });
    const answer = await page.goto(`/esims/${traveller.iccid}/renew?${query}`);
    expect(answer?.status()).toBe(200);
    await expect(page.locator("main").getByRole("link").first()).toBeVisible();
  });
});

describe("a browser with broken cookies", () => {
  test.each([
    ["session", "x"],
    ["session", ""],
    [
      "session",
      "eyJhbGciOiJub25lIn0.eyJzaWQiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDAifQ.",
    ],
    ["session", "%E0%A4%A"],
    ["answer", "x"],
    ["answer", Buffer.from("{}").toString("base64url")],
    [
      "answer",
      Buffer.from(
        '{"form":"sign-in","code":"no_such_code","arguments":{},"fields":{},"values":{}}',
      ).toString("base64url"),
    ],
    [
      "answer",
      Buffer.from(
        '{"form":"sign-in","code":"too_many_attempts","arguments":{},"fields":{},"values":{}}',
      ).toString("base64url"),
    ],
    [
      "answer",
      Buffer.from(
        '{"form":"sign-in","code":"input_invalid","arguments":{},"fields":{"nope":"required"},"values":{"email":"<b>x</b>"}}',
      ).toString("base64url"),
    ],
    ["lang", "xx"],
    ["light", "maybe"],
  ])("%s=%s sees the page to sign in", async (name, value) => {
    const page = await portal.open();
    const answer = await page.request.get("/sign-in", { headers: { cookie: `${name}=${value}` } });
    expect(answer.status()).toBe(200);
    expect(await answer.text()).toContain("current-password");
    const inside = await page.request.get("/dashboard", {
      headers: { cookie: `${name}=${value}` },
      maxRedirects: 0,
    });
    expect(inside.status()).toBe(307);
  });

  test("a session made with another secret is none", async () => {
    const traveller = await portal.giveTraveller();
    const good = await portal.sessionCookie(traveller.accountId);
    const statusWith = async (cookie: string): Promise<number> =>
      (await fetch(`${portal.url}/dashboard`, { redirect: "manual", headers: { cookie } })).status;
    expect(await statusWith(`session=${good}`)).toBe(200);
    expect(await statusWith(`session=${good.slice(0, -2)}`)).toBe(307);
    expect(await statusWith(`__Host-session=${good}`)).toBe(307);
  });
});
