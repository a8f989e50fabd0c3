import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { installQueues } from "#lib/jobs/install.ts";
import { migrateDatabase } from "#lib/cli/migrate-database.ts";
import { removeCluster, startCluster } from "#prisma/embedded-postgres/cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Superuser's connection string of the cluster that this run uses. */
    databaseAdminUrl: string;
    /** The migrated database that each test file's own is copied from. */
    databaseTemplate: string;
    /** Password of the role that the application signs in as. */
    databaseAppPassword: string;
  }
}

/**
 * Once per run: a PostgreSQL for the tests (or the one behind TEST_DATABASE_URL) and in it a migrated
 * template. Returns what vitest calls at the end.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["TEST_DATABASE_URL"];
  const own = given ? null : await startOwnCluster();
  const adminUrl = given ?? own?.adminUrl ?? "";
  const template = `test_template_${process.pid}`;
  const appPassword = "test-only";

  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE ${template}`);
    await migrateDatabase(withDatabase(adminUrl, template));
    await installQueues(withDatabase(adminUrl, template));
    await admin.query(`ALTER ROLE portal_app LOGIN PASSWORD '${appPassword}'`);
  } finally {
    await admin.end();
  }
  project.provide("databaseAdminUrl", adminUrl);
  project.provide("databaseTemplate", template);
  project.provide("databaseAppPassword", appPassword);

  return async () => {
    if (own) return await own.remove();
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    await client.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await client.end();
  };
}

async function startOwnCluster(): Promise<{ adminUrl: string; remove(): Promise<void> }> {
  const folder = mkdtempSync(path.join(tmpdir(), "axis-test-"));
  const cluster = await startCluster({ folder, durable: false });
  return {
    adminUrl: cluster.url("postgres"),
    async remove() {
      await cluster.stop();
      await removeCluster(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
