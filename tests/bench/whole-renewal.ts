import { DEMO_PASSWORD } from "#prisma/seed/people.ts";
import { PLENTY } from "#tests/support/traveller.ts";
import { openSlowPage, secondsUntilUsable } from "./slow-connection.ts";
import type { BenchStage } from "./stage.ts";
import { kilobytes, median, printTable } from "./table.ts";

const TIMES = 3;
const PLAN = "as-10gb-30d";
const LIVE = "section:not([hidden]) a.btn[href^='/esims/']:visible";

interface Run {
  /** Waited for, from pressing to being able to press the next thing. */
  readonly seconds: number;
  readonly bytes: number;
}

/** A whole renewal over a slow connection: the page to sign in, to the order that is live. */
export async function measureWholeRenewal(stage: BenchStage): Promise<void> {
  const rows: string[][] = [];
  for (const method of ["balance", "card"] as const) {
    for (const light of [false, true]) {
      const runs: Run[] = [];
      for (let n = 0; n < TIMES; n++) runs.push(await renew(stage, method, light));
      rows.push([
        `by ${method}${light ? ", light mode" : ""}`,
        median(runs.map(({ seconds }) => seconds)).toFixed(1),
        kilobytes(median(runs.map(({ bytes }) => bytes))),
      ]);
    }
  }
  printTable(
    "The whole renewal, sign-in to live (128 kbit/s, 400 ms, 4× slower processor)",
    ["", "seconds waited", "kB received"],
    rows,
  );
}

async function renew(stage: BenchStage, method: "balance" | "card", light: boolean): Promise<Run> {
  const traveller = await stage.giveTraveller({ balanceMinor: PLENTY });
  const slow = await openSlowPage(stage.browser, stage.stack.url, light ? { light: "on" } : {});
  const { page } = slow;
  let seconds = 0;
  const wait = async (selector: string, act: () => Promise<unknown>): Promise<void> => {
    seconds += await secondsUntilUsable(page, selector, act);
  };
  const press = (selector: string) => async (): Promise<void> =>
    await page.locator(selector).first().click({ noWaitAfter: true });

  await wait("main form button", async () => {
    await page.goto("/sign-in", { waitUntil: "commit" });
  });
  await page.locator("#email").fill(traveller.email);
  await page.locator("#password").fill(DEMO_PASSWORD);
  const esim = `/esims/${traveller.iccid}`;
  await wait(`a.btn[href="${esim}/renew"]`, press("main form button"));
  await wait(`a[href="${esim}/renew?plan=${PLAN}"]`, press(`a.btn[href="${esim}/renew"]`));
  const pay = "button[name=intent][value=pay]";
  await wait(pay, press(`a.pick[href="${esim}/renew?plan=${PLAN}"]`));
  await page
    .locator(`input[name=method][value="${method === "card" ? "stripe.card" : "balance"}"]`)
    .check();
  if (method === "card") {
    await wait("input[name=number]", press(pay));
    await wait(LIVE, press("form button"));
  } else {
    await wait(LIVE, press(pay));
  }
  await page.getByText("Your plan is live").first().waitFor();
  const bytes = slow.received();
  await slow.close();
  return { seconds, bytes };
}
