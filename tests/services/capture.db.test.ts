import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SYSTEM } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import type { CaptureState } from "#lib/sandbox/paypal/state.ts";
import { abandonPayment } from "#lib/services/payment/abandon-payment.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { pollPayment } from "#lib/services/payment/poll-payment.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { handleProviderEvent } from "#lib/services/provider-event/handle-provider-event.ts";
import { recordProviderEvent } from "#lib/services/provider-event/record-provider-event.ts";
import { sandboxSecrets } from "#tests/support/stand-ins.ts";
import { givePlans, giveRenewer, openWorld, type World } from "#tests/support/world.ts";

/** A provider that takes money on our word only, and keeps a wallet when it likes: PayPal, over its stand-in. */

let world: World;

beforeAll(async () => {
  world = await openWorld();
  Object.assign(process.env, {
    PAYMENT_METHODS: "paypal,balance",
    PAYPAL_CLIENT_ID: sandboxSecrets.paypalClientId,
    PAYPAL_CLIENT_SECRET: sandboxSecrets.paypalClientSecret,
    PAYPAL_WEBHOOK_ID: sandboxSecrets.paypalWebhookId,
    PAYPAL_API_BASE: world.standIns.addresses.paypal,
  });
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
    expect(await journals(paymentId)).toEqual(["fee.charged", "payment.settled"]);
    expect((await orderOf(paymentId)).state).toBe("inProgress");
  });

  test("is booked with what PayPal kept of it", async () => {
    const { paymentId, reference } = await begin();
    await world.standIns.paypal.approve(reference);
    await settle(paymentId);
    const [capture] = await capturesOf(reference);
    expect(capture?.fee).toBe("2.87");
    expect(await cashOf(paymentId)).toBe(6_800n - 287n);
  });

  test("by a customer who never comes back is captured when nobody tells us, too", async () => {
    const { paymentId, reference } = await begin();
    await world.standIns.paypal.setFault({ kind: "webhook_drop", times: null });
    await world.standIns.paypal.approve(reference);
    await pollPayment({ paymentId });
    expect(await capturesOf(reference)).toMatchObject([{ captured: "68.00" }]);
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
    expect(await journals(paymentId)).toEqual([]);
  });
});

describe("a wallet that the customer wants kept", () => {
  test("is kept with the payment, under what its owner knows it by", async () => {
    const { paymentId, reference } = await begin({ saveMethod: true });
    await world.standIns.paypal.approve(reference, { payer: "emma.clarke@axis.example" });
    await settle(paymentId);
    expect(await keptWith(paymentId)).toMatchObject([
      { methodType: "paypal", label: "e•••@axis.example", goodUntil: null },
    ]);
  });

  test("and that PayPal keeps only later is kept once PayPal says so, and once only", async () => {
    const { paymentId, reference } = await begin({ saveMethod: true });
    await world.standIns.paypal.approve(reference, { funding: "saved_later" });
    expect(await settle(paymentId)).toBe("settled");
    expect(await keptWith(paymentId)).toEqual([]);
    const token = await world.standIns.paypal.saveWallet(reference);
    for (const eventId of ["WH-KEPT-1", "WH-KEPT-2"]) {
      await tell({ eventId, type: "VAULT.PAYMENT-TOKEN.CREATED", providerReference: reference });
    }
    expect(await keptWith(paymentId)).toMatchObject([{ providerReference: token }]);
  });

  test("is not kept where nobody asked for it", async () => {
    const { paymentId, reference } = await begin();
    await world.standIns.paypal.approve(reference);
    await settle(paymentId);
    expect((await world.standIns.paypal.state()).orders.at(-1)?.token).toBeNull();
    expect(await keptWith(paymentId)).toEqual([]);
  });
});

describe("what is done on PayPal's own site", () => {
  test("a refund is booked once, and staff is told", async () => {
    const { paymentId, capture } = await paid();
    await world.standIns.paypal.refund(capture, { currency_code: "USD", value: "20.00" });
    for (const eventId of ["WH-REFUND-1", "WH-REFUND-2"]) {
      await tell({ eventId, type: "PAYMENT.CAPTURE.REFUNDED", providerPaymentId: capture });
    }
    expect(await cashOf(paymentId)).toBe(6_800n - 287n - 2_000n);
    const refunds = await db().refund.findMany({ where: { paymentId } });
    expect(refunds).toMatchObject([{ state: "succeeded", amountMinor: 2_000n }]);
  });

  test.each([
    ["won", 0n],
    ["lost", 6_800n + 1_400n],
  ] as const)("a dispute is booked when it is opened, and when it is %s", async (outcome, gone) => {
    const { paymentId, capture } = await paid();
    const fee = { currency_code: "USD", value: "14.00" };
    const dispute = await world.standIns.paypal.dispute(capture, { fee });
    await tell({
      eventId: `WH-OPENED-${outcome}`,
      type: "CUSTOMER.DISPUTE.CREATED",
      providerPaymentId: capture,
    });
    expect(await cashOf(paymentId)).toBe(6_800n - 287n - 6_800n);
    expect((await orderOf(paymentId)).needsAttention).toBe("dispute_open");
    await world.standIns.paypal.closeDispute(dispute, outcome);
    await tell({
      eventId: `WH-RESOLVED-${outcome}`,
      type: "CUSTOMER.DISPUTE.RESOLVED",
      providerPaymentId: capture,
    });
    expect(await cashOf(paymentId)).toBe(6_800n - 287n - gone);
    expect((await orderOf(paymentId)).needsAttention).toBe(`dispute_${outcome}`);
  });

  test("an inquiry takes nothing from the books", async () => {
    const { paymentId, capture } = await paid();
    await world.standIns.paypal.dispute(capture, { stage: "INQUIRY" });
    await tell({
      eventId: "WH-INQUIRY",
      type: "CUSTOMER.DISPUTE.CREATED",
      providerPaymentId: capture,
    });
    expect(await cashOf(paymentId)).toBe(6_800n - 287n);
    expect((await orderOf(paymentId)).needsAttention).toBe("dispute_inquiry");
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

async function begin(
  wish: { saveMethod?: boolean } = {},
): Promise<{ paymentId: string; reference: string }> {
  const { customer, iccid } = await giveRenewer(world, { currency: "USD" });
  const quote = await quoteOrder(customer, { iccid, planCode: "add-usd" });
  if (!quote.ok) throw new Error(quote.refusal.code);
  const placed = await placeOrder(customer, {
    attemptId: quote.value.attemptId,
    quote: quote.value.token,
    iccid,
    planCode: "add-usd",
    startChoice: "now",
    method: "paypal",
    ...wish,
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

/** A payment that was made: its id, and PayPal's of the capture. */
async function paid(): Promise<{ paymentId: string; capture: string }> {
  const { paymentId, reference } = await begin();
  await world.standIns.paypal.approve(reference);
  await settle(paymentId);
  const [made] = await capturesOf(reference);
  return { paymentId, capture: made?.capture ?? "" };
}

/** A message of PayPal's, as it is stored once its signature was checked, and handled. */
async function tell(message: {
  eventId: string;
  type: string;
  providerReference?: string;
  providerPaymentId?: string;
}): Promise<void> {
  const { eventId, type, ...reference } = message;
  await recordProviderEvent({ adapter: "paypal", eventId, type, reference });
  const { id } = await db().providerEvent.findUniqueOrThrow({
    where: { adapter_eventId: { adapter: "paypal", eventId } },
  });
  await handleProviderEvent({ providerEventId: id });
}

/** What the customer of a payment has kept. */
async function keptWith(paymentId: string): Promise<unknown[]> {
  const { accountId } = await orderOf(paymentId);
  return await db().savedMethod.findMany({ where: { accountId } });
}

/** What the books say PayPal holds because of the order of a payment. */
async function cashOf(paymentId: string): Promise<bigint> {
  const { id } = await orderOf(paymentId);
  const [row] = await world.sql<{ held: string }>(
    `SELECT coalesce(sum(e.amount_minor), 0)::text AS held FROM ledger_entry e
       JOIN ledger_account l ON l.id = e.ledger_account_id JOIN journal j ON j.id = e.journal_id
       WHERE l.code = 'cash_paypal' AND j.order_id = $1`,
    [id],
  );
  return BigInt(row?.held ?? "0");
}

async function capturesOf(reference: string): Promise<readonly CaptureState[]> {
  const { captures } = await world.standIns.paypal.state();
  return captures.filter(({ order }) => order === reference);
}

/** What was booked for a payment. */
async function journals(paymentId: string): Promise<string[]> {
  const rows = await world.sql<{ kind: string }>(
    "SELECT kind FROM journal WHERE source_id = $1 ORDER BY kind",
    [paymentId],
  );
  return rows.map(({ kind }) => kind);
}

async function endTimeOf(paymentId: string): Promise<void> {
  await db().payment.update({
    where: { id: paymentId },
    data: { expiresAt: new Date(Date.now() - 1_000) },
  });
}
