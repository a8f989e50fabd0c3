import { expect, test } from "vitest";
import { usePortal } from "#tests/support/portal.ts";

const portal = usePortal();

test("somebody who loses the connection is told so, and goes on where it comes back", async () => {
  const page = await portal.open();
  portal.allow(page, /ERR_INTERNET_DISCONNECTED/);
  await page.goto("/help");
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await page.reload();

  await page.context().setOffline(true);
  await page.goto("/plans");
  expect(await page.getByRole("heading", { name: "No connection" }).isVisible()).toBe(true);

  await page.context().setOffline(false);
  await page.getByRole("link", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Plans", level: 1 }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/plans");
});

test("in light mode nothing is fetched for it", async () => {
  const page = await portal.open({ light: true });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto("/help", { waitUntil: "load" });
  expect(asked).toEqual(["/help"]);
});
