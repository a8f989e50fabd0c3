import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { guard } from "#prisma/embedded-postgres/guard.ts";
import { root } from "./root.ts";

/** How many things were checked, and how they went. A skipped test counts as failed. */
export type Count = {
  passed: number;
  failed: number;
  /** What failed, by name, to be read again below all output. */
  failures: readonly string[];
};

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
  const failures: string[] = [];
  for (const { name, commands } of gate) {
    console.log(`\n── ${name}`);
    let isFine = true;
    for (const command of commands) isFine &&= await runTool(command);
    console.log(isFine ? `${name}: fine` : `${name}: FAILED`);
    if (!isFine) failures.push(name);
  }
  return { passed: gate.length - failures.length, failed: failures.length, failures };
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
    failures: counts.flatMap(({ failures }) => failures),
  };
}

/** What vitest's JSON reporter writes, as far as we read it. */
export type Results = {
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
};

/**
 * Counts test cases. What is not passed is failed, skipped and postponed ones included; a file that
 * could not even be loaded counts as one failure, and so does a run that failed for any other reason
 * (no tests found, an error between tests).
 */
export function countResults(results: Results | null, endedWell: boolean): Count {
  let passed = 0;
  const failures: string[] = [];
  for (const { name, status, assertionResults } of results?.testResults ?? []) {
    const file = path.relative(root, name);
    const bad = assertionResults.filter((each) => each.status !== "passed");
    passed += assertionResults.length - bad.length;
    failures.push(...bad.map(({ fullName }) => `${file}: ${fullName}`));
    if (bad.length === 0 && status !== "passed") failures.push(file);
  }
  if (failures.length === 0 && !endedWell) failures.push("a run of tests that ended badly");
  return { passed, failed: failures.length, failures };
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
