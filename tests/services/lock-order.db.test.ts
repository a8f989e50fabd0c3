import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { lockRow } from "#tests/support/row-lock.ts";
import { until } from "#tests/support/stand-ins.ts";
import {
  givePlans,
  giveRenewer,
  openWorld,
  type Renewer,
  type World,
} from "#tests/support/world.ts";

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add" }, { code: "queue", policy: "queue" }]);
});
afterAll(async () => await world.close());

/** Two that take the same rows in another order wait for each other; the account comes first. */
describe("whoever waits for the account holds neither balance nor eSIM", () => {
  test("when a top-up is paid", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const { customer } = renewer;
    const input = { attemptId: randomUUID(), amount: "50", method: "stripe" as const };
    const { orderNumber } = accepted(await placeTopUp(customer, input));
    const paymentId = await paid(orderNumber);
    await whileAccountIsHeld(renewer, () => settlePayment(SYSTEM, { paymentId }));
    expect(await balanceOf(renewer)).toBe(7_000n);
  });

  test("when the rest of an order is paid whose period begins later", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const paymentId = await paid(accepted(await order(renewer, "queue", "stripe")).orderNumber);
    await whileAccountIsHeld(renewer, () => settlePayment(SYSTEM, { paymentId }));
    expect((await db().payment.findUniqueOrThrow({ where: { id: paymentId } })).state).toBe(
      "settled",
    );
  });

  test("when an order is placed that the balance pays a part of", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    await whileAccountIsHeld(renewer, () => order(renewer, "add", "stripe"));
    expect(await balanceOf(renewer)).toBe(0n);
  });

  test("when what the balance paid goes back to it", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 7_000n });
    const { orderNumber: number } = accepted(await order(renewer, "add", "balance"));
    await world.standIns.esimAccess.setFault({
      kind: "refuse",
      errorCode: "310241",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    const { id: orderId } = await db().order.findUniqueOrThrow({ where: { number } });
    await whileAccountIsHeld(renewer, () => activateOrder({ orderId }));
    expect(await balanceOf(renewer)).toBe(7_000n);
  });
});

async function whileAccountIsHeld(
  { customer, esimId }: Renewer,
  act: () => Promise<unknown>,
): Promise<void> {
  const lock = await lockRow(process.env["DATABASE_URL"] ?? "", "account", customer.accountId);
  const done = act();
  try {
    await until(
      async () => ((await lock.isWanted()) ? true : undefined),
      10_000,
      "nobody wants the account",
    );
    // Refused at once, had whoever waits taken them already.
    await world.sql("SELECT FROM balance WHERE account_id = $1 FOR UPDATE NOWAIT", [
      customer.accountId,
    ]);
    await world.sql("SELECT FROM esim WHERE id = $1 FOR UPDATE NOWAIT", [esimId]);
  } finally {
    await lock.release();
    await done;
  }
}

async function order({ customer, iccid }: Renewer, planCode: string, method: "stripe" | "balance") {
  const quote = accepted(await quoteOrder(customer, { iccid, planCode }));
  return await placeOrder(customer, {
    attemptId: quote.attemptId,
    quote: quote.token,
    iccid,
    planCode,
    startChoice: quote.startChoice,
    method,
    useBalance: method !== "balance",
    acceptLoss: false,
    repeat: false,
  });
}

/** Pays on the provider's page; returns the payment's id. */
async function paid(number: string): Promise<string> {
  const payment = await db().payment.findFirstOrThrow({
    where: { order: { number }, adapter: "stripe" },
  });
  await world.standIns.stripe.pay(payment.providerReference ?? "");
  return payment.id;
}

async function balanceOf({ customer }: Renewer): Promise<bigint> {
  const { accountId } = customer;
  return (await db().balance.findFirstOrThrow({ where: { accountId } })).balanceMinor;
}

function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused: ${result.refusal.code}`);
  return result.value;
}
