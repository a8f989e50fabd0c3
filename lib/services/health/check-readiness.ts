import { readdirSync } from "node:fs";
import path from "node:path";
import { db } from "#lib/db/client.ts";
import { log } from "#lib/observability/log.ts";

/** The oldest due job may wait this long before the worker counts as gone. */
const WORKER_LATE_SECONDS = 60;

export interface Readiness {
  readonly ready: boolean;
  readonly database: "ok" | "unreachable";
  readonly migrations: "ok" | "pending" | "unknown";
  readonly worker: {
    readonly state: "ok" | "late" | "unknown";
    /** Age of the oldest job that should have been done, in seconds; 0 when none waits. */
    readonly oldestDueJobSeconds: number | null;
  };
}

/**
 * Whether this instance can serve: the database answers, has every migration, and jobs are being done.
 * What goes wrong is logged; only a database that does not answer is called unreachable.
 */
export async function checkReadiness(): Promise<Readiness> {
  const expected = migrationNames();
  try {
    const [applied, jobs] = await Promise.all([
      db().$queryRaw<{ name: string }[]>`
        SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
      db().$queryRaw<{ seconds: number | null }[]>`
        SELECT extract(epoch FROM now() - min(start_after))::float8 AS seconds FROM pgboss.job
          WHERE state IN ('created', 'retry') AND start_after <= now()`,
    ]);
    const names = new Set(applied.map((row) => row.name));
    const migrations = stateOf(expected, names);
    const oldest = Math.round(jobs[0]?.seconds ?? 0);
    const late = oldest > WORKER_LATE_SECONDS;
    return {
      ready: migrations === "ok" && !late,
      database: "ok",
      migrations,
      worker: { state: late ? "late" : "ok", oldestDueJobSeconds: oldest },
    };
  } catch (error) {
    // What was asked for is whether it answers: it does not, and that is the answer.
    log().error({ err: error }, "readiness: the database does not answer");
    return {
      ready: false,
      database: "unreachable",
      migrations: "unknown",
      worker: { state: "unknown", oldestDueJobSeconds: null },
    };
  }
}

function stateOf(
  expected: readonly string[] | null,
  applied: ReadonlySet<string>,
): Readiness["migrations"] {
  if (expected === null) return "unknown";
  return expected.every((name) => applied.has(name)) ? "ok" : "pending";
}

let known: readonly string[] | undefined;

/** The migrations this build was made for; null when their folder is missing where the process runs. */
function migrationNames(): readonly string[] | null {
  try {
    known ??= readdirSync(path.join(process.cwd(), "prisma", "migrations"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    return known;
  } catch (error) {
    log().error({ err: error }, "readiness: no folder of migrations");
    return null;
  }
}
