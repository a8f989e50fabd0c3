import { SYSTEM } from "#lib/access/actor.ts";
import { lookupDelaySeconds } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { closePayment } from "./close-payment.ts";
import { isTransferred, NOT_RECEIVED } from "./payment-state.ts";
import { settlePayment } from "./settle-payment.ts";
import { startPayment } from "./start-payment.ts";

/**
 * Looks after a payment that nobody has told us about: one whose start is unknown is started again under
 * its idempotency key (which is how Stripe is asked), one that is open is asked about, and one that could
 * never be started within its lifetime is given up. A bank is not asked: its statements are brought, and
 * a transfer that did not come in time is over.
 */
export async function pollPayment(input: { readonly paymentId: string }): Promise<void> {
  const payment = await db().payment.findUniqueOrThrow({ where: { id: input.paymentId } });
  if (payment.state !== "created" && payment.state !== "pending") return;
  const now = await businessNow();
  if (payment.adapter === "bank_transfer" && payment.state === "pending") {
    await endUnpaidTransfer(payment, now);
    return;
  }
  // Written before asking, so that a provider that cannot be asked is not asked without end.
  await db().payment.updateMany({
    where: { id: payment.id, state: { in: ["created", "pending"] } },
    data: { nextPollAt: nextPoll(payment, now), polls: { increment: 1 } },
  });
  if (payment.state === "created" && payment.adapter !== "balance") {
    if (payment.expiresAt !== null && payment.expiresAt <= now) {
      await closePayment(SYSTEM, {
        paymentId: payment.id,
        state: "expired",
        reason: "never_started",
      });
      return;
    }
    await startPayment(SYSTEM, { paymentId: payment.id });
    return;
  }
  await settlePayment(SYSTEM, { paymentId: payment.id });
}

async function endUnpaidTransfer(
  payment: { readonly id: string; readonly expiresAt: Date | null },
  now: Date,
): Promise<void> {
  const { id, expiresAt } = payment;
  if (expiresAt !== null && expiresAt <= now) {
    await closePayment(SYSTEM, { paymentId: id, state: "expired", reason: NOT_RECEIVED });
    return;
  }
  await db().payment.updateMany({
    where: { id, state: "pending" },
    data: { nextPollAt: expiresAt },
  });
}

/**
 * By the look-up schedule, but every five minutes at most while the payment can still be made on a page, and
 * when the time of one that is transferred is over.
 */
function nextPoll(
  payment: {
    readonly polls: number;
    readonly expiresAt: Date | null;
    readonly processing: boolean;
    readonly methodType: string | null;
  },
  now: Date,
): Date {
  const delay = lookupDelaySeconds(payment.polls);
  const left = ((payment.expiresAt?.getTime() ?? 0) - now.getTime()) / 1000;
  const longest = isTransferred(payment) ? left : 300;
  return new Date(now.getTime() + (left > 0 ? Math.min(delay, longest) : delay) * 1000);
}
