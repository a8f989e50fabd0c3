import { spawnSync, type SpawnSyncOptions } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** Path of a Chromium on this machine, or null. */
export function findBrowser(): string | null {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return candidates.find(isExecutable) ?? null;
}

/**
 * Path of a Chromium that can draw Chinese, installed from Debian's packages when there is none and
 * we are root. Throws with what to install otherwise.
 */
export function ensureBrowser(report: (line: string) => void): string {
  const found = findBrowser();
  const missing = [...(found ? [] : ["chromium"]), ...(drawsChinese() ? [] : ["fonts-noto-cjk"])];
  if (missing.length > 0) install(missing, report);
  const browser = found ?? findBrowser();
  if (browser && drawsChinese()) return browser;
  throw new Error(
    `The browser tests need ${missing.join(" and ")}. On Debian or Ubuntu: ` +
      `apt-get install ${missing.join(" ")}`,
  );
}

function install(packages: readonly string[], report: (line: string) => void): void {
  if (process.getuid?.() !== 0) return;
  report(`Installing ${packages.join(" and ")} …`);
  const options: SpawnSyncOptions = {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "ignore", "inherit"],
  };
  spawnSync("apt-get", ["update", "-qq"], options);
  const args = ["install", "-y", "-qq", "--no-install-recommends", ...packages];
  spawnSync("apt-get", args, options);
}

/** Without a Chinese font every character is drawn as the same empty box. */
function drawsChinese(): boolean {
  const { status, stdout } = spawnSync("fc-list", [":lang=zh-cn"], { encoding: "utf8" });
  return status === 0 && stdout.trim() !== "";
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
