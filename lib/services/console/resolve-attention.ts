import type { Actor } from "#lib/access/actor.ts";
import { requireStaffActor } from "#lib/access/policy.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import type { ResolveAttentionInput } from "./schemas.ts";

/**
 * A member of staff says why an order needs nobody any more. Where the system is still trying, the order
 * comes back when the next attempt fails too. Refuses `not_found`, and `attention_changed` when the order
 * needs a person for another reason than the one that was shown, or for none.
 */
export async function resolveAttention(
  actor: Actor,
  input: ResolveAttentionInput,
): Promise<Result<{ readonly orderNumber: string }>> {
  const staff = requireStaffActor(actor);
  if (!staff.ok) return staff;
  const number = parseOrderNumber(input.number) ?? "";
  return await inTransaction(async (tx) => {
    const [order] = await tx.order.updateManyAndReturn({
      where: { number, needsAttention: input.code },
      data: { needsAttention: null },
      select: { id: true },
    });
    if (order === undefined) {
      const known = await tx.order.findUnique({ where: { number }, select: { id: true } });
      return refuse({ code: known === null ? "not_found" : "attention_changed" });
    }
    await recordAuditEvent(tx, staff.value, {
      action: "order.attention_resolved",
      subject: `order ${number}`,
      reason: `${input.code}: ${input.reason}`,
      correlationId: order.id,
    });
    return accept({ orderNumber: number });
  });
}
