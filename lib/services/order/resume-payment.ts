import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { refuse, type Result } from "#lib/domain/refusal.ts";
import { startPayment, type StartedPayment } from "#lib/services/payment/start-payment.ts";
import { startedPart } from "./started-part.ts";

/**
 * Goes on with the payment of one of the customer's own orders that was not paid yet: with the part that is
 * not taken from the balance, where there are two. Refuses `not_found`,
 * and `payment_rejected` when the provider will not take it.
 */
export async function resumePayment(
  actor: Actor,
  input: { readonly number: string },
): Promise<Result<StartedPayment>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const order = await db().order.findFirst({
    where: {
      number: parseOrderNumber(input.number) ?? "",
      accountId: customer.value.accountId,
    },
    select: { payments: { select: { id: true, adapter: true } } },
  });
  if (order === null) return refuse({ code: "not_found" });
  return await startPayment(actor, { paymentId: startedPart(order.payments).id });
}
