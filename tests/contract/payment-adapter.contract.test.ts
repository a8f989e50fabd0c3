import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { money, type Money } from "#lib/domain/money.ts";
import type { PaymentAdapter, ProviderPayment, StartPaymentRequest } from "#lib/payments/port.ts";
import { ProviderUnavailableError } from "#lib/payments/port.ts";
import { collect } from "#tests/support/collect.ts";
import type { AdapterChange, PaymentProvider } from "#tests/support/payment-providers.ts";
import { paypalProvider } from "#tests/support/paypal-provider.ts";
import { startStandIns, type StartedStandIns } from "#tests/support/stand-ins.ts";
import { stripeProvider } from "#tests/support/stripe-provider.ts";
import {
  startWebhookReceiver,
  unusedAddress,
  type ReceivedWebhook,
} from "#tests/support/webhook-receiver.ts";

const HOUR_MS = 3_600_000;

let standIns: StartedStandIns;

beforeAll(async () => {
  standIns = await startStandIns();
});
afterAll(async () => {
  await standIns.stop();
});

/** What every payment adapter does, whoever the provider is; what only one does is in its own file. */
describe.each([
  ["Stripe", stripeProvider],
  ["PayPal", paypalProvider],
] as const)("%s", (_name, providerOf) => {
  let provider: PaymentProvider;

  beforeAll(() => {
    provider = providerOf(standIns);
  });
  beforeEach(async () => {
    await provider.admin.reset();
    await provider.admin.setClock(0);
  });

  const adapter = (change: AdapterChange = {}): PaymentAdapter => provider.adapter(change);
  const usual = (amountMinor = 5_900n): Money => money(amountMinor, provider.currency);

  function request(change: Partial<StartPaymentRequest> = {}): StartPaymentRequest {
    return {
      paymentId: randomUUID(),
      orderNumber: `AX-${randomUUID().slice(0, 8)}`,
      amount: usual(),
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

  /** A payment that was paid: the provider's reference and its id of the payment. */
  async function paid(
    asked: StartPaymentRequest = request(),
    how?: "with slow refunds",
  ): Promise<{ reference: string; payment: string }> {
    const reference = await started(asked);
    return { reference, payment: await provider.pay(reference, how) };
  }

  /** A payment whose way of paying is kept. */
  async function keptPayment(): Promise<{ reference: string; payment: string }> {
    const reference = await started(
      request({
        methodType: provider.methodType,
        customerReference: await provider.customer(),
        saveMethod: true,
      }),
    );
    return { reference, payment: await provider.payAndKeep(reference) };
  }

  const refundOf = (payment: string, amount: Money = usual()) => ({
    refundId: randomUUID(),
    providerPaymentId: payment,
    amount,
  });

  describe("capabilities", () => {
    it("are all that this adapter has promised, and no others", () => {
      const payments = adapter();
      expect(payments.id).toBe(provider.id);
      const known = [
        "methodTypesFor",
        "start",
        "find",
        "capture",
        "expire",
        "refund",
        "findRefund",
        "listRefunds",
        "listDisputes",
        "createCustomer",
        "forgetMethod",
        "listPayouts",
        "listPayments",
        "listDisputedPayments",
        "parseWebhook",
      ] as const;
      expect(known.filter((verb) => typeof payments[verb] === "function")).toEqual(provider.verbs);
    });

    it("tell whether the credentials are live ones", () => {
      expect(adapter().live).toBe(false);
      expect(provider.liveAdapter().live).toBe(true);
    });

    it("name the amounts the provider takes", () => {
      const payments = adapter();
      const told = [...provider.takes, ...provider.refuses].filter((each) =>
        payments.canTake(each),
      );
      expect(told).toEqual(provider.takes);
    });
  });

  describe("starting a payment", () => {
    it("gives the customer a page that carries our payment id and exactly our amount", async () => {
      const asked = request();
      const outcome = await adapter().start(asked);
      if (outcome.kind !== "redirect") throw new Error(outcome.reason);
      expect(Math.abs(outcome.expiresAt.getTime() - asked.expiresAt.getTime())).toBeLessThan(1_000);
      const page = await fetch(outcome.url);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("59.00")]);
      expect(await provider.begun()).toEqual([
        {
          reference: outcome.providerReference,
          paymentId: asked.paymentId,
          amount: asked.amount,
        },
      ]);
    });

    it("again with the same payment id gives the same page", async () => {
      const asked = request();
      const first = await adapter().start(asked);
      expect(await adapter().start(asked)).toEqual(first);
      expect(await provider.begun()).toHaveLength(1);
    });

    it("ten times at once gives one page", async () => {
      const asked = request();
      const payments = adapter();
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => payments.start(asked)));
      const pages = outcomes.flatMap((each) => (each.kind === "redirect" ? [each.url] : []));
      expect(new Set(pages).size).toBe(1);
      expect(await provider.begun()).toHaveLength(1);
    });

    it("with other content under the same payment id is not known, and starts nothing", async () => {
      const asked = request();
      await adapter().start(asked);
      const changed = { ...asked, amount: usual(6_000n) };
      expect((await adapter().start(changed)).kind).toBe("unknown");
      expect(await provider.begun()).toHaveLength(1);
    });

    it.each([
      ["before", "timeout_before"],
      ["after", "timeout_after"],
    ] as const)(
      "is unknown after a time-out %s the provider acted, and goes on when repeated",
      async (_text, kind) => {
        await provider.admin.setFault({
          kind,
          match: { path: provider.paths.payments },
          ms: 5_000,
        });
        const asked = request();
        expect((await adapter({ timeoutMs: 300 }).start(asked)).kind).toBe("unknown");
        expect((await adapter().start(asked)).kind).toBe("redirect");
        expect(await provider.begun()).toHaveLength(1);
      },
    );

    it("is unknown when the connection is lost, and nothing is repeated behind our back", async () => {
      const match = { path: provider.paths.payments };
      await provider.admin.setFault({ kind: "timeout_after", match, ms: 1 });
      const mark = await provider.admin.mark();
      expect((await adapter().start(request())).kind).toBe("unknown");
      const sent = await provider.admin.log(mark);
      expect(sent.filter(({ path }) => path.startsWith(match.path))).toHaveLength(1);
    });

    it.each([409, 429, 500, 502, 503])(
      "is unknown after %i, and goes on when repeated",
      async (status) => {
        const match = { path: provider.paths.payments };
        await provider.admin.setFault({ kind: "status", status, match });
        const asked = request();
        expect((await adapter().start(asked)).kind).toBe("unknown");
        expect((await adapter().start(asked)).kind).toBe("redirect");
        expect(await provider.begun()).toHaveLength(1);
      },
    );

    it("is unknown when the provider cannot be reached", async () => {
      const nowhere = adapter({ apiBase: await unusedAddress() });
      expect((await nowhere.start(request())).kind).toBe("unknown");
    });

    it("is unknown when the answer names no page", async () => {
      await provider.admin.setFault({
        kind: "nonsense",
        match: { path: provider.paths.payments },
        set: provider.nonsense.start,
      });
      expect((await adapter().start(request())).kind).toBe("unknown");
    });

    it("is rejected, with the provider's code, for what the provider will never take", async () => {
      await provider.admin.setFault({
        kind: "refuse",
        errorCode: "not_with_us",
        match: { path: provider.paths.payments },
      });
      expect(await adapter().start(request())).toEqual({
        kind: "rejected",
        reason: "not_with_us",
      });
      expect((await adapter({ stranger: true }).start(request())).kind).toBe("rejected");
      expect(await provider.begun()).toEqual([]);
    });

    it("is rejected before anything is sent when the provider's units cannot say the amount", async () => {
      const mark = await provider.admin.mark();
      const payments = adapter();
      const outcomes = await Promise.all(
        provider.refuses.map((amount) => payments.start(request({ amount }))),
      );
      expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["rejected"]));
      expect(await provider.admin.log(mark)).toEqual([]);
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

    it("is settled with exactly what was asked for, in every currency", async () => {
      for (const amount of provider.takes) {
        const asked = request({ amount });
        const { reference, payment } = await paid(asked);
        expect(await adapter().find(reference)).toEqual({
          paymentId: asked.paymentId,
          state: "settled",
          captured: amount,
          refundedMinor: 0n,
          fee: await provider.feeOf(payment),
          methodType: provider.methodType,
          savedMethod: null,
          providerPaymentId: payment,
          live: false,
          reason: null,
        });
      }
    });

    it("that the provider does not know is null", async () => {
      expect(await adapter().find(provider.nobody.reference)).toBeNull();
    });

    it("is not known, rather than unpaid, while the provider is down or speaks nonsense", async () => {
      const { reference } = await paid();
      const match = { path: provider.paths.payments };
      const ask = (): Promise<unknown> => adapter({ timeoutMs: 300 }).find(reference);
      await provider.admin.setFault({ kind: "status", status: 500, match });
      await expect(ask()).rejects.toThrow(ProviderUnavailableError);
      await provider.admin.setFault({ kind: "status", status: 429, match });
      await expect(ask()).rejects.toThrow(ProviderUnavailableError);
      await provider.admin.setFault({ kind: "timeout_before", ms: 5_000, match });
      await expect(ask()).rejects.toThrow(ProviderUnavailableError);
      await provider.admin.setFault({ kind: "nonsense", set: provider.nonsense.find, match });
      await expect(ask()).rejects.toThrow(ProviderUnavailableError);
      await expect(adapter({ stranger: true }).find(reference)).rejects.toThrow(
        ProviderUnavailableError,
      );
    });

    it("tells a wrong amount as it is, for the books to refuse", async () => {
      const { reference } = await paid();
      await provider.admin.setFault({
        kind: "nonsense",
        match: { path: provider.paths.payments },
        set: provider.nonsense.cent,
      });
      expect(await adapter().find(reference)).toMatchObject({
        state: "settled",
        captured: money(1n, "USD"),
      });
    });
  });

  describe("ending a payment that was not paid", () => {
    it("says that it is over, however often", async () => {
      const reference = await started();
      expect((await adapter().expire(reference))?.state).toBe("expired");
      expect((await adapter().expire(reference))?.state).toBe("expired");
    });

    it("says so when the customer was faster", async () => {
      const { reference } = await paid();
      expect(await adapter().expire(reference)).toMatchObject({
        state: "settled",
        captured: usual(),
      });
    });

    it("that the provider does not know is null, and not known while the provider is down", async () => {
      expect(await adapter().expire(provider.nobody.reference)).toBeNull();
      const reference = await started();
      const match = { path: provider.paths.payments };
      await provider.admin.setFault({ kind: "status", status: 503, match });
      await expect(adapter().expire(reference)).rejects.toThrow(ProviderUnavailableError);
    });
  });

  describe("a refund", () => {
    it("gives everything back, once, however often it is asked for", async () => {
      const { reference, payment } = await paid();
      const asked = refundOf(payment);
      const first = await adapter().refund(asked);
      expect(first.kind).toBe("succeeded");
      expect(await adapter().refund(asked)).toEqual(first);
      expect(await provider.refundedMinor(payment)).toBe(5_900n);
      expect(await adapter().find(reference)).toMatchObject({
        state: "settled",
        captured: usual(),
        refundedMinor: 5_900n,
      });
    });

    it("ten times at once gives it back once", async () => {
      const { payment } = await paid();
      const asked = refundOf(payment, usual(1_000n));
      const payments = adapter();
      await Promise.all(Array.from({ length: 10 }, () => payments.refund(asked)));
      expect(await provider.refundedMinor(payment)).toBe(1_000n);
    });

    it("in parts goes up to the whole and not beyond", async () => {
      const { reference, payment } = await paid();
      const part = (amountMinor: bigint) => adapter().refund(refundOf(payment, usual(amountMinor)));
      expect((await part(2_000n)).kind).toBe("succeeded");
      expect(await part(4_000n)).toMatchObject({
        kind: "failed",
        reason: provider.codes.tooMuchRefunded,
      });
      expect((await part(3_900n)).kind).toBe("succeeded");
      expect(await part(1n)).toMatchObject({
        kind: "failed",
        reason: provider.codes.wholeRefunded,
      });
      expect((await adapter().find(reference))?.refundedMinor).toBe(5_900n);
    });

    it.each([
      ["before", "timeout_before"],
      ["after", "timeout_after"],
    ] as const)(
      "is unknown after a time-out %s the provider acted, and is done once when repeated",
      async (_text, kind) => {
        const { payment } = await paid();
        const asked = refundOf(payment, usual(1_000n));
        const match = { method: "POST", path: provider.paths.refunds };
        await provider.admin.setFault({ kind, match, ms: 5_000 });
        expect((await adapter({ timeoutMs: 300 }).refund(asked)).kind).toBe("unknown");
        expect((await adapter().refund(asked)).kind).toBe("succeeded");
        expect(await provider.refundedMinor(payment)).toBe(1_000n);
      },
    );

    it("goes on after a 500", async () => {
      const { payment } = await paid();
      const asked = refundOf(payment, usual(1_000n));
      const match = { method: "POST", path: provider.paths.refunds };
      await provider.admin.setFault({ kind: "status", status: 500, match });
      expect((await adapter().refund(asked)).kind).toBe("unknown");
      expect((await adapter().refund(asked)).kind).toBe("succeeded");
      expect(await provider.refundedMinor(payment)).toBe(1_000n);
    });

    it.each([1_000n, 5_900n])(
      "of %s repeated after the provider has forgotten the key is found, not made again",
      async (amountMinor) => {
        const { payment } = await paid();
        const asked = refundOf(payment, usual(amountMinor));
        const first = await adapter().refund(asked);
        await provider.admin.setClock(provider.refundKeySeconds + 3_600);
        expect(await adapter().refund(asked)).toEqual(first);
        expect(await provider.refundedMinor(payment)).toBe(amountMinor);
      },
    );

    it("that takes its time is pending until it is asked about", async () => {
      const { payment } = await paid(request(), "with slow refunds");
      const outcome = await adapter().refund(refundOf(payment));
      expect(outcome).toMatchObject({ kind: "pending" });
      const reference = outcome.kind === "pending" ? outcome.providerReference : "";
      await provider.endRefund(reference, "succeeded");
      expect(await adapter().findRefund(reference)).toEqual({
        kind: "succeeded",
        providerReference: reference,
      });
    });

    it("that fails later says so, and its money counts as not given back", async () => {
      const { reference, payment } = await paid();
      const outcome = await adapter().refund(refundOf(payment));
      const refund = outcome.kind === "succeeded" ? outcome.providerReference : "";
      await provider.endRefund(refund, "failed");
      expect(await adapter().findRefund(refund)).toMatchObject({
        kind: "failed",
        providerReference: refund,
      });
      expect((await adapter().find(reference))?.refundedMinor).toBe(0n);
    });

    it("of what everything was given back already by hand has failed, and says so", async () => {
      const { reference, payment } = await paid();
      await provider.refundByHand(payment);
      expect(await adapter().refund(refundOf(payment))).toMatchObject({
        kind: "failed",
        reason: provider.codes.wholeRefunded,
      });
      expect((await adapter().find(reference))?.refundedMinor).toBe(5_900n);
    });

    it("is not known while the provider is down or does not take our credentials", async () => {
      const { payment } = await paid();
      const asked = refundOf(payment);
      await provider.admin.setFault({ kind: "status", status: 503 });
      expect((await adapter().refund(asked)).kind).toBe("unknown");
      const stranger = adapter({ stranger: true });
      expect((await stranger.refund(asked)).kind).toBe("unknown");
      expect((await stranger.findRefund(provider.nobody.refund)).kind).toBe("unknown");
      expect(await provider.refundedMinor(payment)).toBe(0n);
    });

    it("that the provider does not know has failed", async () => {
      expect(await adapter().findRefund(provider.nobody.refund)).toMatchObject({
        kind: "failed",
        reason: provider.codes.unknownRefund,
      });
    });

    it("of a payment nobody paid has failed", async () => {
      expect(await adapter().refund(refundOf(provider.nobody.payment))).toMatchObject({
        kind: "failed",
        reason: provider.codes.unknownPayment,
      });
    });
  });

  describe("all refunds of a payment", () => {
    it("are none as long as nothing was given back, and of a payment nobody paid", async () => {
      const { reference, payment } = await paid();
      const key = { providerReference: reference, providerPaymentId: payment };
      expect(await adapter().listRefunds(key)).toEqual([]);
      const { nobody } = provider;
      expect(
        await adapter().listRefunds({
          providerReference: nobody.reference,
          providerPaymentId: nobody.payment,
        }),
      ).toEqual([]);
    });

    it("are ours under our id, and those made by hand under none", async () => {
      const { reference, payment } = await paid();
      const asked = refundOf(payment, usual(1_000n));
      const ours = await adapter().refund(asked);
      await provider.refundByHand(payment, usual(500n));
      const found = await adapter().listRefunds({
        providerReference: reference,
        providerPaymentId: payment,
      });
      expect(found.map((each) => [each.refundId, each.amount, each.state])).toEqual(
        expect.arrayContaining([
          [asked.refundId, usual(1_000n), "succeeded"],
          [null, usual(500n), "succeeded"],
        ]),
      );
      expect(found).toHaveLength(2);
      expect(found.map((each) => each.providerReference)).toContain(
        ours.kind === "succeeded" ? ours.providerReference : "",
      );
    });

    it("tell a slow one and one that failed after all from those that are done", async () => {
      const { reference, payment } = await paid(request(), "with slow refunds");
      const key = { providerReference: reference, providerPaymentId: payment };
      const outcome = await adapter().refund(refundOf(payment));
      expect(await adapter().listRefunds(key)).toMatchObject([{ state: "pending" }]);
      await provider.endRefund(
        outcome.kind === "pending" ? outcome.providerReference : "",
        "failed",
      );
      const [failed] = await adapter().listRefunds(key);
      expect(failed?.state).toBe("failed");
      expect(failed?.reason).toMatch(/./);
    });

    it("are not known while the provider is down", async () => {
      const { reference, payment } = await paid();
      await provider.admin.setFault({ kind: "status", status: 500 });
      await expect(
        adapter().listRefunds({ providerReference: reference, providerPaymentId: payment }),
      ).rejects.toThrow(ProviderUnavailableError);
    });
  });

  describe("a contested payment", () => {
    it("has no dispute until somebody contests it", async () => {
      const { reference, payment } = await paid();
      const key = { providerReference: reference, providerPaymentId: payment };
      expect(await adapter().listDisputes(key)).toEqual([]);
    });

    it.each(["won", "lost"] as const)("is open until it is %s", async (outcome) => {
      const { reference, payment } = await paid();
      const key = { providerReference: reference, providerPaymentId: payment };
      const dispute = await provider.contest(payment, "open");
      const [open, ...others] = await adapter().listDisputes(key);
      expect(others).toEqual([]);
      expect(open).toMatchObject({
        providerReference: dispute,
        amount: usual(),
        state: "open",
      });
      expect(open?.reason).toMatch(/./);
      expect(Math.abs((open?.openedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(open?.respondBy?.getTime()).toBeGreaterThan(Date.now());
      await provider.endDispute(dispute, outcome);
      expect(await adapter().listDisputes(key)).toMatchObject([
        { providerReference: dispute, state: outcome },
      ]);
    });

    it("that the bank only asks about has lost no money", async () => {
      const { reference, payment } = await paid();
      await provider.contest(payment, "inquiry");
      expect(
        await adapter().listDisputes({ providerReference: reference, providerPaymentId: payment }),
      ).toMatchObject([{ state: "inquiry", fee: null }]);
    });

    it("is named among those contested since then, and no other is", async () => {
      const [{ payment }] = [await paid(), await paid()];
      await provider.contest(payment, "inquiry");
      const since = async (from: Date): Promise<string[]> => {
        const contested = adapter().listDisputedPayments?.(from);
        return contested === undefined ? [] : await collect(contested);
      };
      expect(await since(new Date(Date.now() - 60_000))).toEqual([payment]);
      expect(await since(new Date(Date.now() + 60_000))).toEqual([]);
      await provider.admin.setFault({ kind: "status", status: 503 });
      await expect(since(new Date(0))).rejects.toThrow(ProviderUnavailableError);
    });

    it("is not known to be one while the provider is down", async () => {
      const { reference, payment } = await paid();
      await provider.contest(payment, "open");
      await provider.admin.setFault({ kind: "status", status: 503 });
      await expect(
        adapter().listDisputes({ providerReference: reference, providerPaymentId: payment }),
      ).rejects.toThrow(ProviderUnavailableError);
    });
  });

  describe("a way of paying that is kept", () => {
    it("is known by what people recognise, and by no number that could be charged", async () => {
      const { reference } = await keptPayment();
      const report = await adapter().find(reference);
      const [kept] = await provider.kept();
      expect(report?.savedMethod).toMatchObject({
        reference: kept,
        methodType: provider.methodType,
      });
      expect(report?.savedMethod?.label).toMatch(provider.keptLabel);
      expect(report?.savedMethod?.goodUntil ?? "2029-12").toMatch(/^20\d\d-(0[1-9]|1[0-2])$/);
      expect(report?.savedMethod?.label).not.toMatch(/\d{5}/);
    });

    it("is none where the customer did not want it kept", async () => {
      const { reference } = await paid(request({ customerReference: await provider.customer() }));
      expect((await adapter().find(reference))?.savedMethod).toBeNull();
      expect(await provider.kept()).toEqual([]);
    });

    it("is forgotten once and for all, and forgetting it again is fine", async () => {
      const { reference } = await keptPayment();
      const kept = (await adapter().find(reference))?.savedMethod?.reference ?? "";
      await adapter().forgetMethod(kept);
      expect(await provider.kept()).toEqual([]);
      await adapter().forgetMethod(kept);
    });

    it("may not be forgotten while the provider is down", async () => {
      const { reference } = await keptPayment();
      const kept = (await adapter().find(reference))?.savedMethod?.reference ?? "";
      await provider.admin.setFault({ kind: "status", status: 503 });
      await expect(adapter().forgetMethod(kept)).rejects.toThrow(ProviderUnavailableError);
      const stranger = adapter({ stranger: true });
      await expect(stranger.forgetMethod(kept)).rejects.toThrow(ProviderUnavailableError);
      expect(await provider.kept()).toEqual([kept]);
    });
  });

  describe("everything that was captured", () => {
    async function list(from: Date): Promise<ProviderPayment[]> {
      const found: ProviderPayment[] = [];
      for await (const payment of adapter().listPayments(from)) found.push(payment);
      return found;
    }

    it("is listed once, with our payment id and what was given back of it; money of nobody's too", async () => {
      const asked = request();
      const one = await paid(asked);
      const two = await paid(request({ amount: money(1_280n, "JPY") }));
      await adapter().refund(refundOf(one.payment, usual(900n)));
      await started();
      await provider.seed([{ number: 1, minor: 600n, createdAt: new Date() }]);
      const found = await list(new Date(Date.now() - HOUR_MS));
      const byAmount = found.toSorted((a, b) =>
        Number((b.captured?.amountMinor ?? 0n) - (a.captured?.amountMinor ?? 0n)),
      );
      expect(byAmount.map((each) => [each.captured, each.refundedMinor])).toEqual([
        [usual(), 900n],
        [money(1_280n, "JPY"), 0n],
        [usual(600n), 0n],
      ]);
      expect(byAmount.slice(0, 2).map((each) => each.providerPaymentId)).toEqual([
        one.payment,
        two.payment,
      ]);
      expect(byAmount[0]).toMatchObject({
        paymentId: asked.paymentId,
        state: "settled",
        live: false,
        providerReference:
          provider.listedUnder === "providerReference" ? one.reference : one.payment,
      });
      expect(byAmount[2]?.paymentId).toBeNull();
    });

    it("is listed over many pages, from the time asked for", async () => {
      await provider.seed(
        Array.from({ length: 530 }, (_, number) => ({
          number,
          minor: BigInt(1_000 + number),
          createdAt: new Date(Date.now() - (number < 20 ? 48 : 1) * HOUR_MS),
        })),
      );
      const recent = await list(new Date(Date.now() - 24 * HOUR_MS));
      expect(new Set(recent.map((payment) => payment.providerReference)).size).toBe(510);
      expect(recent).toHaveLength(510);
      expect(await list(new Date(0))).toHaveLength(530);
    });

    it("is not known while the provider is down", async () => {
      await provider.admin.setFault({ kind: "status", status: 500 });
      await expect(list(new Date(0))).rejects.toThrow(ProviderUnavailableError);
    });
  });

  describe("what was sent to the bank", () => {
    it("is listed from the time asked for, or the adapter does not claim to know it", async () => {
      const payments = adapter();
      if (provider.payOut === null) {
        expect(payments).not.toHaveProperty("listPayouts");
        return;
      }
      const day = 24 * HOUR_MS;
      const today = new Date(Math.floor(Date.now() / 1_000) * 1_000);
      await provider.payOut(usual(700n), new Date(today.getTime() - 10 * day));
      const sent = await provider.payOut(usual(5_000n), today);
      const found: unknown[] = [];
      for await (const payout of payments.listPayouts?.(new Date(today.getTime() - 2 * day)) ??
        []) {
        found.push(payout);
      }
      expect(found).toEqual([{ providerReference: sent, amount: usual(5_000n), sentAt: today }]);
    });
  });

  describe("the provider's messages", () => {
    /** Runs `act` and gives the first message of that type. */
    async function messageAfter(
      type: string,
      act: () => Promise<unknown>,
    ): Promise<ReceivedWebhook> {
      const receiver = await startWebhookReceiver();
      await provider.admin.setAppUrl(receiver.url);
      try {
        await act();
        return await receiver.waitFor(({ rawBody }) => rawBody.includes(`"${type}"`));
      } finally {
        await receiver.close();
        await provider.admin.setAppUrl("http://127.0.0.1:9");
      }
    }

    it.each(["refund", "dispute"] as const)(
      "of a %s that began there lead to the payment",
      async (what) => {
        const { payment } = await paid();
        const type = what === "refund" ? provider.refundMessage : provider.disputeMessage;
        const message = await messageAfter(type, () =>
          what === "refund" ? provider.refundByHand(payment) : provider.contest(payment, "open"),
        );
        expect(
          await adapter().parseWebhook(message.headers, message.rawBody, Date.now()),
        ).toMatchObject({
          kind: "event",
          event: { type, providerPaymentId: payment, live: false },
        });
      },
    );

    it("are believed as they come, and name the payment they are about", async () => {
      const receiver = await startWebhookReceiver();
      await provider.admin.setAppUrl(receiver.url);
      try {
        const asked = request();
        const { reference, payment } = await paid(asked);
        const message = await receiver.waitFor(({ rawBody }) =>
          rawBody.includes(provider.paidMessage),
        );
        const read = (body: string, headers: Headers = message.headers) =>
          adapter().parseWebhook(headers, body, Date.now());
        expect(await read(message.rawBody)).toMatchObject({
          kind: "event",
          event: {
            type: provider.paidMessage,
            providerReference: reference,
            providerPaymentId: payment,
            paymentId: asked.paymentId,
            live: false,
          },
        });
        const flipped = message.rawBody.replace(asked.paymentId, randomUUID());
        expect(await read(flipped)).toMatchObject({ kind: "forged" });
        const parsed: unknown = JSON.parse(message.rawBody);
        const restated = [JSON.stringify(parsed), JSON.stringify(parsed, null, 3)];
        for (const body of restated.filter((each) => each !== message.rawBody)) {
          expect(await read(body)).toMatchObject({ kind: "forged" });
        }
        expect(await read(message.rawBody, new Headers())).toMatchObject({ kind: "forged" });
      } finally {
        await receiver.close();
        await provider.admin.setAppUrl("http://127.0.0.1:9");
      }
    });
  });
});
