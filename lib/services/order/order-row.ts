import { z } from "zod";
import { Prisma } from "#lib/db/client.ts";
import { money } from "#lib/domain/money.ts";
import { orderPhase } from "#lib/domain/order-progress.ts";
import type { OrderSummary } from "#lib/domain/order.ts";
import { BigintText, LocalizedTextSchema } from "#lib/services/plan/schemas.ts";

/** An order (alias `o`) as one JSON value: what a row of a list needs, so that a page costs one round trip. */
export function orderJson(): Prisma.Sql {
  return Prisma.sql`json_build_object(
    'number', o.number, 'kind', o.kind, 'state', o.state, 'placedAt', o.placed_at, 'paidAt', o.paid_at,
    'completedAt', o.completed_at, 'endedAt', o.ended_at, 'currency', o.currency, 'totalMinor', o.total_minor::text,
    'esimLabel', (SELECT label FROM esim WHERE id = o.esim_id),
    'planName', (SELECT terms -> 'name' FROM order_item WHERE order_id = o.id ORDER BY position LIMIT 1),
    'payment', (SELECT json_build_object('state', p.state, 'processing', p.processing)
      FROM payment p WHERE p.order_id = o.id ORDER BY p.adapter = 'balance', p.created_at DESC LIMIT 1),
    'activation', (SELECT json_build_object('state', a.state, 'requestedAt', a.requested_at, 'acceptedAt', a.accepted_at)
      FROM activation a JOIN order_item i ON i.id = a.order_item_id WHERE i.order_id = o.id ORDER BY i.position LIMIT 1),
    'refund', (SELECT json_build_object('state', r.state, 'createdAt', r.created_at, 'succeededAt', r.succeeded_at)
      FROM refund r WHERE r.order_id = o.id AND NOT EXISTS (SELECT FROM refund n WHERE n.redirects = r.id)
      ORDER BY CASE r.state WHEN 'failed' THEN 0 WHEN 'succeeded' THEN 2 ELSE 1 END, r.created_at DESC LIMIT 1))`;
}

const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** What {@link orderJson} yields. */
export const OrderRowSchema = z.object({
  number: z.string(),
  state: z.enum([
    "acknowledged",
    "pending",
    "held",
    "inProgress",
    "completed",
    "failed",
    "partial",
    "cancelled",
  ]),
  placedAt: Instant,
  paidAt: Instant.nullable(),
  completedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  currency: z.string(),
  totalMinor: BigintText,
  kind: z.enum(["renewal", "topup"]),
  esimLabel: z.string().nullable(),
  planName: LocalizedTextSchema.nullable(),
  payment: z.object({
    state: z.enum(["created", "pending", "reserved", "settled", "failed", "expired"]),
    processing: z.boolean(),
  }),
  activation: z
    .object({
      state: z.enum(["requested", "pending", "unknown", "confirmed", "rejected", "quarantined"]),
      requestedAt: Instant.nullable(),
      acceptedAt: Instant.nullable(),
    })
    .nullable(),
  refund: z
    .object({
      state: z.enum(["created", "pending", "succeeded", "failed"]),
      createdAt: Instant,
      succeededAt: Instant.nullable(),
    })
    .nullable(),
});

/** An order's row as lists show it. */
export function toSummaryOfRow(row: z.infer<typeof OrderRowSchema>): OrderSummary {
  return {
    number: row.number,
    phase: orderPhase({ ...row, isTopUp: row.kind === "topup", startsAt: null }),
    placedAt: row.placedAt,
    planName: row.planName,
    esimLabel: row.esimLabel,
    total: money(row.totalMinor, row.currency),
  };
}
