import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";

/** The key under which Prisma's own CLI takes its lock, so that the two also exclude each other. */
const advisoryLockKey = 72_707_369;

/** A statement that cannot get its lock must not hold up the running application for longer. */
const lockTimeoutMs = 15_000;

/** Where the migrations of this project lie. */
export const migrationsFolder = fileURLToPath(new URL("migrations", import.meta.url));

export type MigrationOptions = {
  folder?: string;
  /** Done last, while the lock still keeps others away; on connections of its own. */
  afterwards?: () => Promise<void>;
};

type Migration = { name: string; script: string; checksum: string };

/**
 * Applies the migrations that the database behind `url` does not have yet, in the order of their
 * names, and returns the names it applied. The history is kept in `_prisma_migrations` exactly as
 * Prisma's CLI keeps it, so either may be used afterwards.
 *
 * Each migration is one transaction together with its line in the history: it happened or it did
 * not. An advisory lock lets one caller work at a time, so any number of hosts may call this at once.
 * Needs a direct connection (no transaction pooler), as the owner of the tables.
 *
 * Throws, having changed nothing further, when a migration fails, when one that was applied has been
 * edited since, or when the history holds an unfinished one.
 */
export async function applyMigrations(
  url: string,
  { folder = migrationsFolder, afterwards }: MigrationOptions = {},
): Promise<string[]> {
  const migrations = readMigrations(folder);
  const client = new pg.Client({ connectionString: url, application_name: "migrate" });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [advisoryLockKey]);
    await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
    const history = await readHistory(client);
    const applied: string[] = [];
    for (const migration of migrations) {
      const known = history.get(migration.name);
      if (known === undefined) {
        await apply(client, migration);
        applied.push(migration.name);
      } else if (known !== migration.checksum) {
        throw new Error(
          `Migration ${migration.name} was edited after it had been applied here. ` +
            "Restore it, and write the change as a new migration.",
        );
      }
    }
    await afterwards?.();
    return applied;
  } finally {
    await client.end();
  }
}

function readMigrations(folder: string): Migration[] {
  if (!existsSync(folder)) throw new Error(`There are no migrations in ${folder}`);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
    .map((name) => {
      const script = readFileSync(path.join(folder, name, "migration.sql"), "utf8");
      return { name, script, checksum: createHash("sha256").update(script).digest("hex") };
    });
}

/** Checksums of the applied migrations by name. */
async function readHistory(client: pg.Client): Promise<Map<string, string>> {
  await client.query(`
    CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
      "id"                  VARCHAR(36) PRIMARY KEY NOT NULL,
      "checksum"            VARCHAR(64) NOT NULL,
      "finished_at"         TIMESTAMPTZ,
      "migration_name"      VARCHAR(255) NOT NULL,
      "logs"                TEXT,
      "rolled_back_at"      TIMESTAMPTZ,
      "started_at"          TIMESTAMPTZ NOT NULL DEFAULT now(),
      "applied_steps_count" INTEGER NOT NULL DEFAULT 0
    )`);
  const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(`
    SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
    FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`);
  const unfinished = rows.find((row) => !row.finished);
  if (unfinished) {
    throw new Error(
      `Migration ${unfinished.name} began here and never finished. Repair the database by hand, ` +
        "then set rolled_back_at (to try it again) or finished_at in _prisma_migrations.",
    );
  }
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

async function apply(client: pg.Client, { name, script, checksum }: Migration): Promise<void> {
  try {
    await client.query("BEGIN");
    await client.query(script);
    await client.query(
      `INSERT INTO "_prisma_migrations"
         (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    const { message, position } = error as pg.DatabaseError;
    const line = position ? ` (line ${script.slice(0, Number(position)).split("\n").length})` : "";
    throw new Error(`Migration ${name} failed and was rolled back: ${message}${line}`, {
      cause: error,
    });
  }
}
