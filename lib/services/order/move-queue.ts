import { ACTIVATION_LEAD_MINUTES } from "#lib/config/limits.ts";
import type { Tx } from "#lib/db/client.ts";
import { moveBucket, type BookedPeriod, type BookedService } from "#lib/domain/renewal.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";

/** When what begins at `startsAt` goes to the carrier: shortly before, and before the carrier's own end of service. */
export function sendAt(startsAt: Date, carrierExpiresAt: Date | null, now: Date): Date {
  const ends =
    carrierExpiresAt !== null && carrierExpiresAt > now
      ? Math.min(startsAt.getTime(), carrierExpiresAt.getTime())
      : startsAt.getTime();
  return new Date(Math.max(now.getTime(), ends - ACTIVATION_LEAD_MINUTES * 60_000));
}

/**
 * Moves queued periods with their buckets, and the times at which their orders go to the carrier. The
 * caller holds the eSIM's row.
 */
export async function moveQueue(
  tx: Tx,
  esimId: string,
  service: BookedService,
  moved: readonly BookedPeriod[],
  now: Date,
): Promise<void> {
  if (moved.length > 0) {
    // Queued periods pass over each other while they move; only the result must not overlap.
    await tx.$executeRaw`SET CONSTRAINTS period_no_overlap DEFERRED`;
  }
  for (const period of moved) {
    const before = service.periods.find((each) => each.id === period.id);
    const shift = before === undefined ? 0 : period.startsAt.getTime() - before.startsAt.getTime();
    await tx.period.update({
      where: { id: period.id },
      data: { startsAt: period.startsAt, endsAt: period.endsAt },
    });
    for (const bucket of service.buckets.filter((each) => each.periodId === period.id)) {
      const { validFrom, validUntil } = moveBucket(bucket, shift, now);
      await tx.bucket.update({ where: { id: bucket.id }, data: { validFrom, validUntil } });
    }
  }
  await rescheduleHeld(tx, esimId, now);
}

/** Orders that wait for their start go to the carrier by what is booked, and by the carrier's end, as they are now. */
async function rescheduleHeld(tx: Tx, esimId: string, now: Date): Promise<void> {
  const { carrierExpiresAt } = await tx.esim.findUniqueOrThrow({
    where: { id: esimId },
    select: { carrierExpiresAt: true },
  });
  const held = await tx.order.findMany({
    where: { esimId, state: "held" },
    select: { id: true, nextAttemptAt: true, items: { select: { period: true } } },
  });
  for (const order of held) {
    const startsAt = order.items[0]?.period?.startsAt;
    if (startsAt === undefined) continue;
    const at = sendAt(startsAt, carrierExpiresAt, now);
    if (at.getTime() === order.nextAttemptAt?.getTime()) continue;
    await tx.order.updateMany({
      where: { id: order.id, state: "held" },
      data: { nextAttemptAt: at },
    });
    await enqueue(tx, "order.paid", { orderId: order.id }, at);
  }
}
