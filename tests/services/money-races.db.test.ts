import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { SYSTEM, type Staff } from "#lib/access/actor.ts";
import type { CarrierAdapter } from "#lib/carriers/port.ts";
import { db } from "#lib/db/client.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { cancelQueuedOrder } from "#lib/services/order/cancel-queued-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { abandonPayment } from "#lib/services/payment/abandon-payment.ts";
import { closePayment } from "#lib/services/payment/close-payment.ts";
import { mirrorPayment } from "#lib/services/payment/mirror-payment.ts";
import { pollPayment } from "#lib/services/payment/poll-payment.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { handleProviderEvent } from "#lib/services/provider-event/handle-provider-event.ts";
import { recordProviderEvent } from "#lib/services/provider-event/record-provider-event.ts";
import { redirectRefund } from "#lib/services/refund/redirect-refund.ts";
import { requestRefund } from "#lib/services/refund/request-refund.ts";
import { sendRefund } from "#lib/services/refund/send-refund.ts";
import { CarrierDouble, DOUBLED_SETTINGS } from "#tests/support/carrier-double.ts";
import { ProviderDouble } from "#tests/support/provider-double.ts";
import { accepted, balanceOf, ledgerOf, paymentOf, refusalOf } from "#tests/support/verbs.ts";
import {
  givePlans,
  giveRenewer,
  giveStaff,
  openWorld,
  type Renewer,
  type World,
} from "#tests/support/world.ts";

/**
 * Many who do the same, or the opposite, to the same money at the same moment, on a real database. Provider
 * and carrier are doubles, so that nothing but the database puts anybody in order.
 */
const doubles = vi.hoisted(() => ({
  payments: new Map<string, unknown>(),
  carrier: {} as unknown,
}));
vi.mock("#lib/payments/registry.ts", () => ({
  paymentAdapter: (id: string) => doubles.payments.get(id) as PaymentAdapter,
  bankTransfers: () => ({ currencies: [] }),
}));
vi.mock("#lib/carriers/registry.ts", () => ({
  carrierAdapter: () => doubles.carrier as CarrierAdapter,
}));

const PRICE = 990n;
let world: World;
let staff: readonly [Staff, Staff];
const stripe = new ProviderDouble("stripe", false);
const paypal = new ProviderDouble("paypal", true);
const carrier = new CarrierDouble(["T_add", "T_queue"]);

beforeAll(async () => {
  world = await openWorld();
  Object.assign(process.env, DOUBLED_SETTINGS);
  doubles.payments.set("stripe", stripe.adapter);
  doubles.payments.set("paypal", paypal.adapter);
  doubles.carrier = carrier.adapter;
  await givePlans(world, [
    { code: "add", currency: "EUR", priceMinor: PRICE },
    { code: "queue", currency: "EUR", priceMinor: PRICE, policy: "queue" },
  ]);
  staff = [await giveStaff(), await giveStaff()];
});
afterAll(async () => await world.close());
beforeEach(() => {
  stripe.refundsGo = "at once";
});

describe("one balance", () => {
  test("that suffices for three of twenty orders at once pays three, and the others cost nothing", async () => {
    const renewer = await giveRenewer(world, { currency: "EUR", balanceMinor: 3n * PRICE + 1n });
    const input = await orderOf(renewer, { method: "balance" });
    const all = await together(20, () =>
      placeOrder(renewer.customer, { ...input, attemptId: randomUUID() }),
    );
    const answers = all.map(refusalOf).toSorted();
    expect(answers.filter((each) => each === "accepted")).toHaveLength(3);
    expect(new Set(answers)).toEqual(new Set(["accepted", "balance_insufficient"]));
    expect(await balanceOf(renewer)).toEqual([1n, 0n]);
    const paid = await db().order.count({
      where: { accountId: renewer.customer.accountId, state: "inProgress" },
    });
    expect(paid).toBe(3);
  });

  test("is set aside once for an order that is sent twenty times at once", async () => {
    const renewer = await giveRenewer(world, { currency: "EUR", balanceMinor: 400n });
    const input = await orderOf(renewer, { method: "stripe", useBalance: true });
    const all = await together(20, () => placeOrder(renewer.customer, input));
    expect(new Set(all.map((each) => accepted(each).orderNumber)).size).toBe(1);
    expect(await balanceOf(renewer)).toEqual([0n, 400n]);
    expect(await db().order.count({ where: { accountId: renewer.customer.accountId } })).toBe(1);
  });
});

describe("a payment", () => {
  test.each(["stripe", "paypal"] as const)(
    "by %s of which messages, return page, poller and staff learn at once is booked once",
    async (method) => {
      const { renewer, number } = await ordered({ method });
      const payment = await paymentOf(number, method);
      const page = (method === "paypal" ? paypal : stripe).page(payment.providerReference ?? "");
      page.state = method === "paypal" ? "approved" : "paid";
      const paymentId = payment.id;
      const events = await together(5, () => event(method, payment, "payment.paid"));
      await Promise.all([
        ...events.map((providerEventId) => handleProviderEvent({ providerEventId })),
        ...events.map((providerEventId) => handleProviderEvent({ providerEventId })),
        ...times(5, () => settlePayment(renewer.customer, { paymentId })),
        ...times(5, () => settlePayment(staff[0], { paymentId })),
        ...times(5, () => pollPayment({ paymentId })),
      ]);
      expect(await kindsOf(number)).toEqual(["fee.charged", "payment.settled"]);
      expect(await jobsOf(number)).toBe(1);
      const ledger = await ledgerOf(world, number);
      expect((ledger[`cash_${method}`] ?? 0n) + (ledger["provider_fees"] ?? 0n)).toBe(PRICE);
    },
  );

  test("that is paid while it is closed is either settled, or goes back whole", async () => {
    const ends = new Set<string>();
    for (let round = 0; round < 8; round += 1) {
      const { renewer, number } = await ordered({ method: "stripe", balance: 300n });
      const { id: paymentId, providerReference } = await paymentOf(number, "stripe");
      stripe.page(providerReference ?? "").state = "paid";
      const close = { paymentId, state: "expired", reason: "too late" } as const;
      await Promise.all([
        closePayment(SYSTEM, close),
        settlePayment(SYSTEM, { paymentId }),
        abandonPayment(renewer.customer, { paymentId }),
        closePayment(SYSTEM, close),
        settlePayment(SYSTEM, { paymentId }),
      ]);
      const { state } = await orderRow(number);
      ends.add(state);
      const ledger = await ledgerOf(world, number);
      if (state === "inProgress") {
        expect(await balanceOf(renewer)).toEqual([0n, 0n]);
        expect(ledger["deferred_revenue"]).toBe(-PRICE);
      } else {
        expect(state).toBe("cancelled");
        expect(await balanceOf(renewer)).toEqual([300n, 0n]);
        expect(ledger["deferred_revenue"]).toBeUndefined();
        expect(ledger["refunds_payable"]).toBe(-(PRICE - 300n));
      }
    }
    expect([...ends].every((end) => ["inProgress", "cancelled"].includes(end))).toBe(true);
  });

  test("of a top-up that many learn of at once is on the balance once", async () => {
    const renewer = await giveRenewer(world, { currency: "EUR" });
    const { orderNumber } = accepted(
      await placeTopUp(renewer.customer, {
        attemptId: randomUUID(),
        amount: "25",
        method: "paypal",
      }),
    );
    const payment = await paymentOf(orderNumber, "paypal");
    paypal.page(payment.providerReference ?? "").state = "approved";
    await together(20, () => settlePayment(SYSTEM, { paymentId: payment.id }));
    expect(await balanceOf(renewer)).toEqual([2_500n, 0n]);
  });
});

describe("a period that is booked for later", () => {
  test("is either cancelled and given back, or goes to the carrier, never both", async () => {
    for (let round = 0; round < 8; round += 1) {
      const { renewer, number } = await ordered({
        method: "balance",
        planCode: "queue",
        balance: PRICE,
      });
      const { id } = await orderRow(number);
      await world.sql('UPDATE "order" SET next_attempt_at = now() WHERE id = $1', [id]);
      const acts = [
        async () =>
          refusalOf(await cancelQueuedOrder(renewer.customer, { number, destination: "origin" })),
        async () => await activateOrder({ orderId: id }),
        async () => await activateOrder({ orderId: id }),
      ];
      await Promise.all((round % 2 === 0 ? acts : acts.toReversed()).map((act) => act()));
      const { state } = await orderRow(number);
      const [item] = await world.sql<{ id: string }>(
        "SELECT id FROM order_item WHERE order_id = $1",
        [id],
      );
      const sent = carrier.acted.get(item?.id ?? "") ?? 0;
      const [balance] = await balanceOf(renewer);
      expect([state, sent, balance]).toEqual(
        state === "completed" ? ["completed", 1, 0n] : ["cancelled", 0, PRICE],
      );
    }
  });
});

describe("money back", () => {
  test("from staff here and from staff at the provider at once is never more than was paid", async () => {
    for (let round = 0; round < 6; round += 1) {
      const { number, payment } = await live();
      const page = stripe.page(payment.providerReference ?? "");
      stripe.refundByHand(page, 600n);
      const [asked] = await Promise.all([
        requestRefund(staff[0], refundInput(number, "6.00")),
        ...times(4, () => mirrorPayment({ paymentId: payment.id })),
      ]);
      const refunds = await db().refund.findMany({ where: { paymentId: payment.id } });
      const sum = refunds.reduce((total, each) => total + each.amountMinor, 0n);
      // Whoever was first is booked. What comes on top of it is refused here; what left the provider all
      // the same is a loss as far as it is more than was paid, and put before a person.
      const { needsAttention } = await orderRow(number);
      const before = await ledgerOf(world, number);
      if (asked.ok) {
        expect([sum, before["operator_loss"]]).toEqual([PRICE, 1_200n - PRICE]);
        expect(needsAttention).toBe("refunds_exceed_payment");
      } else {
        expect([sum, before["operator_loss"]]).toEqual([600n, undefined]);
        expect([refusalOf(asked), needsAttention]).toEqual([
          "input_invalid",
          "refunded_at_provider",
        ]);
      }
      for (const { id } of refunds) await sendRefund({ refundId: id });
      // The provider pays one of the two, and the books hold what it holds.
      expect(page.refunds.filter(({ state }) => state === "succeeded")).toHaveLength(1);
      const after = await ledgerOf(world, number);
      expect(after["cash_stripe"]).toBe(PRICE - (PRICE * 3n) / 100n - 600n);
    }
  });

  test("and a dispute over the same payment at once are booked once each, and not both paid", async () => {
    for (let round = 0; round < 6; round += 1) {
      const { number, payment } = await live();
      const page = stripe.page(payment.providerReference ?? "");
      stripe.contest(page, PRICE, "open");
      const [asked] = await Promise.all([
        requestRefund(staff[0], refundInput(number, "9.90")),
        ...times(4, () => mirrorPayment({ paymentId: payment.id })),
      ]);
      const refunds = await db().refund.findMany({ where: { paymentId: payment.id } });
      expect(refunds).toHaveLength(asked.ok ? 1 : 0);
      for (const { id } of refunds) await sendRefund({ refundId: id });
      expect(page.refunds).toEqual([]);
      const kinds = await kindsOf(number);
      expect(kinds.filter((kind) => kind === "dispute.opened")).toHaveLength(1);
      expect(kinds).not.toContain("refund.succeeded");
      // The provider has taken the money and its two fees, and nothing else.
      expect((await ledgerOf(world, number))["cash_stripe"]).toBe(-15n - (PRICE * 3n) / 100n);
    }
  });

  test("that a provider was asked for by ten workers is paid out once", async () => {
    const { number, payment } = await live();
    accepted(await requestRefund(staff[0], refundInput(number, "2.50")));
    const { id: refundId } = await db().refund.findFirstOrThrow({
      where: { paymentId: payment.id },
    });
    const events = await together(5, () => event("stripe", payment, "charge.refunded"));
    await Promise.all([
      ...times(10, () => sendRefund({ refundId })),
      ...events.map((providerEventId) => handleProviderEvent({ providerEventId })),
      ...times(5, () => mirrorPayment({ paymentId: payment.id })),
    ]);
    expect(stripe.page(payment.providerReference ?? "").refunds).toHaveLength(1);
    expect(await db().refund.count({ where: { paymentId: payment.id } })).toBe(1);
    expect((await kindsOf(number)).filter((kind) => kind === "refund.succeeded")).toHaveLength(1);
  });

  test("that failed is sent another way once, by whichever of two is first, and not given again", async () => {
    const { renewer, number, payment } = await live();
    stripe.refundsGo = "nowhere";
    accepted(await requestRefund(staff[0], refundInput(number, "9.90")));
    const { id: refundId } = await db().refund.findFirstOrThrow({
      where: { paymentId: payment.id },
    });
    await sendRefund({ refundId });
    // It is owed still: nobody can give the same back once more.
    expect(refusalOf(await requestRefund(staff[1], refundInput(number, "0.01")))).toBe(
      "input_invalid",
    );
    const all = await Promise.all(
      times(10, (n) => redirectRefund(staff[n % 2 === 0 ? 0 : 1], { refundId, reason: "by mail" })),
    );
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await balanceOf(renewer)).toEqual([PRICE, 0n]);
    expect((await ledgerOf(world, number))["refunds_payable"]).toBeUndefined();
    expect(refusalOf(await requestRefund(staff[1], refundInput(number, "0.01")))).toBe(
      "input_invalid",
    );
  });
});

test("a dispute of which many learn at once, and again when it is won, is booked once each time", async () => {
  const { number, payment } = await live();
  const page = stripe.page(payment.providerReference ?? "");
  const dispute = stripe.contest(page, PRICE, "open");
  await together(12, () => mirrorPayment({ paymentId: payment.id }));
  dispute.state = "won";
  await together(12, () => mirrorPayment({ paymentId: payment.id }));
  const kinds = await kindsOf(number);
  expect(kinds.filter((kind) => kind.startsWith("dispute."))).toEqual([
    "dispute.opened",
    "dispute.won",
  ]);
  expect((await ledgerOf(world, number))["disputes"]).toBeUndefined();
});

test("whoever was first, every journal balances", async () => {
  expect((await world.sql("SELECT 1 FROM journal")).length).toBeGreaterThan(100);
  expect(await world.sql("SELECT * FROM audit.journal_imbalance")).toEqual([]);
});

interface Ordered {
  readonly renewer: Renewer;
  readonly number: string;
}

/** Places an order for a new customer. */
async function ordered(how: {
  readonly method: "stripe" | "paypal" | "balance";
  readonly planCode?: string;
  readonly balance?: bigint;
}): Promise<Ordered> {
  const { balance = 0n, method, planCode = "add" } = how;
  const renewer = await giveRenewer(world, { currency: "EUR", balanceMinor: balance });
  const useBalance = balance > 0n && method !== "balance";
  const input = await orderOf(renewer, { method, planCode, useBalance });
  const { orderNumber } = accepted(await placeOrder(renewer.customer, input));
  return { renewer, number: orderNumber };
}

/** An order that was paid by card and is live. */
async function live(): Promise<Ordered & { payment: Awaited<ReturnType<typeof paymentOf>> }> {
  const { renewer, number } = await ordered({ method: "stripe" });
  const { id, providerReference } = await paymentOf(number, "stripe");
  stripe.page(providerReference ?? "").state = "paid";
  accepted(await settlePayment(SYSTEM, { paymentId: id }));
  await activateOrder({ orderId: (await orderRow(number)).id });
  return { renewer, number, payment: await paymentOf(number, "stripe") };
}

async function orderOf(
  { customer, iccid }: Renewer,
  how: {
    readonly method: "stripe" | "paypal" | "balance";
    readonly planCode?: string;
    readonly useBalance?: boolean;
  },
) {
  const { method, planCode = "add", useBalance = false } = how;
  const quote = accepted(await quoteOrder(customer, { iccid, planCode }));
  return {
    attemptId: quote.attemptId,
    quote: quote.token,
    iccid,
    planCode,
    startChoice: quote.startChoice,
    method,
    useBalance,
    acceptLoss: false,
    repeat: true,
  };
}

function refundInput(number: string, amount: string) {
  return {
    attemptId: randomUUID(),
    number,
    amount,
    destination: "origin" as const,
    reason: "It did not work",
  };
}

/** A provider's message is there; its id here. */
async function event(
  adapter: "stripe" | "paypal",
  payment: { readonly id: string; readonly providerReference: string | null },
  type: string,
): Promise<string> {
  const eventId = randomUUID();
  const reference = { paymentId: payment.id, providerReference: payment.providerReference };
  await recordProviderEvent({ adapter, eventId, type, reference });
  const key = { adapter_eventId: { adapter, eventId } };
  return (await db().providerEvent.findUniqueOrThrow({ where: key })).id;
}

async function orderRow(number: string) {
  return await db().order.findUniqueOrThrow({ where: { number } });
}

/** What was booked for an order, sorted. */
async function kindsOf(number: string): Promise<string[]> {
  const rows = await world.sql<{ kind: string }>(
    `SELECT j.kind FROM journal j JOIN "order" o ON o.id = j.order_id WHERE o.number = $1 ORDER BY 1`,
    [number],
  );
  return rows.map(({ kind }) => kind);
}

/** How often an order was sent on its way. */
async function jobsOf(number: string): Promise<number> {
  const rows = await world.sql(
    `SELECT 1 FROM pgboss.job b JOIN "order" o ON b.data ->> 'orderId' = o.id::text WHERE b.name = 'order.paid' AND o.number = $1`,
    [number],
  );
  return rows.length;
}

function times<T>(count: number, act: (n: number) => Promise<T>): Promise<T>[] {
  return Array.from({ length: count }, (_, n) => act(n));
}

async function together<T>(count: number, act: () => Promise<T>): Promise<T[]> {
  return await Promise.all(times(count, act));
}
