import type { Tx } from "#lib/db/client.ts";

/** What a customer can spend and what they owe, in minor units. */
export interface LockedBalance {
  readonly availableMinor: bigint;
  readonly owedMinor: bigint;
}

/** Holds the account's row, on which all spending queues up, and reads what is there then. */
export async function lockBalance(
  tx: Tx,
  accountId: string,
  currency: string,
): Promise<LockedBalance> {
  await tx.$queryRaw`SELECT id FROM account WHERE id = ${accountId}::uuid FOR UPDATE`;
  const balance = await tx.balance.findUnique({
    where: { accountId_currency: { accountId, currency } },
  });
  return {
    availableMinor: balance?.balanceMinor ?? 0n,
    owedMinor: await getOwed(tx, accountId, currency),
  };
}

/** What a customer owes, in minor units. */
export async function getOwed(
  reader: Pick<Tx, "$queryRaw">,
  accountId: string,
  currency: string,
): Promise<bigint> {
  const rows = await reader.$queryRaw<{ owed: bigint }[]>`
    SELECT coalesce(sum(e.amount_minor), 0)::bigint AS owed
      FROM ledger_account a JOIN ledger_entry e ON e.ledger_account_id = a.id
      WHERE a.code = 'receivables' AND a.currency = ${currency} AND a.account_id = ${accountId}::uuid`;
  return rows[0]?.owed ?? 0n;
}
