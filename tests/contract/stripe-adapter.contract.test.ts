import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import type { PaymentAdapter, StartPaymentRequest } from "#lib/payments/port.ts";
import { stripeProvider } from "#tests/support/stripe-provider.ts";
import { startStandIns, type StartedStandIns } from "#tests/support/stand-ins.ts";

/** What Stripe does and other providers do not. */

const SESSIONS = "/v1/checkout/sessions";
const HOUR_MS = 3_600_000;

let standIns: StartedStandIns;

beforeAll(async () => {
  standIns = await startStandIns();
});
afterAll(async () => {
  await standIns.stop();
});
beforeEach(async () => {
  await standIns.stripe.reset();
  await standIns.stripe.setClock(0);
});

const adapter = (): PaymentAdapter => stripeProvider(standIns).adapter();

function request(change: Partial<StartPaymentRequest> = {}): StartPaymentRequest {
  return {
    paymentId: randomUUID(),
    orderNumber: "AX-2345-6789",
    amount: money(5_900n, "CNY"),
    description: "中国大陆 5 GB · 30 天",
    customerEmail: "lin@axis.example",
    locale: "zh-CN",
    successUrl: "https://axis.example/orders/AX-2345-6789?paid=1",
    cancelUrl: "https://axis.example/orders/AX-2345-6789",
    expiresAt: new Date(Date.now() + HOUR_MS),
    ...change,
  };
}

async function started(asked: StartPaymentRequest = request()): Promise<string> {
  const outcome = await adapter().start(asked);
  if (outcome.kind !== "redirect") throw new Error(`not started: ${JSON.stringify(outcome)}`);
  return outcome.providerReference;
}

describe("starting a payment", () => {
  it("opens a page that ends when we say, with our ids wherever Stripe hands them back", async () => {
    const asked = request();
    const outcome = await adapter().start(asked);
    expect(outcome).toMatchObject({
      expiresAt: new Date(Math.floor(asked.expiresAt.getTime() / 1000) * 1000),
    });
    expect((await standIns.stripe.state()).sessions).toMatchObject([
      {
        status: "open",
        mode: "payment",
        amountTotal: 5_900,
        currency: "cny",
        clientReferenceId: asked.paymentId,
        metadata: { payment_id: asked.paymentId, order_number: "AX-2345-6789" },
      },
    ]);
  });

  it("goes on after a 500 that Stripe keeps repeating under the key", async () => {
    await standIns.stripe.setFault({ kind: "status", status: 500, match: { path: SESSIONS } });
    const asked = request();
    expect((await adapter().start(asked)).kind).toBe("unknown");
    const outcome = await adapter().start(asked);
    expect(outcome.kind).toBe("redirect");
    expect(await adapter().start(asked)).toEqual(outcome);
    expect((await standIns.stripe.state()).sessions).toHaveLength(1);
  });

  it("is rejected for too little, a currency Stripe lacks, or a page that ends too soon", async () => {
    expect(await adapter().start(request({ amount: money(1n, "CNY") }))).toEqual({
      kind: "rejected",
      reason: "amount_too_small",
    });
    const strange = await adapter().start(request({ amount: money(5_900n, "XTS") }));
    const short = await adapter().start(request({ expiresAt: new Date(Date.now() + 60_000) }));
    expect([strange.kind, short.kind]).toEqual(["rejected", "rejected"]);
    expect((await standIns.stripe.state()).sessions).toEqual([]);
  });
});

describe("asking about a payment", () => {
  it("is pending after a declined card, says why, and settles with another", async () => {
    const session = await started();
    await standIns.stripe.pay(session, { card: "4000000000009995" });
    expect(await adapter().find(session)).toMatchObject({
      state: "pending",
      reason: "insufficient_funds",
    });
    await standIns.stripe.pay(session);
    expect((await adapter().find(session))?.state).toBe("settled");
  });

  it.each([
    ["succeeded", "settled"],
    ["failed", "failed"],
  ] as const)("waits for a delayed wallet, which %s in the end", async (outcome, state) => {
    const session = await started();
    await standIns.stripe.pay(session, { type: "grabpay" });
    expect((await adapter().find(session))?.state).toBe("processing");
    await standIns.stripe.settle({ session }, outcome);
    expect((await adapter().find(session))?.state).toBe(state);
  });

  it("is expired when the customer let it pass", async () => {
    const session = await started();
    await standIns.stripe.setClock(2 * 3_600);
    expect((await adapter().find(session))?.state).toBe("expired");
  });

  it("tells live money as such, for the books to refuse", async () => {
    const session = await started();
    await standIns.stripe.pay(session);
    await standIns.stripe.setFault({ kind: "nonsense", set: { livemode: true } });
    expect((await adapter().find(session))?.live).toBe(true);
  });
});

describe("ending a payment that was not paid", () => {
  it("closes the page for good", async () => {
    const session = await started();
    await adapter().expire(session);
    await expect(standIns.stripe.pay(session)).rejects.toThrow("The session is expired");
  });
});

describe("everything that was captured", () => {
  it("is listed under its page, and without one by itself", async () => {
    await standIns.stripe.seed({
      payments: [
        {
          paymentIntent: "pi_nobodys",
          amount: 100,
          currency: "usd",
          createdAt: new Date().toISOString(),
        },
        {
          paymentIntent: "pi_paged",
          session: "cs_paged",
          amount: 200,
          currency: "usd",
          createdAt: new Date().toISOString(),
        },
      ],
    });
    const found: string[] = [];
    for await (const payment of adapter().listPayments(new Date(Date.now() - HOUR_MS))) {
      found.push(payment.providerReference);
    }
    expect(found.toSorted()).toEqual(["cs_paged", "pi_nobodys"]);
  });
});
