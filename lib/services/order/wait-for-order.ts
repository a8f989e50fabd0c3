import { setTimeout as pause } from "node:timers/promises";
import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { ORDER_WAIT_MS } from "#lib/config/limits.ts";
import { db } from "#lib/db/client.ts";
import type { OrderView } from "#lib/domain/order.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { log } from "#lib/observability/log.ts";
import { ProviderUnavailableError } from "#lib/payments/port.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { getOrder } from "./get-order.ts";

const LOOK_EVERY_MS = 200;

/**
 * An order once its page has something new to say, or after 4 seconds, so that most customers see the end
 * without asking again. A customer who comes back from the provider's page may be ahead of its webhook:
 * the provider is asked first. Refuses `not_found`.
 *
 * @param input `version` is what the customer sees now; left out, the order is waited for until nothing
 *   more happens by itself
 */
export async function waitForOrder(
  actor: Actor,
  input: { readonly number: string; readonly version?: string | undefined },
): Promise<Result<OrderView>> {
  const deadline = Date.now() + ORDER_WAIT_MS;
  let order = await getOrder(actor, input);
  if (order.ok && order.value.phase === "awaiting_payment") {
    // Asking may take longer than the page may wait; what it finds is written all the same.
    await Promise.race([askProvider(actor, order.value.number), pause(ORDER_WAIT_MS)]);
    order = await getOrder(actor, input);
  }
  while (
    order.ok &&
    !order.value.settled &&
    order.value.phase !== "awaiting_payment" &&
    (input.version === undefined || order.value.version === input.version) &&
    Date.now() + LOOK_EVERY_MS < deadline
  ) {
    await pause(LOOK_EVERY_MS);
    order = await getOrder(actor, input);
  }
  return order;
}

async function askProvider(actor: Actor, number: string): Promise<void> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return;
  const payment = await db().payment.findFirst({
    where: { order: { number, accountId: customer.value.accountId }, state: "pending" },
    select: { id: true, orderId: true },
  });
  if (payment === null) return;
  try {
    await settlePayment(actor, { paymentId: payment.id });
  } catch (error) {
    // The poller asks again; the page says that the payment is not confirmed yet.
    if (!(error instanceof ProviderUnavailableError)) {
      log().error({ err: error, orderId: payment.orderId }, "payment not settled on return");
      return;
    }
    log().warn({ orderId: payment.orderId, detail: error.message }, "provider not asked on return");
  }
}
