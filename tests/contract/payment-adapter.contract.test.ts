import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import type { PaymentAdapter, ProviderPayment, StartPaymentRequest } from "#lib/payments/port.ts";
import { ProviderUnavailableError } from "#lib/payments/port.ts";
import { stripeAdapter } from "#lib/payments/stripe/adapter.ts";
import { sandboxSecrets, startStandIns, type StartedStandIns } from "#tests/support/stand-ins.ts";
import { startWebhookReceiver, unusedAddress } from "#tests/support/webhook-receiver.ts";

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

function adapter(
  change: { timeoutMs?: number; apiBase?: string; secretKey?: string } = {},
): PaymentAdapter {
  return stripeAdapter({
    secretKey: change.secretKey ?? sandboxSecrets.stripeSecretKey,
    webhookSecrets: ["whsec_being_replaced", sandboxSecrets.stripeWebhookSecret],
    apiBase: change.apiBase ?? standIns.addresses.stripe,
    timeoutMs: change.timeoutMs ?? 5_000,
  });
}

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

/** A payment that was paid; its session and payment intent. */
async function paid(
  asked: StartPaymentRequest = request(),
  options: { card?: string } = {},
): Promise<{ session: string; intent: string }> {
  const session = await started(asked);
  const { paymentIntent } = await standIns.stripe.pay(session, options);
  if (paymentIntent === null) throw new Error("not paid");
  return { session, intent: paymentIntent };
}

async function sessionCount(): Promise<number> {
  return (await standIns.stripe.state()).sessions.length;
}

async function refundedOf(intent: string): Promise<number | undefined> {
  const { payments } = await standIns.stripe.state();
  return payments.find((payment) => payment.paymentIntent === intent)?.refunded;
}

describe("capabilities", () => {
  it("are all that this adapter has promised", () => {
    const payments = adapter();
    expect(payments.id).toBe("stripe");
    const verbs = [
      "start",
      "find",
      "expire",
      "refund",
      "findRefund",
      "listPayments",
      "parseWebhook",
    ] as const;
    expect(verbs.map((verb) => typeof payments[verb])).toEqual(verbs.map(() => "function"));
  });

  it("tell whether the key is a live one", () => {
    expect(adapter().live).toBe(false);
    expect(adapter({ secretKey: "sk_live_x" }).live).toBe(true);
    expect(adapter({ secretKey: "rk_live_x" }).live).toBe(true);
  });
});

describe("starting a payment", () => {
  it("gives the customer a page that carries our payment id and exactly our amount", async () => {
    const asked = request();
    const outcome = await adapter().start(asked);
    expect(outcome).toMatchObject({
      kind: "redirect",
      expiresAt: new Date(Math.floor(asked.expiresAt.getTime() / 1000) * 1000),
    });
    const { sessions } = await standIns.stripe.state();
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({
      status: "open",
      mode: "payment",
      amountTotal: 5_900,
      currency: "cny",
      clientReferenceId: asked.paymentId,
      metadata: { payment_id: asked.paymentId, order_number: "AX-2345-6789" },
      url: outcome.kind === "redirect" ? outcome.url : null,
      id: outcome.kind === "redirect" ? outcome.providerReference : null,
    });
  });

  it("again with the same payment id gives the same page", async () => {
    const asked = request();
    const first = await adapter().start(asked);
    expect(await adapter().start(asked)).toEqual(first);
    expect(await sessionCount()).toBe(1);
  });

  it("ten times at once gives one page", async () => {
    const asked = request();
    const payments = adapter();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => payments.start(asked)));
    const pages = outcomes.flatMap((each) => (each.kind === "redirect" ? [each.url] : []));
    expect(new Set(pages).size).toBe(1);
    expect(await sessionCount()).toBe(1);
  });

  it("with other content under the same payment id is not known, and starts nothing", async () => {
    const asked = request();
    await adapter().start(asked);
    const changed = { ...asked, amount: money(100n, "CNY") };
    expect((await adapter().start(changed)).kind).toBe("unknown");
    expect(await sessionCount()).toBe(1);
  });

  it.each([
    ["before", "timeout_before"],
    ["after", "timeout_after"],
  ] as const)(
    "is unknown after a time-out %s Stripe acted, and goes on when repeated",
    async (_text, kind) => {
      await standIns.stripe.setFault({ kind, match: { path: SESSIONS }, ms: 5_000 });
      const asked = request();
      expect((await adapter({ timeoutMs: 300 }).start(asked)).kind).toBe("unknown");
      expect((await adapter().start(asked)).kind).toBe("redirect");
      expect(await sessionCount()).toBe(1);
    },
  );

  it("is unknown when the connection is lost, and nothing is repeated behind our back", async () => {
    await standIns.stripe.setFault({ kind: "timeout_after", match: { path: SESSIONS }, ms: 1 });
    const mark = await standIns.stripe.mark();
    expect((await adapter().start(request())).kind).toBe("unknown");
    expect(await standIns.stripe.log(mark)).toHaveLength(1);
  });

  it.each([409, 429, 502, 503])(
    "is unknown after %i, and goes on when repeated",
    async (status) => {
      await standIns.stripe.setFault({ kind: "status", status, match: { path: SESSIONS } });
      const asked = request();
      expect((await adapter().start(asked)).kind).toBe("unknown");
      expect((await adapter().start(asked)).kind).toBe("redirect");
      expect(await sessionCount()).toBe(1);
    },
  );

  it("goes on after a 500 that Stripe keeps repeating under the key", async () => {
    await standIns.stripe.setFault({ kind: "status", status: 500, match: { path: SESSIONS } });
    const asked = request();
    expect((await adapter().start(asked)).kind).toBe("unknown");
    const outcome = await adapter().start(asked);
    expect(outcome.kind).toBe("redirect");
    expect(await adapter().start(asked)).toEqual(outcome);
    expect(await sessionCount()).toBe(1);
  });

  it("is unknown when Stripe cannot be reached", async () => {
    const nowhere = adapter({ apiBase: await unusedAddress() });
    expect((await nowhere.start(request())).kind).toBe("unknown");
  });

  it("is unknown when the answer is no session", async () => {
    await standIns.stripe.setFault({
      kind: "nonsense",
      match: { path: SESSIONS },
      set: { url: null },
    });
    expect((await adapter().start(request())).kind).toBe("unknown");
  });

  it("is rejected, with Stripe's code, for what Stripe will never take", async () => {
    const tooLittle = request({ amount: money(1n, "CNY") });
    expect(await adapter().start(tooLittle)).toEqual({
      kind: "rejected",
      reason: "amount_too_small",
    });
    expect((await adapter().start(request({ amount: money(5_900n, "XTS") }))).kind).toBe(
      "rejected",
    );
    expect(
      (await adapter().start(request({ expiresAt: new Date(Date.now() + 60_000) }))).kind,
    ).toBe("rejected");
    expect((await adapter({ secretKey: "sk_test_wrong" }).start(request())).kind).toBe("rejected");
    expect(await sessionCount()).toBe(0);
  });

  it("is rejected before anything is sent when Stripe's units cannot say the amount", async () => {
    const mark = await standIns.stripe.mark();
    const payments = adapter();
    const amounts = [money(5_124n, "KWD"), money(2n ** 60n, "CNY"), money(0n, "CNY")];
    const outcomes = await Promise.all(
      amounts.map((amount) => payments.start(request({ amount }))),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(["rejected", "rejected", "rejected"]);
    expect(await standIns.stripe.log(mark)).toEqual([]);
  });
});

describe("asking about a payment", () => {
  it("is pending while the customer has not paid", async () => {
    const asked = request();
    expect(await adapter().find(await started(asked))).toMatchObject({
      paymentId: asked.paymentId,
      state: "pending",
      captured: null,
      providerPaymentId: null,
      live: false,
    });
  });

  it.each([
    ["CNY", 5_900n],
    ["JPY", 1_280n],
    ["KWD", 5_120n],
    ["ISK", 1_500n],
    ["EUR", 829n],
  ])("is settled with exactly what was asked for, in %s", async (currency, amountMinor) => {
    const amount = money(amountMinor, currency);
    const asked = request({ amount });
    const { session, intent } = await paid(asked);
    expect(await adapter().find(session)).toEqual({
      paymentId: asked.paymentId,
      state: "settled",
      captured: amount,
      refundedMinor: 0n,
      providerPaymentId: intent,
      live: false,
      reason: null,
    });
  });

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

  it("that Stripe does not know is null", async () => {
    expect(await adapter().find("cs_test_nobody")).toBeNull();
  });

  it("is not known, rather than unpaid, while Stripe is down or speaks nonsense", async () => {
    const { session } = await paid();
    const ask = (): Promise<unknown> => adapter({ timeoutMs: 300 }).find(session);
    await standIns.stripe.setFault({ kind: "status", status: 500 });
    await expect(ask()).rejects.toThrow(ProviderUnavailableError);
    await standIns.stripe.setFault({ kind: "status", status: 429 });
    await expect(ask()).rejects.toThrow(ProviderUnavailableError);
    await standIns.stripe.setFault({ kind: "timeout_before", ms: 5_000 });
    await expect(ask()).rejects.toThrow(ProviderUnavailableError);
    await standIns.stripe.setFault({ kind: "nonsense", set: { payment_intent: "pi_unexpanded" } });
    await expect(ask()).rejects.toThrow(ProviderUnavailableError);
    await expect(adapter({ secretKey: "sk_test_wrong" }).find(session)).rejects.toThrow(
      ProviderUnavailableError,
    );
  });

  it("tells a wrong amount as it is, for the books to refuse", async () => {
    const { session } = await paid();
    await standIns.stripe.setFault({
      kind: "nonsense",
      set: {
        "payment_intent.amount_received": 1,
        "payment_intent.currency": "usd",
        livemode: true,
      },
    });
    expect(await adapter().find(session)).toMatchObject({
      state: "settled",
      captured: money(1n, "USD"),
      live: true,
    });
  });
});

describe("ending a payment that was not paid", () => {
  it("closes the page for good", async () => {
    const session = await started();
    expect((await adapter().expire(session))?.state).toBe("expired");
    await expect(standIns.stripe.pay(session)).rejects.toThrow("The session is expired");
    expect((await adapter().expire(session))?.state).toBe("expired");
  });

  it("says so when the customer was faster", async () => {
    const { session } = await paid();
    expect(await adapter().expire(session)).toMatchObject({
      state: "settled",
      captured: money(5_900n, "CNY"),
    });
  });

  it("that Stripe does not know is null, and not known while Stripe is down", async () => {
    expect(await adapter().expire("cs_test_nobody")).toBeNull();
    const session = await started();
    await standIns.stripe.setFault({ kind: "status", status: 503 });
    await expect(adapter().expire(session)).rejects.toThrow(ProviderUnavailableError);
  });
});

describe("a refund", () => {
  it("gives everything back, once, however often it is asked for", async () => {
    const { session, intent } = await paid();
    const asked = {
      refundId: randomUUID(),
      providerPaymentId: intent,
      amount: money(5_900n, "CNY"),
    };
    const first = await adapter().refund(asked);
    expect(first.kind).toBe("succeeded");
    expect(await adapter().refund(asked)).toEqual(first);
    expect(await refundedOf(intent)).toBe(5_900);
    expect(await adapter().find(session)).toMatchObject({
      state: "settled",
      captured: money(5_900n, "CNY"),
      refundedMinor: 5_900n,
    });
  });

  it("in parts goes up to the whole and not beyond", async () => {
    const { session, intent } = await paid();
    const part = (amountMinor: bigint) =>
      adapter().refund({
        refundId: randomUUID(),
        providerPaymentId: intent,
        amount: money(amountMinor, "CNY"),
      });
    expect((await part(2_000n)).kind).toBe("succeeded");
    expect(await part(4_000n)).toMatchObject({ kind: "failed", reason: "amount_too_large" });
    expect((await part(3_900n)).kind).toBe("succeeded");
    expect(await part(1n)).toMatchObject({ kind: "failed", reason: "charge_already_refunded" });
    expect((await adapter().find(session))?.refundedMinor).toBe(5_900n);
  });

  it.each([
    ["before", "timeout_before"],
    ["after", "timeout_after"],
  ] as const)(
    "is unknown after a time-out %s Stripe acted, and is done once when repeated",
    async (_text, kind) => {
      const { intent } = await paid();
      const asked = {
        refundId: randomUUID(),
        providerPaymentId: intent,
        amount: money(1_000n, "CNY"),
      };
      await standIns.stripe.setFault({
        kind,
        match: { method: "POST", path: "/v1/refunds" },
        ms: 5_000,
      });
      expect((await adapter({ timeoutMs: 300 }).refund(asked)).kind).toBe("unknown");
      expect((await adapter().refund(asked)).kind).toBe("succeeded");
      expect(await refundedOf(intent)).toBe(1_000);
    },
  );

  it("goes on after a 500 that Stripe keeps repeating under the key", async () => {
    const { intent } = await paid();
    const asked = {
      refundId: randomUUID(),
      providerPaymentId: intent,
      amount: money(1_000n, "CNY"),
    };
    await standIns.stripe.setFault({
      kind: "status",
      status: 500,
      match: { method: "POST", path: "/v1/refunds" },
    });
    expect((await adapter().refund(asked)).kind).toBe("unknown");
    expect((await adapter().refund(asked)).kind).toBe("succeeded");
    expect(await refundedOf(intent)).toBe(1_000);
  });

  it("repeated after Stripe has forgotten the key is found, not made again", async () => {
    const { intent } = await paid();
    const asked = {
      refundId: randomUUID(),
      providerPaymentId: intent,
      amount: money(1_000n, "CNY"),
    };
    const first = await adapter().refund(asked);
    await standIns.stripe.setClock(25 * 3_600);
    expect(await adapter().refund(asked)).toEqual(first);
    expect(await refundedOf(intent)).toBe(1_000);
  });

  it("that takes its time is pending until it is asked about", async () => {
    const { intent } = await paid(request(), { card: "4000000000007726" });
    const outcome = await adapter().refund({
      refundId: randomUUID(),
      providerPaymentId: intent,
      amount: money(5_900n, "CNY"),
    });
    expect(outcome).toMatchObject({ kind: "pending" });
    const reference = outcome.kind === "pending" ? outcome.providerReference : "";
    await standIns.stripe.settleRefund(reference, "succeeded");
    expect(await adapter().findRefund(reference)).toEqual({
      kind: "succeeded",
      providerReference: reference,
    });
  });

  it("that fails later says so and why, and its money counts as not given back", async () => {
    const { session, intent } = await paid();
    const outcome = await adapter().refund({
      refundId: randomUUID(),
      providerPaymentId: intent,
      amount: money(5_900n, "CNY"),
    });
    const reference = outcome.kind === "succeeded" ? outcome.providerReference : "";
    await standIns.stripe.settleRefund(reference, "failed");
    expect(await adapter().findRefund(reference)).toEqual({
      kind: "failed",
      reason: "expired_or_canceled_card",
      providerReference: reference,
    });
    expect((await adapter().find(session))?.refundedMinor).toBe(0n);
  });

  it("of what everything was given back already by hand has failed, and says so", async () => {
    const { session, intent } = await paid();
    await standIns.stripe.refund(intent);
    expect(
      await adapter().refund({
        refundId: randomUUID(),
        providerPaymentId: intent,
        amount: money(5_900n, "CNY"),
      }),
    ).toMatchObject({ kind: "failed", reason: "charge_already_refunded" });
    expect((await adapter().find(session))?.refundedMinor).toBe(5_900n);
  });

  it("is not known while Stripe is down or does not take our key", async () => {
    const { intent } = await paid();
    const asked = {
      refundId: randomUUID(),
      providerPaymentId: intent,
      amount: money(5_900n, "CNY"),
    };
    await standIns.stripe.setFault({ kind: "status", status: 503 });
    expect((await adapter().refund(asked)).kind).toBe("unknown");
    expect((await adapter({ secretKey: "sk_test_wrong" }).refund(asked)).kind).toBe("unknown");
    expect((await adapter({ secretKey: "sk_test_wrong" }).findRefund("re_1")).kind).toBe("unknown");
    expect(await refundedOf(intent)).toBe(0);
  });

  it("that Stripe does not know has failed", async () => {
    expect(await adapter().findRefund("re_nobody")).toMatchObject({
      kind: "failed",
      reason: "resource_missing",
    });
  });

  it("of a payment nobody paid has failed", async () => {
    expect(
      await adapter().refund({
        refundId: randomUUID(),
        providerPaymentId: "pi_nobody",
        amount: money(1n, "CNY"),
      }),
    ).toMatchObject({ kind: "failed", reason: "resource_missing" });
  });
});

describe("everything that was captured", () => {
  async function list(from: Date): Promise<ProviderPayment[]> {
    const found: ProviderPayment[] = [];
    for await (const payment of adapter().listPayments(from)) found.push(payment);
    return found;
  }

  it("is listed by session, and money without a session by itself, each once", async () => {
    const one = await paid();
    const two = await paid(request({ amount: money(1_280n, "JPY") }));
    await standIns.stripe.refund(one.intent, 900);
    await started();
    await standIns.stripe.seed({
      payments: [
        {
          paymentIntent: "pi_nobodys",
          amount: 100,
          currency: "usd",
          createdAt: new Date().toISOString(),
        },
      ],
    });
    const found = await list(new Date(Date.now() - HOUR_MS));
    expect(
      found
        .map((payment) => ({
          reference: payment.providerReference,
          captured: payment.captured,
          refundedMinor: payment.refundedMinor,
        }))
        .toSorted((a, b) =>
          Number((b.captured?.amountMinor ?? 0n) - (a.captured?.amountMinor ?? 0n)),
        ),
    ).toEqual([
      { reference: one.session, captured: money(5_900n, "CNY"), refundedMinor: 900n },
      { reference: two.session, captured: money(1_280n, "JPY"), refundedMinor: 0n },
      { reference: "pi_nobodys", captured: money(100n, "USD"), refundedMinor: 0n },
    ]);
  });

  it("is listed over many pages, from the time asked for", async () => {
    const payments = Array.from({ length: 230 }, (_, index) => ({
      paymentIntent: `pi_${String(index).padStart(4, "0")}`,
      session: `cs_${String(index).padStart(4, "0")}`,
      amount: 1_000 + index,
      currency: "usd",
      createdAt: new Date(Date.now() - (index < 30 ? 48 : 1) * HOUR_MS).toISOString(),
    }));
    await standIns.stripe.seed({ payments });
    const recent = await list(new Date(Date.now() - 24 * HOUR_MS));
    expect(new Set(recent.map((payment) => payment.providerReference)).size).toBe(200);
    expect(recent).toHaveLength(200);
    expect(await list(new Date(0))).toHaveLength(230);
  });

  it("is not known while Stripe is down", async () => {
    await standIns.stripe.setFault({ kind: "status", status: 500 });
    await expect(list(new Date(0))).rejects.toThrow(ProviderUnavailableError);
  });
});

describe("Stripe's messages", () => {
  it("are believed as they come, and name the payment they are about", async () => {
    const receiver = await startWebhookReceiver();
    await standIns.stripe.setAppUrl(receiver.url);
    try {
      const asked = request();
      const { session, intent } = await paid(asked);
      const message = await receiver.waitFor(({ rawBody }) =>
        rawBody.includes("checkout.session.completed"),
      );
      const read = (body: string): unknown =>
        adapter().parseWebhook(message.headers, body, Date.now());
      expect(read(message.rawBody)).toMatchObject({
        kind: "event",
        event: {
          type: "checkout.session.completed",
          providerReference: session,
          providerPaymentId: intent,
          paymentId: asked.paymentId,
          live: false,
        },
      });
      const flipped = message.rawBody.replace("complete", "complexe");
      expect(read(flipped)).toMatchObject({ kind: "forged" });
      const restated = JSON.stringify(JSON.parse(message.rawBody));
      expect(read(restated)).toMatchObject({ kind: "forged" });
    } finally {
      await receiver.close();
      await standIns.stripe.setAppUrl("http://127.0.0.1:9");
    }
  });
});
