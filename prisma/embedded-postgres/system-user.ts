import { execFileSync, spawnSync } from "node:child_process";

/** An account of the operating system that PostgreSQL runs as. */
export type SystemUser = { name: string; uid: number; gid: number };

/**
 * PostgreSQL refuses to run as root, so root lends it another account: the owner of a data folder
 * that exists already (`dataOwner`, a uid), else `postgres`, else `nobody`. Null when we are not
 * root: PostgreSQL then simply runs as ourselves.
 */
export function chooseSystemUser(dataOwner: number | null): SystemUser | null {
  if (process.getuid?.() !== 0) return null;
  const candidates = dataOwner === null ? ["postgres", "nobody"] : [String(dataOwner)];
  for (const candidate of candidates) {
    const user = findUser(candidate);
    if (user && user.uid !== 0) return user;
  }
  throw new Error(
    `PostgreSQL cannot run as root, and there is no account to lend it (tried ${candidates.join(", ")})`,
  );
}

/** Whether `user` can enter `folder`, every folder above it included. */
export function canEnter(user: SystemUser, folder: string): boolean {
  const { uid, gid } = user;
  const script = 'cd "$1"';
  return spawnSync("/bin/sh", ["-c", script, "sh", folder], { uid, gid, cwd: "/" }).status === 0;
}

function findUser(nameOrUid: string): SystemUser | null {
  const id = (...args: string[]) =>
    execFileSync("id", [...args, nameOrUid], { encoding: "utf8", stdio: "pipe" }).trim();
  try {
    return { name: id("-un"), uid: Number(id("-u")), gid: Number(id("-g")) };
  } catch {
    return null;
  }
}
