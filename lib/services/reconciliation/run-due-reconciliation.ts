import { SYSTEM } from "#lib/access/actor.ts";
import { RECONCILE_HOURS } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { withLock } from "#lib/db/advisory-lock.ts";
import { reconcile, type Outside } from "./reconcile.ts";

/**
 * Does the run that is due: one that staff asked for, one whose worker was killed, or that of today. Does
 * nothing when none is, or when another worker is at it. A run that ends in a defect is ended as one that
 * could not tell, and the next comes at its time.
 */
export async function runDueReconciliation(outside?: Outside): Promise<void> {
  await withLock("reconciliation", async () => {
    const reconciliationId = await findDueRun();
    if (reconciliationId === null) return;
    try {
      await reconcile(SYSTEM, { repair: true, reconciliationId }, outside);
    } catch (error) {
      await db().reconciliation.update({
        where: { id: reconciliationId },
        data: { endedAt: await businessNow(), couldTell: false },
      });
      throw error;
    }
  });
}

async function findDueRun(): Promise<string | null> {
  const open = await db().reconciliation.findFirst({
    where: { endedAt: null },
    orderBy: { startedAt: "asc" },
    select: { id: true },
  });
  if (open !== null) return open.id;
  const now = await businessNow();
  const recently = new Date(now.getTime() - RECONCILE_HOURS * 3_600_000);
  const last = await db().reconciliation.findFirst({
    where: { endedAt: { gt: recently } },
    select: { id: true },
  });
  if (last !== null) return null;
  const begun = await db().reconciliation.create({
    data: { startedAt: now },
    select: { id: true },
  });
  return begun.id;
}
