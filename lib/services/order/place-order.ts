import { randomBytes } from "node:crypto";
import type { Actor, Customer } from "#lib/access/actor.ts";
import { takeAttempt } from "#lib/access/limits.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { QUOTE_LIFETIME_MINUTES } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db, type Prisma } from "#lib/db/client.ts";
import { inTransaction, isUniqueViolation } from "#lib/db/transaction.ts";
import { checkBilling, type BillingProfile } from "#lib/domain/billing.ts";
import { toJson } from "#lib/domain/json.ts";
import { balanceReserved, splitPayment } from "#lib/domain/ledger.ts";
import { orderNumber } from "#lib/domain/order.ts";
import { chosenOption, type MethodOption } from "#lib/domain/payment-method.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { chargedBasisPoints } from "#lib/domain/tax.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { lockAccount } from "#lib/services/balance/lock-balance.ts";
import { billingSnapshot, keepProfile, profileOf } from "#lib/services/billing/internal.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { abandonPayment } from "#lib/services/payment/abandon-payment.ts";
import { TRANSFERRED } from "#lib/services/payment/payment-state.ts";
import { paymentDeadline } from "#lib/services/payment/payment-deadline.ts";
import { startPayment } from "#lib/services/payment/start-payment.ts";
import { buildQuote, findLatestOrder, isRecent, type BuiltQuote } from "./internal.ts";
import { readQuote, sameQuote } from "./quote-token.ts";
import type { PlaceOrderInput } from "./schemas.ts";
import { startedPart } from "./started-part.ts";

export interface PlacedOrder {
  readonly orderNumber: string;
  /** The provider's payment page; null when there is nothing (more) to pay there, or it cannot be reached now. */
  readonly redirectUrl: string | null;
}

/**
 * Places an order for what a quote showed, and begins its payment. The same attempt id leads to the same
 * order, however often and from wherever it comes. An earlier order for the eSIM that was not paid is given
 * up. Billing, contact and delivery details are kept with the order, and for the next one.
 *
 * Refuses, having changed nothing: `quote_invalid`, `quote_expired`, `input_invalid` (billing details),
 * `quote_changed` (also when they change the tax that was shown), `loss_not_accepted`,
 * `recently_renewed` (unless `repeat`), `too_many_attempts`, `attempt_reused`, `method_not_available`, `balance_insufficient`
 * and whatever quoting refuses. Refuses `payment_rejected` when the provider will not take the payment;
 * the order is then over.
 */
export async function placeOrder(
  actor: Actor,
  input: PlaceOrderInput,
): Promise<Result<PlacedOrder>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;

  const earlier = await findAttempt(customer.value, input.attemptId);
  if (earlier !== null)
    return earlier.own ? await goOn(actor, earlier) : refuse({ code: "attempt_reused" });

  const placed = await place(customer.value, input);
  if (placed.ok) return await goOn(actor, placed.value);
  // The same attempt may have been placed a moment ago, and what it took from the balance be what is missing.
  const first = await findAttempt(customer.value, input.attemptId);
  return first?.own === true ? await goOn(actor, first) : placed;
}

/** Checks what was shown against what is so now, and inserts the order; what was placed already is the same order. */
async function place(customer: Customer, input: PlaceOrderInput): Promise<Result<Attempt>> {
  const shown = readQuote(input.quote);
  if (!shown.ok) return shown;
  const built = await buildQuote(customer, input);
  if (!built.ok) return built;
  const { quote, claims, billed } = built.value;
  if (claims.quotedAt - shown.value.quotedAt > QUOTE_LIFETIME_MINUTES * 60_000) {
    return refuse({ code: "quote_expired" });
  }
  let profile = profileOf(billed);
  if (input.billing !== undefined) {
    const checked = checkBilling(input.billing, billed.account);
    if (!checked.ok) return refuse({ code: "input_invalid", fields: checked.fields });
    profile = checked.profile;
  }
  if (!sameQuote(shown.value, claims)) return refuse({ code: "quote_changed" });
  if (quote.preview.lost !== null && !input.acceptLoss)
    return refuse({ code: "loss_not_accepted" });
  const split = input.useBalance && input.method !== "balance";
  // What the other method is to pay must be what was shown.
  if (split && (claims.restMinor === null || claims.restMinor !== shown.value.restMinor)) {
    return refuse({ code: "quote_changed" });
  }
  const options = split ? (quote.restAfterBalance?.methods ?? []) : quote.methods;
  const option = chosenOption(options, input);
  if (option === undefined) {
    return input.method === "balance" && quote.balance.amountMinor < quote.plan.price.amountMinor
      ? refuse({ code: "balance_insufficient", balance: quote.balance, total: quote.plan.price })
      : refuse({ code: "method_not_available" });
  }

  const wait = await takeAttempt("placeOrder", customer.accountId);
  if (wait !== null) return refuse({ code: "too_many_attempts", retryAfterSeconds: wait });

  try {
    const placed = await insertOrder(customer, input, built.value, { profile, option, split });
    if (placed.ok) await abandonUnpaid(customer, built.value.esim.id, input.attemptId);
    return placed;
  } catch (error) {
    // The same attempt, a moment ago, from another tab or device: its order is this order.
    if (!isUniqueViolation(error)) throw error;
    const first = await findAttempt(customer, input.attemptId);
    if (first === null) throw error;
    return first.own ? accept(first) : refuse({ code: "attempt_reused" });
  }
}

interface Attempt {
  readonly number: string;
  readonly paymentId: string;
}

async function findAttempt(
  customer: Customer,
  attemptId: string,
): Promise<(Attempt & { readonly own: boolean }) | null> {
  const order = await db().order.findUnique({
    where: { attemptId },
    select: { number: true, accountId: true, payments: { select: { id: true, adapter: true } } },
  });
  if (order === null) return null;
  return {
    number: order.number,
    paymentId: startedPart(order.payments).id,
    own: order.accountId === customer.accountId,
  };
}

async function goOn(actor: Actor, order: Attempt): Promise<Result<PlacedOrder>> {
  const started = await startPayment(actor, { paymentId: order.paymentId });
  if (!started.ok) return started;
  return accept({ orderNumber: order.number, redirectUrl: started.value.redirectUrl });
}

/**
 * Earlier orders for the eSIM that are not paid are given up: only the new one shall be paid. One for which
 * a bank transfer has brought a part of the money goes on waiting for the rest, one that a wallet is paying
 * for what becomes of it, and one that the balance pays is about to be paid.
 */
async function abandonUnpaid(customer: Customer, esimId: string, attemptId: string): Promise<void> {
  const { placedAt } = await db().order.findUniqueOrThrow({ where: { attemptId } });
  const unpaid = await db().payment.findMany({
    where: {
      OR: [
        { state: "created", adapter: { not: "balance" } },
        { state: "pending", processing: false },
        { state: "pending", methodType: { in: TRANSFERRED } },
      ],
      bankLines: { none: { keptMinor: { gt: 0 } } },
      // Of two that are placed at once, each would otherwise give the other up.
      order: { esimId, placedAt: { lt: placedAt }, state: { in: ["acknowledged", "pending"] } },
    },
    select: { id: true },
  });
  for (const payment of unpaid) await abandonPayment(customer, { paymentId: payment.id });
}

/** What was made of the customer's choices. */
interface Decided {
  readonly profile: BillingProfile;
  readonly option: MethodOption;
  /** Whether the balance pays first, and the option only the rest. */
  readonly split: boolean;
}

/**
 * Order, item, payments, billing profile and audit event in one transaction that holds the eSIM's row. A part from the
 * balance is set aside here, under the account's row, which comes before the eSIM's.
 */
async function insertOrder(
  customer: Customer,
  input: PlaceOrderInput,
  { quote, plan, esim, start, billed }: BuiltQuote,
  { profile, option, split }: Decided,
): Promise<Result<Attempt>> {
  const { taxRule } = quote.plan;
  return await inTransaction(async (tx) => {
    if (split) await lockAccount(tx, customer.accountId);
    await tx.$queryRaw`SELECT id FROM esim WHERE id = ${esim.id}::uuid FOR UPDATE`;
    const now = await businessNow(tx);
    const latest = await findLatestOrder(tx, esim.id);
    if (latest !== null && isRecent(latest, now) && !input.repeat) {
      const same = await tx.order.count({ where: { attemptId: input.attemptId } });
      if (same === 0) {
        return refuse({
          code: "recently_renewed",
          orderNumber: latest.number,
          minutesAgo: Math.floor((now.getTime() - latest.placedAt.getTime()) / 60_000),
        });
      }
    }
    let fromBalance = option.method === "balance" ? quote.plan.price.amountMinor : 0n;
    if (split) {
      const balance = await tx.balance.findUnique({
        where: {
          accountId_currency: { accountId: customer.accountId, currency: quote.balance.currency },
        },
      });
      // Somebody spent it since the page was shown: the split that was agreed on is no longer possible.
      if ((balance?.balanceMinor ?? 0n) !== quote.balance.amountMinor) {
        return refuse({ code: "quote_changed" });
      }
      fromBalance = quote.balance.amountMinor;
    }
    let paymentId = "";
    const billing = billingSnapshot(profile, billed.account);
    const order = await tx.order.create({
      data: {
        number: orderNumber(randomBytes(7)),
        accountId: customer.accountId,
        esimId: esim.id,
        attemptId: input.attemptId,
        state: "acknowledged",
        currency: quote.plan.price.currency,
        totalMinor: quote.plan.price.amountMinor,
        taxMinor: quote.plan.tax.amountMinor,
        taxTreatment: taxRule?.treatment ?? null,
        taxBasisPoints: chargedBasisPoints(taxRule),
        locale: customer.locale,
        preview: toJson(quote.preview) as Prisma.InputJsonValue,
        placedAt: now,
        items: {
          create: {
            position: 1,
            planId: plan.id,
            priceMinor: quote.plan.price.amountMinor,
            taxMinor: quote.plan.tax.amountMinor,
            terms: toJson(plan.terms) as Prisma.InputJsonValue,
            startChoice: start.choice,
            startsAt: start.choice === "now" ? null : quote.preview.dataFrom,
          },
        },
        contactEmail: profile.email,
        contactPhone: profile.phone,
        ...(billing === undefined ? {} : { billing }),
      },
      select: { id: true, number: true },
    });
    if (input.billing !== undefined) await keepProfile(tx, customer, billed, profile);
    const parts = splitPayment(quote.plan.price, quote.plan.tax.amountMinor, fromBalance);
    for (const part of parts) {
      const adapter = part.from === "balance" ? "balance" : option.method;
      const reserved = part.from === "balance" && parts.length > 1;
      const payment = await tx.payment.create({
        data: {
          orderId: order.id,
          adapter,
          ...(adapter === "balance" ? {} : kindOf(option, input.saveMethod)),
          state: reserved ? "reserved" : "created",
          currency: part.amount.currency,
          amountMinor: part.amount.amountMinor,
          taxMinor: part.taxMinor,
          createdAt: now,
          expiresAt: paymentDeadline(now, input.method),
          nextPollAt: reserved ? null : new Date(now.getTime() + 15_000),
        },
        select: { id: true },
      });
      if (reserved) {
        await bookJournal(
          tx,
          customer,
          { kind: "balance.reserved", sourceId: payment.id, orderId: order.id },
          balanceReserved(customer.accountId, part.amount),
        );
      } else {
        paymentId = payment.id;
      }
    }
    await recordAuditEvent(tx, customer, {
      action: "order.placed",
      subject: `order ${order.number}`,
      correlationId: order.id,
    });
    return accept({ number: order.number, paymentId });
  });
}

/** What a payment says of its way: the kind that was chosen, and whether it is kept. */
function kindOf(
  { methodType, renewsByItself }: MethodOption,
  saveMethod: boolean | undefined,
): { readonly methodType: string | null; readonly saveMethod: boolean } {
  return { methodType, saveMethod: saveMethod === true && renewsByItself };
}
