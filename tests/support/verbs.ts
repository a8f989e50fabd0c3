import { randomUUID } from "node:crypto";
import { SYSTEM } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import type { Renewer, World } from "./world.ts";

/** Orders and payments as customers and providers make them, by the verbs themselves. */

/** What a verb accepted. Throws on a refusal. */
export function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused: ${result.refusal.code}`);
  return result.value;
}

/** Why a verb refused, or "accepted". */
export function refusalOf(result: Result<unknown>): string {
  return result.ok ? "accepted" : result.refusal.code;
}

/** Places a renewal and, at a provider, pays it. Returns the order's number. */
export async function renew(
  world: World,
  renewer: Renewer,
  how: {
    readonly planCode: string;
    readonly method: "stripe" | "balance";
    readonly useBalance?: boolean;
  },
): Promise<string> {
  const { iccid, customer } = renewer;
  const quote = accepted(await quoteOrder(customer, { iccid, planCode: how.planCode }));
  const { orderNumber } = accepted(
    await placeOrder(customer, {
      attemptId: quote.attemptId,
      quote: quote.token,
      iccid,
      planCode: how.planCode,
      startChoice: quote.startChoice,
      method: how.method,
      useBalance: how.useBalance ?? false,
      acceptLoss: true,
      repeat: true,
    }),
  );
  if (how.method === "stripe") await pay(world, orderNumber);
  return orderNumber;
}

/** Tops a balance up by card. Returns the order's number. */
export async function topUp(world: World, renewer: Renewer, amount: string): Promise<string> {
  const { orderNumber } = accepted(
    await placeTopUp(renewer.customer, { attemptId: randomUUID(), amount, method: "stripe" }),
  );
  await pay(world, orderNumber);
  return orderNumber;
}

async function pay(world: World, orderNumber: string): Promise<void> {
  const payment = await paymentOf(orderNumber, "stripe");
  await world.standIns.stripe.pay(payment.providerReference ?? "");
  accepted(await settlePayment(SYSTEM, { paymentId: payment.id }));
}

/** Brings a paid order to its carrier. */
export async function activate(number: string): Promise<void> {
  const { id } = await db().order.findUniqueOrThrow({ where: { number } });
  await activateOrder({ orderId: id });
}

export async function paymentOf(number: string, adapter: "stripe" | "paypal" | "balance") {
  return await db().payment.findFirstOrThrow({ where: { order: { number }, adapter } });
}

/** What a customer can spend, and what is set aside. */
export async function balanceOf({ customer }: Renewer): Promise<readonly [bigint, bigint]> {
  const { accountId, currency } = customer;
  const row = await db().balance.findUnique({
    where: { accountId_currency: { accountId, currency } },
  });
  return [row?.balanceMinor ?? 0n, row?.reservedMinor ?? 0n];
}

/** What an order moved, by ledger code; codes on which nothing is left are left out. */
export async function ledgerOf(world: World, number: string): Promise<Record<string, bigint>> {
  const rows = await world.sql<{ code: string; sum: string }>(
    `SELECT a.code, sum(e.amount_minor) AS sum FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
       JOIN journal j ON j.id = e.journal_id JOIN "order" o ON o.id = j.order_id WHERE o.number = $1
       GROUP BY a.code HAVING sum(e.amount_minor) <> 0 ORDER BY 1`,
    [number],
  );
  return Object.fromEntries(rows.map((row) => [row.code, BigInt(row.sum)]));
}
