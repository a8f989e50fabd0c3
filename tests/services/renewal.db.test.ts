import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "#lib/db/client.ts";
import type { OrderQuote } from "#lib/domain/order.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { getEsim } from "#lib/services/esim/get-esim.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { getOrder } from "#lib/services/order/get-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { readQuote, signQuote } from "#lib/services/order/quote-token.ts";
import type { PlaceOrderInput } from "#lib/services/order/schemas.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { sendRefund } from "#lib/services/refund/send-refund.ts";
import {
  givePlans,
  giveRenewer,
  openWorld,
  type Renewer,
  type World,
} from "#tests/support/world.ts";

const GB = 1024n ** 3n;
let world: World;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [
    { code: "add-10" },
    { code: "queue-10", policy: "queue" },
    { code: "reset-10", policy: "reset" },
    { code: "reset-3", policy: "reset", days: 3 },
    { code: "data-3", policy: "data_only", days: 1, bytes: 3n * GB, priceMinor: 1900n },
    { code: "elsewhere", countries: ["FR"], fits: false },
  ]);
});
afterAll(async () => await world.close());

describe("a renewal from the balance", () => {
  test("puts the new period on, takes the money once and tells the customer", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 32_800n });
    const { quote, number } = await renew(renewer, "add-10", "balance");
    await activate(number);

    const order = accepted(await getOrder(renewer.customer, { number }));
    expect(order.phase).toBe("live");
    expect(order.steps.map((step) => step.kind)).toEqual([
      "placed",
      "paid",
      "sent",
      "accepted",
      "live",
    ]);
    expect(await balanceOf(renewer)).toBe(26_000n);
    const periods = await periodsOf(renewer);
    expect(periods).toHaveLength(2);
    expect(periods[1]?.starts_at).toEqual(renewer.until);
    expect(periods[1]?.ends_at).toEqual(quote.preview.period?.endsAt);
    expect(await topUpsOf(renewer)).toHaveLength(1);
    expect(
      await rows("SELECT template FROM audit.notices WHERE order_number = $1", number),
    ).toEqual([{ template: "order_live" }]);
    expect(await rows("SELECT * FROM audit.journal_imbalance")).toEqual([]);
  });

  test("books exactly what the preview showed, for each policy", async () => {
    for (const code of ["add-10", "queue-10", "reset-10", "data-3"]) {
      const renewer = await giveRenewer(world, { balanceMinor: 32_800n });
      const { quote, number } = await renew(renewer, code, "balance", { acceptLoss: true });
      if (code === "queue-10") {
        expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("scheduled");
        continue;
      }
      await activate(number);
      const again = accepted(
        await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode: "add-10" }),
      );
      const { before } = again.preview;
      expect([code, before.dataBytes]).toEqual([code, quote.preview.after.dataBytes]);
      expect(before.until?.getTime()).toBeCloseTo(quote.preview.after.until?.getTime() ?? 0, -5);
    }
  });

  test("is refused when it does not suffice, and nothing is charged", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 6_799n });
    const quote = accepted(
      await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode: "add-10" }),
    );
    const refused = await placeOrder(renewer.customer, inputFor(quote, "balance"));
    expect(refused).toMatchObject({ ok: false, refusal: { code: "balance_insufficient" } });
    expect(await balanceOf(renewer)).toBe(6_799n);
    expect(await ordersOf(renewer)).toEqual([]);
  });
});

describe("a queued renewal", () => {
  test("waits until an hour before its period and then goes to the carrier", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 32_800n });
    const { number } = await renew(renewer, "queue-10", "balance");
    await activate(number);
    expect(await topUpsOf(renewer)).toHaveLength(0);
    const [order] = await rows<{ state: string; next_attempt_at: Date }>(
      "SELECT state, next_attempt_at FROM audit.orders WHERE order_number = $1",
      number,
    );
    expect(order?.state).toBe("held");
    expect(order?.next_attempt_at.getTime()).toBe((renewer.until?.getTime() ?? 0) - 3_600_000);
    expect((await periodsOf(renewer)).map((period) => period.state)).toEqual([
      "active",
      "pendingActive",
    ]);

    await world.sql(`UPDATE "order" SET next_attempt_at = now() WHERE number = $1`, [number]);
    await activate(number);
    expect((await periodsOf(renewer)).map((period) => period.state)).toEqual(["active", "active"]);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("live");
  });
});

describe("what is queued", () => {
  const heldOf = async (number: string) =>
    (
      await rows<{ next_attempt_at: Date }>(
        "SELECT next_attempt_at FROM audit.orders WHERE order_number = $1 AND state = 'held'",
        number,
      )
    )[0]?.next_attempt_at;

  test("goes to the carrier earlier when the period before it is replaced by a shorter one", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 100_000n, until: 20 });
    const queued = await renew(renewer, "queue-10", "balance");
    const reset = await renew(renewer, "reset-3", "balance", { acceptLoss: true, repeat: true });
    await activate(reset.number);
    const periods = await periodsOf(renewer);
    const moved = periods.find((period) => period.state === "pendingActive");
    const before = periods.filter((period) => period.state === "active");
    expect(moved?.starts_at).toEqual(before.at(-1)?.ends_at);
    expect((await heldOf(queued.number))?.getTime()).toBe(
      (moved?.starts_at.getTime() ?? 0) - 3_600_000,
    );
  });

  test("closes up when the one before it is refunded", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 100_000n });
    const first = await renew(renewer, "queue-10", "balance");
    const second = await renew(renewer, "queue-10", "balance", { repeat: true });
    await world.standIns.esimAccess.setFault({
      kind: "refuse",
      errorCode: "310241",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    await world.sql(`UPDATE "order" SET next_attempt_at = now() WHERE number = $1`, [first.number]);
    await activate(first.number);
    const live = (await periodsOf(renewer)).filter((period) => period.state !== "cancelled");
    expect(live.map((period) => period.starts_at)).toContainEqual(renewer.until);
    expect((await heldOf(second.number))?.getTime()).toBe(
      (renewer.until?.getTime() ?? 0) - 3_600_000,
    );
  });

  test("is not shown as usable before the carrier has confirmed it", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 100_000n });
    const { number } = await renew(renewer, "queue-10", "balance");
    await world.sql(
      `UPDATE period SET starts_at = now() - interval '40 days', ends_at = now() - interval '1 second' WHERE state = 'active' AND esim_id = $1`,
      [renewer.esimId],
    );
    await world.sql(
      `UPDATE bucket SET valid_from = now() - interval '40 days', valid_until = now() - interval '1 second'
         WHERE esim_id = $1 AND order_item_id IS NULL`,
      [renewer.esimId],
    );
    await world.sql(
      `UPDATE period SET starts_at = now() - interval '1 second' WHERE state = 'pendingActive' AND esim_id = $1`,
      [renewer.esimId],
    );
    await world.sql(
      `UPDATE bucket SET valid_from = now() - interval '1 second' WHERE order_item_id IS NOT NULL AND esim_id = $1`,
      [renewer.esimId],
    );
    const esim = accepted(await getEsim(renewer.customer, { iccid: renewer.iccid }));
    expect([
      esim.condition,
      esim.now.dataBytes,
      esim.queued.map((period) => period.confirmed),
    ]).toEqual(["starts_later", 0n, [false]]);
    expect(number).toBeTruthy();
  });
});

describe("a carrier that cannot be reached", () => {
  test("is put before a person when a paid order waits for it too long", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 32_800n });
    const { number } = await renew(renewer, "add-10", "balance");
    await world.standIns.esimAccess.setFault({
      kind: "status",
      status: 429,
      retryAfterSeconds: 1,
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    await world.sql(
      `UPDATE "order" SET paid_at = now() - interval '16 minutes' WHERE number = $1`,
      [number],
    );
    await activate(number);
    const order = await db().order.findUniqueOrThrow({ where: { number } });
    expect(order.needsAttention).toBe("carrier_unavailable");
    expect(accepted(await getOrder(renewer.customer, { number })).steps[2]).toMatchObject({
      kind: "sent",
      at: null,
    });
  });
});

describe("a renewal by card", () => {
  test("is settled once, however many learn of the payment at once", async () => {
    const renewer = await giveRenewer(world);
    const { number, redirectUrl } = await renew(renewer, "add-10", "stripe");
    expect(redirectUrl).toContain(world.standIns.addresses.stripe);
    const payment = await paymentOf(number);
    expect(accepted(await settlePayment(renewer.customer, { paymentId: payment.id })).state).toBe(
      "pending",
    );

    await world.standIns.stripe.pay(payment.providerReference ?? "");
    await Promise.all(
      Array.from({ length: 12 }, () =>
        settlePayment({ kind: "system" }, { paymentId: payment.id }),
      ),
    );
    const kinds = await rows(
      "SELECT kind FROM journal WHERE source_id = $1 ORDER BY 1",
      payment.id,
    );
    expect(kinds).toEqual([{ kind: "fee.charged" }, { kind: "payment.settled" }]);
    await Promise.all(Array.from({ length: 6 }, () => activate(number)));
    expect(await topUpsOf(renewer)).toHaveLength(1);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("live");
  });

  test("goes back to the card when the carrier refuses for good", async () => {
    const renewer = await giveRenewer(world);
    const { number } = await renew(renewer, "add-10", "stripe");
    const payment = await paymentOf(number);
    await world.standIns.stripe.pay(payment.providerReference ?? "");
    await settlePayment({ kind: "system" }, { paymentId: payment.id });
    await world.standIns.esimAccess.setFault({
      kind: "refuse",
      errorCode: "310241",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    await activate(number);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("refunding");
    await refundAll();

    const order = accepted(await getOrder(renewer.customer, { number }));
    expect(order.phase).toBe("refunded");
    expect(order.refunded).toEqual({ amountMinor: 6800n, currency: "CNY" });
    expect(await periodsOf(renewer)).toHaveLength(1);
    expect(await cashLeft()).toEqual([]);
    expect(
      await rows("SELECT template FROM audit.notices WHERE order_number = $1", number),
    ).toEqual([{ template: "order_refunded" }]);
  });
});

describe("an outcome that is not known", () => {
  test.each(["timeout_before", "timeout_after"] as const)(
    "after %s is looked up and given once",
    async (kind) => {
      const renewer = await giveRenewer(world, { balanceMinor: 32_800n });
      const { number } = await renew(renewer, "add-10", "balance");
      await world.standIns.esimAccess.setFault({
        kind,
        ms: 10,
        match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
      });
      await activate(number);
      expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("outcome_unknown");
      await activate(number);
      expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("live");
      expect(await topUpsOf(renewer)).toHaveLength(1);
    },
  );

  test("is put before a person when it lasts longer than 15 minutes", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 32_800n });
    const { number } = await renew(renewer, "add-10", "balance");
    await world.standIns.esimAccess.setFault({
      kind: "status",
      status: 500,
      times: 4,
      match: { path: "/api/v1/open/", bodyIncludes: renewer.esimTranNo },
    });
    await activate(number);
    await world.sql(
      `UPDATE activation SET requested_at = now() - interval '16 minutes' WHERE order_item_id IN
         (SELECT i.id FROM order_item i JOIN "order" o ON o.id = i.order_id WHERE o.number = $1)`,
      [number],
    );
    await activate(number);
    const [order] = await rows<{ needs_attention: boolean; next_attempt_at: Date | null }>(
      "SELECT needs_attention, next_attempt_at FROM audit.orders WHERE order_number = $1",
      number,
    );
    expect(order?.needs_attention).toBe(true);
    expect(order?.next_attempt_at).not.toBeNull();
    await world.standIns.esimAccess.clearFaults();
  });
});

describe("nonsense from the carrier", () => {
  test("is set aside for a person and never shown as live", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 32_800n });
    const { number } = await renew(renewer, "add-10", "balance");
    await world.standIns.esimAccess.setFault({
      kind: "nonsense",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
      set: { "obj.expiredTime": "2031-01-01T00:00:00+0000" },
    });
    await activate(number);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("being_checked");
    expect(await periodsOf(renewer)).toHaveLength(1);
    // The look-up then tells the truth.
    await activate(number);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("live");
  });
});

describe("the same attempt again", () => {
  test("from twenty clicks at once is one order, one charge and one period", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 100_000n });
    const quote = accepted(
      await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode: "add-10" }),
    );
    const placed = await Promise.all(
      Array.from({ length: 20 }, () => placeOrder(renewer.customer, inputFor(quote, "balance"))),
    );
    const numbers = new Set(placed.map((each) => accepted(each).orderNumber));
    expect(numbers.size).toBe(1);
    expect(await balanceOf(renewer)).toBe(93_200n);
  });

  test("is shared by two tabs that show the same quote, and fresh after an order", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 100_000n });
    const ask = async (): Promise<OrderQuote> =>
      accepted(await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode: "add-10" }));
    const [first, second] = [await ask(), await ask()];
    expect(first.attemptId).toBe(second.attemptId);
    accepted(await placeOrder(renewer.customer, inputFor(first, "balance")));
    const third = await ask();
    expect(third.attemptId).not.toBe(first.attemptId);
    expect(third.recent).toMatchObject({ unpaid: false });
  });

  test("of somebody else is refused", async () => {
    const [one, other] = [
      await giveRenewer(world, { balanceMinor: 9_000n }),
      await giveRenewer(world, { balanceMinor: 9_000n }),
    ];
    const quote = accepted(
      await quoteOrder(one.customer, { iccid: one.iccid, planCode: "add-10" }),
    );
    accepted(await placeOrder(one.customer, inputFor(quote, "balance")));
    const theirs = accepted(
      await quoteOrder(other.customer, { iccid: other.iccid, planCode: "add-10" }),
    );
    const refused = await placeOrder(other.customer, {
      ...inputFor(theirs, "balance"),
      attemptId: quote.attemptId,
    });
    expect(refused).toEqual({ ok: false, refusal: { code: "attempt_reused" } });
  });
});

describe("a second renewal a moment later", () => {
  test("asks first, and is done when confirmed", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 100_000n });
    await renew(renewer, "add-10", "balance");
    const quote = accepted(
      await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode: "add-10" }),
    );
    const asked = await placeOrder(renewer.customer, inputFor(quote, "balance"));
    expect(asked).toMatchObject({
      ok: false,
      refusal: { code: "recently_renewed", minutesAgo: 0 },
    });
    expect(await balanceOf(renewer)).toBe(93_200n);
    accepted(await placeOrder(renewer.customer, { ...inputFor(quote, "balance"), repeat: true }));
    expect(await balanceOf(renewer)).toBe(86_400n);
  });
});

describe("bad input", () => {
  test("is refused by name and changes nothing", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 100_000n });
    const stranger = await giveRenewer(world);
    const { customer, iccid } = renewer;
    const quote = accepted(await quoteOrder(customer, { iccid, planCode: "add-10" }));
    const good = inputFor(quote, "balance");
    const code = async (input: PlaceOrderInput): Promise<string> => {
      const result = await placeOrder(customer, input);
      return result.ok ? "placed" : result.refusal.code;
    };
    expect(await code({ ...good, planCode: "no-such-plan" })).toBe("plan_not_found");
    expect(await code({ ...good, iccid: stranger.iccid })).toBe("not_found");
    expect(await code({ ...good, quote: "forged.token" })).toBe("quote_invalid");
    expect(await code({ ...good, quote: `${quote.token}x` })).toBe("quote_invalid");
    expect(await code({ ...good, startChoice: "period_end" })).toBe("start_not_possible");
    const reset = accepted(await quoteOrder(customer, { iccid, planCode: "reset-10" }));
    expect(await code(inputFor(reset, "balance"))).toBe("loss_not_accepted");
    const plan = await db().plan.findUniqueOrThrow({ where: { code: "add-10" } });
    const price = { planId_currency: { planId: plan.id, currency: "CNY" } };
    await db().planPrice.update({ where: price, data: { amountMinor: 7800n } });
    expect(await code(good)).toBe("quote_changed");
    await db().planPrice.update({ where: price, data: { amountMinor: 6800n } });
    expect(await ordersOf(renewer)).toEqual([]);
    expect(await balanceOf(renewer)).toBe(100_000n);
  });

  test("a quote that has lived too long is shown again, and nothing is charged", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 9_000n });
    const quote = accepted(
      await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode: "add-10" }),
    );
    const claims = accepted(readQuote(quote.token));
    const old = signQuote({ ...claims, quotedAt: claims.quotedAt - 16 * 60_000 });
    const refused = await placeOrder(renewer.customer, {
      ...inputFor(quote, "balance"),
      quote: old,
    });
    expect(refused).toEqual({ ok: false, refusal: { code: "quote_expired" } });
    expect(await balanceOf(renewer)).toBe(9_000n);
  });

  test("a plan the carrier does not offer for this eSIM is refused", async () => {
    const renewer = await giveRenewer(world);
    const refused = await quoteOrder(renewer.customer, {
      iccid: renewer.iccid,
      planCode: "elsewhere",
    });
    expect(refused).toEqual({ ok: false, refusal: { code: "plan_not_compatible" } });
  });

  test("somebody else's order is not there", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 9_000n });
    const { number } = await renew(renewer, "add-10", "balance");
    const stranger = await giveRenewer(world);
    expect(await getOrder(stranger.customer, { number })).toEqual({
      ok: false,
      refusal: { code: "not_found" },
    });
  });
});

async function renew(
  renewer: Renewer,
  planCode: string,
  method: "stripe" | "balance",
  more: Partial<PlaceOrderInput> = {},
): Promise<{ quote: OrderQuote; number: string; redirectUrl: string | null }> {
  const quote = accepted(await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode }));
  const placed = accepted(
    await placeOrder(renewer.customer, { ...inputFor(quote, method), ...more }),
  );
  return { quote, number: placed.orderNumber, redirectUrl: placed.redirectUrl };
}

function inputFor(quote: OrderQuote, method: "stripe" | "balance"): PlaceOrderInput {
  return {
    attemptId: quote.attemptId,
    quote: quote.token,
    iccid: quote.iccid,
    planCode: quote.plan.code,
    startChoice: quote.startChoice,
    method,
    useBalance: false,
    acceptLoss: false,
    repeat: false,
  };
}

function accepted<T>(result: Result<T>): T {
  if (!result.ok)
    throw new Error(
      `Refused: ${JSON.stringify(result.refusal, (_, v: unknown) => (typeof v === "bigint" ? v.toString() : v))}`,
    );
  return result.value;
}

async function activate(number: string): Promise<void> {
  const order = await db().order.findUniqueOrThrow({ where: { number } });
  // Brings a look-up that is due later forward; what waits for its start goes on waiting.
  await db().order.updateMany({
    where: { id: order.id, state: "inProgress" },
    data: { nextAttemptAt: order.placedAt },
  });
  await activateOrder({ orderId: order.id });
}

async function refundAll(): Promise<void> {
  for (const refund of await db().refund.findMany({ where: { state: "created" } })) {
    await sendRefund({ refundId: refund.id });
  }
}

async function rows<Row extends Record<string, unknown>>(
  sql: string,
  ...values: unknown[]
): Promise<Row[]> {
  return await world.sql<Row>(sql, values);
}

async function balanceOf(renewer: Renewer): Promise<bigint> {
  const [row] = await rows<{ balance_minor: string }>(
    "SELECT balance_minor FROM audit.balances WHERE customer_email = $1",
    renewer.customer.email,
  );
  return BigInt(row?.balance_minor ?? 0);
}

async function periodsOf(renewer: Renewer) {
  return await rows<{ starts_at: Date; ends_at: Date; state: string }>(
    "SELECT starts_at, ends_at, state FROM audit.periods WHERE iccid = $1 ORDER BY starts_at",
    renewer.iccid,
  );
}

async function ordersOf(renewer: Renewer) {
  return await rows("SELECT order_number FROM audit.orders WHERE iccid = $1", renewer.iccid);
}

async function paymentOf(number: string) {
  return await db().payment.findFirstOrThrow({ where: { order: { number } } });
}

/** Refunded orders whose cash is still with the provider in the books. */
async function cashLeft() {
  return await rows(
    `SELECT j.order_id FROM journal j JOIN ledger_entry e ON e.journal_id = j.id
       JOIN ledger_account a ON a.id = e.ledger_account_id
       WHERE a.code = 'cash_stripe' AND j.kind <> 'fee.charged' AND j.order_id IN (SELECT order_id FROM refund WHERE state = 'succeeded')
       GROUP BY j.order_id HAVING sum(e.amount_minor) <> 0`,
  );
}

async function topUpsOf(renewer: Renewer) {
  const state = await world.standIns.esimAccess.state();
  const esim = state.esims.find((each) => each.iccid === renewer.iccid);
  if (esim === undefined) throw new Error("The carrier lost an eSIM");
  return esim.topUps;
}
