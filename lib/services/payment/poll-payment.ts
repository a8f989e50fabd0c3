import { SYSTEM } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { closePayment } from "./close-payment.ts";
import { settlePayment } from "./settle-payment.ts";
import { startPayment } from "./start-payment.ts";

/**
 * Looks after a payment that nobody has told us about: one whose start is unknown is started again under
 * its idempotency key (which is how Stripe is asked), one that is open is asked about, and one that could
 * never be started within its lifetime is given up.
 */
export async function pollPayment(input: { readonly paymentId: string }): Promise<void> {
  const payment = await db().payment.findUniqueOrThrow({ where: { id: input.paymentId } });
  if (payment.state === "created" && payment.adapter === "stripe") {
    const now = await businessNow();
    if (payment.expiresAt !== null && payment.expiresAt <= now) {
      await closePayment(SYSTEM, {
        paymentId: payment.id,
        state: "expired",
        reason: "never_started",
      });
      return;
    }
    await db().payment.updateMany({
      where: { id: payment.id, state: "created" },
      data: { nextPollAt: new Date(now.getTime() + 60_000), polls: { increment: 1 } },
    });
    await startPayment(SYSTEM, { paymentId: payment.id });
    return;
  }
  await settlePayment(SYSTEM, { paymentId: payment.id });
}
