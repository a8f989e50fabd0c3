import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findFreePort, isFree, removeCluster } from "#prisma/embedded-postgres/cluster.ts";
import { guard } from "#prisma/embedded-postgres/guard.ts";
import { ensureBuild } from "./build.ts";
import { appSettings, standInSettings, type Settings, type StandIns } from "./demo-settings.ts";
import { lockDataFolder, lockFile } from "./lock.ts";
import {
  dropPortalDatabase,
  findSeedState,
  noteSeedState,
  preparePortalDatabase,
} from "./portal-database.ts";
import { startPostgres } from "./postgres-service.ts";
import { root } from "./root.ts";
import { describeDemo, forgetDemo, keepSettings, type DemoDescription } from "./running-demo.ts";
import { readSecrets } from "./secrets.ts";
import { startService, tail, type Service } from "./service.ts";

export type StackOptions = {
  /** Everything the stack keeps lies here; made when missing. One launcher at a time. */
  dataDir: string;
  /** Port of the first web server; a free one when omitted. */
  port?: number;
  /** APP_ENV=test instead of demo, and a database that need not survive a power cut. */
  testMode?: boolean;
  /** More settings for web and worker; they win. */
  env?: Settings;
  /** More settings for the stand-ins (SANDBOX_…). */
  standInEnv?: Settings;
  /** How many of each to start with; 1 unless told. More can be started later. */
  webs?: number;
  workers?: number;
  /** Serve by `next dev` instead of building first. */
  development?: boolean;
  /** Put the demo data in when they are not there; true unless told. */
  seed?: boolean;
  /** Forget what an earlier start left in `dataDir`. */
  reset?: boolean;
  /** Start what ends again, by itself; true unless told. */
  restart?: boolean;
  /** Progress and trouble, a sentence each, for a person. */
  report?: (line: string) => void;
};

export type WebService = Service & { readonly url: string };

/** A whole portal: database, stand-ins, workers and web servers, each a process of its own. */
export type Stack = {
  /** Address of the first web server, without a slash at the end. */
  readonly url: string;
  /** As the application signs in. */
  readonly databaseUrl: string;
  /** As the owner of the tables signs in. */
  readonly databaseOwnerUrl: string;
  readonly mailboxUrl: string;
  /** Base URL by name, as the stand-ins gave them. */
  readonly standIns: StandIns;
  /** What the web and worker processes have in their environment, beside this process's own. */
  readonly settings: Settings;
  readonly logDir: string;
  readonly services: {
    readonly postgres: Service;
    readonly standIns: Service;
    readonly webs: readonly WebService[];
    readonly workers: readonly Service[];
  };
  /** One more web server, on a free port unless told; its APP_URL stays that of the first. */
  startWeb(options?: { port?: number; env?: Settings }): Promise<WebService>;
  /** One more worker. */
  startWorker(options?: { env?: Settings }): Promise<Service>;
  /** Runs a program of the repository with the settings of the stack; rejects when it fails. */
  run(program: string, args?: readonly string[], env?: Settings): Promise<void>;
  /** Ends everything in order; the data stay. */
  stop(): Promise<void>;
  /** As `stop`, then removes `dataDir` and the database, wherever it lies. */
  remove(): Promise<void>;
};

/**
 * Brings up a whole portal in `dataDir`, as `npm run demo`, the browser and crash tests and the
 * measurements use it. Rejects, with nothing left running, when a part does not come up; the message
 * is for a person.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { testMode = false, restart = true, report = () => {} } = options;
  const dataDir = path.resolve(options.dataDir);
  const logDir = path.join(dataDir, "logs");
  const standInsDir = path.join(dataDir, "stand-ins");
  const log = (name: string) => path.join(logDir, `${name}.log`);
  const common = { cwd: root, restart, report };
  const environment = inheritedEnvironment(options.development ? "development" : "production");

  const workers: Service[] = [];
  const webs: WebService[] = [];
  const pids: Partial<DemoDescription["pids"]> = {};
  let description: Omit<DemoDescription, "pids"> | null = null;
  let settings: Settings = {};

  mkdirSync(dataDir, { recursive: true });
  const lock = await lockDataFolder(dataDir);
  const undo = [async () => lock.release()];

  try {
    if (options.reset) await removeData(dataDir);
    for (const each of [logDir, standInsDir]) mkdirSync(each, { recursive: true });
    const port = options.port ?? (await findFreePort());
    await requirePort(port, lock.wasAbandoned ? 15_000 : 0);
    const url = `http://localhost:${port}`;
    const secrets = readSecrets(dataDir);

    report("Starting PostgreSQL …");
    const postgres = await startPostgres({
      folder: dataDir,
      durable: !testMode,
      restart,
      report,
      onStart: (pid) => describe({ postgres: pid }),
    });
    undo.push(async () => await postgres.stop());
    let database = await preparePortalDatabase(postgres.cluster(), secrets);
    if ((await findSeedState(postgres.cluster())) === "partly") {
      // Half of the demo data is worse than none.
      await dropPortalDatabase(postgres.cluster());
      rmSync(standInsDir, { recursive: true, force: true });
      mkdirSync(standInsDir);
      database = await preparePortalDatabase(postgres.cluster(), secrets);
    }

    let standIns: StandIns = {};
    const standInService = await startService({
      ...common,
      name: "stand-ins",
      command: node("lib/sandbox/main.ts", "--data", standInsDir, "--stop-with-stdin"),
      env: { ...environment, ...standInSettings(secrets, url), ...options.standInEnv },
      logFile: log("stand-ins"),
      talks: true,
      untilReady: async (_signal, lines) => {
        standIns = await new Promise((resolve) => {
          lines?.on("line", (text) => {
            const found = parseReadyLine(text);
            if (found) resolve(found);
          });
        });
      },
      onStart: (pid) => describe({ standIns: pid }),
    });
    undo.push(async () => await standInService.stop());
    const { mailbox: mailboxUrl } = standIns;
    if (!mailboxUrl) throw new Error("The stand-ins did not say where the mailbox is");

    settings = {
      ...appSettings({ secrets, standIns, appUrl: url, databaseUrl: database.appUrl, testMode }),
      ...options.env,
    };

    const withOwner = { DATABASE_DIRECT_URL: database.ownerUrl };
    if ((options.seed ?? true) && (await findSeedState(postgres.cluster())) === "not") {
      report("Putting in the demo data …");
      await noteSeedState(postgres.cluster(), "partly");
      // The portal never asks a bank, so no setting says where it is.
      await run("prisma/seed.ts", [], { ...withOwner, SEED_BANK_BASE: standIns["bank"] ?? "" });
      await noteSeedState(postgres.cluster(), "completely");
    }
    if (!options.development) await ensureBuild(report);

    report("Starting worker and web …");
    for (let n = 0; n < (options.workers ?? 1); n++) await startWorker();
    for (let n = 0; n < (options.webs ?? 1); n++) await startWeb(n === 0 ? { port } : {});

    keepSettings(dataDir, { ...settings, ...withOwner });
    undo.push(async () => forgetDemo(dataDir));
    description = {
      url,
      databaseUrl: database.appUrl,
      databaseDirectUrl: database.ownerUrl,
      mailboxUrl,
      standIns,
    };
    describe({});

    return {
      url,
      databaseUrl: database.appUrl,
      databaseOwnerUrl: database.ownerUrl,
      mailboxUrl,
      standIns,
      settings,
      logDir,
      services: { postgres, standIns: standInService, webs, workers },
      startWeb,
      startWorker,
      run: async (program, args = [], env = {}) => await run(program, args, env),
      stop,
      async remove() {
        await stop();
        await removeStack(dataDir);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }

  async function startWorker({ env = {} }: { env?: Settings } = {}): Promise<Service> {
    const isFirst = workers.length === 0;
    const name = isFirst ? "worker" : `worker-${workers.length + 1}`;
    const service = await startService({
      ...common,
      name,
      command: node("lib/worker/main.ts"),
      env: { ...environment, ...settings, ...env },
      logFile: log(name),
      // Nothing asks a worker anything, so there is nothing to wait for.
      untilReady: async () => {},
      onStart: (pid) => isFirst && describe({ worker: pid }),
    });
    undo.push(async () => await service.stop());
    workers.push(service);
    return service;
  }

  async function startWeb(chosen: { port?: number; env?: Settings } = {}): Promise<WebService> {
    const isFirst = webs.length === 0;
    const name = isFirst ? "web" : `web-${webs.length + 1}`;
    const port = chosen.port ?? (await findFreePort());
    const url = `http://localhost:${port}`;
    const service = await startService({
      ...common,
      name,
      command: options.development
        ? node("node_modules/next/dist/bin/next", "dev", "--port", String(port))
        : node("lib/cli/start.mjs", "--port", String(port)),
      env: { ...environment, ...settings, PORT: String(port), ...chosen.env },
      logFile: log(name),
      untilReady: async (signal) => await untilAnswers(`${url}/api/health/live`, signal),
      onStart: (pid) => isFirst && describe({ web: pid }),
    });
    undo.push(async () => await service.stop());
    const web = Object.assign(service, { url });
    webs.push(web);
    return web;
  }

  async function run(program: string, args: readonly string[], env: Settings): Promise<void> {
    const file = log(path.basename(program, path.extname(program)));
    const output = openSync(file, "a", 0o600);
    const [command, ...rest] = node(program, ...args);
    const child = spawn(command, rest, {
      cwd: root,
      env: { ...environment, ...settings, ...env },
      stdio: ["ignore", output, output],
      detached: true,
    });
    guard(child, "TERM");
    closeSync(output);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    if (code !== 0) throw new Error(`${program} failed.\n${tail(file)}`);
  }

  /** A new process of a part: the description follows, once there is a whole to describe. */
  function describe(changed: Partial<DemoDescription["pids"]>): void {
    Object.assign(pids, changed);
    const { postgres = 0, standIns = 0, worker = 0, web = 0 } = pids;
    if (description) {
      describeDemo(dataDir, { ...description, pids: { postgres, standIns, worker, web } });
    }
  }

  async function stop(): Promise<void> {
    if (undo.length > 0) lock.beginEnding();
    // Last started, first ended: nothing loses what it still needs.
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  }
}

function node(program: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, path.join(root, program), ...args];
}

/** This process's environment, without what would change how the stack runs. */
function inheritedEnvironment(nodeEnv: "production" | "development"): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(PORT|DATABASE_.*|CLOCK_OFFSET_SECONDS|VITEST.*|NODE_.*)$/.test(name),
  );
  return { ...Object.fromEntries(kept), NODE_ENV: nodeEnv, NEXT_TELEMETRY_DISABLED: "1" };
}

async function requirePort(port: number, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!((await isFree(port, "::")) && (await isFree(port)))) {
    if (Date.now() > deadline) {
      throw new Error(
        `Port ${port} is taken by another program. Choose another one, e.g. PORT=${port + 1}.`,
      );
    }
    await pause(100);
  }
}

/** `{"ready":true,"stripe":"http://127.0.0.1:…",…}` from the stand-ins; null for any other line. */
function parseReadyLine(text: string): StandIns | null {
  if (!text.startsWith("{")) return null;
  try {
    const { ready, ...addresses } = JSON.parse(text) as { ready?: boolean } & StandIns;
    return ready === true ? addresses : null;
  } catch {
    return null;
  }
}

async function untilAnswers(url: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
      if (response.status < 500) return;
    } catch {
      // Nobody listens yet.
    }
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await pause(50);
  }
}

/** Removes what a stack that does not run any more left: its `dataDir`, and the database elsewhere. */
export async function removeStack(dataDir: string): Promise<void> {
  await removeData(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
}

async function removeData(dataDir: string): Promise<void> {
  await removeCluster(dataDir);
  for (const name of readdirSync(dataDir)) {
    if (name !== lockFile) rmSync(path.join(dataDir, name), { recursive: true, force: true });
  }
}
