import type { Actor } from "#lib/access/actor.ts";
import { requireTreasurer } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { releaseOrders } from "./record-findings.ts";
import type { ResolveDifferenceInput } from "./schemas.ts";

/**
 * A lead or an administrator says why a difference is none, or how it was put right. It stays resolved for as
 * long as both sides say the same as now. Refuses `not_found`, also when it was resolved meanwhile.
 */
export async function resolveDifference(
  actor: Actor,
  input: ResolveDifferenceInput,
): Promise<Result<{ readonly differenceId: string }>> {
  const staff = requireTreasurer(actor);
  if (!staff.ok) return staff;
  return await inTransaction(async (tx) => {
    const [difference] = await tx.difference.updateManyAndReturn({
      where: { id: input.differenceId, resolvedAt: null },
      data: { resolvedAt: await businessNow(tx), resolution: input.reason },
    });
    if (difference === undefined) return refuse({ code: "not_found" });
    const { kind, subject, orderNumber } = difference;
    const order =
      orderNumber === null
        ? null
        : await tx.order.findUnique({ where: { number: orderNumber }, select: { id: true } });
    await recordAuditEvent(tx, staff.value, {
      action: "difference.resolved",
      subject: `difference ${kind} ${subject}`,
      reason: input.reason,
      ...(order === null ? {} : { correlationId: order.id }),
    });
    await releaseOrders(tx, [orderNumber]);
    return accept({ differenceId: difference.id });
  });
}
