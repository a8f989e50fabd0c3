import type { Tx } from "#lib/db/client.ts";
import { moveBucket, type BookedService, type RenewalChange } from "#lib/domain/renewal.ts";

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
  if (change.moved.length > 0) {
    // Queued periods pass over each other while they move; only the result must not overlap.
    await tx.$executeRaw`SET CONSTRAINTS period_no_overlap DEFERRED`;
  }
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
  for (const moved of change.moved) {
    const before = service.periods.find((period) => period.id === moved.id);
    const shift = before === undefined ? 0 : moved.startsAt.getTime() - before.startsAt.getTime();
    await tx.period.update({
      where: { id: moved.id },
      data: { startsAt: moved.startsAt, endsAt: moved.endsAt },
    });
    for (const bucket of service.buckets.filter((each) => each.periodId === moved.id)) {
      const { validFrom, validUntil } = moveBucket(bucket, shift, now);
      await tx.bucket.update({ where: { id: bucket.id }, data: { validFrom, validUntil } });
    }
  }
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
