import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import { parseOrderNumber, type OrderView } from "#lib/domain/order.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { ORDER_PARTS, toOrderView } from "./order-view.ts";

/** One of the customer's own orders. Refuses `not_found` for any other. */
export async function getOrder(
  actor: Actor,
  input: { readonly number: string },
): Promise<Result<OrderView>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const number = parseOrderNumber(input.number);
  if (number === null) return refuse({ code: "not_found" });
  const order = await db().order.findFirst({
    where: { number, accountId: customer.value.accountId },
    include: ORDER_PARTS,
  });
  return order === null ? refuse({ code: "not_found" }) : accept(toOrderView(order));
}
