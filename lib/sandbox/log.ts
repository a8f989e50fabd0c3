import type { Store } from "./store.ts";

/** One request that reached a stand-in, as `GET /__sandbox/log` gives it. */
export interface LoggedRequest {
  /** Grows by one per request; `?since=` takes it. */
  id: number;
  /** Real time, ISO 8601. */
  at: string;
  method: string;
  path: string;
  /** Body or query, parsed; secrets and card numbers are masked. */
  params: unknown;
  idempotencyKey: string | null;
  transactionId: string | null;
  /** HTTP status that was written, or null when no answer was sent. */
  status: number | null;
  /** The provider's error code in the answer, or null. */
  errorCode: string | null;
  /** The fault that was applied, or null. */
  fault: string | null;
  /** Whether this request itself changed something at the provider. */
  acted: boolean;
  /** Whether an earlier result was given again. */
  replayed: boolean;
}

/** What is known of a request when it arrives. */
export type ArrivedRequest = Pick<
  LoggedRequest,
  "method" | "path" | "params" | "idempotencyKey" | "transactionId"
>;

/** What is learnt of a request later. */
export type RequestOutcome = Partial<
  Pick<LoggedRequest, "status" | "errorCode" | "fault" | "acted" | "replayed">
>;

const secretNames = /^(number|cvc|cvv|password|card_number|client_secret)$/;

/** Replaces card numbers, security codes and passwords, at any depth, by asterisks. */
export function mask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mask);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretNames.test(name) && typeof inner === "string" ? "***" : mask(inner),
    ]),
  );
}

/** The durable list of every request, by which tests judge what reached the provider. */
export class RequestLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.database.exec(`
      CREATE TABLE IF NOT EXISTS requests (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        method TEXT NOT NULL,
        path TEXT NOT NULL,
        params TEXT NOT NULL,
        idempotency_key TEXT,
        transaction_id TEXT,
        status INTEGER,
        error_code TEXT,
        fault TEXT,
        acted INTEGER NOT NULL DEFAULT 0,
        replayed INTEGER NOT NULL DEFAULT 0
      );
    `);
  }

  /** Writes down a request on arrival; returns its id. */
  arrive(request: ArrivedRequest): number {
    const result = this.#store.database
      .prepare(
        "INSERT INTO requests (at, method, path, params, idempotency_key, transaction_id) VALUES (?, ?, ?, ?, ?, ?)",
      )
      .run(
        new Date().toISOString(),
        request.method,
        request.path,
        JSON.stringify(mask(request.params) ?? null),
        request.idempotencyKey,
        request.transactionId,
      );
    return Number(result.lastInsertRowid);
  }

  /** Adds what became of a request. */
  note(id: number, outcome: RequestOutcome): void {
    const columns: [string, string | number | null | undefined][] = [
      ["status", outcome.status],
      ["error_code", outcome.errorCode],
      ["fault", outcome.fault],
      ["acted", outcome.acted === undefined ? undefined : Number(outcome.acted)],
      ["replayed", outcome.replayed === undefined ? undefined : Number(outcome.replayed)],
    ];
    const known = columns.filter((column) => column[1] !== undefined);
    if (known.length === 0) return;
    this.#store.database
      .prepare(
        `UPDATE requests SET ${known.map(([name]) => `${name} = ?`).join(", ")} WHERE id = ?`,
      )
      .run(...known.map(([, value]) => value ?? null), id);
  }

  /** All requests after `since`, oldest first. */
  list(since = 0): LoggedRequest[] {
    return this.#store.database
      .prepare("SELECT * FROM requests WHERE id > ? ORDER BY id")
      .all(since)
      .map((row) => ({
        id: Number(row["id"]),
        at: String(row["at"]),
        method: String(row["method"]),
        path: String(row["path"]),
        params: JSON.parse(String(row["params"])) as unknown,
        idempotencyKey: text(row["idempotency_key"]),
        transactionId: text(row["transaction_id"]),
        status: row["status"] === null ? null : Number(row["status"]),
        errorCode: text(row["error_code"]),
        fault: text(row["fault"]),
        acted: row["acted"] === 1,
        replayed: row["replayed"] === 1,
      }));
  }

  /** Forgets all requests; ids go on growing, so that an old `since` stays valid. */
  clear(): void {
    this.#store.database.exec("DELETE FROM requests");
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
