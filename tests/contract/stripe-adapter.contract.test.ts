import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import {
  ProviderUnavailableError,
  type PaymentAdapter,
  type StartPaymentRequest,
} from "#lib/payments/port.ts";
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
    methodType: null,
    customerReference: null,
    saveMethod: false,
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

async function customer(
  account = { accountId: randomUUID(), email: "lin@axis.example" },
): Promise<string> {
  const made = await adapter().createCustomer?.(account);
  if (made === undefined) throw new Error("Stripe's adapter makes customers");
  return made;
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
    expect(await adapter().find(session)).toMatchObject({ state: "settled", reason: null });
  });

  it.each([
    ["succeeded", "settled"],
    ["failed", "failed"],
  ] as const)(
    "waits for a wallet that takes its time, which %s in the end",
    async (outcome, state) => {
      const session = await started(request({ methodType: "alipay" }));
      await standIns.stripe.pay(session, { confirmation: "later" });
      expect(await adapter().find(session)).toMatchObject({
        state: "processing",
        methodType: "alipay",
        fee: null,
      });
      await standIns.stripe.settle({ session }, outcome);
      expect((await adapter().find(session))?.state).toBe(state);
    },
  );

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

describe("a chosen kind of payment", () => {
  const amounts = { alipay: "CNY", wechat_pay: "CNY", grabpay: "SGD" } as const;

  it.each(["alipay", "wechat_pay", "grabpay"] as const)(
    "%s is all that the page offers, and settles once the wallet has agreed",
    async (methodType) => {
      const amount = money(5_900n, amounts[methodType]);
      const session = await started(request({ methodType, amount }));
      const declined = await standIns.stripe.pay(session, { confirmation: "refuse" });
      expect(declined.outcome).toBe("declined");
      expect((await adapter().find(session))?.state).toBe("pending");
      await expect(standIns.stripe.pay(session, { type: "card" })).rejects.toThrow("On offer");
      await standIns.stripe.pay(session);
      expect(await adapter().find(session)).toMatchObject({
        state: "settled",
        captured: amount,
        methodType,
        savedMethod: null,
      });
    },
  );

  it("in a currency that it does not take is rejected", async () => {
    const dollars = request({ methodType: "grabpay", amount: money(5_900n, "USD") });
    expect((await adapter().start(dollars)).kind).toBe("rejected");
  });

  it("Alipay can be kept, and is charged later without the customer", async () => {
    const customerReference = await customer();
    const asked = request({ methodType: "alipay", customerReference, saveMethod: true });
    const session = await started(asked);
    await standIns.stripe.pay(session);
    const report = await adapter().find(session);
    expect(report?.savedMethod).toMatchObject({ methodType: "alipay", label: "Alipay" });
    const kept = (await standIns.stripe.state()).customers[0]?.paymentMethods;
    expect(kept).toEqual([report?.savedMethod?.reference]);
  });

  it("a card that is kept can be used again, and is gone once it is forgotten", async () => {
    const customerReference = await customer();
    const first = await started(request({ customerReference, saveMethod: true }));
    await standIns.stripe.pay(first, { type: "card" });
    const kept = (await adapter().find(first))?.savedMethod?.reference ?? "";
    const second = await started(request({ customerReference }));
    await standIns.stripe.pay(second, { saved: kept });
    expect(await adapter().find(second)).toMatchObject({ state: "settled", savedMethod: null });
    await adapter().forgetMethod(kept);
    expect((await adapter().find(first))?.savedMethod).toBeNull();
    const third = await started(request({ customerReference }));
    await expect(standIns.stripe.pay(third, { saved: kept })).rejects.toThrow("Shown");
    await adapter().forgetMethod("pm_nobody");
  });
});

describe("a bank transfer through Stripe", () => {
  const euros = money(5_900n, "EUR");

  async function awaited(): Promise<string> {
    const customerReference = await customer();
    const session = await started(
      request({ methodType: "customer_balance", customerReference, amount: euros }),
    );
    expect((await standIns.stripe.pay(session)).outcome).toBe("transfer");
    return session;
  }

  it("waits for the money, which settles it when all of it has come", async () => {
    const session = await awaited();
    const waiting = { state: "awaited", captured: null, methodType: "customer_balance" };
    expect(await adapter().find(session)).toMatchObject({ ...waiting, reason: null });
    await standIns.stripe.fund(session, 2_000);
    expect(await adapter().find(session)).toMatchObject({ ...waiting, reason: "partly_funded" });
    await standIns.stripe.fund(session, 3_900);
    expect(await adapter().find(session)).toMatchObject({ state: "settled", captured: euros });
  });

  it("cannot be ended at Stripe: it says that it still waits, and takes what comes", async () => {
    const session = await awaited();
    expect(await adapter().expire(session)).toMatchObject({ state: "awaited" });
    await standIns.stripe.fund(session);
    expect(await adapter().expire(session)).toMatchObject({ state: "settled", captured: euros });
  });

  it("takes no more than was asked for: the rest stays with the customer and pays the next", async () => {
    const customerReference = await customer();
    const asked = request({ methodType: "customer_balance", customerReference, amount: euros });
    const first = await started(asked);
    await standIns.stripe.pay(first);
    expect((await standIns.stripe.fund(first, 12_000)).cashBalance).toBe(6_100);
    expect(await adapter().find(first)).toMatchObject({ state: "settled", captured: euros });
    const second = await started({ ...asked, paymentId: randomUUID() });
    expect((await standIns.stripe.pay(second)).outcome).toBe("done");
    expect(await adapter().find(second)).toMatchObject({ state: "settled", captured: euros });
  });

  it("that came in part is not among what was captured", async () => {
    const session = await awaited();
    await standIns.stripe.fund(session, 2_000);
    const found: string[] = [];
    for await (const payment of adapter().listPayments(new Date(0))) {
      found.push(payment.providerReference);
    }
    expect(found).toEqual([]);
  });

  it("is given back as soon as the customer names an account: pending until then", async () => {
    const session = await awaited();
    const { paymentIntent } = await standIns.stripe.fund(session);
    const refund = { refundId: randomUUID(), providerPaymentId: paymentIntent, amount: euros };
    expect((await adapter().refund(refund)).kind).toBe("pending");
  });

  it("needs a customer of Stripe's, and is rejected without one", async () => {
    const nobodys = request({ methodType: "customer_balance", amount: euros });
    expect((await adapter().start(nobodys)).kind).toBe("rejected");
  });
});

describe("a customer", () => {
  it("is made once for an account, under its id and address, however often it is asked for", async () => {
    const account = { accountId: randomUUID(), email: "lin@axis.example" };
    const made = await Promise.all(Array.from({ length: 5 }, () => customer(account)));
    expect(new Set(made).size).toBe(1);
    expect((await standIns.stripe.state()).customers).toMatchObject([
      { id: made[0], email: account.email, metadata: { account_id: account.accountId } },
    ]);
  });

  it("is not known to be made while Stripe is down, and is made after", async () => {
    const account = { accountId: randomUUID(), email: "lin@axis.example" };
    const match = { path: "/v1/customers" };
    await standIns.stripe.setFault({ kind: "status", status: 500, match });
    await expect(adapter().createCustomer?.(account)).rejects.toThrow(ProviderUnavailableError);
    expect(await adapter().createCustomer?.(account)).toMatch(/^cus_/);
    expect((await standIns.stripe.state()).customers).toHaveLength(1);
  });
});

describe("a dispute", () => {
  it("that grew out of an inquiry has taken the money, and Stripe's fee", async () => {
    const session = await started();
    const { paymentIntent } = await standIns.stripe.pay(session, { type: "card" });
    const key = { providerReference: session, providerPaymentId: paymentIntent ?? "" };
    const dispute = await standIns.stripe.inquire(key.providerPaymentId);
    await standIns.stripe.closeDispute(dispute, "escalated");
    expect(await adapter().listDisputes(key)).toMatchObject([
      { state: "open", fee: money(1_500n, "CNY") },
    ]);
    await standIns.stripe.closeDispute(dispute, "won");
    expect(await adapter().listDisputes(key)).toMatchObject([{ state: "won", fee: null }]);
  });

  it("that stays an inquiry is closed with nothing lost", async () => {
    const session = await started();
    const { paymentIntent } = await standIns.stripe.pay(session, { type: "card" });
    const key = { providerReference: session, providerPaymentId: paymentIntent ?? "" };
    await standIns.stripe.closeDispute(await standIns.stripe.inquire(key.providerPaymentId), "won");
    expect(await adapter().listDisputes(key)).toMatchObject([{ state: "won", fee: null }]);
  });
});

describe("a payout", () => {
  it("that the bank sent back was not sent", async () => {
    const session = await started();
    await standIns.stripe.pay(session, { type: "card" });
    const payout = await standIns.stripe.payOut({ currency: "cny" });
    const { payouts } = await standIns.stripe.state();
    const fee = (await adapter().find(session))?.fee?.amountMinor ?? 0n;
    expect(payouts).toMatchObject([{ id: payout, amount: 5_900 - Number(fee) }]);
    await standIns.stripe.failPayout(payout);
    const listed: unknown[] = [];
    for await (const each of adapter().listPayouts?.(new Date(0)) ?? []) listed.push(each);
    expect(listed).toEqual([]);
  });

  it("is not known while Stripe is down", async () => {
    await standIns.stripe.setFault({ kind: "status", status: 500 });
    const ask = async (): Promise<void> => {
      for await (const _payout of adapter().listPayouts?.(new Date(0)) ?? []) continue;
    };
    await expect(ask()).rejects.toThrow(ProviderUnavailableError);
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
