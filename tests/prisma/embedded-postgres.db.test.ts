import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root } from "#lib/cli/root.ts";
import { removeCluster, startCluster, type Cluster } from "#prisma/embedded-postgres/cluster.ts";
import { isAlive } from "#prisma/embedded-postgres/guard.ts";

let folder: string;
const running: Cluster[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "axis-cluster-"));
});

afterEach(async () => {
  for (const cluster of running.splice(0)) await cluster.stop();
  await removeCluster(folder);
  rmSync(folder, { recursive: true, force: true });
});

async function start(durable = false): Promise<Cluster> {
  const cluster = await startCluster({ folder, durable });
  running.push(cluster);
  return cluster;
}

async function query(cluster: Cluster, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: cluster.url("postgres") });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test("what was stored is there after a stop and a start, at the same address", async () => {
  const before = await start();
  await query(before, "CREATE TABLE word AS SELECT '续费' AS text");
  await before.stop();
  const after = await start();
  expect(after.url("postgres")).toBe(before.url("postgres"));
  expect(await query(after, "SELECT text FROM word")).toEqual([{ text: "续费" }]);
});

test("it counts time in UTC, stores UTF-8, and orders alike everywhere", async () => {
  const cluster = await start();
  expect(
    await query(
      cluster,
      `SELECT current_setting('TimeZone') AS zone, current_setting('server_encoding') AS encoding,
              datlocprovider::text || ' ' || datlocale AS locale
       FROM pg_database WHERE datname = 'postgres'`,
    ),
  ).toEqual([{ zone: "UTC", encoding: "UTF8", locale: "b C.UTF-8" }]);
});

test("a server killed outright comes back with what was committed", async () => {
  const before = await start(true);
  await query(before, "CREATE TABLE word AS SELECT 1 AS n");
  process.kill(before.pid, "SIGKILL");
  await before.exited;
  expect(await query(await start(), "SELECT n FROM word")).toEqual([{ n: 1 }]);
});

test("a lock file whose process id now belongs to another program is no obstacle", async () => {
  const before = await start();
  await before.stop();
  const { data } = JSON.parse(readFileSync(path.join(folder, "postgres.json"), "utf8")) as {
    data: string;
  };
  writeFileSync(path.join(data, "postmaster.pid"), `${process.pid}\n${data}\n`);
  expect(await query(await start(), "SELECT 1 AS n")).toEqual([{ n: 1 }]);
});

test("the server ends when the launcher is killed outright", async () => {
  const script = `
    import { startCluster } from "#prisma/embedded-postgres/cluster.ts";
    const cluster = await startCluster({ folder: process.argv[1], durable: false });
    console.log(cluster.pid);
    setInterval(() => {}, 1000);`;
  const launcher = spawn(process.execPath, ["--input-type=module", "-e", script, folder], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = await new Promise<number>((resolve) => {
    createInterface({ input: launcher.stdout }).once("line", (line) => resolve(Number(line)));
  });
  expect(isAlive(pid)).toBe(true);
  launcher.kill("SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  expect(await query(await start(), "SELECT 1 AS n")).toEqual([{ n: 1 }]);
});
