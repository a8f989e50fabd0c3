import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "#lib/db/client.ts";
import { billingForm, type BillingDetails, type TypedBilling } from "#lib/domain/billing.ts";
import type { OrderQuote } from "#lib/domain/order.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { getStatement } from "#lib/services/balance/get-statement.ts";
import { getBilling } from "#lib/services/billing/get-billing.ts";
import { saveBilling } from "#lib/services/billing/save-billing.ts";
import { listPlans } from "#lib/services/plan/list-plans.ts";
import { getDashboard } from "#lib/services/account/get-dashboard.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import type { PlaceOrderInput } from "#lib/services/order/schemas.ts";
import {
  givePlans,
  giveRenewer,
  giveStaff,
  openWorld,
  visitorFrom,
  type Renewer,
  type World,
} from "#tests/support/world.ts";

let world: World;

/** All customers of this file live in China, where 6 % is contained in prices. */
beforeAll(async () => {
  process.env["STRIPE_METHOD_TYPES"] = "card,alipay,wechat_pay,grabpay";
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
  await db().taxRate.createMany({
    data: [
      { countryCode: "CN", basisPoints: 600 },
      { countryCode: "DE", basisPoints: 1900 },
      {
        countryCode: "DE",
        customerKind: "company",
        treatment: "reverse_charge",
        basisPoints: 1900,
      },
      { countryCode: "CA", treatment: "exclusive", basisPoints: 500 },
    ],
  });
});
afterAll(async () => await world.close());

const german = {
  billingKind: "company",
  companyName: "Beispiel GmbH",
  taxNumber: "DE136695976",
  line1: "Torstraße 1",
  city: "Berlin",
  postalCode: "10119",
  countryCode: "DE",
} as const satisfies Partial<TypedBilling>;

describe("tax by who buys and where", () => {
  test("a private person pays the price that contains the tax of the account's country", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 6_800n });
    const quote = await show(renewer);
    expect(quote.plan).toMatchObject({
      price: { amountMinor: 6_800n },
      net: { amountMinor: 6_415n },
      tax: { amountMinor: 385n },
    });
    const order = await pay(renewer, quote, { method: "balance" });
    expect(order).toMatchObject({
      totalMinor: 6_800n,
      taxMinor: 385n,
      taxTreatment: "inclusive",
      taxBasisPoints: 600,
      contactEmail: renewer.customer.email,
      contactPhone: null,
      billing: null,
    });
  });

  test("a company elsewhere with a tax number pays without the tax, and its order says why", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 6_000n });
    const billing = typed(renewer, german);
    const quote = await show(renewer, billing);
    // 68.00 without the 19 % that it contains there.
    expect(quote.plan.price.amountMinor).toBe(5_714n);
    const order = await pay(renewer, quote, { method: "balance", billing });
    expect(order).toMatchObject({
      totalMinor: 5_714n,
      taxMinor: 0n,
      taxTreatment: "reverse_charge",
      taxBasisPoints: 0,
      items: [{ priceMinor: 5_714n, taxMinor: 0n }],
      payments: [{ amountMinor: 5_714n, taxMinor: 0n }],
    });
    expect(await balanceOf(renewer)).toBe(286n);
  });

  test("where tax is added to prices, it is added", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 8_000n });
    const billing = typed(renewer, {
      line1: "1 Wellington Street",
      city: "Ottawa",
      region: "Ontario",
      postalCode: "K1A 0B1",
      countryCode: "CA",
    });
    const quote = await show(renewer, billing);
    const order = await pay(renewer, quote, { method: "balance", billing });
    expect(order).toMatchObject({ totalMinor: 7_140n, taxMinor: 340n, taxBasisPoints: 500 });
    expect(await balanceOf(renewer)).toBe(860n);
    const booked = await world.sql<{ minor: string }>(
      `SELECT sum(-e.amount_minor) AS minor FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
         JOIN journal j ON j.id = e.journal_id WHERE a.code = 'tax_payable' AND j.order_id = $1`,
      [order.id],
    );
    expect(booked).toEqual([{ minor: "340" }]);
  });

  test("details that change the tax ask again, and nothing happens before", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 6_800n });
    const quote = await show(renewer);
    const billing = typed(renewer, german);
    expect(await place(renewer, quote, { method: "balance", billing })).toEqual({
      ok: false,
      refusal: { code: "quote_changed" },
    });
    expect(await tracesOf(renewer)).toEqual({ orders: 0, profiles: 0 });
    expect(await balanceOf(renewer)).toBe(6_800n);
  });

  test("the catalogue and the next quote count with what is kept", async () => {
    const renewer = await giveRenewer(world);
    const { customer } = renewer;
    const priced = async () =>
      (await listPlans(customer, { currency: "CNY" })).map((plan) => plan.price.amountMinor);
    expect(await priced()).toEqual([6_800n]);
    accepted(await saveBilling(customer, typed(renewer, german)));
    expect(await priced()).toEqual([5_714n]);
    expect((await show(renewer)).plan.price.amountMinor).toBe(5_714n);
  });
});

test("“same as last time” costs what it costs this customer today", async () => {
  const renewer = await giveRenewer(world, { balanceMinor: 6_800n });
  const order = await pay(renewer, await show(renewer), { method: "balance" });
  await activateOrder({ orderId: order.id });
  const price = async () =>
    accepted(await getDashboard(renewer.customer)).esims[0]?.lastPlan?.price.amountMinor;
  expect(await price()).toBe(6_800n);
  const ottawa = { line1: "1 Wellington Street", city: "Ottawa", region: "Ontario" };
  const canadian = { ...ottawa, postalCode: "K1A 0B1", countryCode: "CA" };
  accepted(await saveBilling(renewer.customer, typed(renewer, canadian)));
  expect(await price()).toBe(7_140n);
  accepted(await saveBilling(renewer.customer, typed(renewer, german)));
  expect(await price()).toBe(5_714n);
});

describe("billing details", () => {
  test("stay with the order as they were, and are kept for the next", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 20_000n });
    const billing = typed(renewer, {
      ...german,
      deliveryEmail: "bills@beispiel.example",
      deliveryPhone: "030 901820",
    });
    const order = await pay(renewer, await show(renewer, billing), { method: "balance", billing });
    const details: BillingDetails = {
      kind: "company",
      name: "Test Person",
      companyName: "Beispiel GmbH",
      taxNumber: "DE136695976",
      line1: "Torstraße 1",
      line2: null,
      city: "Berlin",
      region: null,
      postalCode: "10119",
      countryCode: "DE",
    };
    expect(order).toMatchObject({
      billing: details,
      contactEmail: "bills@beispiel.example",
      contactPhone: "+4930901820",
    });
    const moved = { ...billing, line1: "Alexanderplatz 1", deliveryPhone: "" };
    accepted(await saveBilling(renewer.customer, moved));
    expect((await orderOf(order.number)).billing).toEqual(details);
    expect(accepted(await getBilling(renewer.customer)).values).toEqual({
      ...moved,
      region: "",
      line2: "",
    });
  });

  test("with a wrong tax number, or an address half filled in, place no order and keep nothing", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 6_800n });
    const wrong = typed(renewer, { ...german, taxNumber: "DE136695977", postalCode: "" });
    const refused = await place(renewer, await show(renewer, wrong), {
      method: "balance",
      billing: wrong,
    });
    expect(refused).toEqual({
      ok: false,
      refusal: {
        code: "input_invalid",
        fields: { taxNumber: "invalid", postalCode: "required" },
      },
    });
    expect(await tracesOf(renewer)).toEqual({ orders: 0, profiles: 0 });
  });

  test("of a private person may be a telephone number alone", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 6_800n });
    const billing = typed(renewer, { deliveryPhone: "138 0013 8000" });
    const order = await pay(renewer, await show(renewer), { method: "balance", billing });
    expect(order).toMatchObject({ billing: null, contactPhone: "+8613800138000" });
    const { values } = accepted(await getBilling(renewer.customer));
    expect(values).toMatchObject({ deliveryPhone: "+8613800138000", line1: "" });
  });

  test("that say nothing new are not written down", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 6_800n });
    const order = await pay(renewer, await show(renewer), {
      method: "balance",
      billing: typed(renewer, {}),
    });
    expect(order.billing).toBeNull();
    expect(await tracesOf(renewer)).toEqual({ orders: 1, profiles: 0 });
  });

  test("sent from two tabs at once are those of the one order there is", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 20_000n });
    const streets = Array.from({ length: 8 }, (_, n) =>
      typed(renewer, { line1: `中关村大街 ${n + 1} 号`, city: "海淀区", region: "北京" }),
    );
    const quote = await show(renewer);
    const placed = await Promise.all(
      streets.map((billing) => place(renewer, quote, { method: "balance", billing })),
    );
    const numbers = new Set(placed.map((each) => accepted(each).orderNumber));
    expect(numbers.size).toBe(1);
    const { billing } = await orderOf([...numbers][0] ?? "");
    const kept = await db().billingProfile.findUniqueOrThrow({
      where: { accountId: renewer.customer.accountId },
    });
    expect(billing).toMatchObject({ line1: kept.line1 });
    expect(await tracesOf(renewer)).toEqual({ orders: 1, profiles: 1 });
    expect(await balanceOf(renewer)).toBe(13_200n);
  });

  test("are not kept by an order that is refused", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 20_000n });
    await pay(renewer, await show(renewer), { method: "balance" });
    const billing = typed(renewer, { line1: "中关村大街 1 号", city: "海淀区", region: "北京" });
    const refused = await place(renewer, await show(renewer), { method: "balance", billing });
    expect(refused).toMatchObject({ refusal: { code: "recently_renewed" } });
    expect(await tracesOf(renewer)).toEqual({ orders: 1, profiles: 0 });
  });

  test("belong to nobody but their customer", async () => {
    const [renewer, stranger] = [await giveRenewer(world), await giveRenewer(world)];
    accepted(await saveBilling(renewer.customer, typed(renewer, german)));
    expect(accepted(await getBilling(stranger.customer)).values.companyName).toBe("");
    const visitor = visitorFrom("203.0.113.9");
    const staff = await giveStaff();
    for (const [actor, code] of [
      [visitor, "not_signed_in"],
      [staff, "not_allowed"],
    ] as const) {
      expect(await getBilling(actor)).toEqual({ ok: false, refusal: { code } });
      expect(await saveBilling(actor, typed(renewer, german))).toEqual({
        ok: false,
        refusal: { code },
      });
    }
  });

  test("are on a top-up too, without asking for them", async () => {
    const renewer = await giveRenewer(world);
    accepted(await saveBilling(renewer.customer, typed(renewer, german)));
    const placed = accepted(
      await placeTopUp(renewer.customer, {
        attemptId: crypto.randomUUID(),
        amount: "50",
        method: "stripe",
      }),
    );
    expect(await orderOf(placed.orderNumber)).toMatchObject({
      billing: { companyName: "Beispiel GmbH" },
      taxMinor: 0n,
    });
  });
});

describe("the kinds of payment", () => {
  test("are listed with what each can do", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 6_800n });
    const { methods } = await show(renewer);
    // GrabPay takes no yuan.
    expect(methods.map(({ value, renewsByItself }) => [value, renewsByItself])).toEqual([
      ["balance", true],
      ["stripe.card", true],
      ["stripe.alipay", true],
      ["stripe.wechat_pay", false],
    ]);
    const statement = accepted(await getStatement(renewer.customer, {}));
    expect(statement.methods.map(({ value }) => value)).toEqual([
      "stripe.card",
      "stripe.alipay",
      "stripe.wechat_pay",
    ]);
  });

  test("are stored with the payment, and whether to keep them where that is possible", async () => {
    const renewer = await giveRenewer(world);
    const kinds: (readonly [string, boolean])[] = [];
    for (const methodType of ["alipay", "wechat_pay"]) {
      const order = await pay(renewer, await show(renewer), {
        method: "stripe",
        methodType,
        saveMethod: true,
        repeat: true,
      });
      const [payment] = order.payments;
      kinds.push([payment?.methodType ?? "", payment?.saveMethod ?? false]);
    }
    expect(kinds).toEqual([
      ["alipay", true],
      ["wechat_pay", false],
    ]);
    const placed = accepted(
      await placeTopUp(renewer.customer, {
        attemptId: crypto.randomUUID(),
        amount: "50",
        method: "stripe",
        methodType: "alipay",
        saveMethod: true,
      }),
    );
    expect((await orderOf(placed.orderNumber)).payments).toMatchObject([
      { methodType: "alipay", saveMethod: true },
    ]);
  });

  test("that are not offered are refused", async () => {
    const renewer = await giveRenewer(world);
    const quote = await show(renewer);
    for (const methodType of ["grabpay", "ideal", "free"]) {
      const refused = await place(renewer, quote, { method: "stripe", methodType });
      expect(refused).toEqual({ ok: false, refusal: { code: "method_not_available" } });
    }
    expect(await tracesOf(renewer)).toEqual({ orders: 0, profiles: 0 });
  });

  test("take no rest after the balance that is too little for them", async () => {
    // Stripe takes four yuan and more.
    const renewer = await giveRenewer(world, { balanceMinor: 6_500n });
    const quote = await show(renewer);
    expect(quote.restAfterBalance).toEqual({
      rest: { amountMinor: 300n, currency: "CNY" },
      methods: [],
    });
    expect(await place(renewer, quote, { method: "stripe", useBalance: true })).toEqual({
      ok: false,
      refusal: { code: "method_not_available" },
    });
    expect(await balanceOf(renewer)).toBe(6_500n);
  });
});

/** The form as it stands, with some of it typed anew. */
function typed({ customer }: Renewer, fields: Partial<TypedBilling>): TypedBilling {
  return { ...billingForm(null, { ...customer, phone: null }, []).values, ...fields };
}

async function show({ customer, iccid }: Renewer, billing?: TypedBilling): Promise<OrderQuote> {
  return accepted(await quoteOrder(customer, { iccid, planCode: "add-10", billing }));
}

type Choices = Pick<PlaceOrderInput, "method"> & Partial<PlaceOrderInput>;

async function place({ customer }: Renewer, quote: OrderQuote, choices: Choices) {
  return await placeOrder(customer, {
    attemptId: quote.attemptId,
    quote: quote.token,
    iccid: quote.iccid,
    planCode: quote.plan.code,
    startChoice: quote.startChoice,
    useBalance: false,
    acceptLoss: false,
    repeat: false,
    ...choices,
  });
}

async function pay(renewer: Renewer, quote: OrderQuote, choices: Choices) {
  return await orderOf(accepted(await place(renewer, quote, choices)).orderNumber);
}

async function orderOf(number: string) {
  return await db().order.findUniqueOrThrow({
    where: { number },
    include: { items: true, payments: true },
  });
}

/** What is left of trying. */
async function tracesOf({ customer }: Renewer): Promise<{ orders: number; profiles: number }> {
  const { accountId } = customer;
  return {
    orders: await db().order.count({ where: { accountId } }),
    profiles: await db().billingProfile.count({ where: { accountId } }),
  };
}

async function balanceOf({ customer }: Renewer): Promise<bigint | undefined> {
  const { accountId, currency } = customer;
  const where = { accountId_currency: { accountId, currency } };
  return (await db().balance.findUnique({ where }))?.balanceMinor;
}

function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}
