import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import type { OrderQuote } from "#lib/domain/order.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { getStatement } from "#lib/services/balance/get-statement.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { claimNotice } from "#lib/services/notice/claim-notice.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { getOrder } from "#lib/services/order/get-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { closePayment } from "#lib/services/payment/close-payment.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { sendNotice } from "#lib/worker/handlers/send-notice.ts";
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
  await givePlans(world, [{ code: "add-10" }]);
  await db().taxRate.create({ data: { countryCode: "CN", basisPoints: 600 } });
});
afterAll(async () => await world.close());

describe("a top-up by card", () => {
  test("is on the balance once, with its reason in the statement", async () => {
    const { customer } = await giveRenewer(world);
    const attemptId = randomUUID();
    const input = { attemptId, amount: "120.50", method: "stripe" as const };
    const placed = accepted(await placeTopUp(customer, input));
    expect(placed.redirectUrl).toContain(world.standIns.addresses.stripe);
    expect(accepted(await placeTopUp(customer, input)).orderNumber).toBe(placed.orderNumber);
    const payment = await paymentOf(placed.orderNumber, "stripe");
    await world.standIns.stripe.pay(payment.providerReference ?? "");
    await Promise.all(
      Array.from({ length: 6 }, () => settlePayment(SYSTEM, { paymentId: payment.id })),
    );
    expect(await balanceOf(customer.email)).toEqual([12_050n, 0n]);
    expect(accepted(await getOrder(customer, { number: placed.orderNumber }))).toMatchObject({
      phase: "credited",
      service: null,
    });
    const statement = accepted(await getStatement(customer, {}));
    expect(statement.lines).toMatchObject([
      {
        kind: "payment.settled",
        isTopUp: true,
        orderNumber: placed.orderNumber,
        change: { amountMinor: 12_050n },
        balanceAfter: { amountMinor: 12_050n },
      },
    ]);
    expect(
      await world.sql("SELECT template FROM audit.notices WHERE order_number = $1", [
        placed.orderNumber,
      ]),
    ).toEqual([{ template: "balance_topped_up" }]);
  });

  test.each([
    ["1.234", "invalid"],
    ["0.5", "too_small"],
    ["50000.01", "too_large"],
  ])("of %s is refused as %s", async (amount, problem) => {
    const { customer } = await giveRenewer(world);
    const refused = await placeTopUp(customer, {
      attemptId: randomUUID(),
      amount,
      method: "stripe",
    });
    expect(refused).toEqual({
      ok: false,
      refusal: { code: "input_invalid", fields: { amount: problem } },
    });
  });

  test("in yen has no decimals", async () => {
    const { customer } = await giveRenewer(world, { currency: "JPY" });
    const refused = await placeTopUp(customer, {
      attemptId: randomUUID(),
      amount: "1000.5",
      method: "stripe",
    });
    expect(refused).toMatchObject({ ok: false, refusal: { code: "input_invalid" } });
  });
});

describe("the balance and a card in one order", () => {
  test("sets the balance aside first and takes it only with the rest", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const { number } = await renewSplit(renewer);
    expect(await balanceOf(renewer.customer.email)).toEqual([0n, 2_000n]);
    const card = await paymentOf(number, "stripe");
    expect([card.amountMinor, card.taxMinor]).toEqual([4_800n, 385n - 113n]);

    await world.standIns.stripe.pay(card.providerReference ?? "");
    await settlePayment(SYSTEM, { paymentId: card.id });
    expect(await balanceOf(renewer.customer.email)).toEqual([0n, 0n]);
    await activate(number);
    const order = accepted(await getOrder(renewer.customer, { number }));
    expect(order.phase).toBe("live");
    expect(new Map(order.parts.map((part) => [part.method, part.amount.amountMinor]))).toEqual(
      new Map([
        ["balance", 2_000n],
        ["stripe", 4_800n],
      ]),
    );
    expect(await ledgerOf(number)).toEqual({
      cash_stripe: 4_630n,
      customer_balance: 2_000n,
      customer_reserved: 0n,
      deferred_revenue: -6_415n,
      provider_fees: 170n,
      tax_payable: -385n,
    });
  });

  test("gives the balance back when the card is not paid", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const { number } = await renewSplit(renewer);
    const card = await paymentOf(number, "stripe");
    await closePayment(SYSTEM, { paymentId: card.id, state: "expired", reason: "expired" });
    await closePayment(SYSTEM, { paymentId: card.id, state: "expired", reason: "expired" });
    expect(await balanceOf(renewer.customer.email)).toEqual([2_000n, 0n]);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("payment_expired");
  });

  test("gives each part back to where it came from when the carrier refuses", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const { number } = await renewSplit(renewer);
    const card = await paymentOf(number, "stripe");
    await world.standIns.stripe.pay(card.providerReference ?? "");
    await settlePayment(SYSTEM, { paymentId: card.id });
    await world.standIns.esimAccess.setFault({
      kind: "refuse",
      errorCode: "310241",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    await activate(number);
    expect(await balanceOf(renewer.customer.email)).toEqual([2_000n, 0n]);
    expect(await ledgerOf(number)).toEqual({
      cash_stripe: 4_630n,
      customer_balance: 0n,
      customer_reserved: 0n,
      deferred_revenue: 0n,
      provider_fees: 170n,
      refunds_payable: -4_800n,
      tax_payable: 0n,
    });
  });

  test("tells in the mail what of it went where, and not what could not be sent", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const { number } = await renewSplit(renewer);
    const card = await paymentOf(number, "stripe");
    await world.standIns.stripe.pay(card.providerReference ?? "");
    await settlePayment(SYSTEM, { paymentId: card.id });
    await world.standIns.esimAccess.setFault({
      kind: "refuse",
      errorCode: "310241",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    await activate(number);
    const { id: noticeId } = await db().notice.findFirstOrThrow({
      where: { order: { number }, template: "order_refunded" },
    });
    const claimed = await claimNotice({ noticeId });
    expect(claimed?.refunds).toMatchObject([
      { method: null, amount: { amountMinor: 2_000n } },
      { method: "stripe", amount: { amountMinor: 4_800n } },
    ]);
    const refund = await db().refund.findFirstOrThrow({
      where: { order: { number }, toBalance: false },
    });
    await world.sql("UPDATE refund SET state = 'failed', next_attempt_at = NULL WHERE id = $1", [
      refund.id,
    ]);
    await world.sql(
      "UPDATE notice SET next_attempt_at = now() - interval '1 minute' WHERE id = $1",
      [noticeId],
    );
    await sendNotice({ noticeId });
    const [mail] = await world.standIns.mailbox.waitForMail(renewer.customer.email);
    expect(mail?.text).toContain("¥20.00 is back in your");
    expect(mail?.text).not.toMatch(/68\.00|48\.00|where you paid from/);
  });

  test("cannot spend the same balance twice", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const quote = accepted(
      await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode: "add-10" }),
    );
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        placeOrder(renewer.customer, { ...split(quote), attemptId: randomUUID(), repeat: n > 0 }),
      ),
    );
    // Each order that came after another gave that one up; what is set aside is set aside once.
    expect(all.some((each) => each.ok)).toBe(true);
    const [free, reserved] = await balanceOf(renewer.customer.email);
    expect(free + reserved).toBe(2_000n);
    const held = await db().payment.aggregate({
      where: { state: "reserved", order: { accountId: renewer.customer.accountId } },
      _sum: { amountMinor: true },
    });
    expect(held._sum.amountMinor ?? 0n).toBe(reserved);
  });

  test("cannot be split once the money came too late: all of it goes back", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const { number } = await renewSplit(renewer);
    const card = await paymentOf(number, "stripe");
    await world.standIns.stripe.pay(card.providerReference ?? "");
    await closePayment(SYSTEM, { paymentId: card.id, state: "expired", reason: "expired" });
    await settlePayment(SYSTEM, { paymentId: card.id });
    expect(await balanceOf(renewer.customer.email)).toEqual([2_000n, 0n]);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("refunding");
  });
});

async function renewSplit(renewer: Renewer): Promise<{ number: string }> {
  const quote = accepted(
    await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode: "add-10" }),
  );
  expect(quote.restAfterBalance?.rest.amountMinor).toBe(4_800n);
  return { number: accepted(await placeOrder(renewer.customer, split(quote))).orderNumber };
}

function split(quote: OrderQuote) {
  return {
    attemptId: quote.attemptId,
    quote: quote.token,
    iccid: quote.iccid,
    planCode: quote.plan.code,
    startChoice: quote.startChoice,
    method: "stripe" as const,
    useBalance: true,
    acceptLoss: false,
    repeat: false,
  };
}

function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused: ${result.refusal.code}`);
  return result.value;
}

async function activate(number: string): Promise<void> {
  const order = await db().order.findUniqueOrThrow({ where: { number } });
  await activateOrder({ orderId: order.id });
}

async function paymentOf(number: string, adapter: "stripe" | "balance") {
  return await db().payment.findFirstOrThrow({ where: { order: { number }, adapter } });
}

/** Balance and what is set aside. */
async function balanceOf(email: string): Promise<[bigint, bigint]> {
  const [row] = await world.sql<{ balance_minor: string; reserved_minor: string }>(
    "SELECT balance_minor, reserved_minor FROM audit.balances WHERE customer_email = $1",
    [email],
  );
  return [BigInt(row?.balance_minor ?? 0), BigInt(row?.reserved_minor ?? 0)];
}

/** What an order moved, by ledger code. */
async function ledgerOf(number: string): Promise<Record<string, bigint>> {
  const rows = await world.sql<{ code: string; sum: string }>(
    `SELECT a.code, sum(e.amount_minor) AS sum FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
       JOIN journal j ON j.id = e.journal_id JOIN "order" o ON o.id = j.order_id WHERE o.number = $1 GROUP BY a.code ORDER BY 1`,
    [number],
  );
  return Object.fromEntries(rows.map((row) => [row.code, BigInt(row.sum)]));
}
