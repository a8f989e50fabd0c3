import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseStripeWebhook } from "#lib/payments/stripe/webhook.ts";

const now = Date.parse("2026-11-22T15:00:00Z");
const seconds = now / 1000;
const secret = "whsec_one";
const paymentId = "0190b3f0-5b5e-7c3a-9d39-0f6a3c2e1d10";

function event(type: string, object: object, more: object = {}): string {
  return JSON.stringify(
    { id: "evt_1", object: "event", type, livemode: false, data: { object }, ...more },
    null,
    2,
  );
}

const body = event("checkout.session.completed", {
  id: "cs_1",
  object: "checkout.session",
  payment_intent: "pi_1",
  client_reference_id: paymentId,
  metadata: { payment_id: paymentId },
});

function sign(text: string, key = secret, at = seconds): string {
  const hash = createHmac("sha256", key).update(`${at}.${text}`).digest("hex");
  return `t=${at},v1=${hash}`;
}

function parse(text: string, header: string | null, secrets: readonly string[] = [secret]) {
  const headers = new Headers(header === null ? {} : { "Stripe-Signature": header });
  return parseStripeWebhook(headers, text, secrets, now);
}

describe("a message that Stripe signed", () => {
  it("names session, payment intent and our payment", () => {
    expect(parse(body, sign(body))).toEqual({
      kind: "event",
      event: {
        eventId: "evt_1",
        type: "checkout.session.completed",
        providerReference: "cs_1",
        providerPaymentId: "pi_1",
        paymentId,
        live: false,
      },
      payload: JSON.parse(body) as unknown,
    });
  });

  it.each([
    [
      "payment_intent.succeeded",
      { id: "pi_1", object: "payment_intent", metadata: { payment_id: paymentId } },
      { providerReference: null, providerPaymentId: "pi_1", paymentId },
    ],
    [
      "charge.refunded",
      { id: "ch_1", object: "charge", payment_intent: "pi_1", metadata: { payment_id: paymentId } },
      { providerReference: null, providerPaymentId: "pi_1", paymentId },
    ],
    [
      "charge.updated",
      { id: "ch_1", object: "charge", payment_intent: { id: "pi_1" }, metadata: {} },
      { providerReference: null, providerPaymentId: "pi_1", paymentId: null },
    ],
    [
      "refund.updated",
      { id: "re_1", object: "refund", payment_intent: "pi_1", metadata: { refund_id: "r" } },
      { providerReference: null, providerPaymentId: "pi_1", paymentId: null },
    ],
    [
      "refund.failed",
      { id: "re_1", object: "refund", payment_intent: "pi_1", charge: "ch_1", metadata: null },
      { providerReference: null, providerPaymentId: "pi_1", paymentId: null },
    ],
    [
      "charge.dispute.funds_withdrawn",
      { id: "dp_1", object: "dispute", payment_intent: { id: "pi_1" }, metadata: {} },
      { providerReference: null, providerPaymentId: "pi_1", paymentId: null },
    ],
    [
      "payment_intent.partially_funded",
      { id: "pi_1", object: "payment_intent", metadata: { payment_id: paymentId } },
      { providerReference: null, providerPaymentId: "pi_1", paymentId },
    ],
    [
      "payout.paid",
      { id: "po_1", object: "payout", metadata: {} },
      { providerReference: null, providerPaymentId: null, paymentId: null },
    ],
    [
      "charge.dispute.created",
      { id: "dp_1", object: "dispute", payment_intent: "pi_1", metadata: {} },
      { providerReference: null, providerPaymentId: "pi_1", paymentId: null },
    ],
    [
      "customer.created",
      { id: "cus_1", object: "customer", metadata: { payment_id: paymentId } },
      { providerReference: null, providerPaymentId: null, paymentId: null },
    ],
    [
      "balance.available",
      { object: "balance" },
      { providerReference: null, providerPaymentId: null, paymentId: null },
    ],
  ])("%s is a hint about what it names", (type, object, expected) => {
    const text = event(type, object);
    expect(parse(text, sign(text))).toMatchObject({ kind: "event", event: { type, ...expected } });
  });

  it("of the live mode says so", () => {
    const text = event(
      "payment_intent.succeeded",
      { object: "payment_intent" },
      { livemode: true },
    );
    expect(parse(text, sign(text))).toMatchObject({ event: { live: true } });
  });

  it("is believed while a secret is being replaced, whichever of the two signed it", () => {
    const both = ["whsec_new", secret];
    expect(parse(body, sign(body), both).kind).toBe("event");
    expect(parse(body, sign(body, "whsec_new"), both).kind).toBe("event");
    const signedByBoth = `${sign(body, "whsec_gone")},${sign(body).split(",")[1]}`;
    expect(parse(body, signedByBoth, both).kind).toBe("event");
  });

  it("may be five minutes old, or as far ahead, but no more", () => {
    expect(parse(body, sign(body, secret, seconds - 300)).kind).toBe("event");
    expect(parse(body, sign(body, secret, seconds + 300)).kind).toBe("event");
  });

  it("of a strange shape is malformed, for it is Stripe's and no event", () => {
    for (const text of ["not JSON", "[]", "{}", '{"id":"evt_1","type":"x"}', "null"]) {
      expect(parse(text, sign(text)).kind).toBe("malformed");
    }
  });

  it("with a foreign payment id names none of ours", () => {
    const object = { object: "payment_intent", id: "pi_1", metadata: { payment_id: "12" } };
    const text = event("payment_intent.succeeded", object);
    expect(parse(text, sign(text))).toMatchObject({ event: { paymentId: null } });
  });
});

describe("a message that Stripe did not sign", () => {
  const flipped = body.replace("cs_1", "cs_2");
  const restated = JSON.stringify(JSON.parse(body));
  it.each([
    ["without a signature", body, null],
    ["with an empty signature", body, ""],
    ["with a signature of nothing", body, "v1=00"],
    ["with a time and no signature", body, `t=${seconds}`],
    ["signed with another secret", body, sign(body, "whsec_other")],
    ["with one byte changed", flipped, sign(body)],
    ["written anew with the same content", restated, sign(body)],
    ["301 seconds old", body, sign(body, secret, seconds - 301)],
    ["from the future", body, sign(body, secret, seconds + 301)],
    [
      "with the time changed",
      body,
      sign(body, secret, seconds - 400).replace(/t=\d+/, `t=${seconds}`),
    ],
    ["signed by the scheme for tests only", body, sign(body).replace("v1=", "v0=")],
    [
      "with a second time that hides its age",
      body,
      `t=${seconds},${sign(body, secret, seconds - 400)}`,
    ],
  ])("is refused when it comes %s", (_text, text, header) => {
    expect(parse(text, header).kind).toBe("forged");
  });

  it("is refused when no secret is set", () => {
    expect(parse(body, sign(body), []).kind).toBe("forged");
  });
});
