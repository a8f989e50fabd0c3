import type { Actor } from "#lib/access/actor.ts";
import type { Tx } from "#lib/db/client.ts";

/** Something that somebody did, or had the system do, to money, service or personal data. */
export interface AuditRecord {
  /** `noun.past_participle`. */
  readonly action: string;
  /** What it was done to, e.g. "order AX-2345-6789". Never a secret. */
  readonly subject: string;
  readonly reason?: string;
  /** The order it belongs to. */
  readonly correlationId?: string;
}

/** Writes an audit event in the same transaction as what it tells of. */
export async function recordAuditEvent(
  tx: Pick<Tx, "auditEvent">,
  actor: Actor,
  record: AuditRecord,
): Promise<void> {
  await tx.auditEvent.create({
    data: {
      actorKind: actor.kind,
      actorId: actor.kind === "customer" || actor.kind === "staff" ? actor.accountId : null,
      action: record.action,
      subject: record.subject,
      reason: record.reason ?? null,
      correlationId: record.correlationId ?? null,
    },
  });
}
