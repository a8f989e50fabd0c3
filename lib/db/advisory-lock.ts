import pg from "pg";
import { env } from "#lib/config/env.ts";

/**
 * Runs `work` while no other process runs what has the same name; null, and nothing done, when one does. The
 * lock belongs to a connection of its own, past any transaction pooler: it ends with the process, however
 * that ends.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T | null> {
  const client = new pg.Client({
    connectionString: env().DATABASE_DIRECT_URL ?? env().DATABASE_URL,
    application_name: "lock",
    connectionTimeoutMillis: 5_000,
  });
  // A connection that is lost loses the lock; what is done under it must bear to be done twice.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ held: boolean }>(
      "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held",
      [name],
    );
    return rows[0]?.held === true ? await work() : null;
  } finally {
    await client.end();
  }
}
