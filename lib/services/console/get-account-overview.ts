import type { Actor } from "#lib/access/actor.ts";
import { requireStaffActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import { sqlNow } from "#lib/db/clock.ts";
import type { AccountOverview, EsimDifference, StaffOrder } from "#lib/domain/account.ts";
import { isLocale } from "#lib/domain/locale.ts";
import { money } from "#lib/domain/money.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { lastEnd, sumBytes } from "#lib/domain/renewal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import {
  esimJson,
  EsimRowSchema,
  toEsimOverview,
  type EsimRow,
} from "#lib/services/esim/internal.ts";
import { findEvents } from "./internal.ts";
import { ORDER_PARTS, toOrderView, type OrderParts } from "#lib/services/order/order-view.ts";

const LATEST_ORDERS = 20;
const LATEST_EVENTS = 60;
/** Carrier and books may differ by this much before it is called a difference. */
const DATE_TOLERANCE_MS = 3_600_000;
const DATA_TOLERANCE_BYTES = 1_048_576n;

/**
 * An account as it is, for support: books and carrier side by side, and one time line of what happened.
 * Looking is written to the audit. Refuses `not_found`.
 */
export async function getAccountOverview(
  actor: Actor,
  input: { readonly accountId: string },
): Promise<Result<AccountOverview>> {
  const staff = requireStaffActor(actor);
  if (!staff.ok) return staff;
  const account = await db().account.findFirst({
    where: { id: input.accountId, role: "customer" },
    include: {
      balances: { orderBy: { currency: "asc" } },
      orders: { include: ORDER_PARTS, orderBy: { placedAt: "desc" }, take: LATEST_ORDERS },
    },
  });
  if (account === null) return refuse({ code: "not_found" });
  const [esims, events] = await Promise.all([
    db().$queryRaw<{ now: Date; esim: unknown }[]>`
      SELECT ${sqlNow()} AS now, ${esimJson(account.currency)} AS esim FROM esim e
        WHERE e.account_id = ${account.id}::uuid ORDER BY e.created_at`,
    findEvents(
      {
        OR: [
          { correlationId: { in: account.orders.map((order) => order.id) } },
          { subject: `account ${account.id}` },
          { actorId: account.id },
        ],
      },
      LATEST_EVENTS,
    ),
  ]);
  await recordAuditEvent(db(), staff.value, {
    action: "account.viewed",
    subject: `account ${account.id}`,
  });
  return accept({
    accountId: account.id,
    name: account.name,
    email: account.email,
    phone: account.phone,
    locale: isLocale(account.locale) ? account.locale : "en",
    timeZone: account.timeZone,
    countryCode: account.countryCode,
    balances: account.balances.map((row) => ({
      balance: money(row.balanceMinor, row.currency),
      reserved: money(row.reservedMinor, row.currency),
    })),
    esims: esims.map(({ now, esim }) => {
      const row = EsimRowSchema.parse(esim);
      return {
        ...toEsimOverview(row, account.currency, now),
        carrier: row.carrier,
        carrierEsimId: row.carrierEsimId,
        differences: findDifferences(row, now),
      };
    }),
    orders: account.orders.map(toStaffOrder),
    events,
  });
}

function findDifferences(esim: EsimRow, now: Date): readonly EsimDifference[] {
  const differences: EsimDifference[] = [];
  const confirmed = esim.periods.filter((period) => period.state !== "pendingActive");
  const bookedEnd = lastEnd({ periods: confirmed }, now);
  const carrierEnd = esim.carrierExpiresAt;
  if (
    carrierEnd !== null &&
    bookedEnd !== null &&
    Math.abs(carrierEnd.getTime() - bookedEnd.getTime()) > DATE_TOLERANCE_MS
  ) {
    differences.push({
      kind: "end_differs",
      booked: bookedEnd.toISOString(),
      carrier: carrierEnd.toISOString(),
    });
  }
  const bookedLeft = sumBytes(
    esim.buckets.filter((bucket) => bucket.validFrom <= now).map((bucket) => bucket.remainingBytes),
  );
  if (bookedLeft !== null && esim.carrierTotalBytes !== null && esim.carrierUsedBytes !== null) {
    const carrierLeft = esim.carrierTotalBytes - esim.carrierUsedBytes;
    const distance = carrierLeft > bookedLeft ? carrierLeft - bookedLeft : bookedLeft - carrierLeft;
    if (distance > DATA_TOLERANCE_BYTES) {
      differences.push({
        kind: "data_differs",
        booked: bookedLeft.toString(),
        carrier: carrierLeft.toString(),
      });
    }
  }
  return differences;
}

function toStaffOrder(order: OrderParts): StaffOrder {
  const view = toOrderView(order);
  const activation = order.items[0]?.activation ?? null;
  return {
    number: view.number,
    phase: view.phase,
    placedAt: view.placedAt,
    planName: view.service?.planName ?? null,
    esimLabel: view.service?.esimLabel ?? null,
    total: view.total,
    state: order.state,
    iccid: view.service?.iccid ?? null,
    documents: view.documents,
    needsAttention: order.needsAttention,
    nextAttemptAt: order.nextAttemptAt,
    payments: order.payments.map((payment) => ({
      id: payment.id,
      adapter: payment.adapter,
      state: payment.state,
      amount: money(payment.amountMinor, payment.currency),
      providerReference: payment.providerReference,
      settledAt: payment.settledAt,
    })),
    refunds: order.refunds.map((refund) => ({
      state: refund.state,
      amount: money(refund.amountMinor, refund.currency),
      reason: refund.reason,
    })),
    activation:
      activation === null
        ? null
        : {
            state: activation.state,
            ourReference: activation.ourReference,
            carrierReference: activation.carrierReference,
            attempts: activation.attempts,
            lookups: activation.lookups,
            reason: activation.reason,
          },
  };
}
