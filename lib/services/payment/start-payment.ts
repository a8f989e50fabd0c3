import type { Actor } from "#lib/access/actor.ts";
import { env } from "#lib/config/env.ts";
import { db } from "#lib/db/client.ts";
import { isLocale, type Locale } from "#lib/domain/locale.ts";
import { money } from "#lib/domain/money.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { log } from "#lib/observability/log.ts";
import {
  ProviderUnavailableError,
  type PaymentAdapter,
  type StartPaymentOutcome,
  type StartPaymentRequest,
} from "#lib/payments/port.ts";
import { SoldTermsSchema } from "#lib/services/plan/schemas.ts";
import { closePayment } from "./close-payment.ts";
import { providerOf } from "./provider.ts";
import { settlePayment } from "./settle-payment.ts";
import { startBankTransfer } from "./start-bank-transfer.ts";

export interface StartedPayment {
  readonly redirectUrl: string | null;
}

/**
 * Begins, or goes on with, the payment of an order. Calling it again begins nothing new: the payment's id
 * is the idempotency key, and every value sent is read from the stored order. The provider's id is stored
 * before the customer is sent there.
 *
 * `redirectUrl` is null when the payment is settled or over, is a bank transfer, or the provider could not be reached (the
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
  if (payment.adapter === "bank_transfer") {
    await startBankTransfer(actor, { paymentId: payment.id });
    return accept({ redirectUrl: null });
  }
  const provider = providerOf(payment.adapter);
  if (provider === null || payment.expiresAt === null) {
    throw new Error(`Payment ${payment.id} cannot be started by ${payment.adapter}`);
  }

  const { order } = payment;
  const locale = isLocale(order.locale) ? order.locale : env().DEFAULT_LOCALE;
  const page = `${env().APP_URL}/orders/${order.number}`;
  const outcome = await startAt(provider.adapter, payment, {
    paymentId: payment.id,
    orderNumber: order.number,
    amount: money(payment.amountMinor, payment.currency),
    description: describe(order, locale),
    customerEmail: order.contactEmail ?? order.account.email,
    methodType: payment.methodType,
    saveMethod: payment.saveMethod,
    locale,
    successUrl: `${page}?returned=1`,
    cancelUrl: page,
    expiresAt: payment.expiresAt,
  });
  switch (outcome.kind) {
    case "redirect": {
      const stored = await db().payment.updateMany({
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
      if (stored.count > 0) return accept({ redirectUrl: outcome.url });
      // Somebody was first: to begin it, or to end it. Nobody is sent to a page that is not stored.
      const now = await db().payment.findUniqueOrThrow({ where: { id: payment.id } });
      return accept({ redirectUrl: now.state === "pending" ? now.redirectUrl : null });
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

/** Starts a payment for the provider's customer, when it needs one. */
async function startAt(
  adapter: PaymentAdapter,
  payment: CustomerPayment,
  request: Omit<StartPaymentRequest, "customerReference">,
): Promise<StartPaymentOutcome> {
  try {
    const customerReference = await findCustomerReference(adapter, payment);
    return await adapter.start({ ...request, customerReference });
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    return { kind: "unknown", reason: error.message };
  }
}

interface CustomerPayment {
  readonly saveMethod: boolean;
  readonly methodType: string | null;
  readonly createdAt: Date;
  readonly order: { readonly account: { readonly id: string; readonly email: string } };
}

/** Kinds of payment that a provider takes only from a customer it knows. */
const NEEDS_CUSTOMER = ["customer_balance"];

/**
 * The provider's object for the customer, made when it is first needed; null when this payment needs none
 * and none was there when it was made. It is stored before it is used: a repeated start sends the same.
 */
async function findCustomerReference(
  adapter: PaymentAdapter,
  payment: CustomerPayment,
): Promise<string | null> {
  const { account } = payment.order;
  const key = { accountId: account.id, adapter: adapter.id };
  const known = await db().providerCustomer.findUnique({ where: { accountId_adapter: key } });
  const isNeeded = payment.saveMethod || NEEDS_CUSTOMER.includes(payment.methodType ?? "");
  if (known !== null && (isNeeded || known.createdAt < payment.createdAt)) {
    return known.providerReference;
  }
  if (!isNeeded || adapter.createCustomer === undefined) return null;
  const providerReference = await adapter.createCustomer({
    accountId: account.id,
    email: account.email,
  });
  await db().providerCustomer.createMany({
    data: [{ ...key, providerReference }],
    skipDuplicates: true,
  });
  const stored = await db().providerCustomer.findUniqueOrThrow({
    where: { accountId_adapter: key },
  });
  return stored.providerReference;
}

/** What the provider's page says is paid for: the plan, or the operator's balance. */
function describe(
  order: { readonly kind: string; readonly items: readonly { readonly terms: unknown }[] },
  locale: Locale,
): string {
  if (order.kind === "topup") return env().BRAND_NAME;
  return order.items.map((item) => SoldTermsSchema.parse(item.terms).name[locale]).join(", ");
}
