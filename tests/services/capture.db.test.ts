import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { SYSTEM } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import { abandonPayment } from "#lib/services/payment/abandon-payment.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { paypalProvider } from "#tests/support/paypal-provider.ts";
import { givePlans, giveRenewer, openWorld, type World } from "#tests/support/world.ts";

/**
 * A provider that takes money on our word only (PayPal's adapter over its stand-in, in the place of the
 * one that takes it by itself).
 */

let world: World;
const provider = vi.hoisted(() => ({ adapter: undefined as unknown }));
vi.mock("#lib/payments/registry.ts", () => ({
  paymentAdapter: () => provider.adapter as PaymentAdapter,
}));

beforeAll(async () => {
  world = await openWorld();
  provider.adapter = paypalProvider(world.standIns).adapter();
  await givePlans(world, [{ code: "add-usd", currency: "USD" }]);
});
afterAll(async () => await world.close());
beforeEach(async () => {
  await world.standIns.paypal.setClock(0);
  await world.standIns.paypal.clearFaults();
});

const settle = async (paymentId: string): Promise<unknown> => {
  const settled = await settlePayment(SYSTEM, { paymentId });
  return settled.ok ? settled.value.state : settled.refusal.code;
};

describe("a payment that the customer approved", () => {
  test("is captured and settled, once, however many ask at once", async () => {
    const { paymentId, reference } = await begin();
    expect(await settle(paymentId)).toBe("pending");
    await world.standIns.paypal.approve(reference);
    const states = await Promise.all(Array.from({ length: 5 }, () => settle(paymentId)));
    expect(new Set(states)).toEqual(new Set(["settled"]));
    expect(await capturesOf(reference)).toMatchObject([{ captured: "68.00", currency: "USD" }]);
    expect(await journals(paymentId)).toBe(1);
    expect((await orderOf(paymentId)).state).toBe("inProgress");
  });

  test("is captured when it is asked about again after PayPal did not answer", async () => {
    const { paymentId, reference } = await begin();
    await world.standIns.paypal.approve(reference);
    await world.standIns.paypal.setFault({
      kind: "status",
      status: 503,
      match: { path: `/v2/checkout/orders/${reference}/capture` },
    });
    await expect(settle(paymentId)).rejects.toThrow("PayPal could not be asked");
    expect(await settle(paymentId)).toBe("settled");
    expect(await capturesOf(reference)).toHaveLength(1);
  });

  test("waits for other funds when the first are declined", async () => {
    const { paymentId, reference } = await begin();
    await world.standIns.paypal.approve(reference, { funding: "declined" });
    expect(await settle(paymentId)).toBe("pending");
    expect((await orderOf(paymentId)).state).toBe("pending");
    await world.standIns.paypal.setClock(60);
    await world.standIns.paypal.approve(reference);
    expect(await settle(paymentId)).toBe("settled");
  });

  test("that PayPal refuses is over, and its order with it", async () => {
    const { paymentId, reference } = await begin();
    await world.standIns.paypal.approve(reference, { funding: "refused" });
    expect(await settle(paymentId)).toBe("failed");
    expect((await orderOf(paymentId)).state).toBe("cancelled");
  });

  test("for another order is put before a person, and not captured", async () => {
    const { paymentId, reference } = await begin();
    await world.standIns.paypal.approve(reference);
    await world.standIns.paypal.setFault({
      kind: "nonsense",
      match: { method: "GET", path: `/v2/checkout/orders/${reference}` },
      set: { "purchase_units.0.custom_id": "00000000-0000-4000-8000-00000000beef" },
    });
    expect(await settle(paymentId)).toBe("pending");
    expect(await capturesOf(reference)).toEqual([]);
    expect((await orderOf(paymentId)).needsAttention).toBe("payment_of_another_order");
  });

  test("after it was given up is not captured, though PayPal's page was still open", async () => {
    const { paymentId, reference } = await begin();
    await abandonPayment(SYSTEM, { paymentId });
    expect((await orderOf(paymentId)).state).toBe("cancelled");
    await world.standIns.paypal.approve(reference);
    expect(await settle(paymentId)).toBe("expired");
    expect(await capturesOf(reference)).toEqual([]);
    expect(await journals(paymentId)).toBe(0);
  });
});

describe("a payment that nobody approves", () => {
  test("is over when its time is, though PayPal's page is still open", async () => {
    const { paymentId, reference } = await begin();
    await endTimeOf(paymentId);
    expect(await settle(paymentId)).toBe("expired");
    await world.standIns.paypal.approve(reference);
    expect(await settle(paymentId)).toBe("expired");
    expect(await capturesOf(reference)).toEqual([]);
  });

  test("is over when PayPal has forgotten it, and not before its time", async () => {
    const { paymentId } = await begin();
    await world.standIns.paypal.setClock(7 * 3_600);
    expect(await settle(paymentId)).toBe("pending");
    expect((await orderOf(paymentId)).needsAttention).toBe("payment_not_known_to_provider");
    await endTimeOf(paymentId);
    expect(await settle(paymentId)).toBe("expired");
    expect((await orderOf(paymentId)).state).toBe("cancelled");
  });
});

async function begin(): Promise<{ paymentId: string; reference: string }> {
  const { customer, iccid } = await giveRenewer(world, { currency: "USD" });
  const quote = await quoteOrder(customer, { iccid, planCode: "add-usd" });
  if (!quote.ok) throw new Error(quote.refusal.code);
  const placed = await placeOrder(customer, {
    attemptId: quote.value.attemptId,
    quote: quote.value.token,
    iccid,
    planCode: "add-usd",
    startChoice: "now",
    method: "stripe",
    useBalance: false,
    acceptLoss: false,
    repeat: false,
  });
  if (!placed.ok) throw new Error(placed.refusal.code);
  const payment = await db().payment.findFirstOrThrow({
    where: { order: { number: placed.value.orderNumber } },
  });
  return { paymentId: payment.id, reference: payment.providerReference ?? "" };
}

async function orderOf(paymentId: string) {
  const { order } = await db().payment.findUniqueOrThrow({
    where: { id: paymentId },
    include: { order: true },
  });
  return order;
}

async function capturesOf(reference: string): Promise<unknown[]> {
  const { captures } = await world.standIns.paypal.state();
  return captures.filter(({ order }) => order === reference);
}

async function journals(paymentId: string): Promise<number> {
  return (await world.sql("SELECT 1 FROM journal WHERE source_id = $1", [paymentId])).length;
}

async function endTimeOf(paymentId: string): Promise<void> {
  await db().payment.update({
    where: { id: paymentId },
    data: { expiresAt: new Date(Date.now() - 1_000) },
  });
}
