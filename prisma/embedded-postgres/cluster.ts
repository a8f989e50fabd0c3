import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { locateBinaries, sharedFolder, type PostgresBinaries } from "./binaries.ts";
import { guard, isAlive } from "./guard.ts";
import { canEnter, chooseSystemUser, type SystemUser } from "./system-user.ts";

/** A running PostgreSQL of our own. */
export type Cluster = {
  /** Process id of the postmaster. */
  pid: number;
  port: number;
  /** Connection string of the superuser, for the database of that name. */
  url(database: string): string;
  /** Resolves when the postmaster is gone, whoever ended it. */
  exited: Promise<void>;
  /** Ends it in order ("fast" shutdown: open transactions are rolled back, data is flushed). */
  stop(): Promise<void>;
};

export type ClusterOptions = {
  /** Folder that holds everything about the cluster; made when missing. */
  folder: string;
  /** False trades safety after a crash for speed: for tests only. */
  durable: boolean;
  /** Insist on this port; otherwise the last one used, or a free one. */
  port?: number;
};

/** What the next start must know; kept in `<folder>/postgres.json`, readable by its owner only. */
type Pointer = { data: string; folder: string; port: number; password: string };

const startTimeoutMs = 60_000;

/**
 * Starts the PostgreSQL of `folder`, making it first when there is none: loopback only, UTF8,
 * C.UTF-8, UTC, password sign-in. As root it runs as another account, and its data lie outside the
 * clone when that account cannot reach it. What an earlier launcher left behind (a stale lock file,
 * an orphaned server) is cleared away. The server ends when this process dies.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  mkdirSync(options.folder, { recursive: true });
  const folder = realpathSync(options.folder);
  const known = readPointer(folder);
  const user = chooseSystemUser(known ? statSync(known.data).uid || null : null);
  const binaries = locateBinaries(user);

  const pointer = known ?? (await initialise(folder, binaries, user, options.durable));
  await clearLeftovers(pointer.data);
  const port = options.port ?? ((await isFree(pointer.port)) ? pointer.port : await findFreePort());
  if (port !== pointer.port) writePointer(folder, { ...pointer, port });
  if (user) chownSync(pointer.data, user.uid, user.gid);

  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const attempt = await launch({ ...pointer, port }, folder, binaries, user, options.durable);
    if (attempt.cluster) return attempt.cluster;
    // After a crash the kernel takes a moment to release what the old server held.
    const passing = /still in use|is another postmaster|Address already in use/i.test(attempt.log);
    if (!passing || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start on port ${port}:\n${attempt.log}`);
    }
    await pause(250);
  }
}

/** Removes a cluster that is not running: its data, wherever they lie, and its pointer. */
export async function removeCluster(folder: string): Promise<void> {
  const known = existsSync(folder) ? readPointer(realpathSync(folder)) : null;
  if (known) {
    await clearLeftovers(known.data);
    rmSync(known.data, { recursive: true, force: true });
  }
  rmSync(pointerFile(folder), { force: true });
}

/** A TCP port on loopback that nothing listens on at this moment. */
export async function findFreePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === "object") resolve(address.port);
        else reject(new Error("The system gave no port"));
      });
    });
  });
}

/** Whether nothing listens on this port of the loopback (or, with `host`, of that address). */
export async function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      // Without IPv6, say, nothing can listen on `::`, and so nothing does.
      resolve(error.code !== "EADDRINUSE" && error.code !== "EACCES");
    });
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}

async function initialise(
  folder: string,
  binaries: PostgresBinaries,
  user: SystemUser | null,
  durable: boolean,
): Promise<Pointer> {
  const data = dataFolder(folder, user);
  const unfinished = `${data}.new`;
  const passwordFile = `${data}.password`;
  // No pointer means that nobody counts on what may still lie here.
  if (existsSync(data)) await clearLeftovers(data);
  for (const stale of [data, unfinished]) rmSync(stale, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const password = randomBytes(24).toString("base64url");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) {
    for (const each of [unfinished, passwordFile]) chownSync(each, user.uid, user.gid);
  }
  try {
    const args = [
      `--pgdata=${unfinished}`,
      "--username=postgres",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // PostgreSQL's own C.UTF-8: the same order on every system, whatever locales it has.
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      "--no-instructions",
      ...(durable ? [] : ["--no-sync"]),
    ];
    const run = spawnSync(path.join(binaries.bin, "initdb"), args, {
      ...lend(user),
      cwd: "/",
      env: environment(),
      encoding: "utf8",
    });
    if (run.status !== 0) {
      throw new Error(`initdb failed: ${run.error?.message ?? ""}${run.stdout}${run.stderr}`);
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
  const pointer = { data, folder, port: await findFreePort(), password };
  // The pointer first: data that say where they belong, but are not pointed to, are swept away.
  writePointer(folder, pointer);
  if (path.dirname(data) !== folder) {
    await sweepOrphans(path.dirname(data));
    writeFileSync(path.join(unfinished, originFile), folder);
  }
  renameSync(unfinished, data);
  return pointer;
}

function dataFolder(folder: string, user: SystemUser | null): string {
  if (user === null || canEnter(user, folder)) return path.join(folder, "postgres");
  // Named after the folder, so that a clone made again at the same place replaces the data of the old.
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  return path.join(sharedFolder(), `data-${name}`);
}

/** Names, inside data that lie outside the clone, the folder that they belong to. */
const originFile = "axis-origin";

/** Removes data outside any clone whose clone is gone: nobody can start them again. */
async function sweepOrphans(shared: string): Promise<void> {
  for (const name of readdirSync(shared)) {
    const data = path.join(shared, name);
    const origin = path.join(data, originFile);
    if (!existsSync(origin) || existsSync(pointerFile(readFileSync(origin, "utf8")))) continue;
    await clearLeftovers(data);
    rmSync(data, { recursive: true, force: true });
  }
}

async function launch(
  pointer: Pointer,
  folder: string,
  binaries: PostgresBinaries,
  user: SystemUser | null,
  durable: boolean,
): Promise<{ cluster: Cluster | null; log: string }> {
  const logFile = path.join(folder, "postgres.log");
  const log = openSync(logFile, "a", 0o600);
  const logStart = statSync(logFile).size;
  const settings: Record<string, string | number> = {
    port: pointer.port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    max_connections: 200,
    shared_buffers: "256MB",
    // Statements can hold personal data; the log must not.
    log_min_error_statement: "panic",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(path.join(binaries.bin, "postgres"), ["-D", pointer.data, ...args], {
    ...lend(user),
    cwd: "/",
    env: environment(),
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  guard(child, "INT");
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });

  const url = (database: string) =>
    `postgresql://postgres:${pointer.password}@127.0.0.1:${pointer.port}/${database}`;
  const ready = await becomesReady(url("postgres"), child);
  if (!ready || child.pid === undefined) {
    await stop(child, exited);
    return { cluster: null, log: readFileSync(logFile).subarray(logStart).toString("utf8") };
  }
  return {
    cluster: { pid: child.pid, port: pointer.port, url, exited, stop: () => stop(child, exited) },
    log: "",
  };
}

async function becomesReady(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + startTimeoutMs;
  let failed = false;
  child.once("error", () => (failed = true));
  while (!failed && child.exitCode === null && child.signalCode === null) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("SELECT 1");
      return true;
    } catch {
      if (Date.now() > deadline) return false;
      await pause(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  for (const [signal, patienceMs] of [
    ["SIGINT", 20_000],
    ["SIGQUIT", 10_000],
    ["SIGKILL", 5_000],
  ] as const) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await Promise.race([exited, pause(patienceMs, undefined, { ref: false })]);
  }
}

/** Ends a server that an earlier launcher left running on `data`, and removes a lock without owner. */
async function clearLeftovers(data: string): Promise<void> {
  const lock = path.join(data, "postmaster.pid");
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, "utf8").split("\n", 1)[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isPostgresOn(pid, data)) {
    rmSync(lock, { force: true });
    return;
  }
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    for (let waited = 0; waited < 10_000 && isAlive(pid); waited += 100) await pause(100);
  }
}

/** A process id alone proves nothing: after a restart it may belong to anybody. */
function isPostgresOn(pid: number, data: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    const options = { encoding: "utf8", stdio: "pipe" } as const;
    return execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], options).includes(data);
  } catch {
    return existsSync(`/proc/${pid}/cmdline`)
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(data)
      : false;
  }
}

function lend(user: SystemUser | null): { uid: number; gid: number } | Record<string, never> {
  return user ? { uid: user.uid, gid: user.gid } : {};
}

function environment(): NodeJS.ProcessEnv {
  // Nothing of PGHOST, PGDATA or LC_… of the caller may change what is made here.
  const { PATH = "/usr/bin:/bin" } = process.env;
  return { PATH, LC_ALL: "C", TZ: "UTC", NODE_ENV: "production" };
}

function pointerFile(folder: string): string {
  return path.join(folder, "postgres.json");
}

function readPointer(folder: string): Pointer | null {
  const file = pointerFile(folder);
  if (!existsSync(file)) return null;
  const pointer = JSON.parse(readFileSync(file, "utf8")) as Pointer;
  if (!existsSync(path.join(pointer.data, "PG_VERSION"))) return null;
  if (pointer.folder === folder) return pointer;
  // The folder was moved, or copied. Data inside it came along; data outside belong to the original
  // for as long as that one exists.
  const inside = path.join(folder, "postgres");
  if (pointer.data === path.join(pointer.folder, "postgres") && existsSync(inside)) {
    return { ...pointer, data: inside, folder };
  }
  if (existsSync(pointerFile(pointer.folder))) return null;
  return { ...pointer, folder };
}

function writePointer(folder: string, pointer: Pointer): void {
  const file = pointerFile(folder);
  writeFileSync(`${file}.new`, `${JSON.stringify(pointer, null, 2)}\n`, { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
}
