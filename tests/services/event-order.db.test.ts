import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { money } from "#lib/domain/money.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import { handleProviderEvent } from "#lib/services/provider-event/handle-provider-event.ts";
import { recordProviderEvent } from "#lib/services/provider-event/record-provider-event.ts";
import { DOUBLED_SETTINGS } from "#tests/support/carrier-double.ts";
import { db } from "#lib/db/client.ts";
import { dice } from "#tests/support/dice.ts";
import { ProviderDouble, type Page } from "#tests/support/provider-double.ts";
import { givePlans, giveRenewer, openWorld, type World } from "#tests/support/world.ts";

/**
 * The messages about one payment, which a provider sends in any order, late and more than once. The
 * providers are doubles (tests/contract/ proves the real adapters), so that every order can be tried.
 */
const doubles = vi.hoisted(() => ({ payments: new Map<string, unknown>() }));
vi.mock("#lib/payments/registry.ts", () => ({
  paymentAdapter: (id: string) => doubles.payments.get(id) as PaymentAdapter,
}));

const AMOUNT = 6_800n;
const TAX = 385n;
const REFUND = 2_000n;
const DISPUTE = 4_800n;

interface Step {
  readonly type: string;
  /** What happened at the provider before it said so. */
  readonly happen: (page: Page, double: ProviderDouble) => void;
}

const PROVIDERS = {
  stripe: [
    { type: "payment_intent.created", happen: () => undefined },
    step("payment_intent.processing", (page) => {
      page.state = "processing";
    }),
    step("checkout.session.completed", (page) => {
      page.state = "paid";
    }),
    step("charge.refunded", (page, double) => double.refundByHand(page, REFUND)),
    step("charge.dispute.created", (page, double) => double.contest(page, DISPUTE, "open")),
  ],
  paypal: [
    { type: "CHECKOUT.ORDER.CREATED", happen: () => undefined },
    step("CHECKOUT.ORDER.APPROVED", (page) => {
      page.state = "approved";
    }),
    step("PAYMENT.CAPTURE.COMPLETED", (page) => {
      page.state = "paid";
    }),
    step("PAYMENT.CAPTURE.REFUNDED", (page, double) => double.refundByHand(page, REFUND)),
    step("CUSTOMER.DISPUTE.CREATED", (page, double) => double.contest(page, DISPUTE, "open")),
  ],
} as const satisfies Record<string, readonly Step[]>;
type Provider = keyof typeof PROVIDERS;

const seed = Number(process.env["EVENT_ORDER_SEED"] ?? Date.now() % 1_000_000);
const random = dice(seed);
let world: World;
const stripe = new ProviderDouble("stripe", false);
const paypal = new ProviderDouble("paypal", true);

beforeAll(async () => {
  world = await openWorld();
  Object.assign(process.env, DOUBLED_SETTINGS);
  doubles.payments.set("stripe", stripe.adapter);
  doubles.payments.set("paypal", paypal.adapter);
  await givePlans(world, [{ code: "any", currency: "EUR" }]);
  await giveRenewer(world, { currency: "EUR" });
});
afterAll(async () => await world.close());

describe.each(["stripe", "paypal"] as const)("messages of %s about one payment", (provider) => {
  const steps = PROVIDERS[provider];

  test("lead to the same in every order, each of them twice", { timeout: 240_000 }, async () => {
    const orders = permutations(steps.map((_, index) => index));
    expect(orders).toHaveLength(120);
    const payments = await givePayments(provider, orders.length);
    await inTurns(orders, async (order, index) => {
      const page = payments[index]?.page ?? nobody();
      for (const { happen } of steps) happen(page, doubleOf(provider));
      const eventIds = order.map(() => randomUUID());
      // Everything once, in this order; then everything again, in any.
      const twice = [...order.keys(), ...shuffled([...order.keys()])];
      for (const at of twice) {
        await bring(provider, page, steps[order[at] ?? 0]?.type ?? "", eventIds[at] ?? "");
      }
      expect([order, await outcome(page.paymentId)]).toEqual([order, expected(provider)]);
    });
  });

  test(
    "lead to the same when they come between what happens, as long as the last one comes after it",
    { timeout: 240_000 },
    async () => {
      const payments = await givePayments(provider, 60);
      await inTurns(payments, async ({ page }) => {
        const waiting: string[] = [];
        const came: string[] = [];
        for (const { type, happen } of steps) {
          happen(page, doubleOf(provider));
          waiting.push(type);
          while (waiting.length > 0 && random() < 0.5) {
            const [next = ""] = waiting.splice(Math.floor(random() * waiting.length), 1);
            await bring(provider, page, next, randomUUID());
            came.push(next);
          }
        }
        for (const type of shuffled([...waiting, ...came])) {
          await bring(provider, page, type, randomUUID());
        }
        expect([seed, await outcome(page.paymentId)]).toEqual([seed, expected(provider)]);
      });
    },
  );
});

function step(type: string, happen: (page: Page, double: ProviderDouble) => unknown): Step {
  return { type, happen: (page, double) => void happen(page, double) };
}

function doubleOf(provider: Provider): ProviderDouble {
  return provider === "paypal" ? paypal : stripe;
}

/** Orders whose payment is open at the provider. */
async function givePayments(provider: Provider, count: number): Promise<{ page: Page }[]> {
  const rows = await world.sql<{ id: string }>(
    `WITH made AS MATERIALIZED (
       SELECT gen_random_uuid() AS order_id, gen_random_uuid() AS payment_id FROM generate_series(1, $1::int)),
     orders AS (
       INSERT INTO "order" (id, number, account_id, esim_id, attempt_id, state, currency, total_minor, tax_minor, locale, preview, placed_at)
         SELECT order_id, 'AX-' || order_id, s.account_id, s.id, gen_random_uuid(), 'pending', 'EUR', $2, $3, 'en', '{}', now()
           FROM made, esim s),
     items AS (
       INSERT INTO order_item (id, order_id, position, plan_id, price_minor, tax_minor, terms, start_choice)
         SELECT gen_random_uuid(), order_id, 1, (SELECT id FROM plan), $2, $3, '{}', 'now' FROM made)
     INSERT INTO payment (id, order_id, adapter, state, currency, amount_minor, tax_minor, provider_reference, expires_at)
       SELECT payment_id, order_id, $4::"PaymentMethod", 'pending', 'EUR', $2, $3, 'page_' || payment_id, now() + interval '1 hour'
         FROM made RETURNING id`,
    [count, AMOUNT.toString(), TAX.toString(), provider],
  );
  const double = doubleOf(provider);
  const pages = rows.map(async ({ id }) => {
    await double.adapter.start({
      paymentId: id,
      orderNumber: "",
      amount: money(AMOUNT, "EUR"),
      description: "",
      customerEmail: "",
      methodType: null,
      customerReference: null,
      saveMethod: false,
      locale: "en",
      successUrl: "",
      cancelUrl: "",
      expiresAt: new Date(),
    });
    return { page: double.page(`page_${id}`) };
  });
  return await Promise.all(pages);
}

async function bring(adapter: Provider, page: Page, type: string, eventId: string): Promise<void> {
  const reference = { paymentId: page.paymentId, providerReference: page.reference };
  await recordProviderEvent({ adapter, eventId, type, reference });
  const { id } = await db().providerEvent.findUniqueOrThrow({
    where: { adapter_eventId: { adapter, eventId } },
  });
  await handleProviderEvent({ providerEventId: id });
}

/** Everything that is kept of a payment's money. */
async function outcome(paymentId: string): Promise<unknown> {
  const [row] = await world.sql(
    `SELECT p.state::text AS payment, o.state::text AS "order",
        (SELECT json_agg(json_build_array(r.state, r.amount_minor::text, r.tax_minor::text, r.by_provider)) FROM refund r WHERE r.payment_id = p.id) AS refunds,
        (SELECT json_agg(json_build_array(d.state, d.amount_minor::text)) FROM dispute d WHERE d.payment_id = p.id) AS disputes,
        (SELECT json_agg(kind ORDER BY kind) FROM journal WHERE order_id = o.id) AS journals,
        (SELECT json_object_agg(code, minor) FROM (
           SELECT a.code, sum(e.amount_minor)::text AS minor FROM journal j JOIN ledger_entry e ON e.journal_id = j.id
             JOIN ledger_account a ON a.id = e.ledger_account_id WHERE j.order_id = o.id
             GROUP BY a.code HAVING sum(e.amount_minor) <> 0) l) AS ledger,
        (SELECT count(*)::int FROM activation v JOIN order_item i ON i.id = v.order_item_id WHERE i.order_id = o.id) AS activations,
        (SELECT count(*)::int FROM pgboss.job b WHERE b.name = 'order.paid' AND b.data ->> 'orderId' = o.id::text) AS jobs
       FROM payment p JOIN "order" o ON o.id = p.order_id WHERE p.id = $1`,
    [paymentId],
  );
  return row;
}

function expected(provider: Provider): unknown {
  const fee = (AMOUNT * 3n) / 100n + 15n;
  const tax = (TAX * REFUND) / AMOUNT;
  const minor = (amount: bigint): string => amount.toString();
  return {
    payment: "settled",
    order: "inProgress",
    refunds: [["succeeded", minor(REFUND), minor(tax), true]],
    disputes: [["open", minor(DISPUTE)]],
    journals: [
      "dispute.opened",
      "fee.charged",
      "fee.charged",
      "order.refunded",
      "payment.settled",
      "refund.succeeded",
    ],
    ledger: {
      [`cash_${provider}`]: minor(AMOUNT - REFUND - DISPUTE - fee),
      provider_fees: minor(fee),
      disputes: minor(DISPUTE),
      deferred_revenue: minor(-(AMOUNT - TAX) + (REFUND - tax)),
      tax_payable: minor(-(TAX - tax)),
    },
    activations: 1,
    jobs: 1,
  };
}

function permutations(list: readonly number[]): number[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first) =>
    permutations(list.filter((each) => each !== first)).map((rest) => [first, ...rest]),
  );
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** A few at a time: there are ten connections. */
async function inTurns<T>(
  list: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const entries = list.entries();
  const take = async (): Promise<void> => {
    for (const [index, item] of entries) await work(item, index);
  };
  await Promise.all([take(), take(), take(), take()]);
}

function nobody(): never {
  throw new Error("No payment is left");
}
