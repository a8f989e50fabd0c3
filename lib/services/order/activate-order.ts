import { SYSTEM } from "#lib/access/actor.ts";
import type { ActivateOutcome, EsimReference } from "#lib/carriers/port.ts";
import { carrierAdapter } from "#lib/carriers/registry.ts";
import { ATTENTION_AFTER_MINUTES, LEASE_SECONDS, lookupDelaySeconds } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import type { AttentionCode } from "#lib/domain/attention.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { log } from "#lib/observability/log.ts";
import { SoldTermsSchema, type SoldTerms } from "#lib/services/plan/schemas.ts";
import { completeItem, findImplausible } from "./complete-item.ts";
import { flagOrder } from "./flag-order.ts";
import { refundOrder } from "./refund-order.ts";

/** Claims of one activation after which a defect is set aside. */
const DEFECTS_BEFORE_REST = 8;

/** An activation that this worker owns until its lease ends; `fence` proves it when the outcome is written. */
interface Claim {
  readonly activationId: string;
  readonly orderId: string;
  readonly orderNumber: string;
  readonly fence: number;
  /** Whether the order may have reached the carrier before: then it is looked up, not sent. */
  readonly sentBefore: boolean;
  readonly quarantined: boolean;
  readonly ourReference: string;
  readonly esim: EsimReference & { readonly carrier: "esim_access" };
  readonly terms: SoldTerms;
}

/**
 * Brings the item of a paid order to its carrier, or asks what became of it. The intent is committed
 * before the call, no transaction is open during it, and an outcome that is not known is looked up by our
 * reference: it is sent again only when the carrier says that it never came (under the same reference).
 *
 * Does nothing when the order is not due, is over, or another worker has it.
 */
export async function activateOrder(input: { readonly orderId: string }): Promise<void> {
  const claim = await claimActivation(input.orderId);
  if (claim === null) return;
  try {
    await attempt(claim);
  } catch (error) {
    await setAside(claim);
    throw error;
  }
}

async function attempt(claim: Claim): Promise<void> {
  const carrier = carrierAdapter(claim.esim.carrier);
  const request = {
    ourReference: claim.ourReference,
    esim: claim.esim,
    offerCode: claim.terms.carrierOfferCode,
  };
  log().info(
    { orderId: claim.orderId, fence: claim.fence, lookup: claim.sentBefore },
    "activation attempt",
  );
  if (!claim.sentBefore) {
    await recordOutcome(claim, await carrier.activate(request));
    return;
  }
  const found = await carrier.findByOurReference(claim.esim, claim.ourReference);
  if (found.kind === "found") {
    await recordOutcome(claim, { kind: "confirmed", order: found.order });
  } else if (
    found.kind === "not_found" &&
    carrier.capabilities.idempotentOrders &&
    !claim.quarantined
  ) {
    await recordOutcome(claim, await carrier.activate(request));
  } else {
    const detail = found.kind === "unknown" ? found.detail : "the carrier does not know the order";
    await recordOutcome(claim, { kind: claim.quarantined ? "nonsense" : "unknown", detail });
  }
}

/** Owns the activation for a lease, or returns null. The attempt is counted here, before the call. */
async function claimActivation(orderId: string): Promise<Claim | null> {
  return await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "order" WHERE id = ${orderId}::uuid FOR UPDATE`;
    const now = await businessNow(tx);
    const started = await tx.order.updateMany({
      where: {
        id: orderId,
        state: { in: ["inProgress", "held"] },
        nextAttemptAt: { lte: now },
      },
      data: { state: "inProgress" },
    });
    if (started.count === 0) return null;
    const claimed = await tx.$queryRaw<{ id: string; fence: number; attempts: number }[]>`
      UPDATE activation SET
          fence = fence + 1,
          attempts = attempts + 1,
          requested_at = coalesce(requested_at, ${now}),
          lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
        WHERE state IN ('requested', 'pending', 'unknown', 'quarantined')
          AND (lease_until IS NULL OR lease_until <= now())
          AND order_item_id IN (SELECT id FROM order_item WHERE order_id = ${orderId}::uuid)
        RETURNING id, fence, attempts`;
    const mine = claimed[0];
    if (mine === undefined) return null;
    const activation = await tx.activation.findUniqueOrThrow({
      where: { id: mine.id },
      include: { orderItem: { include: { order: { include: { esim: true } } } } },
    });
    const { orderItem } = activation;
    const { esim } = orderItem.order;
    if (esim?.carrier !== "esim_access") throw new Error(`No adapter for ${esim?.carrier}`);
    // Should this worker die, the sweep finds the order when the lease is over.
    await tx.order.update({
      where: { id: orderId },
      data: { nextAttemptAt: new Date(now.getTime() + LEASE_SECONDS * 1000) },
    });
    if (mine.attempts === 1) {
      // What the carrier's answer will be measured against.
      await tx.activation.update({
        where: { id: mine.id },
        data: { expiresBefore: esim.carrierExpiresAt },
      });
    }
    return {
      activationId: mine.id,
      orderId,
      orderNumber: orderItem.order.number,
      fence: mine.fence,
      sentBefore: mine.attempts > 1,
      quarantined: activation.state === "quarantined",
      ourReference: activation.ourReference,
      esim: { iccid: esim.iccid, carrierEsimId: esim.carrierEsimId, carrier: esim.carrier },
      terms: SoldTermsSchema.parse(orderItem.terms),
    };
  });
}

/** Writes what the carrier answered, if this worker still owns the activation. */
async function recordOutcome(claim: Claim, outcome: ActivateOutcome): Promise<void> {
  await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "order" WHERE id = ${claim.orderId}::uuid FOR UPDATE`;
    const now = await businessNow(tx);
    const owned = await tx.activation.updateMany({
      where: {
        id: claim.activationId,
        fence: claim.fence,
        state: { in: ["requested", "pending", "unknown", "quarantined"] },
      },
      data: { leaseUntil: null },
    });
    if (owned.count === 0) {
      log().warn({ orderId: claim.orderId, fence: claim.fence }, "late activation outcome refused");
      return;
    }
    log().info({ orderId: claim.orderId, outcome: outcome.kind }, "activation outcome");
    switch (outcome.kind) {
      case "confirmed": {
        const wrong = await findImplausible(tx, claim, outcome.order, now);
        if (wrong === null) await completeItem(tx, claim, outcome.order, now);
        else await wait(tx, claim, "quarantined", wrong, now);
        return;
      }
      case "nonsense":
        await wait(tx, claim, "quarantined", outcome.detail, now);
        return;
      case "pending":
        await tx.activation.update({
          where: { id: claim.activationId },
          data: { carrierReference: outcome.carrierReference, acceptedAt: now },
        });
        await wait(tx, claim, "pending", null, now);
        return;
      case "unknown":
        await wait(tx, claim, "unknown", outcome.detail, now);
        return;
      case "busy":
        // Refused before anything happened: it was not sent, so the next attempt is the first again.
        await tx.activation.update({
          where: { id: claim.activationId },
          data: {
            reason: outcome.detail,
            ...(claim.sentBefore ? {} : { attempts: 0, requestedAt: null }),
          },
        });
        await markLate(tx, claim, "carrier_unavailable", now);
        await tryAgainIn(tx, claim, outcome.retryAfterSeconds, now);
        return;
      case "rejected":
        await tx.activation.update({
          where: { id: claim.activationId },
          data: { state: "rejected", reason: `${outcome.reason}: ${outcome.detail}` },
        });
        await refundOrder(tx, SYSTEM, { orderId: claim.orderId, reason: outcome.reason });
        return;
    }
  });
}

/** A paid order that has come no further for too long is also put before a person. */
async function markLate(tx: Tx, claim: Claim, why: AttentionCode, now: Date): Promise<void> {
  const order = await tx.order.findUniqueOrThrow({
    where: { id: claim.orderId },
    select: { paidAt: true, items: { select: { startsAt: true } } },
  });
  const due = order.items[0]?.startsAt ?? order.paidAt ?? now;
  if (now.getTime() - due.getTime() < ATTENTION_AFTER_MINUTES * 60_000) return;
  await flagOrder(tx, claim.orderId, why);
}

/** An attempt that ends in a defect is not repeated at once for ever: a person looks, and it rests for an hour. */
async function setAside(claim: Claim): Promise<void> {
  if (claim.fence < DEFECTS_BEFORE_REST) return;
  await inTransaction(async (tx) => {
    const now = await businessNow(tx);
    const { count } = await tx.order.updateMany({
      where: { id: claim.orderId, state: "inProgress" },
      data: { nextAttemptAt: new Date(now.getTime() + 3_600_000) },
    });
    if (count > 0) await flagOrder(tx, claim.orderId, "defect");
  });
}

/** Not known yet: ask again on the schedule, and put it before a person when it takes long. */
async function wait(
  tx: Tx,
  claim: Claim,
  state: "pending" | "unknown" | "quarantined",
  reason: string | null,
  now: Date,
): Promise<void> {
  const activation = await tx.activation.update({
    where: { id: claim.activationId },
    data: { state, reason, lookups: { increment: 1 } },
  });
  const delay = lookupDelaySeconds(activation.lookups - 1);
  const since = activation.requestedAt ?? now;
  const overdue = now.getTime() - since.getTime() >= ATTENTION_AFTER_MINUTES * 60_000;
  if (state === "quarantined" || overdue) {
    const why = state === "quarantined" ? "carrier_answer_wrong" : "outcome_unknown";
    await flagOrder(tx, claim.orderId, why);
  }
  await tryAgainIn(tx, claim, delay, now);
}

async function tryAgainIn(tx: Tx, claim: Claim, seconds: number, now: Date): Promise<void> {
  const at = new Date(now.getTime() + seconds * 1000);
  await tx.order.update({ where: { id: claim.orderId }, data: { nextAttemptAt: at } });
  await enqueue(tx, "order.paid", { orderId: claim.orderId }, at);
}
