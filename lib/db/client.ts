import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { env } from "#lib/config/env.ts";
import { Prisma, PrismaClient } from "./generated/client.ts";

export { Prisma };

/** What runs inside a transaction. */
export type Tx = Prisma.TransactionClient;

interface Connections {
  readonly pool: pg.Pool;
  readonly sidePool: pg.Pool;
  readonly prisma: PrismaClient;
}

// One pool per process; kept on globalThis, for the development server loads modules anew.
const holder = globalThis as typeof globalThis & { portalConnections?: Connections };

function connections(): Connections {
  holder.portalConnections ??= connect(env().DATABASE_URL);
  return holder.portalConnections;
}

function connect(url: string): Connections {
  const pool = openPool(url, 10);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return { pool, prisma, sidePool: openPool(url, 2) };
}

function openPool(url: string, max: number): pg.Pool {
  const opened = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    application_name: "portal",
    options: "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000",
  });
  // A connection that breaks while idle is replaced by the pool; the next query says so if it matters.
  opened.on("error", () => undefined);
  return opened;
}

/** The Prisma client of this process. */
export function db(): PrismaClient {
  return connections().prisma;
}

/** The connection pool below the Prisma client, for libraries that speak to PostgreSQL themselves. */
export function pool(): pg.Pool {
  return connections().pool;
}

/**
 * Connections for queries that a library makes of its own while a transaction is open: were they to wait
 * for the pool, and the pool for transactions that wait for this one, nobody would ever go on.
 */
export function sidePool(): pg.Pool {
  return connections().sidePool;
}

/** Closes the connections of this process. */
export async function disconnect(): Promise<void> {
  const open = holder.portalConnections;
  delete holder.portalConnections;
  await open?.prisma.$disconnect();
  await Promise.all([open?.pool.end(), open?.sidePool.end()]);
}
