import type { Actor } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import { taxedBuyer } from "#lib/domain/billing.ts";
import type { PricedPlan } from "#lib/domain/plan.ts";
import { findBilled } from "#lib/services/billing/internal.ts";
import { findSellablePlans, matchesFilter } from "./internal.ts";
import type { PlanFilter } from "./schemas.ts";

/**
 * The public catalogue in one currency, narrowed by term, scope and country (ISO 3166-1 alpha-2), with the
 * tax of the customer who looks at it.
 */
export async function listPlans(
  actor: Actor,
  input: { readonly currency: string } & PlanFilter,
): Promise<readonly PricedPlan[]> {
  const billed = actor.kind === "customer" ? await findBilled(db(), actor) : null;
  const buyer = billed === null ? null : taxedBuyer(billed.form.values, billed.account);
  const plans = await findSellablePlans(db(), { currency: input.currency, buyer }, {});
  return plans.map((plan) => plan.priced).filter((plan) => matchesFilter(plan, input));
}
