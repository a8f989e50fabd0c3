import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Name of the file that holds the lock, inside the data folder. */
export const lockFile = "launcher.json";

/** Says that a launcher has a data folder to itself. */
export type Lock = {
  /** Whether an earlier launcher died without letting go: its processes may still be ending. */
  wasAbandoned: boolean;
  release(): void;
};

/**
 * Takes `dataDir` for this process, or throws with a sentence for people when another launcher that
 * still runs has it.
 */
export function lockDataFolder(dataDir: string): Lock {
  const file = path.join(dataDir, lockFile);
  const wasAbandoned = existsSync(file);
  if (wasAbandoned) {
    const holder = readHolder(file);
    if (holder && holder.pid !== process.pid && startOf(holder.pid) === holder.startedAt) {
      throw new Error(
        `Another launcher (process ${holder.pid}) is using ${dataDir}. Stop it first.`,
      );
    }
  }
  const self = { pid: process.pid, startedAt: startOf(process.pid) };
  writeFileSync(file, JSON.stringify(self));
  return { wasAbandoned, release: () => rmSync(file, { force: true }) };
}

function readHolder(file: string): { pid: number; startedAt: string | null } | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { pid: number; startedAt: string | null };
  } catch {
    // Cut off while it was being written: its launcher died at once.
    return null;
  }
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
