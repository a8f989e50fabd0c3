import { z } from "zod";
import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { refundOrder } from "./refund-order.ts";

export const CancelQueuedOrderInput = z.object({
  number: z.string().min(1).max(40),
  destination: z.enum(["origin", "balance"]),
});
export type CancelQueuedOrderInput = z.infer<typeof CancelQueuedOrderInput>;

/**
 * A customer gives up a period that was booked for later and has not gone to the carrier: everything paid
 * for it goes back, what was booked behind it moves up. Giving it up again changes nothing.
 *
 * Refuses `not_found` for anybody else's, and `too_late_to_cancel` once it is on its way to the carrier.
 */
export async function cancelQueuedOrder(
  actor: Actor,
  input: CancelQueuedOrderInput,
): Promise<Result<{ readonly orderNumber: string }>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const found = await db().order.findFirst({
    where: {
      number: parseOrderNumber(input.number) ?? "",
      accountId: customer.value.accountId,
      kind: "renewal",
    },
    select: { id: true },
  });
  if (found === null) return refuse({ code: "not_found" });
  return await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "order" WHERE id = ${found.id}::uuid FOR UPDATE`;
    const order = await tx.order.findUniqueOrThrow({
      where: { id: found.id },
      include: { items: { include: { activation: true } } },
    });
    if (order.endReason === CANCELLED) return accept({ orderNumber: order.number });
    const activation = order.items[0]?.activation;
    if (order.state !== "held" || activation?.requestedAt !== null) {
      return refuse({ code: "too_late_to_cancel" });
    }
    await tx.activation.updateMany({
      where: { id: activation.id, requestedAt: null },
      data: { state: "rejected", reason: CANCELLED },
    });
    await refundOrder(tx, customer.value, {
      orderId: order.id,
      reason: CANCELLED,
      toBalance: input.destination === "balance",
      end: "cancelled",
    });
    return accept({ orderNumber: order.number });
  });
}

const CANCELLED = "cancelled_by_customer";
