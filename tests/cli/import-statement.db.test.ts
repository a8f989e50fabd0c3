import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "#tests/support/world.ts";

const root = path.join(import.meta.dirname, "../..");
const ACCOUNT = "TEST00000001";

let world: World;
let folder: string;

beforeAll(async () => {
  world = await openWorld();
  folder = mkdtempSync(path.join(tmpdir(), "statements-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world.close();
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a job would, on the database of this test. */
async function run(...args: readonly string[]): Promise<Ended> {
  const program = path.join(root, "lib/cli/import-statement.ts");
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args], {
      cwd: root,
      env: process.env,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as Ended;
  }
}

test("a statement is taken by command, and the second time nothing of it is new", async () => {
  const today = new Date().toISOString().slice(0, 10);
  await world.standIns.bank.transfer({
    account: ACCOUNT,
    currency: "CNY",
    amount: "12.50",
    name: "Somebody",
    text: "no reference",
    bookedOn: today,
  });
  const bytes = await world.standIns.bank.statement(ACCOUNT, {
    format: "csv",
    from: today,
    to: today,
  });
  const file = path.join(folder, "statement.csv");
  writeFileSync(file, bytes);
  const hints = ["--account", ACCOUNT, "--currency", "CNY"];
  const first = await run(file, ...hints);
  expect({ ...first, stdout: JSON.parse(first.stdout) as unknown }).toMatchObject({
    code: 0,
    stdout: { accountNumber: ACCOUNT, newLineCount: 1, counts: { unknown: 1 } },
  });
  const second = await run(file, ...hints);
  expect(JSON.parse(second.stdout)).toMatchObject({ lineCount: 1, newLineCount: 0 });
  expect(
    await world.sql(
      "SELECT actor_kind, reason FROM audit.events WHERE action = 'statement.imported'",
    ),
  ).toEqual([{ actor_kind: "system", reason: "statement.csv" }]);
});

test("a file that is no statement is named so, and nothing is booked", async () => {
  const file = path.join(folder, "statement.pdf");
  writeFileSync(file, "%PDF-1.7");
  const { code, stderr } = await run(file);
  expect(code).toBe(1);
  expect(stderr).toContain("neither CAMT.053 nor CSV");
});

test.each([
  ["a file that is not there", ["/nowhere/statement.xml"]],
  ["a date order that does not exist", ["statement.xml", "--date-order", "backwards"]],
] as const)("%s is a wrong call", async (_name, args) => {
  expect((await run(...args)).code).toBe(2);
});
