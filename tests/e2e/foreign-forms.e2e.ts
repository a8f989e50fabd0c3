import { describe, test } from "vitest";
import { expect } from "playwright/test";
import { DEMO_PASSWORD } from "#prisma/seed/people.ts";
import { postForm, readForm } from "#tests/support/forms.ts";
import { countOrders } from "#tests/support/money.ts";
import { usePortal } from "#tests/support/portal.ts";
import { openCheckout } from "#tests/support/renewing.ts";
import { PLENTY } from "#tests/support/traveller.ts";

const portal = usePortal();

const port = new URL(portal.url).port;
const foreign: readonly (readonly [title: string, origin: string | null])[] = [
  ["another site", "https://evil.example"],
  ["a sandboxed frame (Origin: null)", "null"],
  ["nowhere (no Origin)", null],
  ["another port of this host", `http://localhost:${Number(port) + 1}`],
  ["a host that begins like ours", `http://localhost.evil.example:${port}`],
  ["what is no origin", "not an origin"],
];

describe.each(foreign)("a form sent from %s", (_title, origin) => {
  test("signs nobody in", async () => {
    const traveller = await portal.giveTraveller();
    const page = await portal.open();
    await page.goto("/sign-in");
    const fields = await readForm(page, "main form");
    const answer = await postForm(
      page,
      "/sign-in",
      { ...fields, email: traveller.email, password: DEMO_PASSWORD },
      origin,
    );
    expect(answer.status()).toBe(403);
    expect(answer.headers()["set-cookie"] ?? "").not.toContain("session=");
  });

  test("places no order", async () => {
    const traveller = await portal.giveTraveller({ balanceMinor: PLENTY });
    const page = await portal.open({ as: traveller });
    await openCheckout(page, traveller.iccid, "as-5gb-30d");
    const fields = { ...(await readForm(page, "form.checkout")), method: "balance", intent: "pay" };
    const answer = await postForm(page, page.url(), fields, origin);
    expect(answer.status()).toBe(403);
    expect(await countOrders(portal, traveller.email)).toBe(0);
    // The very same form is taken when it comes from our page.
    expect((await postForm(page, page.url(), fields)).status()).toBe(303);
    expect(await countOrders(portal, traveller.email)).toBe(1);
  });

  test("signs nobody out", async () => {
    const traveller = await portal.giveTraveller();
    const page = await portal.open({ as: traveller });
    await page.goto("/dashboard");
    const fields = await readForm(page, "header form");
    const answer = await postForm(page, "/dashboard", fields, origin);
    expect(answer.status()).toBe(403);
    await page.reload();
    await expect(page.locator("h1")).toHaveText("Your eSIMs");
  });
});

test("an action called by its header, as the framework's scripts would, needs our origin too", async () => {
  const traveller = await portal.giveTraveller();
  const page = await portal.open({ as: traveller });
  await page.goto("/dashboard");
  const [name = ""] = Object.keys(await readForm(page, "header form"));
  for (const origin of ["https://evil.example", null]) {
    const answer = await page.request.post("/dashboard", {
      headers: {
        "next-action": name.replace(/^\$ACTION_ID_/, ""),
        "content-type": "text/plain;charset=UTF-8",
        ...(origin === null ? {} : { origin }),
      },
      data: "[]",
      maxRedirects: 0,
    });
    expect(answer.status()).toBe(403);
  }
  await page.reload();
  await expect(page.locator("h1")).toHaveText("Your eSIMs");
});

test("providers, who send no origin, are judged by their signature instead", async () => {
  const answer = await fetch(`${portal.url}/api/webhooks/stripe`, {
    method: "POST",
    body: JSON.stringify({ id: "evt_forged", type: "checkout.session.completed" }),
    headers: { "content-type": "application/json", "stripe-signature": "t=1,v1=00" },
  });
  expect(answer.status).toBe(400);
});
