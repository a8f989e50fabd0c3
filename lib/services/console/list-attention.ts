import type { Actor } from "#lib/access/actor.ts";
import { requireStaffActor } from "#lib/access/policy.ts";
import { db, type Prisma } from "#lib/db/client.ts";
import type { AttentionList } from "#lib/domain/attention.ts";
import { money } from "#lib/domain/money.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { UNDECIDED_LINES } from "#lib/services/bank/internal.ts";

const PAGE_SIZE = 20;

const NEEDS_A_PERSON = { needsAttention: { not: null } } satisfies Prisma.OrderWhereInput;

/**
 * The orders that need a person, the oldest first, and how much else waits for one, for staff. `page` counts
 * from 1; one beyond the last is the last. Looking is written to the audit.
 */
export async function listAttention(
  actor: Actor,
  input: { readonly page?: number },
): Promise<Result<AttentionList>> {
  const staff = requireStaffActor(actor);
  if (!staff.ok) return staff;
  const [count, undecidedLines, openDifferences] = await Promise.all([
    db().order.count({ where: NEEDS_A_PERSON }),
    db().bankLine.count({ where: UNDECIDED_LINES }),
    db().difference.count({ where: { resolvedAt: null } }),
  ]);
  const pages = Math.max(1, Math.ceil(count / PAGE_SIZE));
  const page = Math.min(Math.max(1, input.page ?? 1), pages);
  const orders = await db().order.findMany({
    where: NEEDS_A_PERSON,
    include: { account: { select: { name: true } } },
    orderBy: [{ placedAt: "asc" }, { id: "asc" }],
    take: PAGE_SIZE,
    skip: (page - 1) * PAGE_SIZE,
  });
  const flagged = await db().auditEvent.findMany({
    where: { correlationId: { in: orders.map(({ id }) => id) }, action: "order.flagged" },
    orderBy: { at: "desc" },
    select: { correlationId: true, reason: true, at: true },
  });
  await recordAuditEvent(db(), staff.value, {
    action: "attention.viewed",
    subject: "orders that need a person",
  });
  return accept({
    entries: orders.flatMap((order) => {
      const code = order.needsAttention;
      if (code === null) return [];
      const isIts = (event: (typeof flagged)[number]): boolean =>
        event.correlationId === order.id && event.reason === code;
      return {
        orderNumber: order.number,
        accountId: order.accountId,
        customerName: order.account.name,
        code,
        since: flagged.find(isIts)?.at ?? null,
        placedAt: order.placedAt,
        total: money(order.totalMinor, order.currency),
        nextAttemptAt: order.nextAttemptAt,
      };
    }),
    page,
    pages,
    count,
    undecidedLines,
    openDifferences,
  });
}
