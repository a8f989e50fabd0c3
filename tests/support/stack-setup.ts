import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { removeStack, startStack } from "#lib/cli/stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the portal that the browser tests of this run use, without a slash at the end. */
    appUrl: string;
    mailboxUrl: string;
    /** Base URLs of the stand-ins by name. */
    standIns: Record<string, string>;
    /** Its database, as the application and as the owner of the tables. */
    appDatabaseUrl: string;
    appDatabaseOwnerUrl: string;
    /** Its settings, and the folder with the logs of its processes. */
    appSettings: Record<string, string>;
    appLogs: string;
  }
}

/** Once per run: the production build of the portal with demo data, on free ports. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "axis-e2e-"));
  const stack = await startStack({
    dataDir,
    testMode: true,
    report: (line) => console.log(line),
  }).catch(async (error: unknown) => {
    await removeStack(dataDir);
    throw error;
  });
  project.provide("appUrl", stack.url);
  project.provide("mailboxUrl", stack.mailboxUrl);
  project.provide("standIns", stack.standIns);
  project.provide("appDatabaseUrl", stack.databaseUrl);
  project.provide("appDatabaseOwnerUrl", stack.databaseOwnerUrl);
  project.provide("appSettings", stack.settings);
  project.provide("appLogs", stack.logDir);
  return async () => await stack.remove();
}
