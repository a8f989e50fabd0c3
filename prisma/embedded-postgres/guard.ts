import { spawn, type ChildProcess } from "node:child_process";

/**
 * Ends `child` (with `signal`, to its whole process group) when this process dies, even by
 * `kill -9`: a shell waits on a pipe that only we hold open, and the kernel closes it for us.
 * `child` must have been spawned with `detached: true`, so that it leads its own group.
 */
export function guard(child: ChildProcess, signal: "INT" | "TERM" | "KILL"): void {
  if (child.pid === undefined) return;
  const script = 'read -r _; kill -"$1" -"$2" 2>/dev/null';
  const watcher = spawn("/bin/sh", ["-c", script, "sh", signal, String(child.pid)], {
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watcher.unref();
  watcher.stdin.on("error", () => watcher.kill("SIGKILL"));
  child.once("exit", () => watcher.kill("SIGKILL"));
}

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
