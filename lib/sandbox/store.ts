import { DatabaseSync } from "node:sqlite";

/** A stored object with its id and the order in which it was first stored. */
export interface Stored<T> {
  id: string;
  sequence: number;
  doc: T;
}

/** Values a stored object may be looked up by. */
export type Key = string | number;

/**
 * The durable memory of one stand-in: JSON objects by kind and id in one SQLite file.
 *
 * Everything is synchronous and a request is answered only after its transaction committed, so
 * killing the process loses nothing that a caller was told.
 */
export class Store {
  readonly database: DatabaseSync;
  #depth = 0;

  constructor(file: string) {
    this.database = new DatabaseSync(file);
    this.database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS objects (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        doc TEXT NOT NULL,
        UNIQUE (kind, id)
      );
    `);
  }

  /** Makes look-ups of `kind` by the top-level field `field` fast. */
  index(kind: string, field: string): void {
    const name = `${kind}_${field}`.replace(/[^a-z0-9_]/gi, "_");
    this.database.exec(
      `CREATE INDEX IF NOT EXISTS "by_${name}" ON objects (json_extract(doc, '$.${field}')) WHERE kind = '${kind}'`,
    );
  }

  /** Runs `work` in one transaction; nested calls join the outer one. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.database.exec("BEGIN IMMEDIATE");
    this.#depth = 1;
    try {
      const result = work();
      this.database.exec("COMMIT");
      return result;
    } catch (error) {
      this.database.exec("ROLLBACK");
      throw error;
    } finally {
      this.#depth = 0;
    }
  }

  /** Runs `work` inside the current transaction; what it wrote is undone when it throws. */
  attempt<T>(work: () => T): T {
    this.database.exec("SAVEPOINT attempt");
    try {
      const result = work();
      this.database.exec("RELEASE attempt");
      return result;
    } catch (error) {
      this.database.exec("ROLLBACK TO attempt");
      this.database.exec("RELEASE attempt");
      throw error;
    }
  }

  put(kind: string, id: string, doc: unknown): void {
    this.database
      .prepare(
        "INSERT INTO objects (kind, id, doc) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET doc = excluded.doc",
      )
      .run(kind, id, JSON.stringify(doc));
  }

  find<T>(kind: string, id: string): T | null {
    const row = this.database
      .prepare("SELECT doc FROM objects WHERE kind = ? AND id = ?")
      .get(kind, id);
    return row ? (JSON.parse(String(row["doc"])) as T) : null;
  }

  /** The newest object of `kind` whose top-level `field` equals `value`. */
  findBy<T>(kind: string, field: string, value: Key): T | null {
    return this.list<T>(kind, { [field]: value }, 1)[0]?.doc ?? null;
  }

  /** Objects of `kind`, newest first, whose top-level fields equal `where`. */
  list<T>(kind: string, where: Record<string, Key> = {}, limit = -1): Stored<T>[] {
    const fields = Object.keys(where);
    // The kind is inlined (it never comes from outside) so that the partial indexes apply.
    const conditions = fields.map((field) => ` AND json_extract(doc, '$.${field}') = ?`).join("");
    const rows = this.database
      .prepare(
        `SELECT sequence, id, doc FROM objects WHERE kind = '${kind}'${conditions} ORDER BY sequence DESC LIMIT ?`,
      )
      .all(...Object.values(where), limit);
    return rows.map((row) => ({
      id: String(row["id"]),
      sequence: Number(row["sequence"]),
      doc: JSON.parse(String(row["doc"])) as T,
    }));
  }

  remove(kind: string, id: string): boolean {
    const result = this.database
      .prepare("DELETE FROM objects WHERE kind = ? AND id = ?")
      .run(kind, id);
    return Number(result.changes) > 0;
  }

  /** Forgets every object except those of the kinds in `keep`. */
  clear(keep: string[] = []): void {
    const kept = keep.map((kind) => `'${kind}'`).join(",");
    this.database.exec(`DELETE FROM objects WHERE kind NOT IN (${kept || "''"})`);
  }

  close(): void {
    this.database.close();
  }
}
