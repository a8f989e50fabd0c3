import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import type { OrderQuote } from "#lib/domain/order.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { buildQuote } from "./internal.ts";
import type { QuoteOrderInput } from "./schemas.ts";

/**
 * What one plan would change on one eSIM, what it costs, and how it can be paid. Changes nothing.
 * Refuses `not_found`, `carrier_unavailable`, `plan_not_found`, `plan_not_compatible`,
 * `start_not_possible` and `no_current_period`.
 */
export async function quoteOrder(
  actor: Actor,
  input: QuoteOrderInput,
): Promise<Result<OrderQuote>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const built = await buildQuote(customer.value, input);
  return built.ok ? accept(built.value.quote) : built;
}
