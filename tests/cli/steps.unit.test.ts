import path from "node:path";
import { expect, test } from "vitest";
import { root } from "#lib/cli/root.ts";
import { countResults } from "#lib/cli/steps.ts";

const file = (status: string, ...cases: string[]) => ({
  name: path.join(root, "tests/money.unit.test.ts"),
  status,
  assertionResults: cases.map((each) => ({ status: each, fullName: `a case that ${each}` })),
});

test("each test case is counted once", () => {
  const results = { testResults: [file("passed", "passed", "passed"), file("failed", "failed")] };
  expect(countResults(results, false)).toMatchObject({ passed: 2, failed: 1 });
});

test("a skipped or postponed test has failed", () => {
  const results = { testResults: [file("passed", "passed", "skipped", "todo", "pending")] };
  expect(countResults(results, true)).toMatchObject({ passed: 1, failed: 3 });
});

test("a file that could not be loaded is a failure", () => {
  const results = { testResults: [file("passed", "passed"), file("failed")] };
  expect(countResults(results, false)).toMatchObject({ passed: 1, failed: 1 });
});

test("a run that ends badly though every test passed is a failure", () => {
  expect(countResults({ testResults: [file("passed", "passed")] }, false)).toMatchObject({
    passed: 1,
    failed: 1,
    failures: ["a run of tests that ended badly"],
  });
});

test("what failed is named with its file, for the end of a long output", () => {
  const results = { testResults: [file("failed", "passed", "failed"), file("failed")] };
  expect(countResults(results, false).failures).toEqual([
    "tests/money.unit.test.ts: a case that failed",
    "tests/money.unit.test.ts",
  ]);
});

test("a run without results is a failure", () => {
  expect(countResults(null, false)).toMatchObject({ passed: 0, failed: 1 });
  expect(countResults({ testResults: [] }, false)).toMatchObject({ passed: 0, failed: 1 });
});
