import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import type { BillingForm } from "#lib/domain/billing.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { findBilled } from "./internal.ts";

/** The customer's billing, contact and delivery details, as the form shows them. */
export async function getBilling(actor: Actor): Promise<Result<BillingForm>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  return accept((await findBilled(db(), customer.value)).form);
}
