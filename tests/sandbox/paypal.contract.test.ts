import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sandboxSecrets, startStandIns, type StartedStandIns } from "#tests/support/stand-ins.ts";
import {
  startWebhookReceiver,
  type ReceivedWebhook,
  type WebhookReceiver,
} from "#tests/support/webhook-receiver.ts";

let standIns: StartedStandIns;
let shop: WebhookReceiver;
let token: string;

beforeAll(async () => {
  shop = await startWebhookReceiver();
  standIns = await startStandIns({ appUrl: shop.url });
});
afterAll(async () => {
  await standIns.stop();
  await shop.close();
});
beforeEach(async () => {
  await standIns.paypal.reset();
  await standIns.paypal.setClock(0);
  token = await signIn();
});

interface PayPalAnswer {
  status: number;
  body: Record<string, unknown>;
}

async function signIn(secret = sandboxSecrets.paypalClientSecret): Promise<string> {
  const credentials = Buffer.from(`${sandboxSecrets.paypalClientId}:${secret}`).toString("base64");
  const answer = await fetch(`${standIns.addresses.paypal}/v1/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const body = (await answer.json()) as { access_token?: string; error?: string };
  return body.access_token ?? body.error ?? "";
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<PayPalAnswer> {
  const answer = await fetch(`${standIns.addresses.paypal}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      prefer: "return=representation",
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

const unit = {
  custom_id: "pay_1",
  invoice_id: "AX-1",
  description: "Europe 5 GB, 30 days",
  amount: { currency_code: "GBP", value: "12.50" },
};
const experience = {
  brand_name: "Axis",
  return_url: "http://shop.example/orders/1?returned=1",
  cancel_url: "http://shop.example/orders/1",
  user_action: "PAY_NOW",
  shipping_preference: "NO_SHIPPING",
  locale: "en-GB",
};
const order = {
  intent: "CAPTURE",
  purchase_units: [unit],
  payment_source: { paypal: { experience_context: experience } },
};

async function ordered(change: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await ask("POST", "/v2/checkout/orders", { ...order, ...change });
  expect(status).toBe(201);
  return String(body["id"]);
}

/** An order with its own invoice number that was approved and captured; both ids. */
async function captured(
  value = "12.50",
  funding: "balance" | "bank" | "review" = "balance",
): Promise<{ order: string; capture: string }> {
  const mine = { ...unit, invoice_id: `AX-${Math.random()}`, amount: { ...unit.amount, value } };
  const id = await ordered({ purchase_units: [mine] });
  await standIns.paypal.approve(id, { funding });
  const answer = await ask("POST", `/v2/checkout/orders/${id}/capture`);
  expect(answer.status).toBe(201);
  const { orders } = await standIns.paypal.state();
  return { order: id, capture: orders.find((each) => each.id === id)?.capture ?? "" };
}

function issueOf({ body }: PayPalAnswer): unknown {
  const [detail] = (body["details"] ?? []) as { issue?: string }[];
  return detail?.issue;
}

function linkOf({ body }: PayPalAnswer, rel: string): string {
  const links = (body["links"] ?? []) as { rel: string; href: string }[];
  return links.find((link) => link.rel === rel)?.href ?? "";
}

/** The message of this type about this object. */
function message(type: string, about: string): Promise<ReceivedWebhook> {
  return shop.waitFor(({ rawBody }) => rawBody.includes(`"${type}"`) && rawBody.includes(about));
}

describe("a payer approves on the hosted page", () => {
  test("and only capturing moves the money; the shop is told of both", async () => {
    const made = await ask("POST", "/v2/checkout/orders", order);
    expect(made).toMatchObject({
      status: 201,
      body: { status: "PAYER_ACTION_REQUIRED", intent: "CAPTURE" },
    });
    const page = linkOf(made, "payer-action");
    const shown = await (await fetch(page)).text();
    expect(shown).toContain("£12.50");
    expect(shown).toContain("Pay Axis with PayPal");
    const id = String(made.body["id"]);
    expect(issueOf(await ask("POST", `/v2/checkout/orders/${id}/capture`))).toBe(
      "ORDER_NOT_APPROVED",
    );

    const approved = await fetch(page, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({
        choice: "approve",
        account: "emma@axis.example",
        funding: "balance",
      }),
    });
    expect(approved.status).toBe(303);
    const back = new URL(approved.headers.get("location") ?? "");
    expect(back.origin + back.pathname).toBe("http://shop.example/orders/1");
    expect([back.searchParams.get("returned"), back.searchParams.get("token")]).toEqual(["1", id]);
    expect((await ask("GET", `/v2/checkout/orders/${id}`)).body["status"]).toBe("APPROVED");
    expect((await standIns.paypal.state()).captures).toEqual([]);
    await message("CHECKOUT.ORDER.APPROVED", id);

    const done = await ask("POST", `/v2/checkout/orders/${id}/capture`);
    expect(done).toMatchObject({
      status: 201,
      body: {
        status: "COMPLETED",
        purchase_units: [
          {
            payments: {
              captures: [
                {
                  status: "COMPLETED",
                  amount: unit.amount,
                  custom_id: "pay_1",
                  invoice_id: "AX-1",
                  seller_receivable_breakdown: {
                    paypal_fee: { value: "0.93" },
                    net_amount: { value: "11.57" },
                  },
                },
              ],
            },
          },
        ],
      },
    });
    expect((await standIns.paypal.state()).captures).toMatchObject([
      { order: id, captured: "12.50", refunded: "0.00", currency: "GBP" },
    ]);
    const told = JSON.parse((await message("PAYMENT.CAPTURE.COMPLETED", id)).rawBody) as {
      resource: Record<string, unknown>;
    };
    expect(told.resource).toMatchObject({
      custom_id: "pay_1",
      supplementary_data: { related_ids: { order_id: id } },
    });
    expect(issueOf(await ask("POST", `/v2/checkout/orders/${id}/capture`))).toBe(
      "ORDER_ALREADY_CAPTURED",
    );
  });

  test("or cancels, and can come back; the page speaks Chinese when the order does", async () => {
    const id = await ordered({
      payment_source: { paypal: { experience_context: { ...experience, locale: "zh-CN" } } },
    });
    const page = `${standIns.addresses.paypal}/checkoutnow?token=${id}`;
    const text = await (await fetch(page)).text();
    expect(text).toContain('lang="zh-CN"');
    expect(text).toContain("立即付款");
    const cancelled = await fetch(page, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ choice: "cancel" }),
    });
    expect(cancelled.headers.get("location")).toBe(`http://shop.example/orders/1?token=${id}`);
    expect((await standIns.paypal.approve(id)).status).toBe("APPROVED");
  });

  test("hostile texts stay texts", async () => {
    const mine = { ...unit, description: "<script>alert(1)</script>" };
    const id = await ordered({ purchase_units: [mine] });
    const page = await fetch(`${standIns.addresses.paypal}/checkoutnow?token=${id}`);
    expect(await page.text()).not.toContain("<script>");
  });

  test("declined funds leave the order open for other ones, five times at most", async () => {
    const id = await ordered();
    await standIns.paypal.approve(id, { funding: "declined" });
    const declined = await ask("POST", `/v2/checkout/orders/${id}/capture`);
    expect([declined.status, issueOf(declined)]).toEqual([422, "INSTRUMENT_DECLINED"]);
    expect(linkOf(declined, "redirect")).toContain(`checkoutnow?token=${id}`);
    expect(issueOf(await ask("POST", `/v2/checkout/orders/${id}/capture`))).toBe(
      "PAYER_ACTION_REQUIRED",
    );
    for (let attempt = 2; attempt <= 5; attempt += 1) {
      await standIns.paypal.approve(id, { funding: "declined" });
      await ask("POST", `/v2/checkout/orders/${id}/capture`);
    }
    await standIns.paypal.approve(id);
    expect(issueOf(await ask("POST", `/v2/checkout/orders/${id}/capture`))).toBe(
      "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED",
    );
    expect((await standIns.paypal.state()).captures).toEqual([]);
  });

  test("a refused account is refused for good", async () => {
    const id = await ordered();
    await standIns.paypal.approve(id, { funding: "refused" });
    const refused = await ask("POST", `/v2/checkout/orders/${id}/capture`);
    expect([refused.status, issueOf(refused)]).toEqual([422, "TRANSACTION_REFUSED"]);
  });

  test.each([
    ["completed", "COMPLETED", "PAYMENT.CAPTURE.COMPLETED", "12.50"],
    ["declined", "DECLINED", "PAYMENT.CAPTURE.DENIED", "0.00"],
  ] as const)(
    "an e-check is pending, and %s in the end",
    async (outcome, status, event, amount) => {
      const { order: id, capture } = await captured("12.50", "bank");
      await message("PAYMENT.CAPTURE.PENDING", id);
      expect((await ask("GET", `/v2/payments/captures/${capture}`)).body).toMatchObject({
        status: "PENDING",
        status_details: { reason: "ECHECK" },
      });
      await standIns.paypal.settle(capture, outcome);
      expect((await ask("GET", `/v2/payments/captures/${capture}`)).body["status"]).toBe(status);
      expect((await standIns.paypal.state()).captures[0]?.captured).toBe(amount);
      await message(event, id);
    },
  );

  test("an approval nobody captures goes back after three hours, and the shop is told", async () => {
    const id = await ordered();
    await standIns.paypal.approve(id);
    await standIns.paypal.setClock(3 * 3_600);
    await message("CHECKOUT.PAYMENT-APPROVAL.REVERSED", id);
    token = await signIn();
    expect((await ask("GET", `/v2/checkout/orders/${id}`)).body["status"]).toBe("VOIDED");
    expect(issueOf(await ask("POST", `/v2/checkout/orders/${id}/capture`))).toBe(
      "ORDER_COMPLETED_OR_VOIDED",
    );
  });

  test("an order nobody approves is forgotten after six hours", async () => {
    const id = await ordered();
    await standIns.paypal.setClock(6 * 3_600);
    const gone = await ask("GET", `/v2/checkout/orders/${id}`);
    expect([gone.status, gone.body["name"], issueOf(gone)]).toEqual([
      404,
      "RESOURCE_NOT_FOUND",
      "INVALID_RESOURCE_ID",
    ]);
    const page = await fetch(`${standIns.addresses.paypal}/checkoutnow?token=${id}`);
    expect(page.status).toBe(404);
  });
});

describe("a request is refused", () => {
  test("without a good access token, which lasts nine hours", async () => {
    expect(await signIn("wrong")).toBe("invalid_client");
    const stranger = await ask("GET", "/v2/checkout/orders/X", undefined, {
      authorization: "Bearer nobody",
    });
    expect([stranger.status, stranger.body["name"]]).toEqual([401, "AUTHENTICATION_FAILURE"]);
    await standIns.paypal.setClock(32_400);
    expect((await ask("GET", "/v2/checkout/orders/X")).status).toBe(401);
  });

  test.each([
    ["an unknown field", { note: 1 }, "INVALID_PARAMETER", "/note"],
    [
      "an unknown field within",
      { purchase_units: [{ ...unit, customid: "x" }] },
      "INVALID_PARAMETER",
      "/purchase_units/0/customid",
    ],
    [
      "a field that is missing",
      { purchase_units: [{ custom_id: "x" }] },
      "MISSING_REQUIRED_PARAMETER",
      "/purchase_units/0/amount",
    ],
    ["a wrong value", { intent: "PAY" }, "INVALID_PARAMETER_VALUE", "/intent"],
    [
      "an amount that is a number",
      { purchase_units: [{ amount: { currency_code: "GBP", value: 12.5 } }] },
      "INVALID_PARAMETER_VALUE",
      "/purchase_units/0/amount/value",
    ],
    [
      "too long a text",
      { purchase_units: [{ ...unit, description: "x".repeat(128) }] },
      "INVALID_STRING_LENGTH",
      "/purchase_units/0/description",
    ],
    ["what is not done here", { intent: "AUTHORIZE" }, "SANDBOX_NOT_IMPLEMENTED", "/intent"],
    [
      "what is not done here, within",
      { payment_source: { card: { number: "4242424242424242" } } },
      "SANDBOX_NOT_IMPLEMENTED",
      "/payment_source/card",
    ],
  ])("for %s, naming the field", async (_what, change, issue, field) => {
    const answer = await ask("POST", "/v2/checkout/orders", { ...order, ...change });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      name: "INVALID_REQUEST",
      message: "Request is not well-formed, syntactically incorrect, or violates schema.",
      details: [{ issue, field, location: "body" }],
      links: [{ rel: "information_link" }],
    });
    expect(answer.body["debug_id"]).toMatch(/^[0-9a-f]{13}$/);
  });

  test.each([
    [
      "a wish to keep the wallet",
      "POST",
      "/v2/checkout/orders",
      {
        ...order,
        payment_source: {
          paypal: {
            experience_context: experience,
            attributes: {
              vault: { store_in_vault: "ON_SUCCESS", usage_type: "MERCHANT", until: 1 },
            },
          },
        },
      },
      "/payment_source/paypal/attributes/vault/until",
    ],
    ["a capture", "POST", "/v2/checkout/orders/X/capture", { amount: "1.00" }, "/amount"],
    ["a refund", "POST", "/v2/payments/captures/X/refund", { reason: "why" }, "/reason"],
    [
      "a signature",
      "POST",
      "/v1/notifications/verify-webhook-signature",
      {
        auth_algo: "SHA256withRSA",
        cert_url: "https://api.paypal.com/x",
        transmission_id: "a-1",
        transmission_sig: "abc",
        transmission_time: "2026-11-22T14:40:00Z",
        webhook_id: "W1",
        webhook_event: {},
        event: {},
      },
      "/event",
    ],
    ["a list of disputes", "GET", "/v1/customer/disputes?transaction=X", undefined, "/transaction"],
    ["one dispute", "GET", "/v1/customer/disputes/X?fields=all", undefined, "/fields"],
    [
      "the history",
      "GET",
      "/v1/reporting/transactions?start_date=2026-11-01T00:00:00Z&end_date=2026-11-02T00:00:00Z&since=1",
      undefined,
      "/since",
    ],
    [
      "saved wallets",
      "GET",
      "/v3/vault/payment-tokens?customer_id=CUSTOMER1&customer=1",
      undefined,
      "/customer",
    ],
    ["a saved wallet", "DELETE", "/v3/vault/payment-tokens/X?force=1", undefined, "/force"],
  ])(
    "for a field that PayPal's schema of %s does not have",
    async (_what, method, path, body, field) => {
      const answer = await ask(method, path, body);
      expect(answer.status).toBe(400);
      expect(answer.body["details"]).toMatchObject([{ issue: "INVALID_PARAMETER", field }]);
    },
  );

  test.each([
    ["JPY", "1280.5", "DECIMALS_NOT_SUPPORTED"],
    ["HUF", "1500.00", "DECIMALS_NOT_SUPPORTED"],
    ["TWD", "30.0", "DECIMALS_NOT_SUPPORTED"],
    ["EUR", "1.234", "DECIMAL_PRECISION"],
    ["EUR", "0.00", "CANNOT_BE_ZERO_OR_NEGATIVE"],
    ["EUR", "-1.00", "CANNOT_BE_ZERO_OR_NEGATIVE"],
    ["EUR", "1000000000000000.00", "MAX_VALUE_EXCEEDED"],
    ["KWD", "5.120", "CURRENCY_NOT_SUPPORTED"],
    ["CNY", "59.00", "CURRENCY_NOT_SUPPORTED"],
  ])("for %s %s", async (currency_code, value, issue) => {
    const answer = await ask("POST", "/v2/checkout/orders", {
      ...order,
      purchase_units: [{ amount: { currency_code, value } }],
    });
    expect([answer.status, answer.body["name"], issueOf(answer)]).toEqual([
      422,
      "UNPROCESSABLE_ENTITY",
      issue,
    ]);
  });

  test("when the parts do not make the whole", async () => {
    const breakdown = {
      item_total: { currency_code: "GBP", value: "12.00" },
      tax_total: { currency_code: "GBP", value: "1.00" },
      discount: { currency_code: "GBP", value: "0.50" },
    };
    const whole = { ...unit, amount: { ...unit.amount, breakdown } };
    await ordered({ purchase_units: [whole] });
    const wrong = { ...breakdown, discount: { currency_code: "GBP", value: "0.49" } };
    const answer = await ask("POST", "/v2/checkout/orders", {
      ...order,
      purchase_units: [{ ...unit, amount: { ...unit.amount, breakdown: wrong } }],
    });
    expect(issueOf(answer)).toBe("AMOUNT_MISMATCH");
  });

  test("that is no JSON, or says that it is none", async () => {
    expect(issueOf(await ask("POST", "/v2/checkout/orders", "{"))).toBe("MALFORMED_REQUEST_JSON");
    const form = { "content-type": "text/plain" };
    expect((await ask("POST", "/v2/checkout/orders", order, form)).status).toBe(415);
  });
});

describe("repeating a request", () => {
  test("under one PayPal-Request-Id makes one order, for six hours", async () => {
    const key = { "paypal-request-id": "pay_1" };
    const first = await ask("POST", "/v2/checkout/orders", order, key);
    const again = await ask("POST", "/v2/checkout/orders", order, key);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    await standIns.paypal.setClock(6 * 3_600);
    const later = await ask("POST", "/v2/checkout/orders", order, key);
    expect(later.status).toBe(201);
    expect(later.body["id"]).not.toBe(first.body["id"]);
  });

  test("tells how things stand by then, not how they stood", async () => {
    const key = { "paypal-request-id": "pay_1" };
    const first = await ask("POST", "/v2/checkout/orders", order, key);
    await standIns.paypal.approve(String(first.body["id"]));
    expect((await ask("POST", "/v2/checkout/orders", order, key)).body["status"]).toBe("APPROVED");
  });

  test("a capture captures once, and its failure is repeated too", async () => {
    const key = { "paypal-request-id": "pay_1" };
    const id = await ordered();
    await standIns.paypal.approve(id);
    const first = await ask("POST", `/v2/checkout/orders/${id}/capture`, undefined, key);
    const again = await ask("POST", `/v2/checkout/orders/${id}/capture`, undefined, key);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect((await standIns.paypal.state()).captures).toHaveLength(1);

    const other = await ordered({ purchase_units: [{ ...unit, invoice_id: "AX-2" }] });
    await standIns.paypal.approve(other, { funding: "declined" });
    await ask("POST", `/v2/checkout/orders/${other}/capture`, undefined, key);
    await standIns.paypal.approve(other);
    expect(issueOf(await ask("POST", `/v2/checkout/orders/${other}/capture`, undefined, key))).toBe(
      "INSTRUMENT_DECLINED",
    );
  });

  test("with too long an id is refused", async () => {
    const key = { "paypal-request-id": "x".repeat(109) };
    expect((await ask("POST", "/v2/checkout/orders", order, key)).status).toBe(400);
  });

  test("an invoice number pays once, for good", async () => {
    const first = await ordered();
    const second = await ordered();
    await standIns.paypal.approve(first);
    await standIns.paypal.approve(second);
    await ask("POST", `/v2/checkout/orders/${first}/capture`);
    expect(issueOf(await ask("POST", `/v2/checkout/orders/${second}/capture`))).toBe(
      "DUPLICATE_INVOICE_ID",
    );
    expect(issueOf(await ask("POST", "/v2/checkout/orders", order))).toBe("DUPLICATE_INVOICE_ID");
  });
});

describe("an order is changed", () => {
  test("in its texts and amount while it is open, and not after", async () => {
    const id = await ordered();
    const path = (name: string) => `/purchase_units/@reference_id=='default'/${name}`;
    const changed = await ask("PATCH", `/v2/checkout/orders/${id}`, [
      { op: "replace", path: path("invoice_id"), value: "AX-9" },
      { op: "replace", path: path("amount"), value: { currency_code: "GBP", value: "9.00" } },
      { op: "remove", path: path("description") },
    ]);
    expect(changed.status).toBe(204);
    expect((await standIns.paypal.state()).orders[0]).toMatchObject({
      invoiceId: "AX-9",
      amount: "9.00",
      description: null,
    });
    const wrong = await ask("PATCH", `/v2/checkout/orders/${id}`, [
      { op: "replace", path: "/status", value: "COMPLETED" },
    ]);
    expect(issueOf(wrong)).toBe("NOT_PATCHABLE");
    await standIns.paypal.approve(id);
    await ask("POST", `/v2/checkout/orders/${id}/capture`);
    const late = await ask("PATCH", `/v2/checkout/orders/${id}`, [
      { op: "replace", path: path("custom_id"), value: "pay_2" },
    ]);
    expect(issueOf(late)).toBe("ORDER_ALREADY_COMPLETED");
  });
});

describe("a refund", () => {
  const part = (value: string, more: object = {}) => ({
    amount: { currency_code: "GBP", value },
    ...more,
  });

  test("goes up to the capture and not beyond; the shop is told", async () => {
    const { capture } = await captured();
    const path = `/v2/payments/captures/${capture}/refund`;
    const first = await ask("POST", path, part("4.00", { custom_id: "ref_1", invoice_id: "R1" }));
    expect(first).toMatchObject({
      status: 201,
      body: {
        status: "COMPLETED",
        custom_id: "ref_1",
        seller_payable_breakdown: { total_refunded_amount: { value: "4.00" } },
      },
    });
    expect((await standIns.paypal.state()).captures[0]?.status).toBe("PARTIALLY_REFUNDED");
    expect(issueOf(await ask("POST", path, part("8.51")))).toBe("REFUND_AMOUNT_EXCEEDED");
    expect(issueOf(await ask("POST", path, part("1.00", { invoice_id: "R1" })))).toBe(
      "DUPLICATE_INVOICE_ID",
    );
    expect((await ask("POST", path)).body).toMatchObject({ amount: { value: "8.50" } });
    expect((await standIns.paypal.state()).captures[0]).toMatchObject({
      status: "REFUNDED",
      refunded: "12.50",
    });
    expect(issueOf(await ask("POST", path, part("0.01")))).toBe("CAPTURE_FULLY_REFUNDED");
    const refund = String(first.body["id"]);
    expect((await ask("GET", `/v2/payments/refunds/${refund}`)).body["status"]).toBe("COMPLETED");
    const told = await message("PAYMENT.CAPTURE.REFUNDED", refund);
    expect(told.rawBody).toContain(`/v2/payments/captures/${capture}`);
  });

  test("under one PayPal-Request-Id is made once, for 45 days", async () => {
    const { capture } = await captured();
    const path = `/v2/payments/captures/${capture}/refund`;
    const key = { "paypal-request-id": "ref_1" };
    const first = await ask("POST", path, part("4.00"), key);
    await standIns.paypal.setClock(44 * 24 * 3_600);
    token = await signIn();
    expect((await ask("POST", path, part("4.00"), key)).body["id"]).toBe(first.body["id"]);
    await standIns.paypal.setClock(45 * 24 * 3_600);
    token = await signIn();
    expect((await ask("POST", path, part("4.00"), key)).body["id"]).not.toBe(first.body["id"]);
  });

  test("of a capture that is pending, or in another currency, is refused", async () => {
    const pending = await captured("12.50", "review");
    expect(issueOf(await ask("POST", `/v2/payments/captures/${pending.capture}/refund`))).toBe(
      "PENDING_CAPTURE",
    );
    const { capture } = await captured();
    const other = { amount: { currency_code: "USD", value: "1.00" } };
    expect(issueOf(await ask("POST", `/v2/payments/captures/${capture}/refund`, other))).toBe(
      "REFUND_CAPTURE_CURRENCY_MISMATCH",
    );
  });

  test("to a bank account takes its time, and a done one may fail later", async () => {
    const { capture } = await captured("12.50", "bank");
    await standIns.paypal.settle(capture, "completed");
    const refund = await ask("POST", `/v2/payments/captures/${capture}/refund`);
    expect(refund.body["status"]).toBe("PENDING");
    const id = String(refund.body["id"]);
    await standIns.paypal.settleRefund(id, "completed");
    expect((await ask("GET", `/v2/payments/refunds/${id}`)).body["status"]).toBe("COMPLETED");
    await standIns.paypal.settleRefund(id, "failed");
    expect((await ask("GET", `/v2/payments/refunds/${id}`)).body["status"]).toBe("FAILED");
    expect((await standIns.paypal.state()).captures[0]).toMatchObject({
      status: "COMPLETED",
      refunded: "0.00",
    });
  });
});

test("a refund made on PayPal's site carries what its payment carries, and the shop is told", async () => {
  const { order: id, capture } = await captured();
  const made = await standIns.paypal.refund(capture, { currency_code: "GBP", value: "3.00" });
  const whole = await ask("GET", `/v2/checkout/orders/${id}`);
  const units = whole.body["purchase_units"] as { payments: unknown; invoice_id: string }[];
  expect(units[0]?.payments).toMatchObject({
    refunds: [{ id: made.id, custom_id: "pay_1", invoice_id: units[0]?.invoice_id }],
  });
  const told = await message("PAYMENT.CAPTURE.REFUNDED", made.id);
  expect(told.rawBody).toContain(`/v2/payments/captures/${capture}`);
});

describe("a dispute", () => {
  test.each([
    ["won", "0.00", false],
    ["lost", "12.50", true],
  ] as const)("that is %s leaves %s with the payer", async (outcome, disputed, isReversed) => {
    const { capture } = await captured();
    const dispute = await standIns.paypal.dispute(capture);
    const opened = await message("CUSTOMER.DISPUTE.CREATED", dispute);
    expect(opened.rawBody).toContain(capture);
    expect((await standIns.paypal.state()).captures[0]?.disputed).toBe("12.50");
    const partial = { amount: { currency_code: "GBP", value: "1.00" } };
    expect(issueOf(await ask("POST", `/v2/payments/captures/${capture}/refund`, partial))).toBe(
      "TRANSACTION_DISPUTED",
    );
    await standIns.paypal.closeDispute(dispute, outcome);
    await message("CUSTOMER.DISPUTE.RESOLVED", dispute);
    expect((await standIns.paypal.state()).captures[0]?.disputed).toBe(disputed);
    const { events } = await standIns.paypal.state();
    expect(events.some(({ type }) => type === "PAYMENT.CAPTURE.REVERSED")).toBe(isReversed);
  });
});

describe("disputes are asked about", () => {
  const disputesOf = async (capture: string, more = ""): Promise<PayPalAnswer> =>
    await ask("GET", `/v1/customer/disputes?disputed_transaction_id=${capture}${more}`);

  test("by their payment, and only each one's own address tells of outcome and money", async () => {
    const { capture } = await captured();
    expect((await disputesOf(capture)).body["items"]).toBeUndefined();
    const fee = { currency_code: "GBP", value: "14.00" };
    const dispute = await standIns.paypal.dispute(capture, { reason: "INCORRECT_AMOUNT", fee });
    const listed = await disputesOf(capture);
    expect(listed.body["items"]).toMatchObject([
      {
        dispute_id: dispute,
        reason: "INCORRECT_AMOUNT",
        status: "WAITING_FOR_SELLER_RESPONSE",
        dispute_life_cycle_stage: "CHARGEBACK",
        dispute_amount: { value: "12.50" },
      },
    ]);
    expect(JSON.stringify(listed.body)).not.toContain("disputed_transactions");
    expect((await disputesOf("N0B0DYSCAPTURE000")).body["items"]).toBeUndefined();
    await standIns.paypal.closeDispute(dispute, "lost");
    const closed = await ask("GET", `/v1/customer/disputes/${dispute}`);
    expect(closed.body).toMatchObject({
      status: "RESOLVED",
      dispute_outcome: { outcome_code: "RESOLVED_BUYER_FAVOUR" },
      money_movements: [
        { affected_party: "SELLER", type: "DEBIT", reason: "DISPUTE_SETTLEMENT" },
        { affected_party: "BUYER", type: "CREDIT", reason: "DISPUTE_SETTLEMENT" },
        { affected_party: "SELLER", type: "DEBIT", reason: "DISPUTE_FEE", amount: fee },
      ],
    });
    expect((await ask("GET", "/v1/customer/disputes/PP-NOBODY")).status).toBe(404);
  });

  test("a page at a time", async () => {
    const { capture } = await captured();
    for (let count = 0; count < 3; count += 1) {
      const amount = { currency_code: "GBP", value: "1.00" };
      await standIns.paypal.dispute(capture, { amount, stage: "INQUIRY" });
    }
    const first = await disputesOf(capture, "&page_size=2");
    expect(first.body["items"]).toHaveLength(2);
    const next = new URL(linkOf(first, "next"));
    const second = await ask("GET", `${next.pathname}${next.search}`);
    expect(second.body["items"]).toHaveLength(1);
    expect(linkOf(second, "next")).toBe("");
  });

  test("an inquiry holds no money until it becomes a claim", async () => {
    const { capture } = await captured();
    const dispute = await standIns.paypal.dispute(capture, { stage: "INQUIRY" });
    const disputed = async () => (await standIns.paypal.state()).captures[0]?.disputed;
    expect(await disputed()).toBe("0.00");
    await standIns.paypal.escalateDispute(dispute);
    const told = await message("CUSTOMER.DISPUTE.UPDATED", dispute);
    expect(told.rawBody).toContain(capture);
    expect(await disputed()).toBe("12.50");
    await standIns.paypal.closeDispute(dispute, "cancelled");
    expect(await disputed()).toBe("0.00");
    const closed = await ask("GET", `/v1/customer/disputes/${dispute}`);
    expect(closed.body).toMatchObject({ dispute_outcome: { outcome_code: "CANCELED_BY_BUYER" } });
  });
});

describe("a wallet is saved", () => {
  const vault = {
    store_in_vault: "ON_SUCCESS",
    usage_type: "MERCHANT",
    usage_pattern: "RECURRING_PREPAID",
  };

  const orderedToKeep = async (): Promise<string> =>
    await ordered({
      payment_source: { paypal: { experience_context: experience, attributes: { vault } } },
    });

  /** Pays with the wish to save, and returns the token and its customer. */
  async function saved(
    funding: "balance" | "declines_later",
  ): Promise<{ token: string; customer: string }> {
    const id = await orderedToKeep();
    await standIns.paypal.approve(id, { funding });
    const done = await ask("POST", `/v2/checkout/orders/${id}/capture`);
    expect(done.body).toMatchObject({
      payment_source: { paypal: { attributes: { vault: { status: "VAULTED" } } } },
    });
    const { tokens } = await standIns.paypal.state();
    return { token: tokens.at(-1)?.id ?? "", customer: tokens.at(-1)?.customer ?? "" };
  }

  const charge = (vault_id: string, invoice: string) => ({
    intent: "CAPTURE",
    purchase_units: [{ ...unit, invoice_id: invoice }],
    payment_source: {
      paypal: {
        vault_id,
        stored_credential: {
          payment_initiator: "MERCHANT",
          usage: "SUBSEQUENT",
          usage_pattern: "RECURRING_PREPAID",
        },
      },
    },
  });

  test("and charged without the payer, once per request id, until it is deleted", async () => {
    const { token: wallet, customer } = await saved("balance");
    await message("VAULT.PAYMENT-TOKEN.CREATED", wallet);
    expect(issueOf(await ask("POST", "/v2/checkout/orders", charge(wallet, "AX-2")))).toBe(
      "PAYPAL_REQUEST_ID_REQUIRED",
    );
    const key = { "paypal-request-id": "renewal_1" };
    const done = await ask("POST", "/v2/checkout/orders", charge(wallet, "AX-2"), key);
    expect([done.status, done.body["status"]]).toEqual([201, "COMPLETED"]);
    await ask("POST", "/v2/checkout/orders", charge(wallet, "AX-2"), key);
    expect((await standIns.paypal.state()).captures).toHaveLength(2);

    expect((await ask("GET", `/v3/vault/payment-tokens/${wallet}`)).body).toMatchObject({
      customer: { id: customer },
      payment_source: { paypal: { usage_pattern: "RECURRING_PREPAID" } },
    });
    const listed = await ask("GET", `/v3/vault/payment-tokens?customer_id=${customer}`);
    expect(listed.body["payment_tokens"]).toHaveLength(1);
    expect((await ask("DELETE", `/v3/vault/payment-tokens/${wallet}`)).status).toBe(204);
    expect((await ask("GET", `/v3/vault/payment-tokens/${wallet}`)).status).toBe(404);
    expect(
      issueOf(
        await ask("POST", "/v2/checkout/orders", charge(wallet, "AX-3"), {
          "paypal-request-id": "renewal_2",
        }),
      ),
    ).toBe("TOKEN_ID_NOT_FOUND");
  });

  test("on the payer's word, which the page asks for in so many words", async () => {
    const id = await orderedToKeep();
    const page = await fetch(`${standIns.addresses.paypal}/checkoutnow?token=${id}`);
    expect(await page.text()).toContain("Axis may charge this PayPal account");
    const usual = await ordered({ purchase_units: [{ ...unit, invoice_id: "AX-2" }] });
    const other = await fetch(`${standIns.addresses.paypal}/checkoutnow?token=${usual}`);
    expect(await other.text()).not.toContain("may charge this PayPal account");
  });

  test("some time after it has paid, and the shop is told with which order", async () => {
    const id = await orderedToKeep();
    await standIns.paypal.approve(id, { funding: "saved_later" });
    const done = await ask("POST", `/v2/checkout/orders/${id}/capture`);
    expect(done.body).toMatchObject({
      status: "COMPLETED",
      payment_source: { paypal: { attributes: { vault: { status: "APPROVED" } } } },
    });
    expect((await standIns.paypal.state()).tokens).toEqual([]);
    const wallet = await standIns.paypal.saveWallet(id);
    const told = await message("VAULT.PAYMENT-TOKEN.CREATED", wallet);
    expect(told.rawBody).toContain(`"metadata":{"order_id":"${id}"}`);
    expect((await ask("GET", `/v2/checkout/orders/${id}`)).body).toMatchObject({
      payment_source: { paypal: { attributes: { vault: { id: wallet, status: "VAULTED" } } } },
    });
  });

  test("until the payer takes the word back", async () => {
    const { token: wallet } = await saved("balance");
    await standIns.paypal.revokeWallet(wallet);
    await message("VAULT.PAYMENT-TOKEN.DELETED", wallet);
    expect((await standIns.paypal.state()).tokens).toEqual([]);
  });

  test("and may be declined at the next renewal", async () => {
    const { token: wallet } = await saved("declines_later");
    const answer = await ask("POST", "/v2/checkout/orders", charge(wallet, "AX-2"), {
      "paypal-request-id": "renewal_1",
    });
    expect([answer.status, issueOf(answer)]).toEqual([422, "INSTRUMENT_DECLINED"]);
  });

  test("only with both ways back", async () => {
    const { return_url: _return, ...one } = experience;
    const answer = await ask("POST", "/v2/checkout/orders", {
      ...order,
      payment_source: { paypal: { experience_context: one, attributes: { vault } } },
    });
    expect(issueOf(answer)).toBe("RETURN_URL_REQUIRED");
  });
});

describe("a message", () => {
  async function verify(
    received: ReceivedWebhook,
    change: { body?: string; headers?: Record<string, string>; webhookId?: string } = {},
  ): Promise<unknown> {
    const header = (name: string): string =>
      JSON.stringify(change.headers?.[name] ?? received.headers.get(`paypal-${name}`));
    const answer = await ask(
      "POST",
      "/v1/notifications/verify-webhook-signature",
      `{"auth_algo":${header("auth-algo")},"cert_url":${header("cert-url")},"transmission_id":${header("transmission-id")},"transmission_sig":${header("transmission-sig")},"transmission_time":${header("transmission-time")},"webhook_id":"${change.webhookId ?? sandboxSecrets.paypalWebhookId}","webhook_event":${change.body ?? received.rawBody}}`,
    );
    return answer.body["verification_status"] ?? answer.status;
  }

  test("is verified over exactly what was sent, and nothing else", async () => {
    const { order: id } = await captured();
    const received = await message("PAYMENT.CAPTURE.COMPLETED", id);
    expect(await verify(received)).toBe("SUCCESS");
    expect(await verify(received, { body: received.rawBody.replace("12.50", "12.51") })).toBe(
      "FAILURE",
    );
    const restated = JSON.stringify(JSON.parse(received.rawBody), null, 1);
    expect(await verify(received, { body: restated })).toBe("FAILURE");
    expect(await verify(received, { webhookId: "SOMEB0DYELSE" })).toBe("FAILURE");
    const later = new Date(Date.now() + 60_000).toISOString();
    expect(await verify(received, { headers: { "transmission-time": later } })).toBe("FAILURE");
    expect(await verify(received, { headers: { "auth-algo": "none" } })).toBe("FAILURE");
    expect(await verify(received, { headers: { "transmission-id": "123" } })).toBe(400);
  });

  test("comes again on request: changed, many times, under a new id", async () => {
    const { order: id } = await captured();
    await message("PAYMENT.CAPTURE.COMPLETED", id);
    const sent = await standIns.paypal.redeliver(
      { type: "PAYMENT.CAPTURE.COMPLETED", about: id },
      { times: 3, newId: true, set: { "resource.amount.value": "0.01" } },
    );
    const fits = ({ rawBody }: ReceivedWebhook): boolean =>
      rawBody.includes(sent.event) && rawBody.includes('"0.01"');
    const received = await shop.waitFor(
      () => shop.received.filter(fits).length === 3 && shop.received.some(fits),
    );
    expect(received).toBeDefined();
    expect(await verify(await shop.waitFor(fits))).toBe("SUCCESS");
  });

  test("that is dropped by a fault does not come", async () => {
    await standIns.paypal.setFault({
      kind: "webhook_drop",
      match: { type: "CHECKOUT.ORDER.APPROVED" },
    });
    const { order: id } = await captured();
    await message("PAYMENT.CAPTURE.COMPLETED", id);
    expect((await standIns.paypal.state()).webhooks.dropped).toBe(1);
  });
});

describe("the account's history", () => {
  const range = () => ({
    start_date: new Date(Date.now() - 3_600_000).toISOString(),
    end_date: new Date(Date.now() + 3_600_000).toISOString(),
  });

  async function lines(query: Record<string, string> = {}): Promise<Record<string, unknown>[]> {
    const asked = new URLSearchParams({ ...range(), ...query });
    const { body } = await ask("GET", `/v1/reporting/transactions?${asked}`);
    const details = body["transaction_details"] as { transaction_info: Record<string, unknown> }[];
    return details.map((each) => each.transaction_info);
  }

  test("shows captures with their fees, and refunds that refer to them", async () => {
    const { capture } = await captured();
    await captured("3.00", "review");
    await ask("POST", `/v2/payments/captures/${capture}/refund`, {
      amount: { currency_code: "GBP", value: "4.00" },
      custom_id: "ref_1",
    });
    expect(await lines()).toMatchObject([
      {
        transaction_id: capture,
        transaction_event_code: "T0006",
        transaction_amount: { currency_code: "GBP", value: "12.50" },
        fee_amount: { currency_code: "GBP", value: "-0.93" },
        transaction_status: "S",
        custom_field: "pay_1",
      },
      {
        paypal_reference_id: capture,
        paypal_reference_id_type: "TXN",
        transaction_event_code: "T1107",
        transaction_amount: { currency_code: "GBP", value: "-4.00" },
        custom_field: "ref_1",
      },
    ]);
    expect(await lines({ balance_affecting_records_only: "N" })).toHaveLength(3);
  });

  test("comes in pages and ranges of 31 days, and may lag behind", async () => {
    await captured();
    await captured();
    await captured();
    const asked = new URLSearchParams({ ...range(), page_size: "2", page: "2" });
    const page = await ask("GET", `/v1/reporting/transactions?${asked}`);
    expect(page.body).toMatchObject({ total_items: 3, total_pages: 2, page: 2 });
    expect(page.body["transaction_details"]).toHaveLength(1);
    const tooLong = new URLSearchParams({
      ...range(),
      start_date: new Date(Date.now() - 32 * 24 * 3_600_000).toISOString(),
    });
    expect((await ask("GET", `/v1/reporting/transactions?${tooLong}`)).status).toBe(400);
    await standIns.paypal.setFault({
      kind: "lookup_blind",
      match: { path: "/v1/reporting" },
      ms: 60_000,
    });
    expect(await lines()).toEqual([]);
  });

  test("has what was seeded, and seeding again changes nothing", async () => {
    const seed = {
      payments: [
        {
          capture: "2GG279541U471931P",
          amount: "59.00",
          currency: "EUR",
          customId: "pay_9",
          invoiceId: "pay_9",
          createdAt: new Date(Date.now() - 60_000).toISOString(),
          refunds: [{ id: "1JU08902781691411", amount: "9.00" }],
        },
      ],
      tokens: [{ id: "wallet-1", customer: "customer-1" }],
    };
    await standIns.paypal.seed(seed);
    const before = await standIns.paypal.state();
    await standIns.paypal.seed(seed);
    expect(await standIns.paypal.state()).toEqual(before);
    expect(await lines()).toHaveLength(2);
    const { body } = await ask("GET", "/v2/payments/captures/2GG279541U471931P");
    expect(body).toMatchObject({ status: "PARTIALLY_REFUNDED", custom_id: "pay_9" });
    expect(before.events).toEqual([]);
  });
});

describe("a fault", () => {
  test.each([
    [409, "RESOURCE_CONFLICT"],
    [429, "RATE_LIMIT_REACHED"],
    [500, "INTERNAL_SERVER_ERROR"],
    [503, "SERVICE_UNAVAILABLE"],
  ])("answers %i in PayPal's words and does nothing", async (status, name) => {
    await standIns.paypal.setFault({ kind: "status", status, match: { path: "/v2/checkout" } });
    const answer = await ask("POST", "/v2/checkout/orders", order);
    expect([answer.status, answer.body["name"]]).toEqual([status, name]);
    expect((await standIns.paypal.state()).orders).toEqual([]);
  });

  test("refuses with any issue", async () => {
    await standIns.paypal.setFault({ kind: "refuse", errorCode: "PAYEE_ACCOUNT_RESTRICTED" });
    expect(issueOf(await ask("POST", "/v2/checkout/orders", order))).toBe(
      "PAYEE_ACCOUNT_RESTRICTED",
    );
  });
});

test("what PayPal answered survives a kill, and its key still verifies what it signed", async () => {
  const before = await startStandIns({ appUrl: shop.url });
  const mine = standIns;
  standIns = before;
  try {
    token = await signIn();
    const { order: id, capture } = await captured();
    const received = await message("PAYMENT.CAPTURE.COMPLETED", id);
    await before.kill();
    standIns = await before.restart();
    expect(standIns.addresses.paypal).toBe(before.addresses.paypal);
    expect((await ask("GET", `/v2/payments/captures/${capture}`)).body["status"]).toBe("COMPLETED");
    const header = (name: string) => received.headers.get(`paypal-${name}`);
    const verified = await ask(
      "POST",
      "/v1/notifications/verify-webhook-signature",
      `{"auth_algo":"SHA256withRSA","cert_url":"${header("cert-url")}","transmission_id":"${header("transmission-id")}","transmission_sig":"${header("transmission-sig")}","transmission_time":"${header("transmission-time")}","webhook_id":"${sandboxSecrets.paypalWebhookId}","webhook_event":${received.rawBody}}`,
    );
    expect(verified.body["verification_status"]).toBe("SUCCESS");
  } finally {
    await standIns.stop();
    standIns = mine;
  }
});
