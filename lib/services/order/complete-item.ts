import { SYSTEM } from "#lib/access/actor.ts";
import type { CarrierOrder } from "#lib/carriers/port.ts";
import type { Tx } from "#lib/db/client.ts";
import { toJson } from "#lib/domain/json.ts";
import { addValidity } from "#lib/domain/period.ts";
import { decideRenewal, lastEnd, type RenewalChange } from "#lib/domain/renewal.ts";
import { SoldTermsSchema, type SoldTerms } from "#lib/services/plan/schemas.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { loadBookedService } from "#lib/services/esim/internal.ts";
import { queueNotice } from "#lib/services/notice/queue-notice.ts";
import { saveRenewal } from "./save-renewal.ts";

/** Up to this much the carrier's dates win over ours; beyond it the answer is not believed. */
const DATE_TOLERANCE_MS = 24 * 3_600_000;

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
        OR: [{ confirmedAt: { gte: requestedAt ?? now } }, { state: { not: "confirmed" } }],
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
  if (item === undefined) throw new Error(`Order ${order.number} lost its item`);

  await tx.$queryRaw`SELECT id FROM esim WHERE id = ${order.esimId}::uuid FOR UPDATE`;
  if (item.period === null) {
    const service = await loadBookedService(tx, order.esimId, now);
    const change = decideNow(service, activated.terms, now, order.account.timeZone);
    await saveRenewal(tx, {
      esimId: order.esimId,
      orderItemId: item.id,
      planId: item.planId,
      service,
      change: withCarrierEnd(change, carrierOrder.expiresAt),
      state: "active",
      now,
    });
  } else {
    await tx.period.update({ where: { id: item.period.id }, data: { state: "active" } });
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
  await tx.esim.update({
    where: { id: order.esimId },
    data: {
      ...(carrierOrder.expiresAt === null ? {} : { carrierExpiresAt: carrierOrder.expiresAt }),
      ...(carrierOrder.totalBytes === null ? {} : { carrierTotalBytes: carrierOrder.totalBytes }),
      networkState: "active",
    },
  });
  await tx.order.update({
    where: { id: order.id },
    data: { state: "completed", completedAt: now, nextAttemptAt: null, needsAttention: null },
  });
  await recordAuditEvent(tx, SYSTEM, {
    action: "order.completed",
    subject: `order ${order.number}`,
    correlationId: order.id,
  });
  await queueNotice(tx, order, "order_live");
  await enqueue(tx, "usage.requested", { esimId: order.esimId });
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

function withCarrierEnd(change: RenewalChange, carrierEnd: Date | null): RenewalChange {
  if (change.period === null || carrierEnd === null || change.moved.length > 0) return change;
  const distance = Math.abs(carrierEnd.getTime() - change.period.endsAt.getTime());
  if (distance > DATE_TOLERANCE_MS || carrierEnd <= change.period.startsAt) return change;
  return {
    ...change,
    period: { ...change.period, endsAt: carrierEnd },
    bucket: { ...change.bucket, validUntil: carrierEnd },
  };
}
