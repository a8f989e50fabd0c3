import { env } from "#lib/config/env.ts";
import { db, Prisma, type Tx } from "./client.ts";

/**
 * Business time: the database's clock, shifted by CLOCK_OFFSET_SECONDS where testing permits it.
 * Processes never compare times of their own clocks, which may be off.
 */
export async function businessNow(tx?: Tx): Promise<Date> {
  return new Date((await databaseNow(tx)).getTime() + clockOffsetSeconds() * 1000);
}

/**
 * The database's clock itself, never shifted: for what others date by the real time (signatures of
 * webhooks) and what SQL compares with now() (sessions).
 */
export async function databaseNow(tx?: Tx): Promise<Date> {
  const rows = await (tx ?? db()).$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
  const row = rows[0];
  if (row === undefined) throw new Error("The database did not tell the time");
  return row.now;
}

/** Seconds by which business time is shifted. */
export function clockOffsetSeconds(): number {
  return env().CLOCK_OFFSET_SECONDS ?? 0;
}

/** Business time in SQL. */
export function sqlNow(): Prisma.Sql {
  return Prisma.sql`(clock_timestamp() + make_interval(secs => ${clockOffsetSeconds()}))`;
}
