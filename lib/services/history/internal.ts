import type { Customer } from "#lib/access/actor.ts";
import { db, Prisma } from "#lib/db/client.ts";
import type { HistoryEntry, HistoryFilter } from "#lib/domain/history.ts";
import { money } from "#lib/domain/money.ts";
import { startOfDay } from "#lib/domain/period.ts";
import { orderJson, toSummaryOfRow } from "#lib/services/order/order-row.ts";
import { HistoryRowSchema } from "./schemas.ts";

const DAY_MS = 86_400_000;

/** Where a reading of the history goes on: after this entry. */
export interface HistoryCursor {
  readonly at: Date;
  readonly id: string;
}

/** How many entries a customer's history has. */
export async function countHistory(customer: Customer, filter: HistoryFilter): Promise<number> {
  const [row] = await db().$queryRaw<{ count: bigint }[]>`
    SELECT count(*) AS count FROM (${hits(customer, filter)}) hit`;
  return Number(row?.count ?? 0n);
}

/** Entries of a customer's own history, newest first. */
export async function readHistory(
  customer: Customer,
  filter: HistoryFilter,
  part: { readonly limit: number; readonly offset?: number; readonly after?: HistoryCursor | null },
): Promise<readonly HistoryEntry[]> {
  const after = part.after ?? null;
  const onwards =
    after === null
      ? Prisma.empty
      : Prisma.sql`WHERE (at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`;
  // First which entries, then what each of them says. A payment that is begun and waits for the customer
  // is, to the customer, not paid yet.
  const rows = await db().$queryRaw<unknown[]>`
    WITH hit AS (
      SELECT * FROM (${hits(customer, filter)}) found ${onwards}
        ORDER BY at DESC, id DESC LIMIT ${part.limit} OFFSET ${part.offset ?? 0})
    SELECT hit.id, hit.at, hit.kind, o.number AS "orderNumber",
        CASE WHEN e.id IS NOT NULL THEN json_build_object('iccid', e.iccid, 'label', e.label) END AS esim,
        CASE hit.kind
          WHEN 'order' THEN ${orderJson()}
          WHEN 'payment' THEN (SELECT json_build_object('currency', p.currency, 'amountMinor', p.amount_minor::text,
            'method', p.adapter, 'state', CASE WHEN p.state = 'pending' AND NOT p.processing THEN 'created' ELSE p.state::text END)
            FROM payment p WHERE p.id = hit.id)
          WHEN 'refund' THEN (SELECT json_build_object('currency', r.currency, 'amountMinor', (-r.amount_minor)::text,
            'method', CASE WHEN r.to_balance THEN 'balance' ELSE p.adapter::text END, 'state', r.state)
            FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.id = hit.id)
          WHEN 'period' THEN (SELECT json_build_object('planName', coalesce(i.terms -> 'name', l.name),
            'startsAt', t.starts_at, 'endsAt', t.ends_at, 'state', t.state)
            FROM period t JOIN plan l ON l.id = t.plan_id LEFT JOIN order_item i ON i.id = t.order_item_id WHERE t.id = hit.id)
          WHEN 'message' THEN (SELECT json_build_object('template', n.template, 'channel', n.channel, 'state', n.state)
            FROM notice n WHERE n.id = hit.id)
          ELSE (SELECT d.data::json FROM document d WHERE d.id = hit.id)
        END AS facts
      FROM hit LEFT JOIN "order" o ON o.id = hit.order_id LEFT JOIN esim e ON e.id = hit.esim_id
      ORDER BY hit.at DESC, hit.id DESC`;
  return rows.map(toEntry);
}

/**
 * Time, kind and id of everything in the customer's history that the filter lets through. Each part asks
 * for the owner itself.
 */
function hits({ accountId, timeZone }: Customer, filter: HistoryFilter): Prisma.Sql {
  const own = Prisma.sql`${accountId}::uuid`;
  const parts = {
    order: [
      Prisma.sql`SELECT o.placed_at AS at, 'order' AS kind, o.id, o.id AS order_id, o.esim_id FROM "order" o
        WHERE o.account_id = ${own}`,
    ],
    payment: [
      Prisma.sql`SELECT coalesce(p.settled_at, p.created_at), 'payment', p.id, o.id, o.esim_id
        FROM "order" o JOIN payment p ON p.order_id = o.id WHERE o.account_id = ${own}`,
      Prisma.sql`SELECT coalesce(r.succeeded_at, r.created_at), 'refund', r.id, o.id, o.esim_id
        FROM "order" o JOIN refund r ON r.order_id = o.id WHERE o.account_id = ${own}`,
    ],
    period: [
      Prisma.sql`SELECT t.starts_at, 'period', t.id, i.order_id, e.id
        FROM esim e JOIN period t ON t.esim_id = e.id LEFT JOIN order_item i ON i.id = t.order_item_id
        WHERE e.account_id = ${own}`,
    ],
    message: [
      Prisma.sql`SELECT coalesce(n.sent_at, n.created_at), 'message', n.id, o.id, o.esim_id
        FROM "order" o JOIN notice n ON n.order_id = o.id WHERE o.account_id = ${own} AND n.account_id = ${own}`,
    ],
    document: [
      Prisma.sql`SELECT d.issued_at, 'document', d.id, o.id, o.esim_id
        FROM "order" o JOIN document d ON d.order_id = o.id WHERE o.account_id = ${own} AND d.number IS NOT NULL`,
    ],
  };
  const wanted = filter.kind === undefined ? Object.values(parts).flat() : parts[filter.kind];
  const narrowed = [
    filter.from === undefined
      ? null
      : Prisma.sql`at >= ${startOfDay(filter.from, timeZone)}::timestamptz`,
    filter.to === undefined
      ? null
      : Prisma.sql`at < ${startOfDay(dayAfter(filter.to), timeZone)}::timestamptz`,
    filter.iccid === undefined
      ? null
      : Prisma.sql`esim_id = (SELECT id FROM esim WHERE iccid = ${filter.iccid} AND account_id = ${own})`,
  ].filter((condition) => condition !== null);
  const where =
    narrowed.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join(narrowed, " AND ")}`;
  // The first part names the columns, whichever it is.
  return Prisma.sql`SELECT * FROM (${Prisma.join(wanted, " UNION ALL ")}) every(at, kind, id, order_id, esim_id) ${where}`;
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);
}

function toEntry(raw: unknown): HistoryEntry {
  const row = HistoryRowSchema.parse(raw);
  const { id, at, orderNumber, esim } = row;
  const about = { id, at, orderNumber, esim };
  switch (row.kind) {
    case "order": {
      const { phase, planName, total } = toSummaryOfRow(row.facts);
      return { ...about, kind: "order", phase, planName, amount: total };
    }
    case "payment":
    case "refund": {
      const { method, state, amountMinor, currency } = row.facts;
      const amount = money(amountMinor, currency);
      return {
        ...about,
        kind: "payment",
        method,
        isRefund: row.kind === "refund",
        state,
        amount,
      };
    }
    case "period":
      return { ...about, kind: "period", ...row.facts };
    case "message":
      return { ...about, kind: "message", ...row.facts };
    case "document": {
      const { kind: documentKind, number, totals } = row.facts;
      return { ...about, kind: "document", documentKind, number, amount: totals.gross };
    }
  }
}
