import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import type { RemoveSavedMethodInput } from "./schemas.ts";

/**
 * Removes one of the customer's saved methods: it is not charged from this moment on, and the worker has the
 * provider forget it. Removing it again is fine. Refuses `not_found` to everybody else.
 */
export async function removeSavedMethod(
  actor: Actor,
  input: RemoveSavedMethodInput,
): Promise<Result<null>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const own = { id: input.savedMethodId, accountId: customer.value.accountId };
  return await inTransaction(async (tx) => {
    const now = await businessNow(tx);
    const { count } = await tx.savedMethod.updateMany({
      where: { ...own, removedAt: null },
      data: { removedAt: now, nextAttemptAt: now, attempts: 0 },
    });
    if (count === 0) {
      const isGone = (await tx.savedMethod.count({ where: own })) > 0;
      return isGone ? accept(null) : refuse({ code: "not_found" });
    }
    await recordAuditEvent(tx, customer.value, {
      action: "saved_method.removed",
      subject: `saved method ${input.savedMethodId}`,
    });
    await enqueue(tx, "saved_method.removed", { savedMethodId: input.savedMethodId });
    return accept(null);
  });
}
