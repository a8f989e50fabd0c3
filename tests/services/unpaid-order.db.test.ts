import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM } from "#lib/access/actor.ts";
import { BANK_TRANSFER_DAYS } from "#lib/config/limits.ts";
import { db } from "#lib/db/client.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { cancelUnpaidOrder } from "#lib/services/order/cancel-unpaid-order.ts";
import { getOrder } from "#lib/services/order/get-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { resumePayment } from "#lib/services/order/resume-payment.ts";
import { pollPayment } from "#lib/services/payment/poll-payment.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import {
  givePlans,
  giveRenewer,
  openWorld,
  type Renewer,
  type World,
} from "#tests/support/world.ts";

const DAY_MS = 86_400_000;
let world: World;

beforeAll(async () => {
  world = await openWorld();
  process.env["STRIPE_METHOD_TYPES"] = "card,customer_balance";
  await givePlans(world, [{ code: "add-10" }, { code: "eur", currency: "EUR", priceMinor: 990n }]);
});
afterAll(async () => await world.close());

describe("going on with a payment", () => {
  test("of an order that the balance pays a part of leads to the page for the rest", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const { number } = await order(renewer);
    const rest = await restOf(number);
    // Ids and times say nothing of which part it is.
    await world.sql(
      "UPDATE payment SET created_at = created_at - interval '1 minute' WHERE id = $1",
      [rest.id],
    );
    expect(accepted(await resumePayment(renewer.customer, { number }))).toEqual({
      redirectUrl: rest.redirectUrl,
    });
    expect(rest.redirectUrl).toContain(world.standIns.addresses.stripe);
  });

  test("leads to the same page, and begins no second payment", async () => {
    const renewer = await giveRenewer(world);
    const { number, redirectUrl } = await order(renewer);
    expect(accepted(await resumePayment(renewer.customer, { number }))).toEqual({ redirectUrl });
    expect(await db().payment.count({ where: { order: { number } } })).toBe(1);
  });

  test("is refused for somebody else's order as if there were none", async () => {
    const { number } = await order(await giveRenewer(world));
    const { customer } = await giveRenewer(world);
    const refused = { ok: false, refusal: { code: "not_found" } };
    expect(await resumePayment(customer, { number })).toEqual(refused);
    expect(await resumePayment(customer, { number: "nonsense" })).toEqual(refused);
  });
});

describe("a bank transfer to the provider", () => {
  /** 3.00 EUR of the balance are set aside, and the rest is to be transferred. */
  async function awaited() {
    const renewer = await giveRenewer(world, { currency: "EUR", balanceMinor: 300n });
    const { number } = await order(renewer, { planCode: "eur", methodType: "customer_balance" });
    const rest = await restOf(number);
    const session = rest.providerReference ?? "";
    expect((await world.standIns.stripe.pay(session)).outcome).toBe("transfer");
    await settlePayment(SYSTEM, { paymentId: rest.id });
    expect(await balanceOf(renewer)).toEqual([0n, 300n]);
    return { renewer, number, session, paymentId: rest.id };
  }

  /** As if the order had been placed so many days earlier. */
  async function age(paymentId: string, days: number): Promise<void> {
    await world.sql(
      `UPDATE payment SET created_at = created_at - make_interval(days => $2),
         expires_at = expires_at - make_interval(days => $2) WHERE id = $1`,
      [paymentId, days],
    );
  }

  test("is waited for for days, and looked at again when they are over", async () => {
    const { renewer, number, paymentId } = await awaited();
    const order = accepted(await getOrder(renewer.customer, { number }));
    expect([order.phase, order.canGiveUp, order.payUrl]).toEqual([
      "payment_processing",
      true,
      null,
    ]);
    const days = ((order.payBy?.getTime() ?? 0) - order.placedAt.getTime()) / DAY_MS;
    expect(days).toBe(BANK_TRANSFER_DAYS);
    await age(paymentId, BANK_TRANSFER_DAYS - 1);
    await world.sql("UPDATE payment SET polls = 20 WHERE id = $1", [paymentId]);
    await pollPayment({ paymentId });
    const { state, nextPollAt, expiresAt } = await restOf(number);
    expect(state).toBe("pending");
    expect(nextPollAt).toEqual(expiresAt);
  });

  test("that did not come in time frees what was set aside", async () => {
    const { renewer, number, paymentId } = await awaited();
    await age(paymentId, BANK_TRANSFER_DAYS);
    await pollPayment({ paymentId });
    expect(await balanceOf(renewer)).toEqual([300n, 0n]);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("payment_expired");
    expect(await restOf(number)).toMatchObject({ state: "expired", nextPollAt: null });
  });

  test("that the customer gives up frees what was set aside; what comes late goes back", async () => {
    const { renewer, number, session, paymentId } = await awaited();
    accepted(await cancelUnpaidOrder(renewer.customer, { number }));
    expect(await balanceOf(renewer)).toEqual([300n, 0n]);
    const over = accepted(await getOrder(renewer.customer, { number }));
    expect([over.phase, over.givenUp, over.canGiveUp]).toEqual(["payment_expired", true, false]);
    await world.standIns.stripe.fund(session);
    await settlePayment(SYSTEM, { paymentId });
    expect(accepted(await getOrder(renewer.customer, { number }))).toMatchObject({
      phase: "refunding",
      refunded: { amountMinor: 690n },
    });
    expect(await balanceOf(renewer)).toEqual([300n, 0n]);
  });

  test("that came in part when it was given up is put before a person", async () => {
    const { renewer, number, session } = await awaited();
    await world.standIns.stripe.fund(session, 100);
    accepted(await cancelUnpaidOrder(renewer.customer, { number }));
    const { needsAttention } = await db().order.findUniqueOrThrow({ where: { number } });
    expect(needsAttention).toBe("transfer_partly_at_provider");
  });

  test("is given up by ordering again", async () => {
    const { renewer, number } = await awaited();
    const again = await order(renewer, { planCode: "eur", repeat: true });
    expect((await restOf(number)).state).toBe("expired");
    expect((await restOf(again.number)).state).toBe("pending");
  });
});

describe("an order whose payment is not begun yet", () => {
  /** The provider takes an hour, so to say, to open the page. */
  async function unreached() {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    await world.standIns.stripe.setFault({
      kind: "status",
      status: 503,
      times: 4,
      match: { path: "/v1/checkout/sessions" },
    });
    const { number } = await order(renewer);
    await world.standIns.stripe.clearFaults();
    expect((await restOf(number)).state).toBe("created");
    return { renewer, number };
  }

  test("is closed when it is given up, and not begun any more", async () => {
    const { renewer, number } = await unreached();
    accepted(await cancelUnpaidOrder(renewer.customer, { number }));
    expect(await balanceOf(renewer)).toEqual([2_000n, 0n]);
    expect(accepted(await resumePayment(renewer.customer, { number }))).toEqual({
      redirectUrl: null,
    });
    expect(await restOf(number)).toMatchObject({ state: "expired", reason: "abandoned" });
  });

  test("is given up by ordering again", async () => {
    const { renewer, number } = await unreached();
    const again = await order(renewer, { repeat: true });
    expect(again.redirectUrl).not.toBeNull();
    expect((await restOf(number)).state).toBe("expired");
  });

  test("sends nobody to a page that opens after it was given up", async () => {
    const { renewer, number } = await unreached();
    const sessions = { method: "POST", path: "/v1/checkout/sessions" };
    await world.standIns.stripe.setFault({ kind: "hold_after", match: sessions });
    const begun = resumePayment(renewer.customer, { number });
    const held = await world.standIns.stripe.waitForHeld();
    accepted(await cancelUnpaidOrder(renewer.customer, { number }));
    await world.standIns.stripe.release(held.id);
    expect(accepted(await begun)).toEqual({ redirectUrl: null });
    expect((await restOf(number)).state).toBe("expired");
  });
});

async function order(
  { customer, iccid }: Renewer,
  how: {
    readonly planCode?: string;
    readonly methodType?: string;
    readonly repeat?: boolean;
  } = {},
): Promise<{ readonly number: string; readonly redirectUrl: string | null }> {
  const { planCode = "add-10", methodType, repeat = false } = how;
  const quote = accepted(await quoteOrder(customer, { iccid, planCode }));
  const placed = accepted(
    await placeOrder(customer, {
      attemptId: quote.attemptId,
      quote: quote.token,
      iccid,
      planCode,
      startChoice: quote.startChoice,
      method: "stripe",
      ...(methodType === undefined ? {} : { methodType }),
      useBalance: quote.restAfterBalance !== null,
      acceptLoss: false,
      repeat,
    }),
  );
  return { number: placed.orderNumber, redirectUrl: placed.redirectUrl };
}

async function restOf(number: string) {
  return await db().payment.findFirstOrThrow({ where: { order: { number }, adapter: "stripe" } });
}

/** Balance and what is set aside. */
async function balanceOf({ customer }: Renewer): Promise<readonly [bigint, bigint]> {
  const { balanceMinor, reservedMinor } = await db().balance.findFirstOrThrow({
    where: { accountId: customer.accountId },
  });
  return [balanceMinor, reservedMinor];
}

function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused: ${result.refusal.code}`);
  return result.value;
}
