import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { refuse, type Result } from "#lib/domain/refusal.ts";
import { startPayment, type StartedPayment } from "#lib/services/payment/start-payment.ts";

/**
 * Goes on with the payment of one of the customer's own orders that was not paid yet. Refuses `not_found`,
 * and `payment_rejected` when the provider will not take it.
 */
export async function resumePayment(
  actor: Actor,
  input: { readonly number: string },
): Promise<Result<StartedPayment>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const payment = await db().payment.findFirst({
    where: {
      order: {
        number: parseOrderNumber(input.number) ?? "",
        accountId: customer.value.accountId,
      },
    },
    orderBy: { createdAt: "desc" },
    select: { id: true },
  });
  if (payment === null) return refuse({ code: "not_found" });
  return await startPayment(actor, { paymentId: payment.id });
}
