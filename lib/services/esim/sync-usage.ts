import { CarrierUnavailableError, type EsimUsage } from "#lib/carriers/port.ts";
import { carrierAdapter } from "#lib/carriers/registry.ts";
import { USAGE_POLL_MINUTES } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { drawUsage, whyImplausible } from "#lib/domain/usage.ts";
import { log } from "#lib/observability/log.ts";

/**
 * Asks the carrier what it counts on an eSIM and draws what was used since the last time from its buckets.
 * Figures older than those that are stored, or that cannot be, change nothing. When the carrier cannot be
 * asked, the old figures stay with their as-of time, and it is asked again later.
 */
export async function syncUsage(input: { readonly esimId: string }): Promise<void> {
  const esim = await db().esim.findUniqueOrThrow({ where: { id: input.esimId } });
  if (esim.carrier !== "esim_access") throw new Error(`No adapter for ${esim.carrier}`);
  await planNextLook(esim.id);
  let usage: EsimUsage | undefined;
  try {
    usage = (await carrierAdapter(esim.carrier).readUsage([esim])).get(esim.carrierEsimId);
  } catch (error) {
    if (!(error instanceof CarrierUnavailableError)) throw error;
    log().warn({ esimId: esim.id, detail: error.message }, "usage not read");
  }
  if (usage === undefined) return;
  const now = await businessNow();
  const why = whyImplausible(usage, now);
  if (why !== null) {
    log().warn({ esimId: esim.id, detail: why }, "usage not believed");
    return;
  }
  await applyUsage(esim.id, usage, now);
}

/**
 * Stores when the carrier is asked next, before it is asked: whatever goes wrong, it is not asked again
 * until then. An eSIM whose service is over is not asked about any more; its next period sets the time.
 */
async function planNextLook(esimId: string): Promise<void> {
  await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM esim WHERE id = ${esimId}::uuid FOR UPDATE`;
    const now = await businessNow(tx);
    const service = await tx.period.findFirst({
      where: { esimId, state: { in: ["pendingActive", "active"] }, endsAt: { gt: now } },
      select: { id: true },
    });
    const nextUsageAt =
      service === null ? null : new Date(now.getTime() + USAGE_POLL_MINUTES * 60_000);
    await tx.esim.update({ where: { id: esimId }, data: { nextUsageAt } });
  });
}

async function applyUsage(esimId: string, usage: EsimUsage, now: Date): Promise<void> {
  await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM esim WHERE id = ${esimId}::uuid FOR UPDATE`;
    const esim = await tx.esim.findUniqueOrThrow({ where: { id: esimId } });
    if (esim.usageAsOf !== null && usage.asOf <= esim.usageAsOf) return;
    const before = esim.carrierUsedBytes ?? 0n;
    const used = usage.usedBytes > before ? usage.usedBytes - before : 0n;
    const buckets = await tx.bucket.findMany({
      where: { esimId, closedAt: null, validFrom: { lte: now }, validUntil: { gt: now } },
    });
    const { remaining } = drawUsage(buckets, used);
    for (const bucket of buckets) {
      await tx.bucket.update({
        where: { id: bucket.id },
        data: {
          asOf: usage.asOf,
          remainingBytes: remaining.get(bucket.id) ?? bucket.remainingBytes,
        },
      });
    }
    await tx.esim.update({
      where: { id: esimId },
      data: {
        networkState: usage.networkState,
        carrierTotalBytes: usage.totalBytes,
        carrierUsedBytes: usage.usedBytes,
        carrierExpiresAt: usage.expiresAt,
        usageAsOf: usage.asOf,
      },
    });
  });
}
