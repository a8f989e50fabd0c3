import type { Actor } from "#lib/access/actor.ts";
import { requireTreasurer } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";

/**
 * A lead or an administrator has everything compared now, by a worker. Asking while a run goes on, or waits
 * for a worker, begins no other.
 */
export async function requestReconciliation(
  actor: Actor,
): Promise<Result<{ readonly reconciliationId: string }>> {
  const staff = requireTreasurer(actor);
  if (!staff.ok) return staff;
  return await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('reconciliation.requested', 0))::text`;
    const open = await tx.reconciliation.findFirst({
      where: { endedAt: null },
      select: { id: true },
    });
    if (open !== null) return accept({ reconciliationId: open.id });
    const { id } = await tx.reconciliation.create({
      data: { startedAt: await businessNow(tx) },
      select: { id: true },
    });
    await recordAuditEvent(tx, staff.value, {
      action: "reconciliation.requested",
      subject: `reconciliation ${id}`,
    });
    await enqueue(tx, "reconciliation.due", {});
    return accept({ reconciliationId: id });
  });
}
