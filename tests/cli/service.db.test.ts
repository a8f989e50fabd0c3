import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startService, type Service, type ServiceSpec } from "#lib/cli/service.ts";
import { isAlive } from "#prisma/embedded-postgres/guard.ts";

let folder: string;
let reports: string[];
const running: Service[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "axis-service-"));
  reports = [];
});

afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
  rmSync(folder, { recursive: true, force: true });
});

const waits = "console.log('up'); setInterval(() => {}, 1000);";

async function start(script: string, more: Partial<ServiceSpec> = {}): Promise<Service> {
  const service = await startService({
    name: "example",
    command: [process.execPath, "-e", script],
    cwd: folder,
    env: process.env,
    logFile: path.join(folder, "example.log"),
    restart: true,
    talks: true,
    untilReady: async (_signal, lines) => {
      await new Promise<void>((resolve) => {
        lines?.once("line", () => resolve());
      });
    },
    report: (message) => reports.push(message),
    ...more,
  });
  running.push(service);
  return service;
}

test("a process that is killed is started again, and that is said", async () => {
  const service = await start(waits);
  const first = service.pid;
  await service.kill();
  await service.ready();
  expect(service.pid).not.toBe(first);
  expect(reports).toEqual([expect.stringContaining("example ended (SIGKILL)")]);
});

test("without restarting, a killed process stays down until it is started", async () => {
  const service = await start(waits, { restart: false });
  await service.kill();
  expect(service.pid).toBeNull();
  await expect(service.ready()).rejects.toThrow("not running");
  await service.start();
  expect(service.pid).toBeTypeOf("number");
});

test("a stopped process may finish, and is not started again", async () => {
  const service = await start(
    `process.on('SIGTERM', () => { console.log('finished'); process.exit(0); }); ${waits}`,
  );
  const { pid } = service;
  await service.stop();
  expect(isAlive(pid ?? 0)).toBe(false);
  expect(service.pid).toBeNull();
  expect(readFileSync(path.join(folder, "example.log"), "utf8")).toContain("finished");
  expect(reports).toEqual([]);
});

test("a process that never comes up is an error with the end of its log", async () => {
  await expect(start("throw new Error('no settings')")).rejects.toThrow(/no settings/);
});
