import { describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import { ourId, UnreadableAnswerError } from "#lib/payments/stripe/answer.ts";
import { readSession, readStartedSession } from "#lib/payments/stripe/wire.ts";

const paymentId = "0190b3f0-5b5e-7c3a-9d39-0f6a3c2e1d10";

const charge = {
  amount_refunded: 0,
  currency: "cny",
  balance_transaction: { fee: 202, currency: "cny" },
  payment_method_details: { type: "card", card: { brand: "visa" } },
};
const method = {
  id: "pm_1",
  type: "card",
  customer: "cus_1",
  card: { brand: "visa", display_brand: "visa", last4: "4242", exp_month: 3, exp_year: 2030 },
};
const intent = {
  id: "pi_1",
  created: 1_763_823_600,
  status: "succeeded",
  amount: 5_900,
  amount_received: 5_900,
  currency: "cny",
  livemode: false,
  metadata: { payment_id: paymentId },
  latest_charge: charge,
  setup_future_usage: null,
  payment_method: method,
  last_payment_error: null,
};
const session = {
  id: "cs_1",
  url: null,
  expires_at: 1_763_827_200,
  status: "complete",
  payment_status: "paid",
  livemode: false,
  client_reference_id: paymentId,
  metadata: { payment_id: paymentId },
  payment_intent: intent,
};

describe("what a session says", () => {
  it("is settled with what was captured, once paid", () => {
    expect(readSession(session)).toEqual({
      paymentId,
      state: "settled",
      captured: { amountMinor: 5_900n, currency: "CNY" },
      refundedMinor: 0n,
      fee: money(202n, "CNY"),
      methodType: "card",
      savedMethod: null,
      providerPaymentId: "pi_1",
      live: false,
      reason: null,
    });
  });

  it("believes what was received, not what was asked for", () => {
    const short = { ...intent, amount: 5_900, amount_received: 100 };
    expect(readSession({ ...session, payment_intent: short }).captured).toEqual(money(100n, "CNY"));
  });

  it("counts what was given back, in our minor units", () => {
    const refunded = {
      ...intent,
      amount_received: 70_000,
      currency: "ugx",
      latest_charge: { amount_refunded: 20_000, currency: "ugx" },
    };
    const report = readSession({ ...session, payment_intent: refunded });
    expect(report.captured).toEqual(money(700n, "UGX"));
    expect(report.refundedMinor).toBe(200n);
  });

  it("tells the fee in the currency that Stripe settles in, once it has booked one", () => {
    const say = (balance_transaction: unknown) =>
      readSession({
        ...session,
        payment_intent: { ...intent, latest_charge: { ...charge, balance_transaction } },
      });
    expect(say({ fee: 57, currency: "usd" }).fee).toEqual(money(57n, "USD"));
    expect(say(null).fee).toBeNull();
    expect(say(undefined).fee).toBeNull();
  });

  it("is settled though the fee is one that our minor units cannot say", () => {
    const balance_transaction = { fee: 1_250, currency: "isk" };
    const report = readSession({
      ...session,
      payment_intent: { ...intent, latest_charge: { ...charge, balance_transaction } },
    });
    expect(report).toMatchObject({ state: "settled", fee: null });
  });

  it.each([
    [undefined, null],
    [5_900, null],
    [3_900, "partly_funded"],
  ])("waits for a bank transfer of which %s is missing", (amount_remaining, reason) => {
    const waiting = {
      ...intent,
      status: "requires_action",
      latest_charge: null,
      payment_method: { id: "pm_2", type: "customer_balance", customer: null },
      next_action: { display_bank_transfer_instructions: { amount_remaining } },
    };
    const report = readSession({ ...session, payment_status: "unpaid", payment_intent: waiting });
    expect(report).toMatchObject({
      state: "awaited",
      reason,
      methodType: "customer_balance",
      fee: null,
      savedMethod: null,
    });
  });

  it("is pending while it waits for the customer", () => {
    const report = readSession({
      ...session,
      status: "open",
      payment_status: "unpaid",
      payment_intent: null,
    });
    expect(report).toMatchObject({ state: "pending", captured: null });
  });

  it.each([
    ["a delayed method", "processing"],
    ["a bank transfer", "requires_action"],
  ])("is processing while it waits for %s", (_text, status) => {
    const report = readSession({
      ...session,
      payment_status: "unpaid",
      payment_intent: { ...intent, status },
    });
    expect(report).toMatchObject({ state: "processing", captured: null });
  });

  it("is expired when it closed unpaid", () => {
    const report = readSession({
      ...session,
      status: "expired",
      payment_status: "unpaid",
      payment_intent: null,
    });
    expect(report).toMatchObject({ state: "expired", captured: null, providerPaymentId: null });
  });

  it("has failed when a delayed method did, and says why", () => {
    const fellBack = {
      ...intent,
      status: "requires_payment_method",
      amount_received: 0,
      last_payment_error: { code: "payment_intent_payment_attempt_failed", decline_code: null },
    };
    expect(
      readSession({ ...session, payment_status: "unpaid", payment_intent: fellBack }),
    ).toMatchObject({
      state: "failed",
      captured: null,
      reason: "payment_intent_payment_attempt_failed",
    });
  });

  it("is still pending after a declined card, for the customer may try another", () => {
    const declined = {
      ...intent,
      status: "requires_payment_method",
      amount_received: 0,
      last_payment_error: { code: "card_declined", decline_code: "insufficient_funds" },
    };
    expect(
      readSession({
        ...session,
        status: "open",
        payment_status: "unpaid",
        payment_intent: declined,
      }),
    ).toMatchObject({ state: "pending", reason: "insufficient_funds" });
  });

  it("is not believed when it is paid by nothing", () => {
    expect(readSession({ ...session, payment_intent: null })).toMatchObject({
      state: "processing",
      captured: null,
      reason: "paid_without_payment_intent",
    });
  });

  it("tells of the live mode, so that the other mode can be seen through", () => {
    expect(readSession({ ...session, livemode: true }).live).toBe(true);
  });

  it("takes the customer's reference where there is no metadata, and nobody else's id", () => {
    expect(readSession({ ...session, metadata: {} }).paymentId).toBe(paymentId);
    expect(readSession({ ...session, metadata: { payment_id: "42" } }).paymentId).toBeNull();
    expect(ourId("'; DROP TABLE payment; --")).toBeNull();
  });

  it.each([
    ["is no object", "OK"],
    ["has an intent that was not expanded", { ...session, payment_intent: "pi_1" }],
    [
      "has a fee that was not expanded",
      {
        ...session,
        payment_intent: { ...intent, latest_charge: { ...charge, balance_transaction: "txn_1" } },
      },
    ],
    [
      "has a payment method that was not expanded",
      { ...session, payment_intent: { ...intent, payment_method: "pm_1" } },
    ],
    ["has no mode", { ...session, livemode: undefined }],
    ["has a fraction", { ...session, payment_intent: { ...intent, amount_received: 10.5 } }],
    ["has a negative amount", { ...session, payment_intent: { ...intent, amount_received: -1 } }],
    ["has a currency that is none", { ...session, payment_intent: { ...intent, currency: "€" } }],
    [
      "has half a króna",
      { ...session, payment_intent: { ...intent, amount_received: 50, currency: "isk" } },
    ],
  ])("is unreadable, not unpaid, when it %s", (_text, answer) => {
    expect(() => readSession(answer)).toThrow(UnreadableAnswerError);
  });
});

describe("what else Stripe answers", () => {
  it("a new session has an id, a page and an end", () => {
    const url = "https://checkout.stripe.com/c/pay/cs_1";
    expect(readStartedSession({ ...session, url })).toEqual({
      id: "cs_1",
      url,
      expiresAt: new Date(1_763_827_200_000),
    });
    expect(() => readStartedSession({ ...session, url: null })).toThrow(UnreadableAnswerError);
    expect(() => readStartedSession({ ...session, url: "javascript:alert(1)" })).toThrow(
      UnreadableAnswerError,
    );
  });
});

describe("what Stripe keeps", () => {
  function kept(change: object, details: object = {}): unknown {
    return readSession({
      ...session,
      payment_intent: {
        ...intent,
        setup_future_usage: "off_session",
        latest_charge: { ...charge, payment_method_details: { type: "card", ...details } },
        payment_method: { ...method, ...change },
      },
    }).savedMethod;
  }

  it("of a card is its brand, its last digits and its last month", () => {
    expect(kept({})).toEqual({
      reference: "pm_1",
      methodType: "card",
      label: "Visa •••• 4242",
      goodUntil: "2030-03",
    });
    const card = { ...method.card, brand: "unionpay", display_brand: null, exp_month: 12 };
    expect(kept({ card })).toMatchObject({ label: "UnionPay •••• 4242", goodUntil: "2030-12" });
    expect(kept({ card: { ...card, brand: "a_new_network" } })).toMatchObject({
      label: "Card •••• 4242",
    });
  });

  it.each([
    ["alipay", {}, "Alipay"],
    ["sepa_debit", { last4: "3000" }, "SEPA Direct Debit •••• 3000"],
    ["us_bank_account", { bank_name: "First Bank", last4: "6789" }, "First Bank •••• 6789"],
    ["link", { email: "emma@axis.example" }, "Link e•••@axis.example"],
    ["paypal", { payer_email: "emma@axis.example" }, "PayPal e•••@axis.example"],
  ])("of %s is what its owner recognises", (type, details, label) => {
    expect(kept({ type, card: null, [type]: details })).toEqual({
      reference: "pm_1",
      methodType: type,
      label,
      goodUntil: null,
    });
  });

  it("of iDEAL is the direct debit that Stripe makes of it", () => {
    expect(
      kept(
        { type: "ideal", card: null, customer: null },
        { type: "ideal", ideal: { generated_sepa_debit: "pm_debit" } },
      ),
    ).toMatchObject({ reference: "pm_debit", label: "iDEAL" });
  });

  it("is nothing when nobody asked for it, when it was forgotten, or before it is paid", () => {
    expect(readSession(session).savedMethod).toBeNull();
    expect(kept({ customer: null })).toBeNull();
    const unpaid = {
      ...intent,
      status: "processing",
      setup_future_usage: "off_session",
      latest_charge: charge,
    };
    expect(
      readSession({ ...session, payment_status: "unpaid", payment_intent: unpaid }).savedMethod,
    ).toBeNull();
  });
});
