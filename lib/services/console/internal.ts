import { db, type Prisma } from "#lib/db/client.ts";
import type { AccountEvent } from "#lib/domain/account.ts";

/** Audit events, the latest first, with who did each. */
export async function findEvents(
  where: Prisma.AuditEventWhereInput,
  most: number,
): Promise<AccountEvent[]> {
  const events = await db().auditEvent.findMany({ where, orderBy: { at: "desc" }, take: most });
  const actors = await db().account.findMany({
    where: { id: { in: events.flatMap((event) => event.actorId ?? []) } },
    select: { id: true, email: true },
  });
  const emails = new Map(actors.map((each) => [each.id, each.email]));
  return events.map((event) => ({
    at: event.at,
    action: event.action,
    subject: event.subject,
    actor: (event.actorId === null ? undefined : emails.get(event.actorId)) ?? event.actorKind,
    reason: event.reason,
  }));
}
