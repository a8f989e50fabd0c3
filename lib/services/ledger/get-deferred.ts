import type { Tx } from "#lib/db/client.ts";

/**
 * How much of what was paid for an order is owed as service still: neither earned nor given back, in minor
 * units, without tax, straight from the ledger. The caller holds the order's row.
 */
export async function getDeferred(tx: Tx, orderId: string): Promise<bigint> {
  const rows = await tx.$queryRaw<{ deferred: bigint }[]>`
    SELECT coalesce(-sum(e.amount_minor), 0)::bigint AS deferred
      FROM journal j JOIN ledger_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.ledger_account_id
      WHERE j.order_id = ${orderId}::uuid AND a.code = 'deferred_revenue'`;
  return rows[0]?.deferred ?? 0n;
}
