import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { POST as receiveFromCarrier } from "#app/api/webhooks/esim-access/route.ts";
import { POST as receiveFromStripe } from "#app/api/webhooks/stripe/route.ts";
import { db } from "#lib/db/client.ts";
import { handleProviderEvent } from "#lib/services/provider-event/handle-provider-event.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { sandboxSecrets } from "#tests/support/stand-ins.ts";
import { givePlans, giveRenewer, openWorld, type World } from "#tests/support/world.ts";

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
});
afterAll(async () => await world.close());

describe("a message from Stripe", () => {
  test("fifty times at once is stored once and settles once", async () => {
    const { session, paymentId } = await givePaidSession();
    const body = JSON.stringify(eventAbout(session, paymentId));
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => receiveFromStripe(signed(body))),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const stored = await db().providerEvent.findMany({ where: { adapter: "stripe" } });
    expect(stored).toHaveLength(1);
    await Promise.all(
      Array.from({ length: 5 }, () =>
        handleProviderEvent({ providerEventId: stored[0]?.id ?? "" }),
      ),
    );
    const journals = await world.sql(
      "SELECT kind FROM journal WHERE source_id = $1 ORDER BY kind",
      [paymentId],
    );
    expect(journals).toEqual([{ kind: "fee.charged" }, { kind: "payment.settled" }]);
  });

  test("is believed only as far as Stripe confirms it", async () => {
    const { session, paymentId } = await giveOpenSession();
    const event = eventAbout(session, paymentId);
    await receiveFromStripe(signed(JSON.stringify(event)));
    const stored = await db().providerEvent.findFirstOrThrow({ where: { eventId: event.id } });
    await handleProviderEvent({ providerEventId: stored.id });
    expect((await db().payment.findUniqueOrThrow({ where: { id: paymentId } })).state).toBe(
      "pending",
    );
  });

  test("that is forged, stale or from the future is refused and changes nothing", async () => {
    const body = JSON.stringify(eventAbout("cs_test_x", randomUUID()));
    const before = await db().providerEvent.count();
    const now = Math.floor(Date.now() / 1000);
    for (const request of [
      signed(body, "whsec_wrong"),
      signed(body, sandboxSecrets.stripeWebhookSecret, now - 301),
      signed(body, sandboxSecrets.stripeWebhookSecret, now + 360),
      new Request("http://localhost/api/webhooks/stripe", { method: "POST", body }),
      tampered(signed(body), body.replace("cs_test_x", "cs_test_y")),
      tampered(signed(body), JSON.stringify(JSON.parse(body), null, 1)),
    ]) {
      expect((await receiveFromStripe(request)).status).toBe(400);
    }
    expect(await db().providerEvent.count()).toBe(before);
  });

  test("is judged by the database's clock, however wrong the server's is", async () => {
    const at = Math.floor(Date.now() / 1000);
    const body = JSON.stringify(eventAbout("cs_test_clock", randomUUID()));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    try {
      const secret = sandboxSecrets.stripeWebhookSecret;
      expect((await receiveFromStripe(signed(body, secret, at))).status).toBe(200);
      expect((await receiveFromStripe(signed(body, secret, at + 3_600))).status).toBe(400);
    } finally {
      vi.useRealTimers();
    }
  });

  test("of five megabytes is refused unread", async () => {
    const body = JSON.stringify({ id: "evt_big", padding: "x".repeat(5 * 1024 * 1024) });
    expect((await receiveFromStripe(signed(body))).status).toBe(413);
  });

  test("of a type nobody knows, or about somebody else's payment, is stored and left alone", async () => {
    const event = { ...eventAbout("cs_test_other", randomUUID()), type: "treasury.something.new" };
    expect((await receiveFromStripe(signed(JSON.stringify(event)))).status).toBe(200);
    const stored = await db().providerEvent.findFirstOrThrow({ where: { eventId: event.id } });
    await handleProviderEvent({ providerEventId: stored.id });
    const handled = await db().providerEvent.findUniqueOrThrow({ where: { id: stored.id } });
    expect(handled.result).toBe("about nothing of ours");
  });

  test("keeps nothing but ids", async () => {
    const columns = await world.sql<{ payload: Record<string, unknown> }>(
      "SELECT payload FROM provider_event",
    );
    for (const { payload } of columns) {
      const keys = Object.keys(payload).filter(
        (key) =>
          ![
            "paymentId",
            "providerReference",
            "providerPaymentId",
            "iccid",
            "carrierEsimId",
          ].includes(key),
      );
      expect(keys).toEqual([]);
    }
  });
});

describe("a payment whose facts do not match", () => {
  test.each([
    [
      "amount",
      { amount_total: 6799, "payment_intent.amount_received": 6799 },
      "payment_amount_differs",
    ],
    ["currency", { "payment_intent.currency": "usd" }, "payment_currency_differs"],
    ["mode", { livemode: true, "payment_intent.livemode": true }, "payment_in_other_mode"],
    [
      "order",
      { "metadata.payment_id": "00000000-0000-4000-8000-00000000beef" },
      "payment_of_another_order",
    ],
  ])("in %s is held for staff and settles nothing", async (_what, set, why) => {
    const { session, paymentId } = await givePaidSession();
    await world.standIns.stripe.setFault({
      kind: "nonsense",
      match: { method: "GET", path: `/v1/checkout/sessions/${session}` },
      set,
    });
    const event = eventAbout(session, paymentId);
    await receiveFromStripe(signed(JSON.stringify(event)));
    const stored = await db().providerEvent.findFirstOrThrow({ where: { eventId: event.id } });
    await handleProviderEvent({ providerEventId: stored.id });
    const payment = await db().payment.findUniqueOrThrow({
      where: { id: paymentId },
      include: { order: true },
    });
    expect([payment.state, payment.order.needsAttention, payment.order.paidAt]).toEqual([
      "pending",
      why,
      null,
    ]);
    expect(await world.sql("SELECT 1 FROM journal WHERE source_id = $1", [paymentId])).toEqual([]);
  });
});

describe("a message from eSIM Access", () => {
  test("is a hint: the usage it tells is asked for, not believed", async () => {
    const { iccid, esimId, esimTranNo } = await giveRenewer(world);
    const used = 10 * 1024 ** 3 - 500 * 1024 ** 2;
    await world.standIns.esimAccess.setUsage(
      { iccid },
      { usedBytes: used, asOf: new Date().toISOString() },
    );
    const notifyId = randomUUID();
    const body = JSON.stringify({
      notifyType: "DATA_USAGE",
      eventGenerateTime: "2026-11-22T10:00:00Z",
      notifyId,
      content: { iccid, esimTranNo, totalVolume: 1, orderUsage: 1, remain: 0 },
    });
    for (let n = 0; n < 3; n += 1) {
      expect((await receiveFromCarrier(carrierRequest(body))).status).toBe(200);
    }
    const stored = await db().providerEvent.findMany({ where: { eventId: notifyId } });
    expect(stored).toHaveLength(1);
    await handleProviderEvent({ providerEventId: stored[0]?.id ?? "" });
    const bucket = await db().bucket.findFirstOrThrow({ where: { esimId } });
    expect(bucket.remainingBytes).toBe(500n * 1024n ** 2n);
  });

  test("that is no message is refused", async () => {
    expect((await receiveFromCarrier(carrierRequest("{"))).status).toBe(400);
  });
});

async function giveOpenSession(): Promise<{ session: string; paymentId: string }> {
  const { customer, iccid } = await giveRenewer(world);
  const quote = await quoteOrder(customer, { iccid, planCode: "add-10" });
  if (!quote.ok) throw new Error(quote.refusal.code);
  const placed = await placeOrder(customer, {
    attemptId: quote.value.attemptId,
    quote: quote.value.token,
    iccid,
    planCode: "add-10",
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
  return { session: payment.providerReference ?? "", paymentId: payment.id };
}

async function givePaidSession(): Promise<{ session: string; paymentId: string }> {
  const open = await giveOpenSession();
  await world.standIns.stripe.pay(open.session);
  return open;
}

function eventAbout(session: string, paymentId: string) {
  return {
    id: `evt_${randomUUID().replaceAll("-", "")}`,
    object: "event",
    type: "checkout.session.completed",
    livemode: false,
    created: Math.floor(Date.now() / 1000),
    data: {
      object: {
        id: session,
        object: "checkout.session",
        client_reference_id: paymentId,
        metadata: { payment_id: paymentId },
        payment_intent: null,
        livemode: false,
      },
    },
  };
}

/** Signed as Stripe signs: `t=…,v1=HMAC-SHA256(t.body)`. */
function signed(
  body: string,
  secret: string = sandboxSecrets.stripeWebhookSecret,
  at = Math.floor(Date.now() / 1000),
): Request {
  const v1 = createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
  return new Request("http://localhost/api/webhooks/stripe", {
    method: "POST",
    body,
    headers: { "stripe-signature": `t=${at},v1=${v1}` },
  });
}

function tampered(request: Request, body: string): Request {
  return new Request(request.url, { method: "POST", body, headers: request.headers });
}

function carrierRequest(body: string): Request {
  return new Request("http://localhost/api/webhooks/esim-access", {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
}
