import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { isLapsed, type SavedMethodView } from "#lib/domain/saved-method.ts";

/** What providers keep for the customer, the latest first. */
export async function listSavedMethods(actor: Actor): Promise<Result<readonly SavedMethodView[]>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const [rows, now] = await Promise.all([
    db().savedMethod.findMany({
      where: { accountId: customer.value.accountId, removedAt: null },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    }),
    businessNow(),
  ]);
  return accept(
    rows.map(({ id, adapter, methodType, label, goodUntil, createdAt }) => ({
      id,
      method: adapter,
      methodType,
      label,
      goodUntil,
      isLapsed: isLapsed(goodUntil, now),
      keptAt: createdAt,
    })),
  );
}
