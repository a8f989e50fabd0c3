import { z } from "zod";
import { carrierAdapter } from "#lib/carriers/registry.ts";
import { sqlNow } from "#lib/db/clock.ts";
import { Prisma, type Tx } from "#lib/db/client.ts";
import { taxedBuyer } from "#lib/domain/billing.ts";
import { esimCondition, type EsimOverview, type PeriodView } from "#lib/domain/esim.ts";
import { money, type Money } from "#lib/domain/money.ts";
import {
  currentPeriod,
  lastEnd,
  snapshot,
  sumBytes,
  type BookedService,
} from "#lib/domain/renewal.ts";
import { decideTaxRule, taxLine } from "#lib/domain/tax.ts";
import { BigintText, LocalizedTextSchema } from "#lib/services/plan/schemas.ts";

/**
 * An eSIM (alias `e`) as one JSON value with its periods, open buckets and last plan, so that a page
 * costs one round trip. `currency` prices the last plan.
 */
export function esimJson(currency: string): Prisma.Sql {
  return Prisma.sql`json_build_object(
    'id', e.id, 'iccid', e.iccid, 'carrier', e.carrier, 'carrierEsimId', e.carrier_esim_id, 'label', e.label,
    'profileState', e.profile_state, 'networkState', e.network_state, 'lastCountryCode', e.last_country_code,
    'usageAsOf', e.usage_as_of, 'carrierTotalBytes', e.carrier_total_bytes::text,
    'carrierUsedBytes', e.carrier_used_bytes::text, 'carrierExpiresAt', e.carrier_expires_at,
    'periods', (SELECT coalesce(json_agg(json_build_object('id', p.id, 'startsAt', p.starts_at, 'endsAt', p.ends_at,
        'state', p.state, 'confirmed', p.state <> 'pendingActive', 'planName', pl.name, 'dataBytes', pl.data_bytes::text) ORDER BY p.starts_at), '[]')
      FROM period p JOIN plan pl ON pl.id = p.plan_id
      WHERE p.esim_id = e.id AND p.state <> 'cancelled' AND p.ends_at > ${sqlNow()} - interval '400 days'),
    'buckets', (SELECT coalesce(json_agg(json_build_object('id', b.id, 'periodId', b.period_id,
        'totalBytes', b.total_bytes::text, 'remainingBytes', b.remaining_bytes::text,
        'validFrom', b.valid_from, 'validUntil', b.valid_until, 'confirmed', bp.state <> 'pendingActive') ORDER BY b.valid_until), '[]')
      FROM bucket b JOIN period bp ON bp.id = b.period_id WHERE b.esim_id = e.id AND b.closed_at IS NULL AND b.valid_until > ${sqlNow()}),
    'lastPlan', (SELECT json_build_object('code', pl.code, 'name', pl.name, 'amountMinor', pp.amount_minor::text,
        'buyer', json_build_object('billingKind', coalesce(bp.kind, 'private'), 'taxNumber', coalesce(bp.tax_number, ''),
          'countryCode', coalesce(bp.country_code, a.country_code)),
        'taxRates', (SELECT coalesce(json_agg(json_build_object('countryCode', t.country_code, 'customerKind', t.customer_kind,
            'treatment', t.treatment, 'basisPoints', t.basis_points)), '[]')
          FROM tax_rate t WHERE t.country_code = coalesce(bp.country_code, a.country_code)))
      FROM account a LEFT JOIN billing_profile bp ON bp.account_id = a.id CROSS JOIN "order" o JOIN order_item i ON i.order_id = o.id JOIN plan pl ON pl.id = i.plan_id
        JOIN plan_price pp ON pp.plan_id = pl.id AND pp.currency = ${currency}
      WHERE a.id = e.account_id AND o.esim_id = e.id AND o.state = 'completed' AND pl.withdrawn_at IS NULL AND pl.kind = 'base'
      ORDER BY o.placed_at DESC LIMIT 1))`;
}

const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** What {@link esimJson} yields. */
export const EsimRowSchema = z.object({
  id: z.uuid(),
  iccid: z.string(),
  carrier: z.enum(["esim_access"]),
  carrierEsimId: z.string(),
  label: z.string(),
  profileState: z.enum([
    "available",
    "allocated",
    "confirmed",
    "released",
    "downloaded",
    "installed",
    "enabled",
    "disabled",
    "deleted",
    "error",
    "unavailable",
  ]),
  networkState: z.enum(["not_active", "active", "depleted", "expired", "suspended", "cancelled"]),
  lastCountryCode: z.string().nullable(),
  usageAsOf: Instant.nullable(),
  carrierTotalBytes: BigintText.nullable(),
  carrierUsedBytes: BigintText.nullable(),
  carrierExpiresAt: Instant.nullable(),
  periods: z.array(
    z.object({
      id: z.uuid(),
      startsAt: Instant,
      endsAt: Instant,
      state: z.enum(["pendingActive", "active", "terminated"]),
      confirmed: z.boolean(),
      planName: LocalizedTextSchema,
      dataBytes: BigintText.nullable(),
    }),
  ),
  buckets: z.array(
    z.object({
      id: z.uuid(),
      periodId: z.uuid(),
      totalBytes: BigintText.nullable(),
      remainingBytes: BigintText.nullable(),
      validFrom: Instant,
      validUntil: Instant,
      confirmed: z.boolean(),
    }),
  ),
  lastPlan: z
    .object({
      code: z.string(),
      name: LocalizedTextSchema,
      amountMinor: BigintText,
      buyer: z.object({
        billingKind: z.enum(["private", "company"]),
        taxNumber: z.string(),
        countryCode: z.string(),
      }),
      taxRates: z.array(
        z.object({
          countryCode: z.string(),
          customerKind: z.enum(["private", "company"]),
          treatment: z.enum(["inclusive", "exclusive", "reverse_charge"]),
          basisPoints: z.int(),
        }),
      ),
    })
    .nullable(),
});

export type EsimRow = z.infer<typeof EsimRowSchema>;

/** The customer's view of an eSIM at `now`. */
export function toEsimOverview(row: EsimRow, currency: string, now: Date): EsimOverview {
  const current = currentPeriod(row, now);
  const queued = row.periods.filter(
    (period) => period.startsAt > now || (!period.confirmed && period.endsAt > now),
  );
  const left = snapshot(row, now);
  const usable = row.buckets.filter((bucket) => bucket.confirmed && bucket.validFrom <= now);
  const totalBytes = sumBytes(usable.map((bucket) => bucket.totalBytes));
  const view = (period: EsimRow["periods"][number]): PeriodView => ({
    planName: period.planName,
    dataBytes: period.dataBytes,
    startsAt: period.startsAt,
    endsAt: period.endsAt,
    confirmed: period.confirmed,
  });
  return {
    iccid: row.iccid,
    label: row.label,
    condition: esimCondition({
      profileState: row.profileState,
      networkState: row.networkState,
      hasCurrentPeriod: current !== null,
      hasQueuedPeriod: queued.length > 0,
      hadPeriod: row.periods.length > 0,
      remainingBytes: left.dataBytes,
      totalBytes,
      lastEndsAt: lastEnd(row, now),
      now,
    }),
    networkState: row.networkState,
    profileState: row.profileState,
    lastCountryCode: row.lastCountryCode,
    now: left,
    totalBytes,
    current: current === null ? null : view(current),
    queued: queued.map(view),
    usageAsOf: row.usageAsOf,
    usageLagHours: carrierAdapter(row.carrier).capabilities.usageLagHours,
    lastPlan:
      row.lastPlan === null
        ? null
        : {
            code: row.lastPlan.code,
            name: row.lastPlan.name,
            price: priceNow(row.lastPlan, currency),
          },
  };
}

/** What the plan of the last time costs its customer today, with the tax that is theirs. */
function priceNow(plan: NonNullable<EsimRow["lastPlan"]>, currency: string): Money {
  const rule = decideTaxRule(plan.taxRates, taxedBuyer(plan.buyer, plan.buyer));
  return taxLine(money(plan.amountMinor, currency), rule).gross;
}

/** The customer's own eSIM, or null: whose it is stands in the query. */
export async function findOwnEsim(
  reader: Pick<Tx, "$queryRaw">,
  owner: { readonly accountId: string; readonly currency: string },
  iccid: string,
): Promise<{ readonly now: Date; readonly row: EsimRow } | null> {
  const rows = await reader.$queryRaw<{ now: Date; esim: unknown }[]>`
    SELECT ${sqlNow()} AS now, ${esimJson(owner.currency)} AS esim FROM esim e
      WHERE e.account_id = ${owner.accountId}::uuid AND e.iccid = ${iccid}`;
  const found = rows[0];
  return found === undefined ? null : { now: found.now, row: EsimRowSchema.parse(found.esim) };
}

/** What is booked on an eSIM, for deciding in a transaction that has locked the eSIM's row. */
export async function loadBookedService(tx: Tx, esimId: string, now: Date): Promise<BookedService> {
  const [periods, buckets] = await Promise.all([
    tx.period.findMany({
      where: { esimId, state: { not: "cancelled" }, endsAt: { gt: now } },
      select: { id: true, startsAt: true, endsAt: true, state: true },
      orderBy: { startsAt: "asc" },
    }),
    tx.bucket.findMany({
      where: { esimId, closedAt: null, validUntil: { gt: now } },
      select: {
        id: true,
        periodId: true,
        totalBytes: true,
        remainingBytes: true,
        validFrom: true,
        validUntil: true,
        period: { select: { state: true } },
      },
      orderBy: { validUntil: "asc" },
    }),
  ]);
  return {
    periods: periods.map(({ state, ...period }) => ({
      ...period,
      confirmed: state !== "pendingActive",
    })),
    buckets: buckets.map(({ period, ...bucket }) => ({
      ...bucket,
      confirmed: period.state !== "pendingActive",
    })),
  };
}
