import type { Actor } from "#lib/access/actor.ts";
import { env } from "#lib/config/env.ts";
import { db } from "#lib/db/client.ts";
import { isLocale } from "#lib/domain/locale.ts";
import { money } from "#lib/domain/money.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { log } from "#lib/observability/log.ts";
import { paymentAdapter } from "#lib/payments/registry.ts";
import { SoldTermsSchema } from "#lib/services/plan/schemas.ts";
import { closePayment } from "./close-payment.ts";
import { settlePayment } from "./settle-payment.ts";

export interface StartedPayment {
  readonly redirectUrl: string | null;
}

/**
 * Begins, or goes on with, the payment of an order. Calling it again begins nothing new: the payment's id
 * is the idempotency key, and every value sent is read from the stored order. The provider's id is stored
 * before the customer is sent there.
 *
 * `redirectUrl` is null when the payment is settled or over, or the provider could not be reached (the
 * order then waits, and this may be called again). Refuses `balance_insufficient` and `payment_rejected`.
 */
export async function startPayment(
  actor: Actor,
  input: { readonly paymentId: string },
): Promise<Result<StartedPayment>> {
  const payment = await db().payment.findUniqueOrThrow({
    where: { id: input.paymentId },
    include: { order: { include: { account: true, items: { orderBy: { position: "asc" } } } } },
  });
  if (payment.state === "pending") return accept({ redirectUrl: payment.redirectUrl });
  if (payment.state !== "created") return accept({ redirectUrl: null });

  if (payment.adapter === "balance") {
    const settled = await settlePayment(actor, { paymentId: payment.id });
    return settled.ok ? accept({ redirectUrl: null }) : settled;
  }
  if (payment.adapter !== "stripe" || payment.expiresAt === null) {
    throw new Error(`Payment ${payment.id} cannot be started by ${payment.adapter}`);
  }

  const { order } = payment;
  const locale = isLocale(order.locale) ? order.locale : env().DEFAULT_LOCALE;
  const page = `${env().APP_URL}/orders/${order.number}`;
  const outcome = await paymentAdapter("stripe").start({
    paymentId: payment.id,
    orderNumber: order.number,
    amount: money(payment.amountMinor, payment.currency),
    description: order.items
      .map((item) => SoldTermsSchema.parse(item.terms).name[locale])
      .join(", "),
    customerEmail: order.account.email,
    locale,
    successUrl: `${page}?returned=1`,
    cancelUrl: page,
    expiresAt: payment.expiresAt,
  });
  switch (outcome.kind) {
    case "redirect": {
      await db().payment.updateMany({
        where: { id: payment.id, state: "created" },
        data: {
          state: "pending",
          providerReference: outcome.providerReference,
          redirectUrl: outcome.url,
          expiresAt: outcome.expiresAt,
          nextPollAt: new Date(payment.createdAt.getTime() + 60_000),
        },
      });
      await db().order.updateMany({
        where: { id: order.id, state: "acknowledged" },
        data: { state: "pending" },
      });
      return accept({ redirectUrl: outcome.url });
    }
    case "rejected": {
      log().warn({ orderId: order.id, reason: outcome.reason }, "payment rejected at start");
      await closePayment(actor, { paymentId: payment.id, state: "failed", reason: outcome.reason });
      return refuse({ code: "payment_rejected" });
    }
    case "unknown": {
      log().warn({ orderId: order.id, reason: outcome.reason }, "payment start unknown");
      return accept({ redirectUrl: null });
    }
  }
}
