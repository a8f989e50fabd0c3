import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import type { Actor, Customer, Staff } from "./actor.ts";

/** The customer who asks. Refuses `not_signed_in` to visitors and `not_allowed` to everybody else. */
export function requireCustomerActor(actor: Actor): Result<Customer> {
  if (actor.kind === "customer") return accept(actor);
  return refuse({ code: actor.kind === "visitor" ? "not_signed_in" : "not_allowed" });
}

/** The member of staff who asks, of any role. Refuses like {@link requireCustomerActor}. */
export function requireStaffActor(actor: Actor): Result<Staff> {
  if (actor.kind === "staff") return accept(actor);
  return refuse({ code: actor.kind === "visitor" ? "not_signed_in" : "not_allowed" });
}
