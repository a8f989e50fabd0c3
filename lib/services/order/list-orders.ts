import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import type { OrderSummary } from "#lib/domain/order.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { orderJson, OrderRowSchema, toSummaryOfRow } from "./order-row.ts";

const PAGE_SIZE = 20;

/** The customer's orders, latest first. `page` counts from 1; one beyond the last is the last. */
export async function listOrders(
  actor: Actor,
  input: { readonly page?: number },
): Promise<
  Result<{
    readonly orders: readonly OrderSummary[];
    readonly page: number;
    readonly pages: number;
  }>
> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const where = { accountId: customer.value.accountId };
  const count = await db().order.count({ where });
  const pages = Math.max(1, Math.ceil(count / PAGE_SIZE));
  const page = Math.min(Math.max(1, input.page ?? 1), pages);
  const rows = await db().$queryRaw<{ order: unknown }[]>`
    SELECT ${orderJson()} AS order FROM "order" o WHERE o.account_id = ${where.accountId}::uuid
      ORDER BY o.placed_at DESC LIMIT ${PAGE_SIZE} OFFSET ${(page - 1) * PAGE_SIZE}`;
  const orders = rows.map((row) => toSummaryOfRow(OrderRowSchema.parse(row.order)));
  return accept({ orders, page, pages });
}
