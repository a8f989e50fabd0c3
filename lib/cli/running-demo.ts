import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Settings, StandIns } from "./demo-settings.ts";

/** What `demo.json` says about a running demo; programs outside the code rely on it. */
export type DemoDescription = {
  /** Address of the portal. */
  url: string;
  /** As the application signs in. */
  databaseUrl: string;
  /** As the owner of the tables signs in, to migrate. */
  databaseDirectUrl: string;
  mailboxUrl: string;
  standIns: StandIns;
  /** Of the processes themselves, not of wrappers around them. */
  pids: { postgres: number; standIns: number; worker: number; web: number };
};

/** Writes `<dataDir>/demo.json`, whole or not at all, readable by its owner only. */
export function describeDemo(dataDir: string, description: DemoDescription): void {
  writePrivately(path.join(dataDir, "demo.json"), description);
}

/** Keeps the settings of web and worker for programs that are to work on the running demo. */
export function keepSettings(dataDir: string, settings: Settings): void {
  writePrivately(path.join(dataDir, "settings.json"), settings);
}

/** Settings of the demo that runs on `dataDir`, or null when none does. */
export function findDemoSettings(dataDir: string): Settings | null {
  if (!existsSync(path.join(dataDir, "demo.json"))) return null;
  return JSON.parse(readFileSync(path.join(dataDir, "settings.json"), "utf8")) as Settings;
}

/** Forgets the description when the demo has ended. */
export function forgetDemo(dataDir: string): void {
  for (const name of ["demo.json", "settings.json"]) {
    rmSync(path.join(dataDir, name), { force: true });
  }
}

function writePrivately(file: string, content: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
