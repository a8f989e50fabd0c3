import { db } from "#lib/db/client.ts";

/** How much of each kind there is, for monitors. */
export interface WorkCounts {
  readonly orders: readonly { readonly state: string; readonly count: number }[];
  readonly ordersNeedingAttention: number;
  readonly journalImbalances: number;
  readonly oldestDueJobSeconds: number;
}

/** Counts what an operator watches: orders by state, those that need a person, and late jobs. */
export async function countWork(): Promise<WorkCounts> {
  const [orders, attention, imbalances, jobs] = await Promise.all([
    db().order.groupBy({ by: ["state"], _count: true }),
    db().order.count({ where: { needsAttention: { not: null } } }),
    db().$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count FROM audit.journal_imbalance`,
    db().$queryRaw<{ seconds: number | null }[]>`
      SELECT extract(epoch FROM now() - min(start_after))::float8 AS seconds FROM pgboss.job
        WHERE state IN ('created', 'retry') AND start_after <= now()`,
  ]);
  return {
    orders: orders.map((row) => ({ state: row.state, count: row._count })),
    ordersNeedingAttention: attention,
    journalImbalances: imbalances[0]?.count ?? 0,
    oldestDueJobSeconds: Math.round(jobs[0]?.seconds ?? 0),
  };
}
