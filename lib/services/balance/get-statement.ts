import { z } from "zod";
import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import { money } from "#lib/domain/money.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import type { Statement } from "#lib/domain/statement.ts";
import { outsideOptions } from "#lib/services/payment/available-methods.ts";
import { LocalizedTextSchema } from "#lib/services/plan/schemas.ts";
import { getOwed } from "./lock-balance.ts";

const PAGE_SIZE = 25;

const LineRow = z.object({
  at: z.date(),
  kind: z.string(),
  isTopUp: z.boolean(),
  orderNumber: z.string().nullable(),
  planName: LocalizedTextSchema.nullable(),
  changeMinor: z.bigint(),
  balanceAfterMinor: z.bigint(),
  count: z.bigint(),
});

/**
 * The customer's balance and every change of it, latest first, straight from the ledger: what is shown is
 * what is booked.
 *
 * @param input `currency`: another one in which there is a balance; the account's own for any that is not
 */
export async function getStatement(
  actor: Actor,
  input: { readonly page?: number; readonly currency?: string | undefined },
): Promise<Result<Statement>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const { accountId, currency: own } = customer.value;
  const balances = await db().balance.findMany({
    where: { accountId },
    orderBy: { currency: "asc" },
  });
  const balance = balances.find((row) => row.currency === (input.currency ?? own));
  const currency = balance?.currency ?? own;
  const read = async (page: number) =>
    (
      await db().$queryRaw<unknown[]>`
        SELECT * FROM (
          SELECT j.booked_at AS at, j.id, j.kind, coalesce(o.kind = 'topup', false) AS "isTopUp", o.number AS "orderNumber",
              (SELECT i.terms -> 'name' FROM order_item i WHERE i.order_id = o.id ORDER BY i.position LIMIT 1) AS "planName",
              (-e.amount_minor) AS "changeMinor",
              (sum(-e.amount_minor) OVER (ORDER BY j.booked_at, j.id))::bigint AS "balanceAfterMinor",
              count(*) OVER () AS count
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id JOIN journal j ON j.id = e.journal_id
              LEFT JOIN "order" o ON o.id = j.order_id
            WHERE a.account_id = ${accountId}::uuid AND a.code = 'customer_balance' AND a.currency = ${currency}) lines
          ORDER BY at DESC, id DESC LIMIT ${PAGE_SIZE} OFFSET ${(page - 1) * PAGE_SIZE}`
    ).map((row) => LineRow.parse(row));
  const asked = Math.max(1, input.page ?? 1);
  let rows = await read(asked);
  let page = asked;
  if (rows.length === 0 && asked > 1) {
    page = 1;
    rows = await read(1);
  }
  const pages = Math.max(1, Math.ceil(Number(rows[0]?.count ?? 0n) / PAGE_SIZE));
  return accept({
    balance: money(balance?.balanceMinor ?? 0n, currency),
    reserved: money(balance?.reservedMinor ?? 0n, currency),
    owed: money(await getOwed(db(), accountId, currency), currency),
    others: balances
      .filter((row) => row.currency !== currency && (row.currency === own || row.balanceMinor > 0n))
      .map((row) => money(row.balanceMinor, row.currency)),
    lines: rows.map((row) => ({
      at: row.at,
      kind: row.kind,
      isTopUp: row.isTopUp,
      orderNumber: row.orderNumber,
      planName: row.planName,
      change: money(row.changeMinor, currency),
      balanceAfter: money(row.balanceAfterMinor, currency),
    })),
    page,
    pages,
    methods: currency === own ? outsideOptions(customer.value, money(10_000n, currency)) : [],
  });
}
