import { randomBytes } from "node:crypto";
import type { Actor, Customer } from "#lib/access/actor.ts";
import { takeAttempt } from "#lib/access/limits.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { TOP_UP_LEAST, TOP_UP_MOST } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction, isUniqueViolation } from "#lib/db/transaction.ts";
import { currencyExponent, fromDecimal, type Money } from "#lib/domain/money.ts";
import { orderNumber } from "#lib/domain/order.ts";
import { chosenOption, type MethodOption } from "#lib/domain/payment-method.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { billingSnapshot, findBilled, profileOf } from "#lib/services/billing/internal.ts";
import type { PlacedOrder } from "#lib/services/order/place-order.ts";
import { outsideOptions } from "#lib/services/payment/available-methods.ts";
import { paymentDeadline } from "#lib/services/payment/payment-deadline.ts";
import { startPayment } from "#lib/services/payment/start-payment.ts";
import type { PlaceTopUpInput } from "./schemas.ts";

/**
 * Begins a top-up of the customer's balance, in the account's currency. The same attempt id leads to the
 * same order. Refuses `input_invalid` (not an amount of the currency, too small, too large),
 * `method_not_available`, `attempt_reused`, `too_many_attempts` and `payment_rejected`.
 */
export async function placeTopUp(
  actor: Actor,
  input: PlaceTopUpInput,
): Promise<Result<PlacedOrder>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const earlier = await findAttempt(input.attemptId);
  if (earlier !== null) return await goOn(customer.value, earlier);

  const amount = fromDecimal(input.amount, customer.value.currency);
  if (amount === null) return refuse({ code: "input_invalid", fields: { amount: "invalid" } });
  const scale = 10n ** BigInt(currencyExponent(amount.currency));
  if (amount.amountMinor < BigInt(TOP_UP_LEAST) * scale) {
    return refuse({ code: "input_invalid", fields: { amount: "too_small" } });
  }
  if (amount.amountMinor > BigInt(TOP_UP_MOST) * scale) {
    return refuse({ code: "input_invalid", fields: { amount: "too_large" } });
  }
  const option = chosenOption(outsideOptions(customer.value, amount), input);
  if (option === undefined) return refuse({ code: "method_not_available" });
  const wait = await takeAttempt("placeOrder", customer.value.accountId);
  if (wait !== null) return refuse({ code: "too_many_attempts", retryAfterSeconds: wait });
  try {
    return await goOn(customer.value, await insertTopUp(customer.value, input, amount, option));
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const first = await findAttempt(input.attemptId);
    if (first === null) throw error;
    return await goOn(customer.value, first);
  }
}

interface TopUp {
  readonly number: string;
  readonly accountId: string;
  readonly payments: readonly { readonly id: string }[];
}

const TOP_UP = { number: true, accountId: true, payments: { select: { id: true } } } as const;

async function findAttempt(attemptId: string): Promise<TopUp | null> {
  return await db().order.findUnique({ where: { attemptId }, select: TOP_UP });
}

async function goOn(customer: Customer, order: TopUp): Promise<Result<PlacedOrder>> {
  const payment = order.payments[0];
  if (order.accountId !== customer.accountId || payment === undefined) {
    return refuse({ code: "attempt_reused" });
  }
  const started = await startPayment(customer, { paymentId: payment.id });
  if (!started.ok) return started;
  return accept({ orderNumber: order.number, redirectUrl: started.value.redirectUrl });
}

async function insertTopUp(
  customer: Customer,
  input: PlaceTopUpInput,
  amount: Money,
  { method, methodType, renewsByItself }: MethodOption,
): Promise<TopUp> {
  return await inTransaction(async (tx) => {
    const now = await businessNow(tx);
    const billed = await findBilled(tx, customer);
    const { email, phone } = profileOf(billed);
    const billing = billingSnapshot(profileOf(billed), billed.account);
    const order = await tx.order.create({
      data: {
        number: orderNumber(randomBytes(7)),
        kind: "topup",
        accountId: customer.accountId,
        attemptId: input.attemptId,
        state: "acknowledged",
        currency: amount.currency,
        totalMinor: amount.amountMinor,
        taxMinor: 0n,
        locale: customer.locale,
        contactEmail: email,
        contactPhone: phone,
        ...(billing === undefined ? {} : { billing }),
        placedAt: now,
        payments: {
          create: {
            adapter: method,
            methodType,
            saveMethod: input.saveMethod === true && renewsByItself,
            state: "created",
            currency: amount.currency,
            amountMinor: amount.amountMinor,
            createdAt: now,
            expiresAt: paymentDeadline(now, method),
            nextPollAt: new Date(now.getTime() + 15_000),
          },
        },
      },
      select: { id: true, ...TOP_UP },
    });
    await recordAuditEvent(tx, customer, {
      action: "order.placed",
      subject: `order ${order.number}`,
      correlationId: order.id,
    });
    return order;
  });
}
