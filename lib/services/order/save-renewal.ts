import type { Tx } from "#lib/db/client.ts";
import type { BookedService, RenewalChange } from "#lib/domain/renewal.ts";
import { moveQueue } from "./move-queue.ts";

/**
 * Writes what `decideRenewal` decided: the new period and bucket, the closed period, the moved queue. The
 * caller holds the eSIM's row.
 */
export async function saveRenewal(
  tx: Tx,
  renewal: {
    readonly esimId: string;
    readonly orderItemId: string;
    readonly planId: string;
    readonly service: BookedService;
    readonly change: RenewalChange;
    readonly state: "pendingActive" | "active";
    readonly now: Date;
  },
): Promise<void> {
  const { esimId, orderItemId, planId, service, change, now } = renewal;
  if (change.closedPeriodId !== null) {
    await tx.period.update({
      where: { id: change.closedPeriodId },
      data: { endsAt: now, state: "terminated" },
    });
  }
  if (change.closedBucketIds.length > 0) {
    await tx.bucket.updateMany({
      where: { id: { in: [...change.closedBucketIds] } },
      data: { closedAt: now },
    });
  }
  await moveQueue(tx, esimId, service, change.moved, now);
  let periodId = change.bucket.periodId;
  if (change.period !== null) {
    const period = await tx.period.create({
      data: { esimId, orderItemId, planId, state: renewal.state, ...change.period },
      select: { id: true },
    });
    periodId = period.id;
  }
  if (periodId === null) throw new Error("A bucket needs a period");
  await tx.bucket.create({
    data: {
      esimId,
      periodId,
      orderItemId,
      totalBytes: change.bucket.totalBytes,
      remainingBytes: change.bucket.totalBytes,
      validFrom: change.bucket.validFrom,
      validUntil: change.bucket.validUntil,
      asOf: now,
    },
  });
}
