import { describe, expect, it } from "vitest";
import type { PayPalAnswer, PayPalClient, PayPalRequest } from "#lib/payments/paypal/client.ts";
import { parsePayPalWebhook, readPayPalEvent } from "#lib/payments/paypal/webhook.ts";

const paymentId = "0190b3f0-5b5e-7c3a-9d39-0f6a3c2e1d10";
const good = {
  "paypal-auth-algo": "SHA256withRSA",
  "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594",
  "paypal-transmission-id": "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
  "paypal-transmission-sig": "lmI95Jx3Y9nhR5SJWlHVIWpg4AgFk7n9bCHSRxbrd8A9zrhdu2rMyFrmz==",
  "paypal-transmission-time": "2026-11-22T14:40:00Z",
};

/** A PayPal that answers every question the same. */
function paypal(answer: PayPalAnswer): { client: PayPalClient; asked: PayPalRequest[] } {
  const asked: PayPalRequest[] = [];
  const ask = async (request: PayPalRequest): Promise<PayPalAnswer> => {
    asked.push(request);
    return answer;
  };
  return { client: { live: true, ask }, asked };
}

const success = { kind: "answered", body: { verification_status: "SUCCESS" } } as const;

function event(type: string, resource: object): string {
  return JSON.stringify({ id: "WH-1", event_type: type, resource });
}

describe("a message of PayPal's", () => {
  it("is put before PayPal character for character", async () => {
    const body = '{ "id":"WH-1",  "event_type":"X\\/Y", "resource":{"big":1.50} }';
    const { client, asked } = paypal(success);
    await parsePayPalWebhook(client, "8PT597110X687430L", new Headers(good), body);
    expect(asked).toEqual([
      {
        method: "POST",
        path: "/v1/notifications/verify-webhook-signature",
        body: `{"auth_algo":"SHA256withRSA","cert_url":"${good["paypal-cert-url"]}","transmission_id":"${good["paypal-transmission-id"]}","transmission_sig":"${good["paypal-transmission-sig"]}","transmission_time":"2026-11-22T14:40:00Z","webhook_id":"8PT597110X687430L","webhook_event":${body}}`,
      },
    ]);
  });

  it("is believed when PayPal says so, and only then", async () => {
    const body = event("PAYMENT.CAPTURE.COMPLETED", { id: "C1", custom_id: paymentId });
    const read = async (answer: PayPalAnswer) =>
      (await parsePayPalWebhook(paypal(answer).client, "W", new Headers(good), body)).kind;
    expect(await read(success)).toBe("event");
    expect(await read({ kind: "answered", body: { verification_status: "FAILURE" } })).toBe(
      "forged",
    );
    expect(await read({ kind: "answered", body: {} })).toBe("unverifiable");
    expect(await read({ kind: "unknown", reason: "timeout" })).toBe("unverifiable");
    expect(await read({ kind: "refused", status: 401, code: "AUTHENTICATION_FAILURE" })).toBe(
      "unverifiable",
    );
  });

  it.each(Object.keys(good))("without %s is forged, and PayPal is not troubled", async (name) => {
    const headers = new Headers(good);
    headers.delete(name);
    const { client, asked } = paypal(success);
    expect((await parsePayPalWebhook(client, "W", headers, "{}")).kind).toBe("forged");
    expect(asked).toEqual([]);
  });

  it.each([
    ["paypal-transmission-sig", "x".repeat(501)],
    ["paypal-transmission-id", '1","webhook_id":"MINE'],
    ["paypal-cert-url", "file:///etc/passwd"],
    ["paypal-transmission-time", "yesterday"],
    ["paypal-auth-algo", "none or other"],
  ])("with a misshapen %s is forged, and PayPal is not troubled", async (name, value) => {
    const { client, asked } = paypal(success);
    const headers = new Headers({ ...good, [name]: value });
    expect((await parsePayPalWebhook(client, "W", headers, "{}")).kind).toBe("forged");
    expect(asked).toEqual([]);
  });

  it.each(["", "not JSON", "[]", "null", '{},"webhook_id":"MINE"', '"text"'])(
    "that is no JSON object (%s) is malformed, and PayPal is not troubled",
    async (body) => {
      const { client, asked } = paypal(success);
      expect((await parsePayPalWebhook(client, "W", new Headers(good), body)).kind).toBe(
        "malformed",
      );
      expect(asked).toEqual([]);
    },
  );

  it("that PayPal signed and that is no event is malformed", async () => {
    for (const body of ["{}", '{"id":"WH-1"}', '{"id":"WH-1","event_type":"X","resource":1}']) {
      const read = await parsePayPalWebhook(paypal(success).client, "W", new Headers(good), body);
      expect(read.kind).toBe("malformed");
    }
  });
});

describe("an event", () => {
  const nothing = { providerReference: null, providerPaymentId: null, paymentId: null };

  it.each([
    [
      "CHECKOUT.ORDER.APPROVED",
      { id: "O1", purchase_units: [{ custom_id: paymentId }] },
      { providerReference: "O1", providerPaymentId: null, paymentId },
    ],
    [
      "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
      { order_id: "O1", purchase_units: [{ custom_id: paymentId }] },
      { providerReference: "O1", providerPaymentId: null, paymentId },
    ],
    [
      "PAYMENT.CAPTURE.PENDING",
      {
        id: "C1",
        custom_id: paymentId,
        supplementary_data: { related_ids: { order_id: "O1" } },
      },
      { providerReference: "O1", providerPaymentId: "C1", paymentId },
    ],
    [
      "PAYMENT.CAPTURE.DENIED",
      { id: "C1", custom_id: "of another shop" },
      { providerReference: null, providerPaymentId: "C1", paymentId: null },
    ],
    [
      "PAYMENT.CAPTURE.REFUNDED",
      {
        id: "R1",
        custom_id: paymentId,
        links: [
          { rel: "self", href: "https://api.paypal.com/v2/payments/refunds/R1" },
          { rel: "up", href: "https://api.paypal.com/v2/payments/captures/C1" },
        ],
      },
      { providerReference: null, providerPaymentId: "C1", paymentId: null },
    ],
    [
      "PAYMENT.CAPTURE.REVERSED",
      { id: "R1", links: [{ rel: "up", href: "https://elsewhere.example/C1" }] },
      nothing,
    ],
    [
      "CUSTOMER.DISPUTE.CREATED",
      { dispute_id: "PP-1", disputed_transactions: [{ seller_transaction_id: "C1" }] },
      { providerReference: null, providerPaymentId: "C1", paymentId: null },
    ],
    ["CUSTOMER.DISPUTE.RESOLVED", { disputed_transactions: [] }, nothing],
    [
      "CUSTOMER.DISPUTE.UPDATED",
      {
        dispute_id: "PP-1",
        disputed_transactions: [{ seller_transaction_id: "C1", custom: paymentId }],
      },
      { providerReference: null, providerPaymentId: "C1", paymentId },
    ],
    [
      "VAULT.PAYMENT-TOKEN.CREATED",
      { id: "8kk8451t", metadata: { order_id: "O1" } },
      { ...nothing, providerReference: "O1" },
    ],
    ["VAULT.PAYMENT-TOKEN.CREATED", { id: "8kk8451t", custom_id: paymentId }, { ...nothing }],
    ["VAULT.PAYMENT-TOKEN.DELETED", { id: "8kk8451t" }, { ...nothing }],
    ["PAYMENT.CAPTURE.COMPLETED", { id: 1, custom_id: {}, supplementary_data: "x" }, nothing],
  ])("%s is a hint about what it names", (type, resource, expected) => {
    const parsed: unknown = JSON.parse(event(type, resource));
    expect(readPayPalEvent(parsed, false)).toEqual({
      eventId: "WH-1",
      type,
      live: false,
      ...expected,
    });
  });
});
