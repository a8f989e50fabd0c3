import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import {
  ProviderUnavailableError,
  type PaymentAdapter,
  type PaymentReport,
  type ProviderPaymentKey,
  type StartPaymentRequest,
} from "#lib/payments/port.ts";
import type { AdapterChange } from "#tests/support/payment-providers.ts";
import { paypalProvider } from "#tests/support/paypal-provider.ts";
import { startStandIns, type StartedStandIns } from "#tests/support/stand-ins.ts";
import { startWebhookReceiver } from "#tests/support/webhook-receiver.ts";

/** What PayPal does and other providers do not. */

const ORDERS = "/v2/checkout/orders";
const CAPTURE = "/v2/checkout/orders/[^/]+/capture";
const HOUR_MS = 3_600_000;

let standIns: StartedStandIns;

beforeAll(async () => {
  standIns = await startStandIns();
});
afterAll(async () => {
  await standIns.stop();
});
beforeEach(async () => {
  await standIns.paypal.reset();
  await standIns.paypal.setClock(0);
});

const adapter = (change: AdapterChange = {}): PaymentAdapter =>
  paypalProvider(standIns).adapter(change);

function request(change: Partial<StartPaymentRequest> = {}): StartPaymentRequest {
  return {
    paymentId: randomUUID(),
    orderNumber: `AX-${randomUUID().slice(0, 8)}`,
    amount: money(829n, "EUR"),
    description: "Europe 5 GB · 30 days",
    customerEmail: "emma@axis.example",
    methodType: null,
    customerReference: null,
    saveMethod: false,
    locale: "en",
    successUrl: "https://axis.example/orders/AX-2345-6789?returned=1",
    cancelUrl: "https://axis.example/orders/AX-2345-6789",
    expiresAt: new Date(Date.now() + HOUR_MS),
    ...change,
  };
}

interface Begun {
  order: string;
  paymentId: string;
}

async function started(asked: StartPaymentRequest = request()): Promise<Begun> {
  const outcome = await adapter().start(asked);
  if (outcome.kind !== "redirect") throw new Error(`not started: ${JSON.stringify(outcome)}`);
  return { order: outcome.providerReference, paymentId: asked.paymentId };
}

type Funding = NonNullable<Parameters<StartedStandIns["paypal"]["approve"]>[1]>["funding"];

/** A payment that the customer approved. */
async function approved(funding: Funding = "balance"): Promise<Begun> {
  const begun = await started();
  await standIns.paypal.approve(begun.order, { funding });
  return begun;
}

async function capture(
  { order, paymentId }: Begun,
  change: AdapterChange = {},
): Promise<PaymentReport | null> {
  const payments = adapter(change);
  if (payments.capture === undefined) throw new Error("PayPal's adapter captures");
  return await payments.capture(order, paymentId);
}

async function captures(): Promise<number> {
  return (await standIns.paypal.state()).captures.length;
}

describe("starting a payment", () => {
  it("asks for a page of ours in the customer's language, with the number of the order", async () => {
    const asked = request({ locale: "zh-CN" });
    await started(asked);
    expect((await standIns.paypal.state()).orders).toMatchObject([
      {
        status: "PAYER_ACTION_REQUIRED",
        amount: "8.29",
        currency: "EUR",
        description: asked.description,
        customId: asked.paymentId,
        invoiceId: asked.orderNumber,
        locale: "zh-CN",
        returnUrl: asked.successUrl,
        cancelUrl: asked.cancelUrl,
        userAction: "PAY_NOW",
        shippingPreference: "NO_SHIPPING",
      },
    ]);
  });

  it.each([
    ["JPY", 1_280n, "1280"],
    ["HUF", 150_000n, "1500"],
    ["USD", 5n, "0.05"],
    ["USD", 99_999_999_999_999_999n, "999999999999999.99"],
  ])("writes %s %s as %s", async (currency, amountMinor, value) => {
    await started(request({ amount: money(amountMinor, currency) }));
    expect((await standIns.paypal.state()).orders[0]?.amount).toBe(value);
  });

  it("asks for an access token once, however many payments begin at once", async () => {
    const payments = adapter();
    await Promise.all(Array.from({ length: 10 }, () => payments.start(request())));
    await payments.start(request());
    const log = await standIns.paypal.log();
    expect(log.filter(({ path }) => path === "/v1/oauth2/token")).toHaveLength(1);
  });

  it("asks for a new token when PayPal takes the old one no more", async () => {
    const payments = adapter();
    await payments.start(request());
    await standIns.paypal.setClock(10 * 3_600);
    expect((await payments.start(request())).kind).toBe("redirect");
    const log = await standIns.paypal.log();
    expect(log.map(({ path, status }) => [path, status])).toEqual([
      ["/v1/oauth2/token", 200],
      [ORDERS, 201],
      [ORDERS, 401],
      ["/v1/oauth2/token", 200],
      [ORDERS, 201],
    ]);
  });

  it.each(["timeout_before", "status"] as const)(
    "is unknown when there is no token to be had: %s",
    async (kind) => {
      const match = { path: "/v1/oauth2/token" };
      const fault = kind === "status" ? { kind, status: 503, match } : { kind, ms: 5_000, match };
      await standIns.paypal.setFault(fault);
      expect((await adapter({ timeoutMs: 300 }).start(request())).kind).toBe("unknown");
      expect((await standIns.paypal.state()).orders).toEqual([]);
    },
  );

  it("of an order that was paid already is rejected", async () => {
    const asked = request();
    const { order } = await started(asked);
    await standIns.paypal.approve(order);
    await capture({ order, paymentId: asked.paymentId });
    const again = request({ orderNumber: asked.orderNumber });
    expect(await adapter().start(again)).toEqual({
      kind: "rejected",
      reason: "DUPLICATE_INVOICE_ID",
    });
  });
});

describe("taking the money", () => {
  it("is what settles a payment that the customer approved, and nothing else is", async () => {
    const begun = await approved();
    expect(await adapter().find(begun.order)).toMatchObject({
      state: "approved",
      paymentId: begun.paymentId,
      captured: null,
    });
    expect(await captures()).toBe(0);
    expect(await capture(begun)).toMatchObject({
      state: "settled",
      captured: money(829n, "EUR"),
      paymentId: begun.paymentId,
    });
    expect((await adapter().find(begun.order))?.state).toBe("settled");
  });

  it("ten times at once takes it once", async () => {
    const begun = await approved();
    const reports = await Promise.all(Array.from({ length: 10 }, () => capture(begun)));
    expect(new Set(reports.map((report) => report?.state))).toEqual(new Set(["settled"]));
    expect(await captures()).toBe(1);
  });

  it("does nothing before the customer approves, and nothing to another payment", async () => {
    const begun = await started();
    expect((await capture(begun))?.state).toBe("pending");
    await standIns.paypal.approve(begun.order);
    expect((await capture({ ...begun, paymentId: randomUUID() }))?.state).toBe("approved");
    expect(await captures()).toBe(0);
    expect(await capture({ ...begun, order: "N0B0DYS0RDER00000" })).toBeNull();
  });

  it.each([
    ["before", "timeout_before"],
    ["after", "timeout_after"],
  ] as const)(
    "is not known after a time-out %s PayPal acted, and is done once when repeated",
    async (_text, kind) => {
      const begun = await approved();
      await standIns.paypal.setFault({ kind, match: { path: CAPTURE }, ms: 5_000 });
      await expect(capture(begun, { timeoutMs: 500 })).rejects.toThrow(ProviderUnavailableError);
      expect((await capture(begun))?.state).toBe("settled");
      expect(await captures()).toBe(1);
    },
  );

  it.each([409, 429, 500, 503, 403])("is not known after %i, and goes on", async (status) => {
    const begun = await approved();
    await standIns.paypal.setFault({ kind: "status", status, match: { path: CAPTURE } });
    await expect(capture(begun)).rejects.toThrow(ProviderUnavailableError);
    expect((await capture(begun))?.state).toBe("settled");
  });

  it("is not known when the answer is nonsense, and asking says what became of it", async () => {
    const begun = await approved();
    await standIns.paypal.setFault({ kind: "nonsense", match: { path: CAPTURE } });
    await expect(capture(begun)).rejects.toThrow(ProviderUnavailableError);
    expect((await adapter().find(begun.order))?.state).toBe("settled");
  });

  it("with declined funds lets the customer choose others, though PayPal remembers the refusal", async () => {
    const begun = await approved("declined");
    expect(await capture(begun)).toMatchObject({
      state: "pending",
      reason: "INSTRUMENT_DECLINED",
    });
    expect((await adapter().find(begun.order))?.state).toBe("pending");
    await standIns.paypal.setClock(60);
    await standIns.paypal.approve(begun.order);
    expect((await capture(begun))?.state).toBe("settled");
  });

  it.each([
    ["INSTRUMENT_DECLINED", "pending"],
    ["PAYER_ACTION_REQUIRED", "pending"],
    ["ORDER_NOT_APPROVED", "pending"],
    ["ORDER_COMPLETION_IN_PROGRESS", "processing"],
    ["TRANSACTION_REFUSED", "failed"],
    ["MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED", "failed"],
    ["DUPLICATE_INVOICE_ID", "failed"],
    ["PAYER_ACCOUNT_LOCKED_OR_CLOSED", "failed"],
  ] as const)("refused with %s leaves the payment %s", async (errorCode, state) => {
    const begun = await approved();
    await standIns.paypal.setFault({ kind: "refuse", errorCode, match: { path: CAPTURE } });
    expect(await capture(begun)).toMatchObject({
      state,
      reason: errorCode,
      paymentId: begun.paymentId,
      captured: null,
    });
  });

  it("that was done by somebody else meanwhile is found done", async () => {
    const begun = await approved();
    await standIns.paypal.setFault({ kind: "hold_before", match: { path: CAPTURE } });
    const slow = capture(begun);
    const held = await standIns.paypal.waitForHeld();
    expect((await capture(begun))?.state).toBe("settled");
    // PayPal has forgotten the key by the time the first request arrives.
    await standIns.paypal.setClock(7 * 3_600);
    await standIns.paypal.release(held.id);
    expect((await slow)?.state).toBe("settled");
    const log = await standIns.paypal.log();
    expect(log.find(({ id }) => id === held.id)?.errorCode).toBe("ORDER_ALREADY_CAPTURED");
    expect(await captures()).toBe(1);
  });

  it.each([
    ["completed", "settled"],
    ["declined", "failed"],
  ] as const)("that PayPal looks at first waits, and is %s in the end", async (outcome, state) => {
    const begun = await approved("review");
    expect(await capture(begun)).toMatchObject({ state: "processing", reason: "PENDING_REVIEW" });
    const [pending] = (await standIns.paypal.state()).captures;
    await standIns.paypal.settle(pending?.capture ?? "", outcome);
    expect((await adapter().find(begun.order))?.state).toBe(state);
  });

  it("that PayPal takes and denies has failed, and says why", async () => {
    const begun = await approved("denied");
    expect(await capture(begun)).toMatchObject({
      state: "failed",
      reason: "DECLINED_BY_RISK_FRAUD_FILTERS",
    });
  });

  it("too late finds the approval gone", async () => {
    const begun = await approved();
    await standIns.paypal.reverseApproval(begun.order);
    expect(await capture(begun)).toMatchObject({ state: "expired", reason: "approval_reversed" });
    expect(await captures()).toBe(0);
  });
});

describe("a wallet that is to be kept", () => {
  /** A payment that was made with the wish to keep the wallet. */
  async function kept(funding: Funding = "balance"): Promise<Begun> {
    const begun = await started(request({ saveMethod: true }));
    await standIns.paypal.approve(begun.order, { funding, payer: "emma.clarke@axis.example" });
    expect((await capture(begun))?.state).toBe("settled");
    return begun;
  }

  it("is kept once it has paid, and is known by an address that is mostly hidden", async () => {
    const begun = await kept();
    const [token] = (await standIns.paypal.state()).tokens;
    expect((await adapter().find(begun.order))?.savedMethod).toEqual({
      reference: token?.id,
      methodType: "paypal",
      label: "e•••@axis.example",
      goodUntil: null,
    });
  });

  it("and is kept by PayPal only later is found when PayPal's message says so", async () => {
    const receiver = await startWebhookReceiver();
    await standIns.paypal.setAppUrl(receiver.url);
    try {
      const begun = await kept("saved_later");
      expect((await adapter().find(begun.order))?.savedMethod).toBeNull();
      const reference = await standIns.paypal.saveWallet(begun.order);
      const { headers, rawBody } = await receiver.waitFor((each) =>
        each.rawBody.includes('"VAULT.PAYMENT-TOKEN.CREATED"'),
      );
      expect(await adapter().parseWebhook(headers, rawBody, Date.now())).toMatchObject({
        kind: "event",
        event: { providerReference: begun.order, providerPaymentId: null, paymentId: null },
      });
      expect((await adapter().find(begun.order))?.savedMethod).toMatchObject({ reference });
    } finally {
      await receiver.close();
      await standIns.paypal.setAppUrl("http://127.0.0.1:9");
    }
  });

  it("is forgotten, also when its payer was faster", async () => {
    const begun = await kept();
    const reference = (await adapter().find(begun.order))?.savedMethod?.reference ?? "";
    await standIns.paypal.revokeWallet(reference);
    await adapter().forgetMethod(reference);
    expect((await adapter().find(begun.order))?.savedMethod).toBeNull();
  });
});

describe("a contested payment", () => {
  async function contested(): Promise<{ key: ProviderPaymentKey; payment: string }> {
    const begun = await approved();
    const payment = (await capture(begun))?.providerPaymentId ?? "";
    return { key: { providerReference: begun.order, providerPaymentId: payment }, payment };
  }

  it("costs PayPal's fee when it is lost, and nothing before", async () => {
    const { key, payment } = await contested();
    const fee = { currency_code: "EUR", value: "14.00" };
    const dispute = await standIns.paypal.dispute(payment, { fee });
    expect(await adapter().listDisputes(key)).toMatchObject([{ state: "open", fee: null }]);
    await standIns.paypal.closeDispute(dispute, "lost");
    expect(await adapter().listDisputes(key)).toMatchObject([
      { state: "lost", amount: money(829n, "EUR"), fee: money(1_400n, "EUR"), respondBy: null },
    ]);
  });

  it("that its payer takes back is won, and so is an inquiry that led to nothing", async () => {
    for (const stage of ["CHARGEBACK", "INQUIRY"] as const) {
      const { key, payment } = await contested();
      const dispute = await standIns.paypal.dispute(payment, { stage });
      await standIns.paypal.closeDispute(dispute, "cancelled");
      expect(await adapter().listDisputes(key)).toMatchObject([{ state: "won", fee: null }]);
    }
  });

  it("that was only asked about is open once PayPal holds the money", async () => {
    const { key, payment } = await contested();
    const dispute = await standIns.paypal.dispute(payment, { stage: "INQUIRY" });
    expect(await adapter().listDisputes(key)).toMatchObject([{ state: "inquiry" }]);
    await standIns.paypal.escalateDispute(dispute);
    expect(await adapter().listDisputes(key)).toMatchObject([{ state: "open" }]);
  });

  it("in so many parts that PayPal tells them on several pages is told whole", async () => {
    const { key, payment } = await contested();
    const amount = { currency_code: "EUR", value: "0.01" };
    for (let part = 0; part < 51; part += 1) {
      await standIns.paypal.dispute(payment, { amount, stage: "INQUIRY" });
    }
    const found = await adapter().listDisputes(key);
    expect(new Set(found.map((each) => each.providerReference)).size).toBe(51);
  });

  it("is not known where PayPal's answer is nonsense", async () => {
    const { key, payment } = await contested();
    await standIns.paypal.dispute(payment);
    const match = { path: "/v1/customer/disputes/.+" };
    await standIns.paypal.setFault({ kind: "nonsense", set: { dispute_amount: "all" }, match });
    await expect(adapter().listDisputes(key)).rejects.toThrow(ProviderUnavailableError);
  });
});

describe("ending a payment that was not paid", () => {
  it("leaves PayPal's page open, and an approval that comes all the same moves no money", async () => {
    const begun = await started();
    expect(await adapter().expire(begun.order)).toMatchObject({
      state: "expired",
      reason: "given_up",
    });
    await standIns.paypal.approve(begun.order);
    expect((await adapter().expire(begun.order))?.state).toBe("expired");
    expect(await captures()).toBe(0);
  });

  it("is not needed in the end: PayPal forgets what nobody approved", async () => {
    const begun = await started();
    await standIns.paypal.setClock(7 * 3_600);
    expect(await adapter().find(begun.order)).toBeNull();
  });
});

describe("everything that was captured", () => {
  async function listed(from: Date): Promise<(string | null)[]> {
    const found: (string | null)[] = [];
    for await (const payment of adapter().listPayments(from)) found.push(payment.providerPaymentId);
    return found;
  }

  it("is found over ranges of 31 days, each once, also what lies on a border", async () => {
    const day = 24 * HOUR_MS;
    const from = Date.now() - 100 * day;
    const days = [0, 31, 62, 93, 99];
    await standIns.paypal.seed({
      payments: days.map((after, index) => ({
        capture: `CAPTURE000000000${index}`,
        amount: "1.00",
        currency: "EUR",
        createdAt: new Date(from + after * day).toISOString(),
      })),
    });
    expect(await listed(new Date(from))).toHaveLength(days.length);
  });

  it("is found in halves when PayPal says that it is too much at once", async () => {
    await capture(await approved());
    await standIns.paypal.setFault({
      kind: "refuse",
      errorCode: "RESULTSET_TOO_LARGE",
      times: 6,
      match: { path: "/v1/reporting" },
    });
    expect(await listed(new Date(Date.now() - HOUR_MS))).toHaveLength(1);
  });

  it("has neither what is pending nor what was denied nor what disputes moved", async () => {
    const good = await capture(await approved());
    await capture(await approved("review"));
    await capture(await approved("denied"));
    const dispute = await standIns.paypal.dispute(good?.providerPaymentId ?? "");
    await standIns.paypal.closeDispute(dispute, "won");
    expect(await listed(new Date(Date.now() - HOUR_MS))).toEqual([good?.providerPaymentId]);
  });

  it("may lag behind by as long as the adapter says", async () => {
    await capture(await approved());
    await standIns.paypal.setFault({
      kind: "lookup_blind",
      match: { path: "/v1/reporting" },
      ms: 60_000,
    });
    expect(await listed(new Date(Date.now() - HOUR_MS))).toEqual([]);
    expect(adapter().listingLagMinutes).toBe(180);
  });
});

describe("PayPal's messages", () => {
  it("name the payment they are about, whatever happened to it", async () => {
    const receiver = await startWebhookReceiver();
    await standIns.paypal.setAppUrl(receiver.url);
    try {
      const begun = await approved();
      const report = await capture(begun);
      const payment = report?.providerPaymentId ?? "";
      await standIns.paypal.refund(payment, { currency_code: "EUR", value: "1.00" });
      const dispute = await standIns.paypal.dispute(payment);
      await standIns.paypal.closeDispute(dispute, "lost");
      const late = await approved();
      await standIns.paypal.reverseApproval(late.order);

      const about = async (type: string, text: string): Promise<unknown> => {
        const message = await receiver.waitFor(
          ({ rawBody }) => rawBody.includes(`"${type}"`) && rawBody.includes(text),
        );
        const parsed = await adapter().parseWebhook(message.headers, message.rawBody, Date.now());
        if (parsed.kind !== "event") throw new Error(`${type}: ${parsed.kind} ${parsed.reason}`);
        const { providerReference, providerPaymentId, paymentId } = parsed.event;
        return [providerReference, providerPaymentId, paymentId];
      };
      const { order, paymentId } = begun;
      expect(await about("CHECKOUT.ORDER.APPROVED", order)).toEqual([order, null, paymentId]);
      expect(await about("PAYMENT.CAPTURE.COMPLETED", order)).toEqual([order, payment, paymentId]);
      expect(await about("PAYMENT.CAPTURE.REFUNDED", payment)).toEqual([null, payment, null]);
      expect(await about("CUSTOMER.DISPUTE.CREATED", payment)).toEqual([null, payment, paymentId]);
      expect(await about("CUSTOMER.DISPUTE.RESOLVED", payment)).toEqual([null, payment, paymentId]);
      expect(await about("PAYMENT.CAPTURE.REVERSED", payment)).toEqual([null, payment, null]);
      expect(await about("CHECKOUT.PAYMENT-APPROVAL.REVERSED", late.order)).toEqual([
        late.order,
        null,
        late.paymentId,
      ]);
    } finally {
      await receiver.close();
      await standIns.paypal.setAppUrl("http://127.0.0.1:9");
    }
  });

  it("cannot be verified while PayPal is down or does not take our credentials, and are not refused", async () => {
    const receiver = await startWebhookReceiver();
    await standIns.paypal.setAppUrl(receiver.url);
    try {
      await approved();
      const { headers, rawBody } = await receiver.waitFor(() => true);
      const read = (change: AdapterChange = {}) =>
        adapter(change).parseWebhook(headers, rawBody, Date.now());
      const match = { path: "/v1/notifications" };
      await standIns.paypal.setFault({ kind: "status", status: 503, match });
      expect((await read()).kind).toBe("unverifiable");
      await standIns.paypal.setFault({ kind: "timeout_before", ms: 5_000, match });
      expect((await read({ timeoutMs: 300 })).kind).toBe("unverifiable");
      await standIns.paypal.setFault({ kind: "nonsense", set: { verification_status: 1 }, match });
      expect((await read()).kind).toBe("unverifiable");
      expect((await read({ stranger: true })).kind).toBe("unverifiable");
      expect((await read()).kind).toBe("event");
    } finally {
      await receiver.close();
      await standIns.paypal.setAppUrl("http://127.0.0.1:9");
    }
  });
});
