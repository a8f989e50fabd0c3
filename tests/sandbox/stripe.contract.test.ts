import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sandboxSecrets, startStandIns, until } from "#tests/support/stand-ins.ts";
import type { StartedStandIns } from "#tests/support/stand-ins.ts";

let standIns: StartedStandIns;
let stripe: Stripe;
let shop: Server;
let received: { body: string; signature: string }[] = [];
let shopAnswers = 200;

function clientFor(url: string, key = sandboxSecrets.stripeSecretKey): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(key, { host: hostname, port, protocol: "http", maxNetworkRetries: 0 });
}

beforeAll(async () => {
  shop = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      const signature = request.headers["stripe-signature"];
      received.push({ body, signature: String(signature) });
      response.writeHead(shopAnswers).end();
    });
  });
  await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
  const { port } = shop.address() as AddressInfo;
  standIns = await startStandIns({ appUrl: `http://127.0.0.1:${port}` });
  stripe = clientFor(standIns.addresses.stripe);
});

afterAll(async () => {
  await standIns.stop();
  shop.close();
});

beforeEach(async () => {
  shopAnswers = 200;
  await standIns.stripe.waitForWebhooks();
  await standIns.stripe.reset();
  received = [];
});

const order = {
  mode: "payment",
  client_reference_id: "pay_1",
  success_url: "http://shop.example/done?session={CHECKOUT_SESSION_ID}",
  cancel_url: "http://shop.example/back",
  customer_email: "emma@axis.example",
  metadata: { payment_id: "pay_1" },
  payment_intent_data: { metadata: { payment_id: "pay_1" } },
  line_items: [
    {
      quantity: 1,
      price_data: {
        currency: "gbp",
        unit_amount: 1250,
        product_data: { name: "Europe 5 GB, 30 days" },
      },
    },
  ],
} satisfies Stripe.Checkout.SessionCreateParams;

function typeOf(body: string): string {
  return (JSON.parse(body) as { type: string }).type;
}

function eventOf(type: string): Promise<Stripe.Event> {
  return until(
    async () => {
      const found = received.find(({ body }) => typeOf(body) === type);
      if (!found) return undefined;
      return stripe.webhooks.constructEvent(
        found.body,
        found.signature,
        sandboxSecrets.stripeWebhookSecret,
      );
    },
    5_000,
    `no ${type} arrived`,
  );
}

async function refusal(work: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Stripe.errors.StripeError)) throw new Error("It was not refused");
  return outcome;
}

describe("a customer pays on the hosted page", () => {
  test("a paid session is complete, its charge captured and the shop told with a valid signature", async () => {
    const session = await stripe.checkout.sessions.create(order);
    expect(session).toMatchObject({
      status: "open",
      payment_status: "unpaid",
      payment_intent: null,
      amount_total: 1250,
      currency: "gbp",
    });
    const page = await fetch(session.url ?? "");
    expect(await page.text()).toContain("£12.50");
    const paid = await fetch(session.url ?? "", {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ type: "card", number: "4242 4242 4242 4242" }),
    });
    expect(paid.status).toBe(303);
    expect(paid.headers.get("location")).toBe(`http://shop.example/done?session=${session.id}`);

    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["payment_intent.latest_charge.balance_transaction"],
    });
    const intent = after.payment_intent as Stripe.PaymentIntent;
    const charge = intent.latest_charge as Stripe.Charge;
    const movement = charge.balance_transaction as Stripe.BalanceTransaction;
    expect(after).toMatchObject({ status: "complete", payment_status: "paid", url: null });
    expect(intent).toMatchObject({
      status: "succeeded",
      amount_received: 1250,
      metadata: { payment_id: "pay_1" },
    });
    expect(charge).toMatchObject({ status: "succeeded", amount_captured: 1250 });
    expect(movement.net).toBe(1250 - movement.fee);

    const event = await eventOf("checkout.session.completed");
    expect(event.api_version).toBe("2026-10-28.endive");
    expect(event.data.object).toMatchObject({ id: session.id, payment_status: "paid" });
    await eventOf("payment_intent.succeeded");
    await eventOf("charge.succeeded");
  });

  test("a declined card leaves the page open with the reason, and another card then pays", async () => {
    const session = await stripe.checkout.sessions.create({ ...order, locale: "zh" });
    const pay = (number: string): Promise<Response> =>
      fetch(session.url ?? "", {
        method: "POST",
        redirect: "manual",
        body: new URLSearchParams({ type: "card", number }),
      });
    const declined = await pay("4000000000009995");
    const text = await declined.text();
    expect(declined.status).toBe(422);
    expect(text).toContain("余额不足");
    expect(text).toContain('lang="zh-CN"');
    expect((await pay("4242424242424242")).status).toBe(303);
    const [payment] = (await standIns.stripe.state()).payments;
    expect(payment).toMatchObject({ status: "succeeded", captured: 1250 });
  });

  test("a bank that asks is answered on its own page, and a refusal charges nothing", async () => {
    const session = await stripe.checkout.sessions.create(order);
    const url = session.url ?? "";
    const post = (address: string, fields: Record<string, string>): Promise<Response> =>
      fetch(address, { method: "POST", redirect: "manual", body: new URLSearchParams(fields) });
    const asked = await post(url, { type: "card", number: "4000002500003155" });
    expect(asked.headers.get("location")).toBe(`/c/pay/${session.id}/confirm`);
    const refused = await post(`${url}/confirm`, { outcome: "refuse" });
    expect(refused.status).toBe(422);
    expect((await standIns.stripe.state()).payments[0]?.captured).toBe(0);
    await post(url, { type: "card", number: "4000002500003155" });
    expect((await post(`${url}/confirm`, { outcome: "confirm" })).status).toBe(303);
    expect((await standIns.stripe.state()).payments[0]?.captured).toBe(1250);
  });

  test("a delayed method completes unpaid and settles, or fails, by a later event", async () => {
    const first = await stripe.checkout.sessions.create(order);
    const paid = await standIns.stripe.pay(first.id, { type: "bacs_debit" });
    expect(paid).toMatchObject({ outcome: "done", paymentStatus: "unpaid" });
    const completed = await eventOf("checkout.session.completed");
    expect(completed.data.object).toMatchObject({ payment_status: "unpaid" });
    await standIns.stripe.settle({ session: first.id }, "succeeded");
    await eventOf("checkout.session.async_payment_succeeded");
    expect((await stripe.checkout.sessions.retrieve(first.id)).payment_status).toBe("paid");

    const second = await stripe.checkout.sessions.create(order);
    await standIns.stripe.pay(second.id, { type: "bacs_debit" });
    await standIns.stripe.settle({ session: second.id }, "failed");
    await eventOf("checkout.session.async_payment_failed");
    expect((await stripe.checkout.sessions.retrieve(second.id)).payment_status).toBe("unpaid");
  });

  test("a session expires on request or by itself, and can no longer be paid", async () => {
    const session = await stripe.checkout.sessions.create(order);
    await stripe.checkout.sessions.expire(session.id);
    await eventOf("checkout.session.expired");
    const error = await refusal(stripe.checkout.sessions.expire(session.id));
    expect(error.statusCode).toBe(400);
    const timed = await stripe.checkout.sessions.create(order);
    await standIns.stripe.setClock(25 * 3600);
    expect((await stripe.checkout.sessions.retrieve(timed.id)).status).toBe("expired");
    await standIns.stripe.setClock(0);
    await expect(standIns.stripe.pay(timed.id)).rejects.toThrow("expired");
  });

  test("the session is found again by its payment intent", async () => {
    const session = await stripe.checkout.sessions.create(order);
    await stripe.checkout.sessions.create(order);
    const { paymentIntent } = await standIns.stripe.pay(session.id);
    const found = await stripe.checkout.sessions.list({ payment_intent: paymentIntent ?? "" });
    expect(found.data.map(({ id }) => id)).toEqual([session.id]);
  });
});

describe("a saved card", () => {
  async function savedCard(number: string): Promise<{ customer: string; method: string }> {
    const customer = await stripe.customers.create({ email: "emma@axis.example" });
    const { customer_email: _email, ...rest } = order;
    const session = await stripe.checkout.sessions.create({
      ...rest,
      customer: customer.id,
      payment_intent_data: { setup_future_usage: "off_session" },
    });
    await standIns.stripe.pay(session.id, { card: number });
    const methods = await stripe.customers.listPaymentMethods(customer.id);
    return { customer: customer.id, method: methods.data[0]?.id ?? "" };
  }

  const renewal = (saved: { customer: string; method: string }) =>
    ({
      amount: 900,
      currency: "gbp",
      customer: saved.customer,
      payment_method: saved.method,
      confirm: true,
      off_session: true,
      metadata: { payment_id: "pay_2" },
    }) satisfies Stripe.PaymentIntentCreateParams;

  test("is charged later without the customer", async () => {
    const intent = await stripe.paymentIntents.create(renewal(await savedCard("4242424242424242")));
    expect(intent).toMatchObject({ status: "succeeded", amount_received: 900 });
  });

  test("that was confirmed while being saved is charged later too", async () => {
    const intent = await stripe.paymentIntents.create(renewal(await savedCard("4000002500003155")));
    expect(intent.status).toBe("succeeded");
  });

  test("whose bank asks every time is refused and the intent waits for another method", async () => {
    const error = await refusal(
      stripe.paymentIntents.create(renewal(await savedCard("4000002760003184"))),
    );
    expect(error).toMatchObject({
      statusCode: 402,
      type: "StripeCardError",
      code: "authentication_required",
    });
    expect(error.payment_intent).toMatchObject({ status: "requires_payment_method" });
    const kept = await stripe.paymentIntents.retrieve(error.payment_intent?.id ?? "");
    expect(kept.status).toBe("requires_payment_method");
  });

  test("that is refused later says why", async () => {
    const error = await refusal(
      stripe.paymentIntents.create(renewal(await savedCard("4000000000000341"))),
    );
    expect(error).toMatchObject({ code: "card_declined", decline_code: "generic_decline" });
  });

  test("is of no use to another customer and gone once detached", async () => {
    const saved = await savedCard("4242424242424242");
    const other = await stripe.customers.create({});
    const foreign = await refusal(
      stripe.paymentIntents.create({ ...renewal(saved), customer: other.id }),
    );
    expect(foreign.statusCode).toBe(400);
    await stripe.paymentMethods.detach(saved.method);
    expect((await refusal(stripe.paymentIntents.create(renewal(saved)))).statusCode).toBe(400);
  });

  test("can be saved without paying", async () => {
    const customer = await stripe.customers.create({ email: "emma@axis.example" });
    const session = await stripe.checkout.sessions.create({
      mode: "setup",
      currency: "gbp",
      customer: customer.id,
      success_url: "http://shop.example/saved",
    });
    await standIns.stripe.pay(session.id);
    const after = await stripe.checkout.sessions.retrieve(session.id, { expand: ["setup_intent"] });
    expect(after.setup_intent).toMatchObject({ status: "succeeded", customer: customer.id });
  });
});

const { customer_email: _email, ...anonymous } = order;

function priced(currency: string): Stripe.Checkout.SessionCreateParams.LineItem[] {
  return [
    {
      quantity: 1,
      price_data: { currency, unit_amount: 1250, product_data: { name: "Europe 5 GB" } },
    },
  ];
}

const post = (address: string, fields: Record<string, string>): Promise<Response> =>
  fetch(address, { method: "POST", redirect: "manual", body: new URLSearchParams(fields) });

describe("wallets", () => {
  test.each([
    ["alipay", "alipay_handle_redirect"],
    ["wechat_pay", "wechat_pay_display_qr_code"],
    ["grabpay", "redirect_to_url"],
  ])("%s asks on a page of its own, which agrees or declines", async (type, action) => {
    const currency = type === "grabpay" ? "sgd" : "gbp";
    const session = await stripe.checkout.sessions.create({
      ...order,
      line_items: priced(currency),
      allowed_payment_method_types: [type],
      ...(type === "wechat_pay"
        ? { payment_method_options: { wechat_pay: { client: "web" } } }
        : {}),
    });
    expect(session.payment_method_types).toEqual([type]);
    const url = session.url ?? "";
    expect(await (await fetch(url)).text()).not.toContain("Card number");
    expect((await post(url, { type })).headers.get("location")).toBe(
      `/c/pay/${session.id}/confirm`,
    );
    const asked = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["payment_intent"],
    });
    expect(asked.payment_intent).toMatchObject({
      status: "requires_action",
      next_action: { type: action },
    });
    expect(await (await fetch(`${url}/confirm`)).text()).toContain("Authorise");
    expect((await post(`${url}/confirm`, { outcome: "refuse" })).status).toBe(422);
    await post(url, { type });
    expect((await post(`${url}/confirm`, { outcome: "confirm" })).status).toBe(303);
    const [payment] = (await standIns.stripe.state()).payments;
    expect(payment).toMatchObject({ captured: 1250, methodType: type });
  });

  test("that take their time complete the session unpaid", async () => {
    const session = await stripe.checkout.sessions.create(order);
    const paid = await standIns.stripe.pay(session.id, { type: "alipay", confirmation: "later" });
    expect(paid).toMatchObject({ outcome: "done", paymentStatus: "unpaid" });
    await standIns.stripe.settle({ session: session.id }, "succeeded");
    await eventOf("checkout.session.async_payment_succeeded");
  });
});

describe("bank transfers", () => {
  async function awaited(): Promise<{ session: string; customer: string; url: string }> {
    const customer = await stripe.customers.create({ email: "emma@axis.example" });
    const session = await stripe.checkout.sessions.create({
      ...anonymous,
      customer: customer.id,
      allowed_payment_method_types: ["customer_balance"],
      payment_method_options: {
        customer_balance: {
          funding_type: "bank_transfer",
          bank_transfer: { type: "gb_bank_transfer" },
        },
      },
    });
    return { session: session.id, customer: customer.id, url: session.url ?? "" };
  }

  test("the page says where to transfer to, and what is still missing", async () => {
    const { session, url } = await awaited();
    const chosen = await post(url, { type: "customer_balance" });
    expect(chosen.headers.get("location")).toBe(`/c/pay/${session}`);
    const { payment_intent: waiting } = await stripe.checkout.sessions.retrieve(session, {
      expand: ["payment_intent"],
    });
    const transfer = (waiting as Stripe.PaymentIntent).next_action
      ?.display_bank_transfer_instructions;
    expect(transfer).toMatchObject({ amount_remaining: 1250, type: "gb_bank_transfer" });
    expect(await (await fetch(url)).text()).toContain(transfer?.reference);
    await post(`${url}/fund`, { amount: "1000" });
    expect(await (await fetch(url)).text()).toContain("£2.50");
    expect((await eventOf("payment_intent.partially_funded")).data.object).toMatchObject({
      status: "requires_action",
      amount_received: 0,
    });
    await post(`${url}/fund`, { amount: "250" });
    expect((await eventOf("checkout.session.async_payment_succeeded")).data.object).toMatchObject({
      id: session,
      payment_status: "paid",
    });
    expect(await (await fetch(url)).text()).toContain("complete");
  });

  test("what is too much stays with the customer, and nobody else's order is paid", async () => {
    const mine = await awaited();
    const other = await awaited();
    for (const { session } of [mine, other]) await standIns.stripe.pay(session);
    await standIns.stripe.fund(mine.session, 2_000);
    const { customers, payments } = await standIns.stripe.state();
    expect(payments.map(({ session, captured, missing }) => [session, captured, missing])).toEqual([
      [mine.session, 1250, null],
      [other.session, 0, 1250],
    ]);
    expect(customers.map(({ id, cashBalance }) => [id, cashBalance])).toEqual([
      [mine.customer, { gbp: 750 }],
      [other.customer, { gbp: 0 }],
    ]);
  });
});

describe("a customer's saved cards", () => {
  test("are shown where the session asks for it, and pay without a number", async () => {
    const customer = await stripe.customers.create({ email: "emma@axis.example" });
    const first = await stripe.checkout.sessions.create({
      ...anonymous,
      customer: customer.id,
      payment_intent_data: { setup_future_usage: "off_session" },
    });
    await standIns.stripe.pay(first.id);
    const [saved] = (await stripe.customers.listPaymentMethods(customer.id)).data;
    const hidden = await stripe.checkout.sessions.create({ ...anonymous, customer: customer.id });
    expect(await (await fetch(hidden.url ?? "")).text()).not.toContain(saved?.id);
    const shown = await stripe.checkout.sessions.create({
      ...anonymous,
      customer: customer.id,
      saved_payment_method_options: { allow_redisplay_filters: ["always", "limited"] },
    });
    expect(await (await fetch(shown.url ?? "")).text()).toContain("visa •••• 4242");
    expect((await post(shown.url ?? "", { type: saved?.id ?? "" })).status).toBe(303);
    const after = await stripe.checkout.sessions.retrieve(shown.id, { expand: ["payment_intent"] });
    expect(after.payment_intent).toMatchObject({ status: "succeeded", payment_method: saved?.id });
  });
});

describe("payouts", () => {
  test("send what the balance holds, and come back when the bank does not take them", async () => {
    const session = await stripe.checkout.sessions.create(order);
    await standIns.stripe.pay(session.id);
    const [payment] = (await standIns.stripe.state()).payments;
    const payout = await standIns.stripe.payOut({ currency: "gbp" });
    const paid = await stripe.payouts.retrieve(payout, { expand: ["balance_transaction"] });
    expect(paid).toMatchObject({ status: "paid", amount: 1250 - (payment?.fee ?? 0) });
    expect(paid.balance_transaction).toMatchObject({ amount: -paid.amount, type: "payout" });
    expect((await eventOf("payout.paid")).data.object).toMatchObject({ id: payout });
    await expect(standIns.stripe.payOut({ currency: "gbp" })).rejects.toThrow("nothing to pay out");
    await standIns.stripe.failPayout(payout);
    await eventOf("payout.failed");
    expect((await stripe.payouts.list({ status: "paid" })).data).toEqual([]);
  });

  test("are listed by the day they reach the bank", async () => {
    const old = { currency: "gbp", amount: 100, arrivesAt: "2026-10-01T00:00:00Z" };
    await standIns.stripe.payOut(old);
    const recent = await standIns.stripe.payOut({ ...old, arrivesAt: "2026-11-01T00:00:00Z" });
    const since = Date.parse("2026-10-15T00:00:00Z") / 1000;
    const { data } = await stripe.payouts.list({ arrival_date: { gte: since } });
    expect(data.map(({ id }) => id)).toEqual([recent]);
  });
});

describe("refunds and disputes", () => {
  async function paid(amount = 1000): Promise<string> {
    const intent = await stripe.paymentIntents.create({
      amount,
      currency: "usd",
      payment_method: "pm_card_visa",
      confirm: true,
      off_session: true,
    });
    return intent.id;
  }

  test("parts are refunded up to the whole and not one more", async () => {
    const payment_intent = await paid();
    const first = await stripe.refunds.create({
      payment_intent,
      amount: 400,
      reason: "requested_by_customer",
      metadata: { refund_id: "r1" },
    });
    expect(first).toMatchObject({ status: "succeeded", amount: 400 });
    const over = await refusal(stripe.refunds.create({ payment_intent, amount: 601 }));
    expect(over.statusCode).toBe(400);
    await stripe.refunds.create({ payment_intent });
    const again = await refusal(stripe.refunds.create({ payment_intent }));
    expect(again.code).toBe("charge_already_refunded");
    const listed = await stripe.refunds.list({ payment_intent });
    expect(listed.data.map(({ amount }) => amount)).toEqual([600, 400]);
    const event = await eventOf("charge.refunded");
    expect(event.data.object).toMatchObject({ payment_intent });
    const [payment] = (await standIns.stripe.state()).payments;
    expect(payment).toMatchObject({ captured: 1000, refunded: 1000 });
  });

  test("a refund that fails later gives the money back to the balance and says so", async () => {
    const refund = await stripe.refunds.create({ payment_intent: await paid() });
    await standIns.stripe.settleRefund(refund.id, "failed");
    expect((await eventOf("refund.failed")).data.object).toMatchObject({ id: refund.id });
    expect((await standIns.stripe.state()).payments[0]?.refunded).toBe(0);
  });

  test("a dispute is announced, blocks refunds, and returns the money when won", async () => {
    const payment_intent = await paid();
    const dispute = await standIns.stripe.dispute(payment_intent);
    await eventOf("charge.dispute.created");
    expect((await refusal(stripe.refunds.create({ payment_intent }))).code).toBe("charge_disputed");
    expect((await standIns.stripe.state()).payments[0]?.disputed).toBe(1000);
    await standIns.stripe.closeDispute(dispute, "won");
    await eventOf("charge.dispute.funds_reinstated");
    expect((await stripe.disputes.retrieve(dispute)).status).toBe("won");
    expect((await standIns.stripe.state()).payments[0]?.disputed).toBe(0);
  });
});

describe("an inquiry", () => {
  test("moves no money and lets a refund be made, until the bank takes the money after all", async () => {
    const session = await stripe.checkout.sessions.create(order);
    const payment_intent = (await standIns.stripe.pay(session.id)).paymentIntent ?? "";
    const dispute = await standIns.stripe.inquire(payment_intent);
    expect(await stripe.disputes.retrieve(dispute)).toMatchObject({
      status: "warning_needs_response",
      balance_transactions: [],
      is_charge_refundable: true,
    });
    expect((await standIns.stripe.state()).payments[0]?.disputed).toBe(0);
    await stripe.refunds.create({ payment_intent, amount: 250 });
    await expect(standIns.stripe.closeDispute(dispute, "lost")).rejects.toThrow("escalated");
    await standIns.stripe.closeDispute(dispute, "escalated");
    expect((await eventOf("charge.dispute.funds_withdrawn")).data.object).toMatchObject({
      id: dispute,
      payment_intent,
      status: "needs_response",
    });
    await standIns.stripe.closeDispute(dispute, "lost");
    expect((await standIns.stripe.state()).payments[0]?.disputed).toBe(1250);
    await expect(standIns.stripe.closeDispute(dispute, "won")).rejects.toThrow("lost");
  });
});

describe("what Stripe refuses", () => {
  test("a wrong or missing key", async () => {
    const stranger = clientFor(standIns.addresses.stripe, "sk_test_wrong");
    const error = await refusal(stranger.checkout.sessions.create(order));
    expect(error).toMatchObject({ statusCode: 401, type: "StripeAuthenticationError" });
  });

  test("parameters that its published types do not have, at any depth", async () => {
    const unknown = { ...order, payment_method_types: ["card"] } as object;
    const error = await refusal(stripe.checkout.sessions.create(unknown));
    expect(error).toMatchObject({ statusCode: 400, code: "parameter_unknown" });
    expect(error.param).toBe("payment_method_types");
    const nested = { ...order, payment_intent_data: { amount: 3 } } as object;
    const inner = await refusal(stripe.checkout.sessions.create(nested));
    expect(inner.param).toBe("payment_intent_data[amount]");
  });

  test("parameters of the kinds of payment that are unknown, missing or do not fit", async () => {
    const customer = await stripe.customers.create({ email: "emma@axis.example" });
    const transfer = (bank_transfer: object | undefined, more: object = {}): object => ({
      ...anonymous,
      customer: customer.id,
      allowed_payment_method_types: ["customer_balance"],
      payment_method_options: {
        customer_balance: { funding_type: "bank_transfer", bank_transfer },
      },
      ...more,
    });
    const balance = "payment_method_options[customer_balance]";
    const euros = { line_items: priced("eur") };
    const cases: [object, string][] = [
      [{ ...order, allowed_payment_method_types: ["shells"] }, "allowed_payment_method_types[0]"],
      [
        { ...order, allowed_payment_method_types: ["wechat_pay"] },
        "payment_method_options[wechat_pay][client]",
      ],
      [
        { ...order, payment_method_options: { wechat_pay: { client: "fridge" } } },
        "payment_method_options[wechat_pay][client]",
      ],
      [
        { ...order, payment_method_options: { alipay: { colour: "blue" } } },
        "payment_method_options[alipay][colour]",
      ],
      [transfer(undefined), `${balance}[bank_transfer][type]`],
      [transfer({ type: "us_bank_transfer" }), `${balance}[bank_transfer][type]`],
      [transfer({ type: "gb_bank_transfer", bank: "mine" }), `${balance}[bank_transfer][bank]`],
      [
        transfer({ type: "eu_bank_transfer", eu_bank_transfer: { country: "US" } }, euros),
        `${balance}[bank_transfer][eu_bank_transfer][country]`,
      ],
      [transfer({ type: "gb_bank_transfer" }, { customer: undefined }), "customer"],
      [
        { ...order, payment_intent_data: { setup_future_usage: "whenever" } },
        "payment_intent_data[setup_future_usage]",
      ],
      [
        {
          ...anonymous,
          customer: customer.id,
          saved_payment_method_options: { allow_redisplay_filters: ["sometimes"] },
        },
        "saved_payment_method_options[allow_redisplay_filters][0]",
      ],
    ];
    for (const [params, param] of cases) {
      expect((await refusal(stripe.checkout.sessions.create(params))).param).toBe(param);
    }
    const once = {
      ...order,
      allowed_payment_method_types: ["grabpay"],
      line_items: priced("sgd"),
      payment_intent_data: { setup_future_usage: "off_session" as const },
    };
    expect((await refusal(stripe.checkout.sessions.create(once))).param).toBe(
      "allowed_payment_method_types",
    );
  });

  test("parameters that the other calls do not have", async () => {
    const odd = { colour: "blue" } as object;
    const calls = [
      () => stripe.customers.create(odd),
      () => stripe.refunds.list(odd),
      () => stripe.disputes.list(odd),
      () => stripe.payouts.list(odd),
      () => stripe.paymentMethods.detach("pm_none", odd),
      () => stripe.paymentMethods.retrieve("pm_none", odd),
      () => stripe.paymentIntents.list(odd),
      () => stripe.checkout.sessions.list(odd),
    ];
    for (const call of calls) {
      expect(await refusal(call())).toMatchObject({ code: "parameter_unknown", param: "colour" });
    }
  });

  test("to expand more than four levels", async () => {
    const deep = { expand: ["data.payment_intent.latest_charge.balance_transaction.source"] };
    expect((await refusal(stripe.checkout.sessions.list(deep))).param).toBe("expand");
  });

  test("missing and malformed parameters", async () => {
    const { success_url: _url, ...rest } = order;
    const missing = await refusal(stripe.checkout.sessions.create(rest));
    expect(missing).toMatchObject({ code: "parameter_missing", param: "success_url" });
    const cases: [object, string][] = [
      [{ ...order, success_url: "shop.example/done" }, "success_url"],
      [{ ...order, expires_at: Math.floor(Date.now() / 1000) + 60 }, "expires_at"],
      [{ ...order, expires_at: Math.floor(Date.now() / 1000) + 48 * 3600 }, "expires_at"],
      [{ ...order, locale: "tlh" }, "locale"],
      [{ ...order, customer: "cus_none", customer_email: undefined }, "customer"],
      [{ ...order, client_reference_id: "x".repeat(201) }, "client_reference_id"],
    ];
    for (const [params, param] of cases) {
      expect((await refusal(stripe.checkout.sessions.create(params))).param).toBe(param);
    }
  });

  test.each([
    ["usd", 49],
    ["jpy", 49],
    ["usd", 100_000_000],
    ["kwd", 1_005],
    ["isk", 12_345],
    ["xyz", 1_000],
  ])("an amount that cannot be charged: %s %i", async (currency, amount) => {
    const error = await refusal(stripe.paymentIntents.create({ amount, currency }));
    expect(error.statusCode).toBe(400);
  });

  test.each([
    ["jpy", 1_234],
    ["kwd", 1_230],
    ["usd", 99_999_999],
  ])("no proper amount: %s %i", async (currency, amount) => {
    const intent = await stripe.paymentIntents.create({ amount, currency });
    expect(intent).toMatchObject({ amount, currency });
  });

  test("objects that do not exist", async () => {
    const error = await refusal(stripe.checkout.sessions.retrieve("cs_test_none"));
    expect(error).toMatchObject({ statusCode: 404, code: "resource_missing" });
  });
});

describe("idempotency keys", () => {
  test("the first result is given again and nothing is done twice", async () => {
    const once = { idempotencyKey: "key-1" };
    const first = await stripe.checkout.sessions.create(order, once);
    const again = await stripe.checkout.sessions.create(order, once);
    expect(again.id).toBe(first.id);
    expect(again.lastResponse.headers["idempotent-replayed"]).toBe("true");
    const log = await standIns.stripe.log();
    expect(log.map(({ acted, replayed }) => [acted, replayed])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test("other parameters under the same key are an error", async () => {
    const once = { idempotencyKey: "key-2" };
    await stripe.checkout.sessions.create(order, once);
    const error = await refusal(
      stripe.checkout.sessions.create({ ...order, client_reference_id: "pay_2" }, once),
    );
    expect(error).toMatchObject({ statusCode: 400, type: "StripeIdempotencyError" });
  });

  test("a 500 is given again too, a 503 is not", async () => {
    await standIns.stripe.setFault({ kind: "status", status: 500 });
    const once = { idempotencyKey: "key-3" };
    expect((await refusal(stripe.checkout.sessions.create(order, once))).statusCode).toBe(500);
    expect((await refusal(stripe.checkout.sessions.create(order, once))).statusCode).toBe(500);
    await standIns.stripe.setFault({ kind: "status", status: 503 });
    const other = { idempotencyKey: "key-4" };
    expect((await refusal(stripe.checkout.sessions.create(order, other))).statusCode).toBe(503);
    expect((await stripe.checkout.sessions.create(order, other)).status).toBe("open");
  });

  test("a declined card is remembered, a malformed request is not", async () => {
    const charge = {
      amount: 1000,
      currency: "usd",
      payment_method: "pm_card_chargeDeclined",
      confirm: true,
      off_session: true,
    };
    const once = { idempotencyKey: "key-5" };
    const first = await refusal(stripe.paymentIntents.create(charge, once));
    const again = await refusal(stripe.paymentIntents.create(charge, once));
    expect(again.payment_intent?.id).toBe(first.payment_intent?.id);
    const other = { idempotencyKey: "key-6" };
    await refusal(stripe.paymentIntents.create({ amount: 1, currency: "usd" }, other));
    const fixed = await stripe.paymentIntents.create({ amount: 100, currency: "usd" }, other);
    expect(fixed.amount).toBe(100);
  });
});

describe("faults", () => {
  test("a time-out before acting leaves nothing, one after acting leaves the session", async () => {
    const impatient = clientFor(standIns.addresses.stripe);
    const create = (): Promise<unknown> =>
      impatient.checkout.sessions.create(order, { timeout: 200 });
    await standIns.stripe.setFault({ kind: "timeout_before", ms: 400 });
    expect((await refusal(create())).type).toBe("StripeConnectionError");
    expect((await standIns.stripe.state()).sessions).toHaveLength(0);
    await standIns.stripe.setFault({ kind: "timeout_after", ms: 400 });
    expect((await refusal(create())).type).toBe("StripeConnectionError");
    expect((await standIns.stripe.state()).sessions).toHaveLength(1);
    const log = await standIns.stripe.log();
    expect(log.map(({ acted, status, fault }) => [acted, status, fault])).toEqual([
      [false, null, "timeout_before"],
      [true, null, "timeout_after"],
    ]);
  });

  test("a rate limit says when to come back", async () => {
    await standIns.stripe.setFault({ kind: "status", status: 429, retryAfterSeconds: 7 });
    const error = await refusal(stripe.checkout.sessions.create(order));
    expect(error).toMatchObject({ statusCode: 429, type: "StripeRateLimitError" });
    expect(error.headers?.["retry-after"]).toBe("7");
  });

  test("only what matches goes wrong, as often as asked", async () => {
    await standIns.stripe.setFault({
      kind: "refuse",
      errorCode: "card_declined",
      match: { method: "POST", path: "/v1/checkout/sessions", bodyIncludes: "pay_9" },
      times: 2,
    });
    expect((await stripe.checkout.sessions.create(order)).status).toBe("open");
    const other = { ...order, client_reference_id: "pay_9" };
    await refusal(stripe.checkout.sessions.create(other));
    await refusal(stripe.checkout.sessions.create(other));
    expect((await stripe.checkout.sessions.create(other)).status).toBe("open");
  });

  test("a held request acts only once it is released", async () => {
    await standIns.stripe.setFault({ kind: "hold_before", match: { method: "POST" } });
    const pending = stripe.checkout.sessions.create(order);
    const held = await standIns.stripe.waitForHeld();
    expect((await standIns.stripe.state()).sessions).toHaveLength(0);
    expect(await standIns.stripe.release(held.id)).toEqual([held.id]);
    expect((await pending).status).toBe("open");
  });

  test("an answer can be well-formed nonsense", async () => {
    const session = await stripe.checkout.sessions.create(order);
    await standIns.stripe.setFault({ kind: "nonsense", set: { amount_total: 1, currency: "usd" } });
    const odd = await stripe.checkout.sessions.retrieve(session.id);
    expect(odd).toMatchObject({ amount_total: 1, currency: "usd" });
    expect((await stripe.checkout.sessions.retrieve(session.id)).amount_total).toBe(1250);
  });
});

describe("webhooks", () => {
  const counts = (type: string): number =>
    received.filter(({ body }) => typeOf(body) === type).length;

  test("are sent again until the shop says yes", async () => {
    shopAnswers = 503;
    const session = await stripe.checkout.sessions.create(order);
    await standIns.stripe.pay(session.id);
    await until(async () => counts("checkout.session.completed") >= 2 || undefined, 5_000, "again");
    shopAnswers = 200;
    await standIns.stripe.waitForWebhooks();
    const { webhooks } = await standIns.stripe.state();
    expect(webhooks).toMatchObject({ waiting: 0, dropped: 0, givenUp: 0 });
    expect(webhooks.delivered).toBeGreaterThan(0);
  });

  test("can be dropped, doubled and sent once more under another id", async () => {
    await standIns.stripe.setFault({
      kind: "webhook_drop",
      match: { type: "checkout.session.completed" },
    });
    await standIns.stripe.setFault({
      kind: "webhook_duplicate",
      match: { type: "payment_intent.succeeded" },
      count: 3,
    });
    const session = await stripe.checkout.sessions.create(order);
    await standIns.stripe.pay(session.id);
    await until(async () => counts("payment_intent.succeeded") === 3 || undefined, 5_000, "three");
    expect(counts("checkout.session.completed")).toBe(0);
    const again = await standIns.stripe.redeliver(
      { type: "checkout.session.completed", session: session.id },
      { newId: true, times: 2, set: { "data.object.amount_total": 1 } },
    );
    await until(
      async () => counts("checkout.session.completed") === 2 || undefined,
      5_000,
      "redelivered",
    );
    const event = await eventOf("checkout.session.completed");
    expect(event.id).toBe(again.event);
    expect(event.data.object).toMatchObject({ amount_total: 1 });
  });

  test("can be put behind later ones", async () => {
    await standIns.stripe.setFault({
      kind: "webhook_reorder",
      match: { type: "payment_intent.created" },
      ms: 10_000,
    });
    await stripe.paymentIntents.create({
      amount: 1000,
      currency: "usd",
      payment_method: "pm_card_visa",
      confirm: true,
      off_session: true,
    });
    await eventOf("payment_intent.created");
    const types = received.map(({ body }) => typeOf(body));
    expect(types.indexOf("payment_intent.created")).toBeGreaterThan(0);
  });
});

describe("seeding", () => {
  test("the same seed twice leaves everything once: payments, refund, dispute, payout and saved card, and tells nobody", async () => {
    const seed = {
      customers: [{ id: "cus_emma", email: "emma@axis.example" }],
      paymentMethods: [{ id: "pm_emma", customer: "cus_emma" }],
      payments: [
        {
          paymentIntent: "pi_seed1",
          session: "cs_test_seed1",
          customer: "cus_emma",
          amount: 1900,
          currency: "gbp",
          clientReferenceId: "pay_seed",
          metadata: { payment_id: "pay_seed" },
          createdAt: "2026-10-01T10:00:00Z",
          refunds: [{ id: "re_seed1", amount: 500, metadata: { refund_id: "r" } }],
        },
        {
          paymentIntent: "pi_seed2",
          amount: 2_000,
          currency: "gbp",
          methodType: "alipay",
          fee: 77,
          createdAt: "2026-10-02T10:00:00Z",
          dispute: { id: "dp_seed2", status: "lost" as const },
        },
      ],
      payouts: [{ id: "po_seed", amount: 900, currency: "gbp", arrivedAt: "2026-10-05T00:00:00Z" }],
    };
    await standIns.stripe.seed(seed);
    await standIns.stripe.seed(seed);
    const state = await standIns.stripe.state();
    expect(state.payments).toMatchObject([
      { paymentIntent: "pi_seed1", captured: 1900, refunded: 500, session: "cs_test_seed1" },
      { paymentIntent: "pi_seed2", methodType: "alipay", fee: 77, disputed: 2_000 },
    ]);
    expect(state.payouts).toMatchObject([{ id: "po_seed", amount: 900, status: "paid" }]);
    const movements = await stripe.balanceTransactions.list({ limit: 100 });
    expect(movements.data).toHaveLength(5);
    expect(state.events).toEqual([]);
    const session = await stripe.checkout.sessions.retrieve("cs_test_seed1", {
      expand: ["payment_intent.latest_charge"],
    });
    expect(session).toMatchObject({ status: "complete", payment_status: "paid" });
    const methods = await stripe.paymentMethods.list({ customer: "cus_emma", type: "card" });
    expect(methods.data[0]?.card?.last4).toBe("4242");
    const intent = await stripe.paymentIntents.create({
      amount: 900,
      currency: "gbp",
      customer: "cus_emma",
      payment_method: "pm_emma",
      confirm: true,
      off_session: true,
    });
    expect(intent.status).toBe("succeeded");
  });
});
