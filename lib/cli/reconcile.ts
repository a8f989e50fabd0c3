/**
 * `npm run reconcile -- [--json] [--since <date>] [--repair]` compares the books with the payment providers
 * and carriers, both ways, and with themselves (see lib/services/reconciliation/reconcile.ts); settings it is
 * not given come from a running demo. Without `--repair` nothing of them is changed.
 *
 * Ends with 0 when there is no difference, 1 when there is one, 2 when somebody could not be asked and what
 * could be compared does not differ. With `--json`, stdout holds this and nothing else:
 * `{"checked":n,"differences":[{"kind","order","expected","actual"}]}`.
 */
import { parseArgs } from "node:util";
import { SYSTEM } from "#lib/access/actor.ts";
import { disconnect } from "#lib/db/client.ts";
import { logToStderr } from "#lib/observability/log.ts";
import { reconcile, type ReconciliationReport } from "#lib/services/reconciliation/reconcile.ts";

const COULD_NOT_TELL = 2;

try {
  process.exitCode = await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (process.argv.includes("--json")) printJson({ checked: 0, differences: [] });
  process.exitCode = COULD_NOT_TELL;
} finally {
  await disconnect();
}

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      since: { type: "string" },
      repair: { type: "boolean", default: false },
    },
  });
  const since = values.since === undefined ? undefined : readDate(values.since);
  logToStderr();
  const result = await reconcile(SYSTEM, { since, repair: values.repair });
  if (!result.ok) throw new Error(`Refused: ${result.refusal.code}`);
  const report = result.value;
  for (const { scope, why } of report.untold) {
    console.error(`${scope} could not be compared to the end: ${why}`);
  }
  if (values.json) printJson(report);
  else printText(report);
  if (report.differences.length > 0) return 1;
  return report.couldTell ? 0 : COULD_NOT_TELL;
}

/** An ISO 8601 date, which is midnight UTC, or a time. */
function readDate(text: string): Date {
  const date = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(date.getTime())) {
    throw new Error(`--since takes a date such as 2026-11-01, not "${text}".`);
  }
  return date;
}

function printJson({
  checked,
  differences,
}: Pick<ReconciliationReport, "checked" | "differences">): void {
  console.log(JSON.stringify({ checked, differences }));
}

function printText({ checked, couldTell, differences }: ReconciliationReport): void {
  for (const { kind, order, expected, actual } of differences) {
    const about = order === null ? "" : `  order ${order}`;
    console.log(`${kind}${about}\n    expected  ${expected}\n    actual    ${actual}`);
  }
  const found =
    differences.length === 0 ? "no difference" : `${differences.length} difference(s), see above`;
  console.log(`${checked} compared: ${found}${couldTell ? "" : "; not everybody could be asked"}.`);
}
