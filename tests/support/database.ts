import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/** A migrated database of one test file's own. */
export type TestDatabase = {
  /** As the application: the role `portal_app`, which owns nothing. */
  url: string;
  /** As the owner of the tables, for what only a migration or an operator may do. */
  ownerUrl: string;
  /** Drops the database; connections that are still open are cut. */
  close(): Promise<void>;
};

/**
 * Gives the calling test file a fresh, migrated, empty database. Call it in `beforeAll` and `close`
 * it in `afterAll`, after the connections to it.
 */
export async function openTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await asAdmin(`CREATE DATABASE ${name} TEMPLATE ${inject("databaseTemplate")}`);
  const ownerUrl = new URL(inject("databaseAdminUrl"));
  ownerUrl.pathname = `/${name}`;
  const url = new URL(ownerUrl);
  url.username = "portal_app";
  url.password = inject("databaseAppPassword");
  return {
    url: url.href,
    ownerUrl: ownerUrl.href,
    close: async () => await asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject("databaseAdminUrl") });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
