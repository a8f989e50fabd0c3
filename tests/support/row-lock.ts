import pg from "pg";

/** A row that a test holds, so that whoever wants to change it waits. */
export interface RowLock {
  /** Whether somebody waits for the row now. */
  isWanted(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Locks one row on a connection of its own. Readers and foreign keys to the row pass; `FOR UPDATE`,
 * UPDATE and DELETE wait.
 *
 * @param url of a role that may change the table
 */
export async function lockRow(
  url: string,
  table: "account" | "esim" | "order",
  id: string,
): Promise<RowLock> {
  const client = new pg.Client({ connectionString: url, application_name: "row-lock" });
  // The server ends before the lock is released only where a test has failed already.
  client.on("error", () => undefined);
  await client.connect();
  await client.query("BEGIN");
  await client.query(`SELECT FROM "${table}" WHERE id = $1 FOR NO KEY UPDATE`, [id]);
  return {
    async isWanted() {
      // What PostgreSQL shows of its sessions is kept for a whole transaction unless told.
      await client.query("SELECT pg_stat_clear_snapshot()");
      const { rowCount } = await client.query(
        "SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))",
      );
      return (rowCount ?? 0) > 0;
    },
    async release() {
      await client.query("ROLLBACK");
      await client.end();
    },
  };
}
