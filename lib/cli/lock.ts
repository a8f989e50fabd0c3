import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Name of the file that holds the lock, inside the data folder. */
export const lockFile = "launcher.json";

/** Says that a launcher has a data folder to itself. */
export type Lock = {
  /** Whether an earlier launcher died without letting go: its processes may still be ending. */
  wasAbandoned: boolean;
  /** Tells who wants the folder next that it will be free soon. */
  beginEnding(): void;
  release(): void;
};

type Holder = { pid: number; startedAt: string | null; isEnding: boolean };

/** A launcher that was just told to end needs a moment to say so, and then some to end. */
const noticeMs = 2_000;
const endingMs = 90_000;

/**
 * Takes `dataDir` for this process. Waits for another launcher that is ending; throws, with a
 * sentence for people, when one runs on.
 */
export async function lockDataFolder(dataDir: string): Promise<Lock> {
  const file = path.join(dataDir, lockFile);
  const begun = Date.now();
  let holder = findHolder(file);
  while (holder && Date.now() - begun < (holder.isEnding ? endingMs : noticeMs)) {
    await pause(100);
    holder = findHolder(file);
  }
  if (holder) {
    throw new Error(`Another launcher (process ${holder.pid}) is using ${dataDir}. Stop it first.`);
  }
  const wasAbandoned = existsSync(file);
  const self = { pid: process.pid, startedAt: startOf(process.pid) };
  const write = (isEnding: boolean) => {
    writeFileSync(`${file}.new`, JSON.stringify({ ...self, isEnding }));
    renameSync(`${file}.new`, file);
  };
  write(false);
  return {
    wasAbandoned,
    beginEnding: () => write(true),
    release: () => rmSync(file, { force: true }),
  };
}

/** The launcher that holds the lock and still runs. */
function findHolder(file: string): Holder | null {
  if (!existsSync(file)) return null;
  const holder = JSON.parse(readFileSync(file, "utf8")) as Holder;
  const runs = holder.pid !== process.pid && startOf(holder.pid) === holder.startedAt;
  return runs ? holder : null;
}

/** When a process began, or null when there is none: an id alone may have been given out again. */
function startOf(pid: number): string | null {
  try {
    const options = {
      encoding: "utf8",
      stdio: "pipe",
      env: { ...process.env, LC_ALL: "C" },
    } as const;
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], options).trim() || null;
  } catch {
    return null;
  }
}
