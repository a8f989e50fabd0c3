import { z } from "zod";
import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { sqlNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import type { Dashboard } from "#lib/domain/account.ts";
import { money } from "#lib/domain/money.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { EsimRowSchema, esimJson, toEsimOverview } from "#lib/services/esim/internal.ts";
import { orderJson, OrderRowSchema, toSummaryOfRow } from "#lib/services/order/order-row.ts";

/** How many orders the dashboard lists. */
const LATEST_ORDERS = 5;

const DashboardRow = z.object({
  now: z.date(),
  balanceMinor: z.bigint(),
  esims: z.array(EsimRowSchema),
  orders: z.array(OrderRowSchema),
});

/** Everything on the customer's dashboard, in one round trip. */
export async function getDashboard(actor: Actor): Promise<Result<Dashboard>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const { accountId, currency, name } = customer.value;
  const rows = await db().$queryRaw<unknown[]>`
    SELECT ${sqlNow()} AS now,
      coalesce((SELECT balance_minor FROM balance
        WHERE account_id = ${accountId}::uuid AND currency = ${currency}), 0) AS "balanceMinor",
      (SELECT coalesce(json_agg(${esimJson(currency)} ORDER BY e.created_at), '[]')
        FROM esim e WHERE e.account_id = ${accountId}::uuid) AS esims,
      (SELECT coalesce(json_agg(latest.row ORDER BY latest.placed_at DESC), '[]') FROM (
        SELECT ${orderJson()} AS row, o.placed_at FROM "order" o
          WHERE o.account_id = ${accountId}::uuid ORDER BY o.placed_at DESC LIMIT ${LATEST_ORDERS}) latest) AS orders`;
  const row = DashboardRow.parse(rows[0]);
  return accept({
    name,
    balance: money(row.balanceMinor, currency),
    esims: row.esims.map((esim) => toEsimOverview(esim, currency, row.now)),
    orders: row.orders.map(toSummaryOfRow),
  });
}
