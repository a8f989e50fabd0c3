import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { guard } from "#prisma/embedded-postgres/guard.ts";
import { root } from "./root.ts";

/** How many things were checked, and how they went. A skipped test counts as failed. */
export type Count = { passed: number; failed: number };

/** The checks before the tests: each is one program that ends with 0 or not. */
const gate: readonly { name: string; commands: readonly (readonly string[])[] }[] = [
  { name: "format", commands: [["oxfmt/bin/oxfmt", "--check"]] },
  { name: "lint", commands: [["oxlint/bin/oxlint", "--type-aware", "--deny-warnings"]] },
  {
    name: "types",
    commands: [
      // The framework writes the types of the routes, which a fresh clone does not have.
      ["next/dist/bin/next", "typegen"],
      ["typescript/bin/tsc", "--noEmit"],
    ],
  },
  { name: "unused code and packages", commands: [["knip/bin/knip.js"]] },
];

/** Runs every check of the gate, showing their output; one that fails does not stop the others. */
export async function runGate(): Promise<Count> {
  const count = { passed: 0, failed: 0 };
  for (const { name, commands } of gate) {
    console.log(`\n── ${name}`);
    let isFine = true;
    for (const command of commands) isFine &&= await runTool(command);
    console.log(isFine ? `${name}: fine` : `${name}: FAILED`);
    if (isFine) count.passed += 1;
    else count.failed += 1;
  }
  return count;
}

/** Runs the tests of these tiers (projects of vitest.config.ts), showing their output. */
export async function runTests(...tiers: readonly string[]): Promise<Count> {
  console.log(`\n── ${tiers.join(", ")} tests`);
  const folder = mkdtempSync(path.join(tmpdir(), "axis-results-"));
  const file = path.join(folder, "results.json");
  try {
    const ended = await runTool([
      "vitest/vitest.mjs",
      "run",
      ...tiers.flatMap((tier) => ["--project", tier]),
      "--reporter=default",
      "--reporter=json",
      `--outputFile=${file}`,
    ]);
    return countResults(readResults(file), ended);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The sum of several counts. */
export function sum(counts: readonly Count[]): Count {
  return {
    passed: counts.reduce((total, { passed }) => total + passed, 0),
    failed: counts.reduce((total, { failed }) => total + failed, 0),
  };
}

/** What vitest's JSON reporter writes, as far as we read it. */
export type Results = {
  testResults: { status: string; assertionResults: { status: string }[] }[];
};

/**
 * Counts test cases. What is not passed is failed, skipped and postponed ones included; a file that
 * could not even be loaded counts as one failure, and so does a run that failed for any other reason
 * (no tests found, an error between tests).
 */
export function countResults(results: Results | null, endedWell: boolean): Count {
  const count = { passed: 0, failed: 0 };
  for (const { status, assertionResults } of results?.testResults ?? []) {
    const passed = assertionResults.filter((each) => each.status === "passed").length;
    const failed = assertionResults.length - passed;
    count.passed += passed;
    count.failed += failed === 0 && status !== "passed" ? 1 : failed;
  }
  if (count.failed === 0 && !endedWell) count.failed = 1;
  return count;
}

function readResults(file: string): Results | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Results;
  } catch {
    // It ended before it had anything to write: counted as a failure.
    return null;
  }
}

/** Runs a program of node_modules on the project's Node; true when it ends with 0. */
async function runTool([program = "", ...args]: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [path.join(root, "node_modules", program), ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  guard(child, "TERM");
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code === 0));
  });
}
