import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import type { StaffRole } from "#lib/domain/account.ts";
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

/** Who may bring bank statements and decide whose money is whose. */
const TREASURERS: readonly StaffRole[] = ["lead", "administrator"];

/** Whether a member of staff may book money from the bank. */
export function isTreasurer(actor: Actor): boolean {
  return actor.kind === "staff" && TREASURERS.includes(actor.role);
}

/** The member of staff who asks, when they may book money from the bank. Refuses like {@link requireStaffActor}. */
export function requireTreasurer(actor: Actor): Result<Staff> {
  const staff = requireStaffActor(actor);
  return staff.ok && !isTreasurer(actor) ? refuse({ code: "not_allowed" }) : staff;
}
