import type { Actor } from "#lib/access/actor.ts";
import { isTreasurer, requireStaffActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import {
  DIFFERENCE_KINDS,
  type DifferenceKind,
  type ReconciliationOverview,
} from "#lib/domain/reconciliation.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";

const LATEST_RUNS = 10;
const MOST_SHOWN = 100;

/** The open differences, newest first, and the latest runs, for staff. */
export async function getReconciliation(actor: Actor): Promise<Result<ReconciliationOverview>> {
  const staff = requireStaffActor(actor);
  if (!staff.ok) return staff;
  const [open, openCount, runs] = await Promise.all([
    db().difference.findMany({
      where: { resolvedAt: null },
      orderBy: [{ firstSeenAt: "desc" }, { id: "desc" }],
      take: MOST_SHOWN,
    }),
    db().difference.count({ where: { resolvedAt: null } }),
    db().reconciliation.findMany({ orderBy: { startedAt: "desc" }, take: LATEST_RUNS }),
  ]);
  return accept({
    open: open.map((difference) => ({
      id: difference.id,
      kind: kindOf(difference.kind),
      subject: difference.subject,
      orderNumber: difference.orderNumber,
      expected: difference.expected,
      actual: difference.actual,
      firstSeenAt: difference.firstSeenAt,
      lastSeenAt: difference.lastSeenAt,
    })),
    openCount,
    runs,
    running: runs.find((run) => run.endedAt === null) ?? null,
    mayResolve: isTreasurer(staff.value),
  });
}

function kindOf(kind: string): DifferenceKind | null {
  return DIFFERENCE_KINDS.find((known) => known === kind) ?? null;
}
