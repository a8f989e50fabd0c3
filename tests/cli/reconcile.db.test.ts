import { execFile } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "#lib/cli/root.ts";
import { db } from "#lib/db/client.ts";
import { openWorld, type World } from "#tests/support/world.ts";

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => await world.close());

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(...args: string[]): Promise<Ended> {
  return await new Promise((resolve) => {
    execFile(
      process.execPath,
      [path.join(root, "lib/cli/reconcile.ts"), ...args],
      { env: { ...process.env, LOG_LEVEL: "info" } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

test("nothing different ends with 0, and stdout holds one JSON line", async () => {
  const { code, stdout } = await run("--json");
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as { checked: number };
  expect(report).toEqual({ checked: expect.any(Number) as unknown, differences: [] });
  expect(await db().reconciliation.count({ where: { endedAt: { not: null } } })).toBe(1);
});

test("a difference ends with 1 and is told, with its order or none", async () => {
  await world.standIns.stripe.seed({
    payments: [
      {
        paymentIntent: "pi_3nobodyaskedforthis",
        amount: 4_200,
        currency: "gbp",
        createdAt: new Date(Date.now() - 3_600_000).toISOString(),
      },
    ],
  });
  const told = await run("--json", "--repair");
  expect(told.code).toBe(1);
  expect(JSON.parse(told.stdout)).toEqual({
    checked: 1,
    differences: [
      { kind: "payment_of_nobody", order: null, expected: "nothing", actual: "42.00 GBP" },
    ],
  });
  const readable = await run();
  expect(readable.code).toBe(1);
  expect(readable.stdout).toContain("payment_of_nobody");
  expect(readable.stdout).toContain("42.00 GBP");
});

test("what lies before --since is not looked at", async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString();
  expect((await run("--json", "--since", later)).code).toBe(0);
});

test("a provider that cannot be asked ends with 2 and is named on stderr", async () => {
  await world.standIns.stripe.setFault({ kind: "status", status: 503, times: null });
  const { code, stdout, stderr } = await run("--json");
  await world.standIns.stripe.clearFaults();
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ differences: [] });
  expect(stderr).toContain("stripe could not be compared");
});

test.each([
  ["an unknown option", ["--jsonn"]],
  ["a date that is none", ["--json", "--since", "soon"]],
])("%s ends with 2 and says so", async (_what, args) => {
  const { code, stderr } = await run(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(/jsonn|soon/);
});

test("a database that cannot be reached ends with 2, and stdout is JSON still", async () => {
  const url = process.env["DATABASE_URL"];
  process.env["DATABASE_URL"] = "postgresql://portal_app@127.0.0.1:1/none";
  const { code, stdout, stderr } = await run("--json");
  process.env["DATABASE_URL"] = url;
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toEqual({ checked: 0, differences: [] });
  expect(stderr).not.toBe("");
});
