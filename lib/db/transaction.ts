import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { db, Prisma, type Tx } from "./client.ts";

const ATTEMPTS = 6;
const LONGEST_PAUSE_MS = 400;

/**
 * Runs `work` in one transaction (READ COMMITTED; verbs lock the rows they decide on). With `outer`
 * it joins that one instead. Conflicts with others (serialisation failure 40001, deadlock 40P01) are
 * tried again up to six times with full jitter, so `work` must have no effect outside the database.
 */
export async function inTransaction<T>(work: (tx: Tx) => Promise<T>, outer?: Tx): Promise<T> {
  if (outer !== undefined) return await work(outer);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db().$transaction(work, { maxWait: 5_000, timeout: 15_000 });
    } catch (error) {
      if (attempt >= ATTEMPTS || !isConflict(error)) throw error;
      await pause(randomInt(Math.min(LONGEST_PAUSE_MS, 20 * 2 ** attempt)));
    }
  }
}

/** Whether an error is a conflict with another transaction, in each shape Prisma's adapters give it. */
export function isConflict(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    return error.code === "P2034" || /\b(40001|40P01)\b/.test(error.message);
  }
  if (error instanceof Error && error.name === "DriverAdapterError") {
    const cause: unknown = error.cause;
    return (
      typeof cause === "object" &&
      cause !== null &&
      "kind" in cause &&
      cause.kind === "TransactionWriteConflict"
    );
  }
  return false;
}

/** Whether an error says that a unique constraint holds already. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  // P2010 is how a failed raw query is reported, with PostgreSQL's code in its text.
  return error.code === "P2002" || (error.code === "P2010" && /\b23505\b/.test(error.message));
}
