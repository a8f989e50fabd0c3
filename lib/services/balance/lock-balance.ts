import type { Tx } from "#lib/db/client.ts";

/** What a customer can spend and what they owe, in minor units. */
export interface LockedBalance {
  readonly availableMinor: bigint;
  readonly owedMinor: bigint;
}

/**
 * Holds the account's row, on which all that goes to or from the balance queues up: it comes before the row
 * of the balance, which the ledger writes. Rows that only name the account (foreign keys) do not wait for it.
 */
export async function lockAccount(tx: Tx, accountId: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM account WHERE id = ${accountId}::uuid FOR NO KEY UPDATE`;
}

/** Holds the account's row ({@link lockAccount}), and reads what is on the balance then. */
export async function lockBalance(
  tx: Tx,
  accountId: string,
  currency: string,
): Promise<LockedBalance> {
  await lockAccount(tx, accountId);
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
