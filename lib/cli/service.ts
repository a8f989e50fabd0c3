import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, createWriteStream, openSync, readFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { guard } from "#prisma/embedded-postgres/guard.ts";

/** One process that is kept running. */
export type Service = {
  readonly name: string;
  /** Of the process itself; null while it is down. */
  readonly pid: number | null;
  /** Resolves when it is up and ready: at once, or after the restart under way. */
  ready(): Promise<void>;
  /** Ends it as a crash would (SIGKILL unless told) and resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again after `stop`, or after `kill` where it is not restarted by itself. */
  start(): Promise<void>;
  /** Ends it in order (SIGTERM, after a while SIGKILL); it stays down. */
  stop(): Promise<void>;
};

export type ServiceSpec = {
  name: string;
  command: readonly [string, ...string[]];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Its output is appended here. */
  logFile: string;
  /** Resolves when the process can be used; `lines` is its output, where `talks` is set. */
  untilReady(signal: AbortSignal, lines: Interface | null): Promise<void>;
  /** It prints something that we read, and ends when its standard input is closed. */
  talks?: boolean;
  /** Whether it is started again when it ends by itself or is killed. */
  restart: boolean;
  /** Called for each new process. */
  onStart?(pid: number): void;
  /** Told, in a sentence, when it ended without being asked to. */
  report(message: string): void;
};

const stopPatienceMs = 30_000;
const shortestBackOffMs = 500;
const longestBackOffMs = 10_000;

/**
 * Starts a process, resolves when it is ready and keeps it running. It ends when this process dies.
 * Rejects with the end of its log when it does not come up the first time.
 */
export async function startService(spec: ServiceSpec): Promise<Service> {
  let child: ChildProcess | null = null;
  let exited: Promise<void> = Promise.resolve();
  let isReady: Promise<void> = Promise.resolve();
  let wanted = false;
  let backOffMs = shortestBackOffMs;
  let retry: NodeJS.Timeout | undefined;

  function launch(): void {
    const startedAt = Date.now();
    const running = spawnWithLog(spec);
    child = running.child;
    const { pid } = child;
    const ending = new AbortController();
    exited = new Promise((resolve) => {
      running.child.once("error", (error) => {
        spec.report(`${spec.name} could not be started: ${error.message}`);
        resolve();
      });
      running.child.once("exit", () => resolve());
    });
    isReady = Promise.race([
      spec.untilReady(ending.signal, running.lines),
      exited.then(() => {
        throw new Error(`${spec.name} ended before it was ready.\n${tail(spec.logFile)}`);
      }),
    ]);
    // Whoever waits is told; when nobody does, the report below is enough.
    isReady.catch(() => {});
    void exited.then(() => {
      ending.abort();
      const how = running.child.signalCode ?? `code ${running.child.exitCode ?? "none"}`;
      child = null;
      if (!wanted || !spec.restart) return;
      if (Date.now() - startedAt > 30_000) backOffMs = shortestBackOffMs;
      spec.report(`${spec.name} ended (${how}) and is started again; its log: ${spec.logFile}`);
      retry = setTimeout(launch, backOffMs);
      backOffMs = Math.min(backOffMs * 2, longestBackOffMs);
    });
    if (pid !== undefined) spec.onStart?.(pid);
  }

  async function start(): Promise<void> {
    if (child) return await isReady;
    // A process that fails at once is reported to the caller, not tried again for ever.
    wanted = false;
    launch();
    try {
      await isReady;
    } catch (error) {
      await end("SIGKILL", 0);
      throw error;
    }
    wanted = true;
  }

  async function end(signal: NodeJS.Signals, patienceMs: number): Promise<void> {
    clearTimeout(retry);
    const { pid } = child ?? {};
    if (pid === undefined) return;
    signalGroup(pid, signal);
    if (patienceMs > 0) await Promise.race([exited, pause(patienceMs, undefined, { ref: false })]);
    if (child?.pid === pid) signalGroup(pid, "SIGKILL");
    await exited;
  }

  const service: Service = {
    name: spec.name,
    get pid() {
      return child?.pid ?? null;
    },
    async ready() {
      for (;;) {
        const comesBack = wanted && spec.restart;
        if (child === null && !comesBack) throw new Error(`${spec.name} is not running`);
        try {
          if (child !== null) return await isReady;
        } catch (error) {
          if (!comesBack) throw error;
        }
        await pause(20);
      }
    },
    async kill(signal = "SIGKILL") {
      const { pid } = child ?? {};
      if (pid === undefined) return;
      const gone = exited;
      signalGroup(pid, signal);
      await gone;
    },
    start,
    async stop() {
      wanted = false;
      await end("SIGTERM", stopPatienceMs);
    },
  };
  await start();
  return service;
}

/** The last lines of a log, for a person to read. */
export function tail(file: string, lines = 30): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

function spawnWithLog(spec: ServiceSpec): { child: ChildProcess; lines: Interface | null } {
  const [program, ...args] = spec.command;
  const log = openSync(spec.logFile, "a", 0o600);
  const child = spawn(program, args, {
    cwd: spec.cwd,
    env: spec.env,
    stdio: spec.talks ? ["pipe", "pipe", log] : ["ignore", log, log],
    // A group of its own: a Ctrl-C in the terminal reaches us only, and we end things in order.
    detached: true,
  });
  closeSync(log);
  guard(child, "TERM");
  child.stdin?.on("error", () => {});
  child.stdout?.pipe(createWriteStream(spec.logFile, { flags: "a" }));
  return { child, lines: child.stdout ? createInterface({ input: child.stdout }) : null };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
