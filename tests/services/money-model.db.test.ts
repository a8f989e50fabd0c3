import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { SYSTEM, type Staff } from "#lib/access/actor.ts";
import type { CarrierAdapter } from "#lib/carriers/port.ts";
import { db } from "#lib/db/client.ts";
import type { Statement } from "#lib/domain/bank-statement.ts";
import { money, toDecimal } from "#lib/domain/money.ts";
import type { Result } from "#lib/domain/refusal.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { assignLine } from "#lib/services/bank/assign-line.ts";
import { importStatement } from "#lib/services/bank/import-statement.ts";
import { earnRevenue } from "#lib/services/earning/earn-revenue.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { cancelUnpaidOrder } from "#lib/services/order/cancel-unpaid-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { closePayment } from "#lib/services/payment/close-payment.ts";
import { mirrorPayment } from "#lib/services/payment/mirror-payment.ts";
import { pollPayment } from "#lib/services/payment/poll-payment.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { handleProviderEvent } from "#lib/services/provider-event/handle-provider-event.ts";
import { recordProviderEvent } from "#lib/services/provider-event/record-provider-event.ts";
import { redirectRefund } from "#lib/services/refund/redirect-refund.ts";
import { requestRefund } from "#lib/services/refund/request-refund.ts";
import { sendRefund } from "#lib/services/refund/send-refund.ts";
import { CarrierDouble, DOUBLED_SETTINGS } from "#tests/support/carrier-double.ts";
import { dice } from "#tests/support/dice.ts";
import {
  hasProvider,
  leftOf,
  MoneyModel,
  type Holder,
  type ModelOrder,
  type ModelRefund,
  type Part,
} from "#tests/support/money-model.ts";
import { ProviderDouble, refundable, type Page } from "#tests/support/provider-double.ts";
import { givePlans, giveRenewer, giveStaff, openWorld, type World } from "#tests/support/world.ts";

/**
 * Thousands of acts in any order, each by the real verb on a real database, beside a model that says what
 * everybody should hold. Providers, bank and carrier are doubles in memory, for speed: that the real
 * adapters do what their port says is proved by tests/contract/.
 */
const ACTS = Number(process.env["MONEY_MODEL_ACTS"] ?? 2_500);
/** How often each kind must have been accepted; it goes on until it is so. */
const EACH = Math.ceil(ACTS / 1_000);
const WHOLE_CHECK_EVERY = 50;
const seed = Number(process.env["MONEY_MODEL_SEED"] ?? 20_261_122);
const random = dice(seed);

const doubles = vi.hoisted(() => ({
  payments: new Map<string, unknown>(),
  carrier: undefined as unknown,
  statements: new Map<string, unknown>(),
}));
vi.mock("#lib/payments/registry.ts", () => ({
  paymentAdapter: (id: string) => doubles.payments.get(id) as PaymentAdapter,
  bankTransfers: () => ({
    currencies: ["EUR", "JPY", "KWD"],
    instructions: () => null,
    qrText: () => null,
    readStatement: (bytes: Uint8Array) => ({
      ok: true,
      statements: [doubles.statements.get(new TextDecoder().decode(bytes)) as Statement],
    }),
  }),
}));
vi.mock("#lib/carriers/registry.ts", () => ({
  carrierAdapter: () => doubles.carrier as CarrierAdapter,
}));

/** Currencies with 2, 0 and 3 decimals, each with what a plan costs. */
const PRICES = { EUR: 990n, JPY: 1_480n, KWD: 2_345n } as const;
const HOLDERS = 45;
const planOf = (currency: string): string => `plan-${currency}`;

let world: World;
let support: Staff;
let lead: Staff;
const model = new MoneyModel();
const stripe = new ProviderDouble("stripe", false);
const paypal = new ProviderDouble("paypal", true);
const carrier = new CarrierDouble(Object.keys(PRICES).map((currency) => `T_${planOf(currency)}`));
/** Messages of providers that are on their way, and those that came. */
const messages: Message[] = [];
const delivered: Message[] = [];
/** Movements at the bank that nobody could place. */
const unplaced: { id: string; amount: bigint; currency: string }[] = [];
/** Movements that may be known ones in another file, with the order that they name. */
const repeated: ((typeof unplaced)[number] & { order: ModelOrder })[] = [];
/** What was transferred for each payment. */
const transferred = new Map<string, bigint[]>();
const statements: string[] = [];
const accepted = new Map<string, number>();
/** Running totals of the ledger, by currency, code and customer. */
const ledger = new Map<string, bigint>();
let lastJournal = "00000000-0000-0000-0000-000000000000";

interface Message {
  readonly eventId: string;
  readonly type: string;
  readonly order: ModelOrder;
  readonly part: Part;
}

beforeAll(async () => {
  world = await openWorld();
  Object.assign(process.env, DOUBLED_SETTINGS);
  doubles.payments.set("stripe", stripe.adapter);
  doubles.payments.set("paypal", paypal.adapter);
  doubles.carrier = carrier.adapter;
  await givePlans(
    world,
    Object.entries(PRICES).map(([currency, priceMinor]) => ({
      code: planOf(currency),
      currency,
      priceMinor,
    })),
  );
  await db().taxRate.create({ data: { countryCode: "CN", basisPoints: 600 } });
  support = await giveStaff();
  lead = { ...(await giveStaff()), role: "lead" };
  for (let n = 0; n < HOLDERS; n += 1) {
    const currency = Object.keys(PRICES)[n % 3] ?? "EUR";
    const renewer = await giveRenewer(world, { currency });
    model.holders.push({ renewer, currency, balance: 0n, reserved: 0n, owed: 0n });
  }
}, 120_000);
afterAll(async () => await world.close());

test(
  "whatever happens in whatever order, nobody loses a minor unit and nobody gets one twice",
  { timeout: 1_500_000 },
  async () => {
    let done = 0;
    const names = Object.keys(acts);
    let act = "";
    try {
      while (done < ACTS || names.some((name) => (accepted.get(name) ?? 0) < EACH)) {
        const rare = names.toSorted((a, b) => (accepted.get(a) ?? 0) - (accepted.get(b) ?? 0));
        // What was rare so far, what the rare needs, or anything.
        act = any([rare.slice(0, 8), SUPPLY, names][Math.floor(random() * 3)] ?? names) ?? "";
        stripe.refundsGo = paypal.refundsGo = random() < 0.5 ? "slowly" : "at once";
        const holder = await acts[act]?.();
        if (holder === undefined || holder === null) continue;
        accepted.set(act, (accepted.get(act) ?? 0) + 1);
        done += 1;
        await check(holder);
        if (done % 20 === 0) await world.sql("DELETE FROM rate_limit");
        if (done % WHOLE_CHECK_EVERY === 0) await checkEverything();
        if (done > 2 * ACTS)
          throw new Error(
            `Rare: ${rare.map((name) => `${accepted.get(name) ?? 0} ${name}`).join(", ")}`,
          );
      }
      act = "the end";
      while (messages.length > 0) await deliver(messages.shift());
      for (const order of model.orders) {
        for (const part of order.parts.filter(hasProvider)) {
          await mirrorPayment({ paymentId: part.id });
          model.mirror(order, part, pageOf(part));
          await adopt(order);
        }
      }
      await checkEverything();
      expect(Object.fromEntries(heldAtProviders())).toEqual(
        Object.fromEntries([...model.cash].filter(([key]) => !key.startsWith("cash_bank"))),
      );
    } catch (error) {
      throw new Error(`MONEY_MODEL_SEED=${seed}, act ${done + 1}: ${act}`, { cause: error });
    }
    const counts = [...accepted].toSorted(([a], [b]) => a.localeCompare(b));
    console.log(
      [
        `seed ${seed} (MONEY_MODEL_SEED), ${done} acts:`,
        ...counts.map(([name, count]) => `  ${String(count).padStart(5)}  ${name}`),
      ].join("\n"),
    );
    expect(done).toBeGreaterThanOrEqual(ACTS);
    expect(Math.min(...names.map((name) => accepted.get(name) ?? 0))).toBeGreaterThanOrEqual(EACH);
  },
);

// ------------------------------------------------------------------ what happens

/** What much else depends on. */
const SUPPLY = [
  "order by card",
  "order by card",
  "card paid",
  "card paid",
  "PayPal approved",
  "message of a provider",
  "carrier confirms",
  "carrier confirms",
  "refund to where it came from",
  "refund to where it came from",
  "refund under way",
  "dispute opened",
  "dispute announced",
  "card under way",
  "payment closed while its page is open",
];

/** Each act does one thing and returns whose money it touched, or null when there was nobody to do it to. */
const acts: Readonly<Record<string, () => Promise<Holder | null>>> = {
  "order by card": () => place("stripe", false),
  "order by PayPal": () => place("paypal", false),
  "order by bank transfer": () => place("bank_transfer", false),
  "order by balance": () => place("balance", false),
  "order by balance and card": () => place("stripe", true),
  "order by balance and PayPal": () => place("paypal", true),
  "order by balance and bank transfer": () => place("bank_transfer", true),
  "top-up by card": () => topUp("stripe"),
  "top-up by PayPal": () => topUp("paypal"),
  "top-up by bank transfer": () => topUp("bank_transfer"),

  "card paid": () => onPage("stripe", ["open"], "paid"),
  "card under way": () => onPage("stripe", ["open"], "processing"),
  "card under way paid": () => onPage("stripe", ["processing"], "paid"),
  "card declined for good": () => onPage("stripe", ["processing"], "failed"),
  "PayPal approved": () => onPage("paypal", ["open"], "approved"),
  "page ran out": () => onPage(any(["stripe", "paypal"]) ?? "stripe", ["open"], "expired"),
  "customer gives up": async () => {
    const order = any(open());
    if (order === undefined) return null;
    await cancelUnpaidOrder(order.holder.renewer.customer, { number: order.number });
    for (const part of order.parts) abandoned(order, part);
    await adopt(order);
    return order.holder;
  },
  "payment closed while its page is open": async () => {
    const [order, part] = anyPart((each) => each.state === "open" && isOn(each, "open"));
    if (order === null) return null;
    await closePayment(SYSTEM, { paymentId: part.id, state: "expired", reason: "too_early" });
    model.close(order, part);
    return order.holder;
  },
  "paid late": async () => {
    const [order, part] = anyPart(
      (each) => each.state === "closed" && each.adapter === "stripe" && isOn(each, "open"),
    );
    if (order === null) return null;
    pageOf(part).state = "paid";
    announce(order, part, "payment.paid");
    return order.holder;
  },

  "message of a provider": () => deliver(takeAny(messages)),
  "message of a provider again": async () => {
    const message = any(delivered);
    return message === undefined ? null : await unchanged(message.order, () => bring(message));
  },
  "same change under another event id": async () => {
    const message = any(delivered);
    return message === undefined ? null : await deliver({ ...message, eventId: randomUUID() });
  },
  "return page": () =>
    asked((part, order) => settlePayment(order.holder.renewer.customer, { paymentId: part.id })),
  poller: () => asked((part) => pollPayment({ paymentId: part.id })),

  "carrier confirms": () => activate(false),
  "carrier refuses": () => activate(true),

  "refund to where it came from": () => staffRefund({ share: random() / 3, toBalance: false }),
  "refund to the balance": () => staffRefund({ share: random() / 3, toBalance: true }),
  "refund of the rest": () => staffRefund({ share: 1, toBalance: random() < 0.3 }),
  "refund paid out": () => send("at once"),
  "refund under way": () => send("slowly"),
  "refund refused": () => send("nowhere"),
  "refund under way paid out": () => endRefund("pending", "succeeded"),
  "refund under way fails": () => endRefund("pending", "failed"),
  "refund comes back": () => endRefund("succeeded", "failed"),
  "failed refund to the balance": async () => {
    const [order, , refund] = anyRefund((each) => each.state === "failed");
    if (order === null) return null;
    accept(await redirectRefund(support, { refundId: refund.id ?? "", reason: "asked for it" }));
    refund.state = "redirected";
    order.holder.balance += refund.amount;
    return order.holder;
  },
  "refund at the provider": async () => {
    const [order, part] = anyPart(
      (each, its) =>
        its.state === "completed" &&
        isFree(each) &&
        each.refunds.every(({ state }) => state !== "open" && state !== "failed"),
    );
    if (order === null) return null;
    const most = least(leftOf(part), part);
    pageOfDouble(part).refundByHand(pageOf(part), share(most, random()));
    announce(order, part, "refund.made");
    return order.holder;
  },

  "dispute announced": () => contest("inquiry"),
  "dispute opened": () => contest("open"),
  "dispute goes on": () => goOn("inquiry", "open"),
  "dispute won": () => goOn("open", "won"),
  "dispute lost": () => goOn("open", "lost"),

  "revenue earned": earn,

  "transfer of the amount": () => transfer((missing) => missing, false),
  "transfer of too much": () => transfer((missing) => missing + share(missing, random()), false),
  "transfer of too little": () => transfer((missing) => share(missing - 1n, random()), false),
  "transfer that comes twice": () =>
    transfer((_, amount) => share(amount * 1_000n, random()), true, "settled"),
  "transfer that another file tells of": () =>
    transfer((_, __, known) => any(known) ?? 0n, true, random() < 0.5 ? "settled" : "open"),
  "transfer told twice, as a person says": async () => {
    const line = takeAny(repeated);
    if (line === undefined) return null;
    const input = { decision: "same", lineId: line.id, reason: "told twice" } as const;
    accept(await assignLine(lead, input));
    add(model.suspense, line.currency, -line.amount);
    add(model.cash, `cash_bank ${line.currency}`, -line.amount);
    return line.order.holder;
  },
  "transfer that was another one, as a person says": async () => {
    const line = takeAny(repeated);
    if (line === undefined) return null;
    const { number: customer, holder } = line.order;
    const input = { decision: "balance", lineId: line.id, customer, reason: "asked" } as const;
    accept(await assignLine(lead, input));
    add(model.suspense, line.currency, -line.amount);
    holder.balance += line.amount;
    return holder;
  },
  "transfer that comes late": () => transfer((_, amount) => amount, true, "closed"),
  "transfer that nobody knows": async () => {
    const holder = any(model.holders);
    if (holder === undefined) return null;
    const id = await importLine(holder.currency, 1_234n, "thanks for the service");
    add(model.suspense, holder.currency, 1_234n);
    add(model.cash, `cash_bank ${holder.currency}`, 1_234n);
    unplaced.push({ id, amount: 1_234n, currency: holder.currency });
    return holder;
  },
  "transfer placed by a person": async () => {
    const line = takeAny(unplaced);
    const holder = any(model.holders.filter(({ currency }) => currency === line?.currency));
    if (line === undefined || holder === undefined) return null;
    const customer = holder.renewer.customer.email;
    const input = { decision: "balance", lineId: line.id, customer, reason: "asked" } as const;
    accept(await assignLine(lead, input));
    expect(await assignLine(lead, input)).toMatchObject({
      refusal: { code: "decided_already" },
    });
    holder.balance += line.amount;
    add(model.suspense, line.currency, -line.amount);
    return holder;
  },
  "same statement again": async () => {
    const [file, order] = [any(statements), any(model.orders)];
    if (file === undefined || order === undefined) return null;
    return await unchanged(order, () =>
      importStatement(lead, { fileName: file, bytes: Buffer.from(file), hints: {} }),
    );
  },

  "refused: more than is on the balance": async () => {
    const holder = any(model.holders.filter((each) => each.balance < priceOf(each)));
    const order = model.orders.find((each) => each.holder === holder);
    if (holder === undefined || order === undefined) return null;
    return await unchanged(
      order,
      () => tryToPlace(holder, "balance", false),
      "balance_insufficient",
    );
  },
  "refused: more than is left": async () => {
    const order = any(completed());
    if (order === undefined) return null;
    const left = order.parts.reduce((sum, part) => sum + positive(leftOf(part)), 0n);
    const input = { ...refundOf(order, left + 1n), destination: "origin" as const };
    return await unchanged(order, () => requestRefund(lead, input), "input_invalid");
  },
  "refused: refund of what is not done": async () => {
    const order = any(model.orders.filter(({ state }) => state === "open" || state === "paid"));
    if (order === undefined) return null;
    const input = { ...refundOf(order, 1n), destination: "balance" as const };
    return await unchanged(order, () => requestRefund(lead, input), "refund_not_possible");
  },
  "refused: refund sent another way twice": async () => {
    const [order, , refund] = anyRefund((each) => each.state === "redirected");
    if (order === null) return null;
    const input = { refundId: refund.id ?? "", reason: "once more" };
    return await unchanged(order, () => redirectRefund(support, input), "refund_not_possible");
  },
  "refused: top-up that is spent": async () => {
    const order = any(
      completed().filter(
        ({ kind, holder, parts }) =>
          kind === "topup" &&
          parts.some((part) => hasProvider(part) && leftOf(part) > holder.balance),
      ),
    );
    const part = order?.parts[0];
    if (order === undefined || part === undefined) return null;
    const input = { ...refundOf(order, leftOf(part)), destination: "origin" as const };
    return await unchanged(order, () => requestRefund(lead, input), "topup_spent");
  },
  "refused: somebody else's order": async () => {
    const [order, other] = [any(open()), any(model.holders)];
    if (order === undefined || other === undefined || other === order.holder) return null;
    const { customer } = other.renewer;
    return await unchanged(
      order,
      () => cancelUnpaidOrder(customer, { number: order.number }),
      "not_found",
    );
  },
  "refused: split of a balance that changed": async () => {
    const holder = any(
      model.holders.filter((each) => each.balance > 1n && each.balance < priceOf(each)),
    );
    const order = model.orders.find((each) => each.holder === holder);
    if (holder === undefined || order === undefined) return null;
    const shown = await quote(holder);
    // Meanwhile something comes in.
    const id = await importLine(holder.currency, 1n, "a trifle");
    const { email } = holder.renewer.customer;
    accept(
      await assignLine(lead, { decision: "balance", lineId: id, customer: email, reason: "asked" }),
    );
    holder.balance += 1n;
    add(model.cash, `cash_bank ${holder.currency}`, 1n);
    return await unchanged(
      order,
      () => placeOrder(holder.renewer.customer, orderOf(shown, "stripe", true)),
      "quote_changed",
    );
  },
};

/** Places an order and begins its payment. */
async function place(method: Part["adapter"], useBalance: boolean): Promise<Holder | null> {
  const holder = any(
    model.holders.filter((each) =>
      method === "balance"
        ? each.balance >= priceOf(each)
        : !useBalance || (each.balance > 0n && each.balance < priceOf(each)),
    ),
  );
  if (holder === undefined) return null;
  const earlier = open().filter((each) => each.holder === holder && each.kind === "renewal");
  const price = priceOf(holder);
  const fromBalance = method === "balance" ? price : useBalance ? holder.balance : 0n;
  const { orderNumber } = accept(await tryToPlace(holder, method, useBalance));
  const order = await found(orderNumber, holder, "renewal");
  expect(order.parts.find(({ adapter }) => adapter === "balance")?.amount ?? 0n).toBe(fromBalance);
  expect(order.parts.reduce((sum, part) => sum + part.amount, 0n)).toBe(price);
  holder.balance -= fromBalance;
  if (method === "balance") model.settle(order, only(order.parts));
  else holder.reserved += fromBalance;
  // Only the newest is to be paid.
  for (const each of earlier) {
    for (const part of each.parts) if (!part.processing && part.kept === 0n) abandoned(each, part);
    await adopt(each);
  }
  return holder;
}

async function quote(holder: Holder) {
  const { customer, iccid } = holder.renewer;
  return accept(await quoteOrder(customer, { iccid, planCode: planOf(holder.currency) }));
}

function orderOf(
  shown: Awaited<ReturnType<typeof quote>>,
  method: Part["adapter"],
  useBalance: boolean,
) {
  return {
    attemptId: randomUUID(),
    quote: shown.token,
    iccid: shown.iccid,
    planCode: shown.plan.code,
    startChoice: shown.startChoice,
    method,
    useBalance,
    acceptLoss: false,
    repeat: true,
  };
}

async function tryToPlace(holder: Holder, method: Part["adapter"], useBalance: boolean) {
  const input = orderOf(await quote(holder), method, useBalance);
  const placed = await placeOrder(holder.renewer.customer, input);
  // Pressed twice: the same order.
  if (placed.ok && random() < 0.2) {
    const again = accept(await placeOrder(holder.renewer.customer, input));
    expect(again.orderNumber).toBe(placed.value.orderNumber);
  }
  return placed;
}

async function topUp(method: "stripe" | "paypal" | "bank_transfer"): Promise<Holder | null> {
  const holder = any(model.holders);
  if (holder === undefined) return null;
  const { customer } = holder.renewer;
  const smaller = { EUR: 100n, JPY: 1n, KWD: 1_000n }[holder.currency as keyof typeof PRICES];
  const amount = smaller + share(priceOf(holder) * 2n, random());
  const placed = accept(
    await placeTopUp(customer, {
      attemptId: randomUUID(),
      amount: toDecimal(money(amount, holder.currency)),
      method,
    }),
  );
  await found(placed.orderNumber, holder, "topup");
  return holder;
}

/** The order as it was placed, taken into the model. */
async function found(
  number: string,
  holder: Holder,
  kind: ModelOrder["kind"],
): Promise<ModelOrder> {
  const row = await db().order.findUniqueOrThrow({
    where: { number },
    include: { payments: { orderBy: [{ createdAt: "asc" }, { id: "asc" }] } },
  });
  const parts = row.payments.map((payment): Part => ({
    id: payment.id,
    adapter: payment.adapter,
    amount: payment.amountMinor,
    reference: payment.providerReference,
    state: payment.adapter === "balance" && row.payments.length > 1 ? "reserved" : "open",
    processing: false,
    kept: 0n,
    refunds: [],
    disputes: [],
  }));
  const order: ModelOrder = { id: row.id, number, holder, kind, parts, state: "open" };
  model.add(order);
  return order;
}

/** Something happens on a provider's page, and a message is sent. */
async function onPage(
  adapter: string,
  from: readonly Page["state"][],
  to: Page["state"],
): Promise<Holder | null> {
  const [order, part] = anyPart(
    (each) => each.adapter === adapter && each.state === "open" && isOn(each, ...from),
  );
  if (order === null) return null;
  pageOf(part).state = to;
  announce(order, part, `payment.${to}`);
  return order.holder;
}

/** The customer or a newer order gives a payment up. */
function abandoned(order: ModelOrder, part: Part): void {
  if (part.state !== "open" || part.adapter === "balance") return;
  if (part.adapter === "bank_transfer") {
    model.close(order, part);
    return;
  }
  const page = pageOf(part);
  if (page.state === "approved") model.close(order, part);
  else model.learn(order, part, page);
}

/** A message of a provider comes, and is handled. */
async function deliver(message: Message | undefined): Promise<Holder | null> {
  if (message === undefined) return null;
  const { order, part } = message;
  const { holder } = order;
  const asked = part.refunds.filter(({ state }) => state === "open");
  await bring(message);
  delivered.push(message);
  model.learn(order, part, pageOf(part));
  learnRefunds(order, part, asked);
  if (/refund|dispute/.test(message.type)) model.mirror(order, part, pageOf(part));
  await adopt(order);
  return holder;
}

async function bring({ eventId, type, part }: Message): Promise<void> {
  const adapter = part.adapter === "paypal" ? "paypal" : "stripe";
  const reference = { paymentId: part.id, providerReference: part.reference };
  await recordProviderEvent({ adapter, eventId, type, reference });
  const row = await db().providerEvent.findUniqueOrThrow({
    where: { adapter_eventId: { adapter, eventId } },
  });
  await handleProviderEvent({ providerEventId: row.id });
}

/** Somebody asks about an open payment without having been told anything. */
async function asked(
  ask: (part: Part, order: ModelOrder) => Promise<unknown>,
): Promise<Holder | null> {
  const [order, part] = anyPart((each) => hasProvider(each) && each.state !== "settled");
  if (order === null) return null;
  const wasOpen = part.state === "open";
  await ask(part, order);
  // The poller leaves alone what is over.
  const state = await db().payment.findUniqueOrThrow({
    where: { id: part.id },
    select: { state: true },
  });
  if (wasOpen || state.state === "settled") model.learn(order, part, pageOf(part));
  await adopt(order);
  return order.holder;
}

async function activate(refuses: boolean): Promise<Holder | null> {
  const order = any(
    model.orders.filter(
      ({ state, parts }) => state === "paid" && (!refuses || parts.every(isKnown)),
    ),
  );
  if (order === undefined) return null;
  carrier.refuses = refuses;
  await activateOrder({ orderId: order.id });
  if (refuses) model.giveAllBack(order);
  else order.state = "completed";
  await adopt(order);
  return order.holder;
}

async function staffRefund(how: { share: number; toBalance: boolean }): Promise<Holder | null> {
  const order = any(
    completed().filter(
      ({ kind, parts }) =>
        parts.some((part) => leftOf(part) > 0n && (how.toBalance || hasProvider(part))) &&
        parts.every(isKnown) &&
        (kind === "renewal" || (!how.toBalance && parts.every(hasProvider))),
    ),
  );
  if (order === undefined) return null;
  const parts = order.parts.toSorted((a, b) => Number(hasProvider(b)) - Number(hasProvider(a)));
  const left = parts.reduce((sum, part) => sum + positive(leftOf(part)), 0n);
  let amount = how.share === 1 ? left : share(left, how.share);
  if (order.kind === "topup" && amount > order.holder.balance) amount = order.holder.balance;
  if (amount <= 0n) return null;
  const input = {
    ...refundOf(order, amount),
    destination: how.toBalance ? ("balance" as const) : ("origin" as const),
  };
  accept(await requestRefund(lead, input));
  // The form is sent twice.
  if (random() < 0.3) await requestRefund(lead, input);
  for (const part of parts) {
    const taken = smaller(positive(leftOf(part)), amount);
    if (taken > 0n) model.giveBack(order, part, taken, { toBalance: how.toBalance });
    amount -= taken;
  }
  await adopt(order);
  return order.holder;
}

function refundOf(order: ModelOrder, amount: bigint) {
  return {
    attemptId: randomUUID(),
    number: order.number,
    amount: toDecimal(money(amount, order.holder.currency)),
    reason: "The network was down",
  };
}

/** The worker has a provider pay a refund out. */
async function send(how: ProviderDouble["refundsGo"]): Promise<Holder | null> {
  const [order, part, refund] = anyRefund(
    (each, at) =>
      each.state === "open" &&
      each.reference === null &&
      !pageOf(at).refunds.some(({ refundId }) => refundId === each.id),
  );
  if (order === null) return null;
  stripe.refundsGo = paypal.refundsGo = how;
  await sendRefund({ refundId: refund.id ?? "" });
  learnRefunds(order, part, [refund]);
  return order.holder;
}

/** A refund ends, or comes back, at the provider. */
async function endRefund(
  from: "pending" | "succeeded",
  to: "succeeded" | "failed",
): Promise<Holder | null> {
  const [order, part, refund] = anyRefund((each, at) => {
    const there = thereOf(at, each);
    // What came back is not told of twice.
    return there?.state === from && (from === "pending" || each.state === "done");
  });
  const there = order === null ? undefined : thereOf(part, refund);
  if (order === null || there === undefined) return null;
  there.state = to;
  announce(order, part, "refund.updated");
  return order.holder;
}

async function contest(state: "inquiry" | "open"): Promise<Holder | null> {
  const [order, part] = anyPart(isFree);
  if (order === null) return null;
  pageOfDouble(part).contest(pageOf(part), least(leftOf(part), part), state);
  announce(order, part, "dispute.created");
  return order.holder;
}

async function goOn(from: "inquiry" | "open", to: "open" | "won" | "lost"): Promise<Holder | null> {
  const [order, part] = anyPart((each) => {
    if (!hasProvider(each)) return false;
    const [dispute] = pageOf(each).disputes;
    // An inquiry about money that went back since is not followed.
    return (
      dispute?.state === from &&
      (from === "open" || dispute.amount.amountMinor <= least(leftOf(each), each))
    );
  });
  const dispute = order === null ? undefined : pageOf(part).disputes[0];
  if (order === null || dispute === undefined) return null;
  dispute.state = to;
  announce(order, part, "dispute.updated");
  return order.holder;
}

/** Time passes over an order's service, and what was given is booked. */
async function earn(): Promise<Holder | null> {
  const order = any(completed().filter(({ kind }) => kind === "renewal"));
  if (order === undefined) return null;
  const days = Math.ceil(random() * 12);
  const [item] = await world.sql<{ id: string; earned: string }>(
    `WITH aged AS (
       UPDATE bucket SET valid_from = valid_from - make_interval(days => $2), valid_until = valid_until - make_interval(days => $2)
         WHERE order_item_id IN (SELECT id FROM order_item WHERE order_id = $1))
     UPDATE order_item SET next_earning_at = now() WHERE order_id = $1 AND next_earning_at IS NOT NULL
       RETURNING id, (SELECT count(*) FROM earning WHERE order_item_id = order_item.id) AS earned`,
    [order.id, days],
  );
  if (item === undefined) return null;
  await earnRevenue({ orderItemId: item.id });
  // At once again: there is nothing to earn.
  await earnRevenue({ orderItemId: item.id });
  const count = await db().earning.count({ where: { orderItemId: item.id } });
  return count > Number(item.earned) ? order.holder : null;
}

/** A transfer with a payment's reference arrives. */
async function transfer(
  amountOf: (missing: bigint, amount: bigint, known: readonly bigint[]) => bigint,
  toBalance: boolean,
  state: Part["state"] = "open",
): Promise<Holder | null> {
  const [order, part] = anyPart((each) => each.adapter === "bank_transfer" && each.state === state);
  if (order === null) return null;
  const missing = part.amount - part.kept;
  const known = transferred.get(part.id) ?? [];
  const amount = amountOf(missing, part.amount, known);
  if (amount <= 0n) return null;
  const { holder } = order;
  const id = await importLine(holder.currency, amount, `Order ${part.reference}`);
  model.move(part, amount, order);
  transferred.set(part.id, [...known, amount]);
  if (known.includes(amount)) {
    // Each comes in a file of its own: it may be the same movement.
    add(model.suspense, holder.currency, amount);
    repeated.push({ id, amount, currency: holder.currency, order });
  } else if (toBalance) {
    holder.balance += amount;
  } else if (amount < missing) {
    part.kept += amount;
    holder.reserved += amount;
  } else {
    holder.reserved -= part.kept;
    part.kept = 0n;
    model.settle(order, part);
    holder.balance += amount - missing;
  }
  await adopt(order);
  return holder;
}

/** A statement with one movement is brought; returns the movement's id. */
async function importLine(currency: string, amountMinor: bigint, text: string): Promise<string> {
  const lineId = randomUUID();
  const day = new Date().toISOString().slice(0, 10);
  const statement: Statement = {
    statementId: lineId,
    accountNumber: `TEST${currency}`,
    currency,
    openingMinor: null,
    closingMinor: null,
    notes: [],
    lines: [
      {
        lineId,
        bookedOn: day,
        valueOn: day,
        amountMinor,
        currency,
        counterpartyName: "Somebody",
        counterpartyAccount: null,
        remittanceText: text,
        bankReference: null,
        isReversal: false,
        isCollective: false,
      },
    ],
  };
  doubles.statements.set(lineId, statement);
  statements.push(lineId);
  accept(await importStatement(lead, { fileName: lineId, bytes: Buffer.from(lineId), hints: {} }));
  return (await db().bankLine.findUniqueOrThrow({ where: { lineId } })).id;
}

// ------------------------------------------------------------------ what must be so

/** After each act: O1, O2, O3 by what was booked since, and O9 of the order's payments. */
async function check(holder: Holder): Promise<void> {
  const rows = await world.sql<{
    id: string;
    code: string;
    currency: string;
    account_id: string | null;
    minor: string;
  }>(
    `SELECT j.id, a.code, a.currency, a.account_id, e.amount_minor AS minor
       FROM journal j JOIN ledger_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.ledger_account_id
       WHERE j.id > $1 ORDER BY j.id`,
    [lastJournal],
  );
  const sums = new Map<string, bigint>();
  for (const { id, code, currency, account_id, minor } of rows) {
    add(sums, id, BigInt(minor));
    add(ledger, [code, currency, account_id].filter(Boolean).join(" "), BigInt(minor));
    if (id > lastJournal) lastJournal = id;
  }
  for (const [id, sum] of sums) expect([id, sum]).toEqual([id, 0n]);
  const touched = new Set(rows.map(({ account_id }) => account_id).filter(Boolean));
  touched.add(holder.renewer.customer.accountId);
  const balances = await world.sql<{ account_id: string; balance: string; reserved: string }>(
    `SELECT account_id, balance_minor AS balance, reserved_minor AS reserved FROM balance WHERE account_id = ANY($1)`,
    [[...touched]],
  );
  for (const accountId of touched) {
    const who = model.holders.find(({ renewer }) => renewer.customer.accountId === accountId);
    const row = balances.find(({ account_id }) => account_id === accountId);
    const of = (code: string): bigint => ledger.get(`${code} ${who?.currency} ${accountId}`) ?? 0n;
    expect({
      balance: BigInt(row?.balance ?? 0),
      reserved: BigInt(row?.reserved ?? 0),
      booked: [-of("customer_balance"), -of("customer_reserved"), of("receivables")],
    }).toEqual({
      balance: who?.balance,
      reserved: who?.reserved,
      booked: [who?.balance, who?.reserved, who?.owed],
    });
    for (const held of [who?.balance, who?.reserved, who?.owed])
      expect(held).toBeGreaterThanOrEqual(0n);
  }
  for (const [key, minor] of model.cash) expect([key, ledger.get(key) ?? 0n]).toEqual([key, minor]);
  for (const [currency, minor] of model.suspense) {
    expect(["suspense", currency, -(ledger.get(`suspense ${currency}`) ?? 0n)]).toEqual([
      "suspense",
      currency,
      minor,
    ]);
  }
}

/** O1 to O9 over the whole database, straight from its tables; each query finds what must not be. */
async function checkEverything(): Promise<void> {
  const faults = await world.sql<{ fault: string }>(
    `SELECT 'O1 ' || journal_id AS fault FROM audit.journal_imbalance
     UNION ALL SELECT 'O2 ' || b.account_id || ' ' || b.currency FROM balance b
       LEFT JOIN (SELECT a.account_id, a.currency,
           -sum(e.amount_minor) FILTER (WHERE a.code = 'customer_balance') AS balance,
           -sum(e.amount_minor) FILTER (WHERE a.code = 'customer_reserved') AS reserved
         FROM ledger_account a JOIN ledger_entry e ON e.ledger_account_id = a.id GROUP BY 1, 2) s USING (account_id, currency)
       WHERE b.balance_minor < 0 OR b.reserved_minor < 0 OR b.balance_minor <> coalesce(s.balance, 0)
          OR b.reserved_minor <> coalesce(s.reserved, 0)
     UNION ALL SELECT 'O3 payable ' || currency FROM (
         SELECT currency, sum(minor) AS minor FROM (
           SELECT a.currency, e.amount_minor AS minor FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
             WHERE a.code = 'refunds_payable'
           UNION ALL SELECT r.currency, r.amount_minor FROM refund r
             WHERE NOT r.to_balance AND (r.state IN ('created', 'pending') OR r.state = 'failed'
               AND NOT EXISTS (SELECT 1 FROM refund d WHERE d.redirects = r.id))) each GROUP BY 1) s WHERE minor <> 0
     UNION ALL SELECT 'O4 ' || number FROM "order" WHERE state IN ('inProgress', 'held') AND next_attempt_at IS NULL
     UNION ALL SELECT 'O6 ' || a.id FROM period a JOIN period b ON a.esim_id = b.esim_id AND a.id < b.id
       AND a.state <> 'cancelled' AND b.state <> 'cancelled' AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
     UNION ALL SELECT 'O7 tax ' || currency FROM (
         SELECT currency, sum(minor) AS minor FROM (
           SELECT a.currency, e.amount_minor AS minor FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
             WHERE a.code = 'tax_payable'
           UNION ALL SELECT currency, tax_minor FROM payment WHERE state = 'settled'
           UNION ALL SELECT currency, -tax_minor FROM refund WHERE redirects IS NULL) each GROUP BY 1) s WHERE minor <> 0
     UNION ALL SELECT 'O7 service ' || o.number FROM "order" o
       JOIN LATERAL (SELECT coalesce(sum(e.amount_minor), 0) AS minor,
             coalesce(sum(e.amount_minor) FILTER (WHERE a.code = 'deferred_revenue'), 0) AS deferred
           FROM journal j JOIN ledger_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.ledger_account_id
           WHERE j.order_id = o.id AND a.code IN ('deferred_revenue', 'earned_revenue', 'refunds')) l ON true
       JOIN LATERAL (SELECT coalesce(sum(amount_minor - tax_minor), 0) AS minor FROM payment
           WHERE order_id = o.id AND state = 'settled') p ON true
       JOIN LATERAL (SELECT coalesce(sum(amount_minor - tax_minor), 0) AS minor FROM refund
           WHERE order_id = o.id AND redirects IS NULL) r ON true
       WHERE o.kind <> 'topup' AND (l.minor <> r.minor - p.minor OR l.deferred > 0)
     UNION ALL SELECT 'O9 ' || p.id FROM payment p JOIN refund r ON r.payment_id = p.id
       WHERE r.redirects IS NULL GROUP BY p.id, p.amount_minor HAVING sum(r.amount_minor) > p.amount_minor
     UNION ALL SELECT 'O10 ' || order_number FROM audit.notices GROUP BY order_number, template, channel HAVING count(*) > 1
     UNION ALL SELECT 'O11 ' || subject FROM audit.events WHERE actor_kind = 'staff' AND (reason IS NULL OR actor_email IS NULL)`,
  );
  expect(faults).toEqual([]);
  const sent = [...carrier.acted.values()];
  expect(Math.max(0, ...sent)).toBeLessThanOrEqual(1); // O5
  const [confirmed] = await world.sql<{ count: string }>(
    "SELECT count(*) FROM activation WHERE state = 'confirmed'",
  );
  expect(Number(confirmed?.count)).toBe(sent.length);
  await expect(world.sql("UPDATE ledger_entry SET amount_minor = amount_minor")).rejects.toThrow(
    "append-only",
  ); // O8
  const states = {
    open: ["acknowledged", "pending"],
    paid: ["inProgress", "held"],
    completed: ["completed"],
    over: ["failed", "cancelled"],
  };
  const rows = await world.sql<{ id: string; state: string }>('SELECT id, state FROM "order"');
  const there = new Map(rows.map(({ id, state }) => [id, state]));
  for (const { id, number, state } of model.orders) {
    expect([number, states[state].includes(there.get(id) ?? "")]).toEqual([number, true]);
  }
}

/** Does something that must have no effect at all on anybody's money. */
async function unchanged(
  order: ModelOrder,
  act: () => Promise<unknown>,
  refusal?: string,
): Promise<Holder> {
  const before = await fingerprint(order.holder);
  const result = (await act()) as Result<unknown> | undefined;
  if (refusal !== undefined) {
    expect(result).toMatchObject({ ok: false, refusal: { code: refusal } });
  }
  expect(await fingerprint(order.holder)).toEqual(before);
  return order.holder;
}

/** All that is kept of a customer's money, and how much is booked of anybody's. */
async function fingerprint({ renewer }: Holder): Promise<unknown> {
  const [row] = await world.sql(
    `SELECT (SELECT count(*) FROM journal) AS journals, (SELECT count(*) FROM "order") AS orders,
        (SELECT count(*) FROM refund) AS refunds, (SELECT count(*) FROM audit_event) AS events,
        (SELECT md5(string_agg(o::text, '' ORDER BY o.id)) FROM "order" o WHERE account_id = $1) AS own,
        (SELECT md5(string_agg(p::text, '' ORDER BY p.id)) FROM payment p JOIN "order" o ON o.id = p.order_id WHERE account_id = $1) AS paid,
        (SELECT md5(string_agg(r::text, '' ORDER BY r.id)) FROM refund r JOIN "order" o ON o.id = r.order_id WHERE account_id = $1) AS back`,
    [renewer.customer.accountId],
  );
  return row;
}

/** The refunds of an order are exactly those of the model; they get their ids. */
async function adopt(order: ModelOrder): Promise<void> {
  const rows = await db().refund.findMany({
    where: { orderId: order.id, redirects: null },
    orderBy: { createdAt: "asc" },
  });
  const all = order.parts.flatMap((part) => part.refunds.map((refund) => ({ part, refund })));
  const known = new Set(all.map(({ refund }) => refund.id));
  for (const row of rows) {
    if (known.has(row.id)) continue;
    const match = all.find(
      ({ part, refund }) =>
        refund.id === null &&
        part.id === row.paymentId &&
        refund.amount === row.amountMinor &&
        refund.toBalance === row.toBalance,
    );
    if (match !== undefined) match.refund.id = row.id;
  }
  const states = { created: "open", pending: "open", succeeded: "done", failed: "failed" };
  const here = rows.map((row) => [row.id, row.amountMinor, states[row.state]]);
  const there = all.map(({ refund }) => [
    refund.id,
    refund.amount,
    refund.state === "redirected" ? "failed" : refund.state,
  ]);
  expect([order.number, new Set(here)]).toEqual([order.number, new Set(there)]);
}

// ------------------------------------------------------------------ small things

function heldAtProviders(): Map<string, bigint> {
  const held = new Map<string, bigint>();
  for (const [code, double] of [
    ["cash_stripe", stripe],
    ["cash_paypal", paypal],
  ] as const) {
    for (const [currency, minor] of double.held()) {
      if (model.cash.has(`${code} ${currency}`) || minor !== 0n)
        held.set(`${code} ${currency}`, minor);
    }
  }
  return held;
}

function announce(order: ModelOrder, part: Part, type: string): void {
  messages.push({ eventId: randomUUID(), type, order, part });
}

function learnRefunds(order: ModelOrder, part: Part, asked: readonly ModelRefund[]): void {
  model.learnRefunds(order, part, asked, pageOf(part), pageOfDouble(part).refused);
}

function pageOfDouble(part: Part): ProviderDouble {
  return part.adapter === "paypal" ? paypal : stripe;
}

function pageOf(part: Part): Page {
  return pageOfDouble(part).page(part.reference ?? "");
}

/** Whether something of a part is left at both ends, and they agree on it. */
function isFree(part: Part): boolean {
  return (
    part.state === "settled" && isKnown(part) && hasProvider(part) && least(leftOf(part), part) > 0n
  );
}

/**
 * Whether what was done at the provider is known here. What is given back at both ends at once, and is more
 * than was paid together, is put before a person: tests/services/money-races.db.test.ts.
 */
function isKnown(part: Part): boolean {
  if (!hasProvider(part)) return true;
  const { refunds, disputes } = pageOf(part);
  return (
    refunds.every(
      ({ refundId, providerReference }) =>
        refundId !== null || part.refunds.some(({ reference }) => reference === providerReference),
    ) &&
    disputes.every(({ providerReference, state }) =>
      part.disputes.some((each) => each.reference === providerReference && each.state === state),
    )
  );
}

function isOn(part: Part, ...states: readonly Page["state"][]): boolean {
  return hasProvider(part) && states.includes(pageOf(part).state);
}

function thereOf(part: Part, refund: ModelRefund) {
  return pageOf(part).refunds.find((each) =>
    refund.reference === null
      ? refund.id !== null && each.refundId === refund.id
      : each.providerReference === refund.reference,
  );
}

const open = (): ModelOrder[] => model.orders.filter(({ state }) => state === "open");
const completed = (): ModelOrder[] => model.orders.filter(({ state }) => state === "completed");
const priceOf = ({ currency }: Holder): bigint => PRICES[currency as keyof typeof PRICES];
const positive = (minor: bigint): bigint => (minor > 0n ? minor : 0n);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** What both sides would let go back of a part. */
function least(left: bigint, part: Part): bigint {
  return smaller(positive(left), refundable(pageOf(part)));
}

/** At least one minor unit of an amount, at most all of it. */
function share(amount: bigint, part: number): bigint {
  const taken = (amount * BigInt(Math.ceil(part * 1_000))) / 1_000n;
  return taken > 0n ? taken : 1n;
}

function add(map: Map<string, bigint>, key: string, minor: bigint): void {
  map.set(key, (map.get(key) ?? 0n) + minor);
}

function any<T>(list: readonly T[]): T | undefined {
  return list[Math.floor(random() * list.length)];
}

function takeAny<T>(list: T[]): T | undefined {
  return list.splice(Math.floor(random() * list.length), 1)[0];
}

function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length > 1) throw new Error("Not exactly one");
  return first;
}

type PartOf = readonly [ModelOrder, Part] | readonly [null, Part];

function anyPart(fits: (part: Part, order: ModelOrder) => boolean): PartOf {
  const all = model.orders.flatMap((order) => order.parts.map((part) => [order, part] as const));
  const hit = any(all.filter(([order, part]) => fits(part, order)));
  return hit ?? [null, NOBODY];
}

function anyRefund(
  fits: (refund: ModelRefund, part: Part) => boolean,
): readonly [ModelOrder, Part, ModelRefund] | readonly [null, Part, ModelRefund] {
  const all = model.orders.flatMap((order) =>
    order.parts.flatMap((part) => part.refunds.map((refund) => [order, part, refund] as const)),
  );
  const hit = any(all.filter(([, part, refund]) => hasProvider(part) && fits(refund, part)));
  return (
    hit ?? [
      null,
      NOBODY,
      { id: null, amount: 0n, toBalance: false, reference: null, state: "done" },
    ]
  );
}

const NOBODY: Part = {
  id: "",
  adapter: "balance",
  amount: 0n,
  reference: null,
  state: "closed",
  processing: false,
  kept: 0n,
  refunds: [],
  disputes: [],
};

function accept<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused: ${JSON.stringify(result.refusal)}`);
  return result.value;
}
