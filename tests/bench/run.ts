/**
 * `npm run bench`: how fast payments are settled, and what the pages cost on a starved connection, measured
 * on this machine now. It prints tables and judges nothing; compare ratios, not seconds, between machines.
 * `-- --only payments` or `-- --only pages` measures one of the two, `-- --payments N` fewer payments.
 */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";
import { customerPages } from "#tests/support/pages.ts";
import { measureBytes } from "./bytes.ts";
import { measureColdPages, type ColdPage } from "./cold-pages.ts";
import { measureRoundTrips } from "./round-trips.ts";
import { openStage } from "./stage.ts";
import { measureWholeRenewal } from "./whole-renewal.ts";

process.on("disconnect", () => process.exit(1));

const MAIN_BUTTONS: Readonly<Record<string, string>> = {
  "sign in": "main form button",
  dashboard: "main a.btn",
  "choose a plan": "a.pick",
  "check and pay": "button[name=intent][value=pay]",
  "order, live": "main a.btn",
};

const { values: flags } = parseArgs({
  options: { only: { type: "string" }, payments: { type: "string", default: "100000" } },
});
if (flags.only !== "pages") measurePayments(flags.payments);
if (flags.only !== "payments") await measurePages();

/** In a process of its own, whose memory is watched. */
function measurePayments(count: string): void {
  const program = path.join(import.meta.dirname, "settlements.ts");
  const { status } = spawnSync(process.execPath, [program, "--payments", count], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("Settling payments could not be measured");
}

async function measurePages(): Promise<void> {
  const stage = await openStage();
  try {
    const pages = (await customerPages(stage)).filter(({ name }) => !/^order of /.test(name));
    await measureBytes(stage, pages);
    await measureRoundTrips(
      stage,
      pages.filter(({ as, status }) => as !== null && status === undefined),
    );
    const cold = pages.flatMap((page): ColdPage[] => {
      const button = MAIN_BUTTONS[page.name];
      return button === undefined ? [] : [{ ...page, button }];
    });
    await measureColdPages(stage, cold);
    await measureWholeRenewal(stage);
  } finally {
    await stage.close();
  }
}
