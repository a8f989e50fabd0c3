import { SYSTEM } from "#lib/access/actor.ts";
import type { CarrierOrder } from "#lib/carriers/port.ts";
import { env } from "#lib/config/env.ts";
import type { Tx } from "#lib/db/client.ts";
import { attentionAfter } from "#lib/domain/attention.ts";
import { nextEarning } from "#lib/domain/earning.ts";
import { toJson } from "#lib/domain/json.ts";
import { addValidity } from "#lib/domain/period.ts";
import {
  decideRenewal,
  followQueue,
  lastEnd,
  type BookedPeriod,
  type BookedService,
  type RenewalChange,
} from "#lib/domain/renewal.ts";
import { SoldTermsSchema, type SoldTerms } from "#lib/services/plan/schemas.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { loadBookedService } from "#lib/services/esim/internal.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";
import { moveQueue } from "./move-queue.ts";
import { saveRenewal } from "./save-renewal.ts";

/** Up to this much the carrier's dates win over ours; beyond it the answer is not believed. */
const DATE_TOLERANCE_MS = 24 * 3_600_000;

/** Orders that are confirmed in the same moment may have been counted before this one was sent. */
function shortlyBefore(time: Date): Date {
  return new Date(time.getTime() - 60_000);
}

interface Activated {
  readonly activationId: string;
  readonly orderId: string;
  readonly terms: SoldTerms;
  readonly esim: { readonly iccid: string };
}

/**
 * Why a carrier's confirmation cannot be true, or null: another eSIM, another package, or an end of
 * service more than 24 hours away from the one before plus what was bought since.
 */
export async function findImplausible(
  tx: Tx,
  activated: Activated,
  order: CarrierOrder,
  now: Date,
): Promise<string | null> {
  if (order.iccid !== activated.esim.iccid) return "the carrier confirmed another eSIM";
  if (order.offerCode !== activated.terms.carrierOfferCode) {
    return "the carrier confirmed another package";
  }
  if (order.expiresAt === null) return null;
  if (order.expiresAt <= now) return "the carrier's end of service has passed";
  const { expiresBefore, requestedAt } = await tx.activation.findUniqueOrThrow({
    where: { id: activated.activationId },
  });
  // An eSIM that was never used has no end yet at some carriers: nothing to compare with.
  if (expiresBefore === null || expiresBefore <= now) return null;
  const earliest = addValidity(expiresBefore, activated.terms.validity, "UTC");
  // Other orders for the same eSIM may have been added meanwhile.
  const others = await tx.orderItem.findMany({
    where: {
      order: { esim: { iccid: order.iccid } },
      activation: {
        id: { not: activated.activationId },
        attempts: { gt: 0 },
        OR: [
          { confirmedAt: { gte: shortlyBefore(requestedAt ?? now) } },
          { state: { not: "confirmed" } },
        ],
      },
    },
    select: { terms: true },
  });
  const latest = others.reduce(
    (end, item) => addValidity(end, SoldTermsSchema.parse(item.terms).validity, "UTC"),
    earliest,
  );
  const believable =
    order.expiresAt.getTime() >= earliest.getTime() - DATE_TOLERANCE_MS &&
    order.expiresAt.getTime() <= latest.getTime() + DATE_TOLERANCE_MS;
  return believable ? null : "the carrier's dates are not those that were bought";
}

/**
 * Makes a confirmed item true, in the transaction that owns its activation: period and buckets by the same
 * function as the preview, the order completed, the customer told. Where the carrier's end of service is
 * within 24 hours of ours, it wins.
 */
export async function completeItem(
  tx: Tx,
  activated: Activated,
  carrierOrder: CarrierOrder,
  now: Date,
): Promise<void> {
  const order = await tx.order.findUniqueOrThrow({
    where: { id: activated.orderId },
    include: {
      account: { select: { timeZone: true } },
      items: { include: { period: true, activation: true } },
    },
  });
  const item = order.items.find((each) => each.activation?.id === activated.activationId);
  const { esimId } = order;
  if (item === undefined || esimId === null) throw new Error(`Order ${order.number} lost its item`);

  await tx.$queryRaw`SELECT id FROM esim WHERE id = ${esimId}::uuid FOR UPDATE`;
  await tx.esim.update({
    where: { id: esimId },
    data: {
      ...(carrierOrder.expiresAt === null ? {} : { carrierExpiresAt: carrierOrder.expiresAt }),
      ...(carrierOrder.totalBytes === null ? {} : { carrierTotalBytes: carrierOrder.totalBytes }),
      networkState: "active",
      nextUsageAt: now,
    },
  });
  if (item.period === null) {
    const service = await loadBookedService(tx, esimId, now);
    const change = decideNow(service, activated.terms, now, order.account.timeZone);
    await saveRenewal(tx, {
      esimId,
      orderItemId: item.id,
      planId: item.planId,
      service,
      change: withCarrierEnd(change, service, carrierOrder.expiresAt),
      state: "active",
      now,
    });
  } else {
    await confirmQueued(tx, esimId, item.period, carrierOrder.expiresAt, now);
  }

  await tx.activation.update({
    where: { id: activated.activationId },
    data: {
      state: "confirmed",
      carrierReference: carrierOrder.carrierReference,
      acceptedAt: item.activation?.acceptedAt ?? now,
      confirmedAt: now,
      reason: null,
      report: toJson(carrierOrder) as object,
    },
  });
  await tx.order.update({
    where: { id: order.id },
    data: {
      state: "completed",
      completedAt: now,
      nextAttemptAt: null,
      needsAttention: attentionAfter("activation", order.needsAttention),
    },
  });
  await recordAuditEvent(tx, SYSTEM, {
    action: "order.completed",
    subject: `order ${order.number}`,
    correlationId: order.id,
  });
  await scheduleEarning(tx, item.id, now);
  await queueNotice(tx, order, "order_live");
  await enqueue(tx, "usage.requested", { esimId });
}

/** What was paid for it is earned from now on, as the service is given. */
async function scheduleEarning(tx: Tx, orderItemId: string, now: Date): Promise<void> {
  const { validUntil } = await tx.bucket.findUniqueOrThrow({
    where: { orderItemId },
    select: { validUntil: true },
  });
  await tx.orderItem.update({
    where: { id: orderItemId },
    data: { nextEarningAt: nextEarning(validUntil, now, env().OPERATOR_TIME_ZONE) },
  });
}

/** The carrier has acted, so this must book something: a bucket without a period to lie in gets its own. */
function decideNow(
  service: Parameters<typeof decideRenewal>[0],
  terms: SoldTerms,
  now: Date,
  timeZone: string,
): RenewalChange {
  const policy =
    terms.renewalPolicy === "queue" ||
    (terms.renewalPolicy === "data_only" && lastEnd(service, now) === null)
      ? "add"
      : terms.renewalPolicy;
  const change = decideRenewal(
    service,
    { ...terms, renewalPolicy: policy },
    { choice: "now" },
    now,
    timeZone,
  );
  if (change.ok) return change.value;
  const added = decideRenewal(
    service,
    { ...terms, renewalPolicy: "add" },
    { choice: "now" },
    now,
    timeZone,
  );
  if (!added.ok) throw new Error(`A paid item could not be booked: ${added.refusal.code}`);
  return added.value;
}

/** The new period ends where the carrier says, and what is queued behind it follows. */
function withCarrierEnd(
  change: RenewalChange,
  service: BookedService,
  carrierEnd: Date | null,
): RenewalChange {
  const { period } = change;
  if (period === null || !isNear(period, carrierEnd) || change.moved.length > 0) return change;
  return {
    ...change,
    period: { ...period, endsAt: carrierEnd },
    bucket: { ...change.bucket, validUntil: carrierEnd },
    moved: followQueue(behind(service, period.startsAt), period.endsAt, carrierEnd),
  };
}

/** A period that was booked ahead is confirmed; it ends where the carrier says, and its followers follow. */
async function confirmQueued(
  tx: Tx,
  esimId: string,
  period: { readonly id: string; readonly startsAt: Date; readonly endsAt: Date },
  carrierEnd: Date | null,
  now: Date,
): Promise<void> {
  const service = await loadBookedService(tx, esimId, now);
  const endsAt = isNear(period, carrierEnd) ? carrierEnd : period.endsAt;
  await moveQueue(
    tx,
    esimId,
    service,
    followQueue(behind(service, period.startsAt), period.endsAt, endsAt),
    now,
  );
  await tx.period.update({ where: { id: period.id }, data: { state: "active", endsAt } });
  await tx.bucket.updateMany({ where: { periodId: period.id }, data: { validUntil: endsAt } });
}

/** Whether the carrier's end is one that wins over ours. */
function isNear(
  period: { readonly startsAt: Date; readonly endsAt: Date },
  carrierEnd: Date | null,
): carrierEnd is Date {
  return (
    carrierEnd !== null &&
    carrierEnd > period.startsAt &&
    Math.abs(carrierEnd.getTime() - period.endsAt.getTime()) <= DATE_TOLERANCE_MS
  );
}

function behind(service: BookedService, startsAt: Date): readonly BookedPeriod[] {
  return service.periods.filter((each) => each.startsAt > startsAt);
}
