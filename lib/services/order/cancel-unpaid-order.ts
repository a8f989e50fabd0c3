import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { abandonPayment } from "#lib/services/payment/abandon-payment.ts";

/**
 * The customer will not pay one of their own orders: it is closed, and what was set aside or has arrived for
 * it is on the balance. An order that was paid meanwhile, or is over, stays as it is; asking again is
 * harmless. Refuses `not_found`.
 */
export async function cancelUnpaidOrder(
  actor: Actor,
  input: { readonly number: string },
): Promise<Result<{ readonly orderNumber: string }>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const order = await db().order.findFirst({
    where: {
      number: parseOrderNumber(input.number) ?? "",
      accountId: customer.value.accountId,
    },
    select: {
      number: true,
      payments: { where: { state: { in: ["created", "pending"] } }, select: { id: true } },
    },
  });
  if (order === null) return refuse({ code: "not_found" });
  for (const payment of order.payments) await abandonPayment(actor, { paymentId: payment.id });
  return accept({ orderNumber: order.number });
}
