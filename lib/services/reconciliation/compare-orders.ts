import { db } from "#lib/db/client.ts";
import { money } from "#lib/domain/money.ts";
import { amountText, type Notebook } from "./notebook.ts";

/** Before every id. */
const FIRST = "00000000-0000-0000-0000-000000000000";
const PAGE = 2_000;

interface OrderRow {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly currency: string;
  readonly total: bigint;
  readonly paid: bigint;
  /** Given back, on its way back, owed because giving it back failed, or lost in a dispute. */
  readonly returned: bigint;
  readonly waits: boolean;
}

/**
 * Whether everybody who paid since `since` has what was paid for, has the money back, or has a time at which
 * somebody looks again.
 */
export async function compareOrders(since: Date, notebook: Notebook): Promise<void> {
  for (let after = FIRST; ;) {
    const page: OrderRow[] = await db().$queryRaw`
      WITH page AS (
        SELECT id, number, state, currency, total_minor, next_attempt_at FROM "order"
          WHERE placed_at >= ${since} AND id > ${after}::uuid ORDER BY id LIMIT ${PAGE})
      SELECT page.id, page.number, page.state::text AS state, page.currency, page.total_minor AS total,
             page.next_attempt_at IS NOT NULL AS waits,
             coalesce((SELECT sum(p.amount_minor) FROM payment p WHERE p.order_id = page.id AND p.state = 'settled'), 0)::bigint AS paid,
             coalesce((SELECT sum(r.amount_minor) FROM refund r WHERE r.order_id = page.id AND r.redirects IS NULL), 0)::bigint
               + coalesce((SELECT sum(d.amount_minor) FROM dispute d WHERE d.order_id = page.id AND d.state IN ('open', 'lost')), 0)::bigint AS returned
        FROM page ORDER BY page.id`;
    for (const order of page) judge(order, notebook);
    await notebook.count(page.length);
    after = page.at(-1)?.id ?? after;
    if (page.length < PAGE) return;
  }
}

function judge(order: OrderRow, notebook: Notebook): void {
  const { currency, number: orderNumber } = order;
  const text = (minor: bigint): string => amountText(money(minor, currency));
  const facts = { scope: "orders", about: order.id, orderNumber } as const;
  switch (order.state) {
    case "inProgress":
    case "held":
      if (order.waits) return;
      notebook.add({
        ...facts,
        kind: "order_stranded",
        expected: `${order.state}, with a time at which it goes on`,
        actual: "no such time",
        repair: { act: "resume", orderId: order.id },
      });
      return;
    case "completed":
      if (order.paid >= order.total) return;
      notebook.add({
        ...facts,
        kind: "order_underpaid",
        expected: text(order.total),
        actual: text(order.paid),
      });
      return;
    case "failed":
    case "cancelled":
      if (order.paid <= order.returned) return;
      notebook.add({
        ...facts,
        kind: "order_not_refunded",
        expected: text(order.paid),
        actual: text(order.returned),
      });
      return;
    default:
      // Not paid in full yet: its payments are compared with their providers.
      if (order.total === 0n || order.paid < order.total) return;
      notebook.add({
        ...facts,
        kind: "order_stranded",
        expected: "paid and on its way",
        actual: order.state,
      });
  }
}
