import { db } from "#lib/db/client.ts";
import type { PricedPlan } from "#lib/domain/plan.ts";
import { findSellablePlans, matchesFilter, type Market } from "./internal.ts";
import type { PlanFilter } from "./schemas.ts";

/** The public catalogue in one market, narrowed by term, scope and country (ISO 3166-1 alpha-2). */
export async function listPlans(
  input: { readonly market: Market } & PlanFilter,
): Promise<readonly PricedPlan[]> {
  const plans = await findSellablePlans(db(), input.market, {});
  return plans.map((plan) => plan.priced).filter((plan) => matchesFilter(plan, input));
}
