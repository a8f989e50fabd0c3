import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RequestGate, type Urgency } from "#lib/carriers/esim-access/request-gate.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function gate(): RequestGate {
  return new RequestGate({ limit: 8, windowMs: 1_000, longestPauseMs: 3_000 });
}

it("lets no more than eight through in any second, and none is lost", async () => {
  const entrance = gate();
  const times: number[] = [];
  for (let count = 0; count < 50; count += 1) {
    void entrance.enter("reading").then(() => times.push(Date.now()));
  }
  await vi.runAllTimersAsync();
  expect(times).toHaveLength(50);
  const distances = times.slice(8).map((ninth, index) => ninth - (times[index] ?? Infinity));
  expect(distances).toHaveLength(42);
  expect(Math.min(...distances)).toBeGreaterThanOrEqual(1_000);
});

it("lets an order pass before readings that came first", async () => {
  const entrance = gate();
  const passed: string[] = [];
  const enter = (urgency: Urgency, name: string): void => {
    void entrance.enter(urgency).then(() => passed.push(name));
  };
  for (let count = 0; count < 20; count += 1) enter("reading", `reading ${count}`);
  enter("order", "order");
  await vi.runAllTimersAsync();
  expect(passed.indexOf("order")).toBe(8);
});

it("waits out a short pause the carrier asked for", async () => {
  const entrance = gate();
  const start = Date.now();
  entrance.pause(2);
  const entered = entrance.enter("order").then((refusal) => ({ refusal, at: Date.now() }));
  await vi.runAllTimersAsync();
  expect(await entered).toEqual({ refusal: null, at: start + 2_000 });
});

it("says at once how long a long pause is, instead of keeping an order waiting", async () => {
  const entrance = gate();
  entrance.pause(30);
  expect(await entrance.enter("order")).toEqual({ pausedMs: 30_000 });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await entrance.enter("order")).toBeNull();
});

it("sends those who wait already away when a long pause begins, and is open again after it", async () => {
  const entrance = gate();
  const entered = Array.from({ length: 20 }, () => entrance.enter("order"));
  await vi.advanceTimersByTimeAsync(0);
  entrance.pause(30);
  const answers = await Promise.all(entered);
  expect(answers.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => null));
  expect(answers.slice(8)).toEqual(Array.from({ length: 12 }, () => ({ pausedMs: 30_000 })));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await entrance.enter("reading")).toBeNull();
});

it("lets those who wait already wait on through a short pause", async () => {
  const entrance = gate();
  const start = Date.now();
  const entered = Array.from({ length: 9 }, () => entrance.enter("order"));
  await vi.advanceTimersByTimeAsync(0);
  entrance.pause(2);
  const last = entered[8]?.then((refusal) => ({ refusal, at: Date.now() }));
  await vi.runAllTimersAsync();
  expect(await last).toEqual({ refusal: null, at: start + 2_000 });
});
