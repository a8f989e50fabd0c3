/**
 * `npm run import-statement -- <file> [--account NUMBER] [--currency CODE] [--decimal-mark ,|.]
 * [--date-order day_first|month_first]`: takes in a bank's statement, CAMT.053 or CSV, into the database of
 * the settings, or of the running demo. Prints a line of JSON for each statement of the file. Exit 0: taken
 * (also when all of it was known), 1: not readable, and nothing was booked, 2: called wrongly.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { SYSTEM } from "#lib/access/actor.ts";
import { SettingsError } from "#lib/config/env.ts";
import { disconnect } from "#lib/db/client.ts";
import { refusalArguments, refusalText } from "#lib/i18n/refusal.ts";
import { importStatement } from "#lib/services/bank/import-statement.ts";
import { StatementHintsInput } from "#lib/services/bank/schemas.ts";

const USAGE =
  "npm run import-statement -- <file> [--account NUMBER] [--currency CODE] [--decimal-mark ,|.] [--date-order day_first|month_first]";

process.exitCode = await run();

async function run(): Promise<number> {
  const called = readCall();
  if (called === null) {
    console.error(USAGE);
    return 2;
  }
  let bytes: Uint8Array;
  try {
    bytes = await readFile(called.file);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  try {
    const fileName = path.basename(called.file);
    const imported = await importStatement(SYSTEM, { fileName, bytes, hints: called.hints });
    if (!imported.ok) {
      const { refusal } = imported;
      console.error(refusalText(refusal.code, refusalArguments(refusal, "en"), "en"));
      return 1;
    }
    for (const { notes, ...statement } of imported.value) {
      console.log(JSON.stringify({ ...statement, notes }));
    }
    return 0;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    return 2;
  } finally {
    await disconnect();
  }
}

/** The command line; null when it makes no sense. */
function readCall(): { readonly file: string; readonly hints: StatementHintsInput } | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        account: { type: "string" },
        currency: { type: "string" },
        "decimal-mark": { type: "string" },
        "date-order": { type: "string" },
      },
    });
    const [file, ...others] = positionals;
    const hints = StatementHintsInput.safeParse({
      accountNumber: values.account,
      currency: values.currency,
      decimalMark: values["decimal-mark"],
      dateOrder: values["date-order"],
    });
    return file === undefined || others.length > 0 || !hints.success
      ? null
      : { file, hints: hints.data };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return null;
  }
}
