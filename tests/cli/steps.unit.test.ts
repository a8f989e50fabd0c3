import { expect, test } from "vitest";
import { countResults } from "#lib/cli/steps.ts";

const file = (status: string, ...cases: string[]) => ({
  status,
  assertionResults: cases.map((each) => ({ status: each })),
});

test("each test case is counted once", () => {
  const results = { testResults: [file("passed", "passed", "passed"), file("failed", "failed")] };
  expect(countResults(results, false)).toEqual({ passed: 2, failed: 1 });
});

test("a skipped or postponed test has failed", () => {
  const results = { testResults: [file("passed", "passed", "skipped", "todo", "pending")] };
  expect(countResults(results, true)).toEqual({ passed: 1, failed: 3 });
});

test("a file that could not be loaded is a failure", () => {
  const results = { testResults: [file("passed", "passed"), file("failed")] };
  expect(countResults(results, false)).toEqual({ passed: 1, failed: 1 });
});

test("a run that ends badly though every test passed is a failure", () => {
  expect(countResults({ testResults: [file("passed", "passed")] }, false)).toEqual({
    passed: 1,
    failed: 1,
  });
});

test("a run without results is a failure", () => {
  expect(countResults(null, false)).toEqual({ passed: 0, failed: 1 });
  expect(countResults({ testResults: [] }, false)).toEqual({ passed: 0, failed: 1 });
});
