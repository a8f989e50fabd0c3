import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import type { EsimOverview } from "#lib/domain/esim.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { findOwnEsim, toEsimOverview } from "./internal.ts";

/** One of the customer's own eSIMs. Refuses `not_found` for any other. */
export async function getEsim(
  actor: Actor,
  input: { readonly iccid: string },
): Promise<Result<EsimOverview>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const found = await findOwnEsim(db(), customer.value, input.iccid);
  if (found === null) return refuse({ code: "not_found" });
  return accept(toEsimOverview(found.row, customer.value.currency, found.now));
}
