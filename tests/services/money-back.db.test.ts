import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Staff } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { money } from "#lib/domain/money.ts";
import { getStatement } from "#lib/services/balance/get-statement.ts";
import { getStaffOrder } from "#lib/services/console/get-staff-order.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { cancelQueuedOrder } from "#lib/services/order/cancel-queued-order.ts";
import { getOrder } from "#lib/services/order/get-order.ts";
import { recordDispute } from "#lib/services/dispute/record-dispute.ts";
import { lockPayment } from "#lib/services/payment/book-settled-payment.ts";
import { mirrorPayment } from "#lib/services/payment/mirror-payment.ts";
import { redirectRefund } from "#lib/services/refund/redirect-refund.ts";
import { requestRefund } from "#lib/services/refund/request-refund.ts";
import { sendRefund } from "#lib/services/refund/send-refund.ts";
import {
  accepted,
  activate,
  balanceOf,
  ledgerOf,
  paymentOf,
  refusalOf,
  renew,
  topUp,
} from "#tests/support/verbs.ts";
import {
  giveBalance,
  givePlans,
  giveRenewer,
  giveStaff,
  openWorld,
  type Renewer,
  type World,
} from "#tests/support/world.ts";

let world: World;
let staff: Staff;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [
    { code: "add-10" },
    { code: "queue-10", policy: "queue" },
    { code: "dear-10", priceMinor: 80_000n },
  ]);
  await db().taxRate.create({ data: { countryCode: "CN", basisPoints: 600 } });
  staff = await giveStaff();
});
afterAll(async () => await world.close());

const ask = (number: string, amount: string, more: { toBalance?: boolean } = {}) => ({
  attemptId: randomUUID(),
  number,
  amount,
  destination: more.toBalance === true ? ("balance" as const) : ("origin" as const),
  reason: "The network was down for a day",
});

async function liveByCard(): Promise<{ renewer: Renewer; number: string }> {
  const renewer = await giveRenewer(world);
  const number = await renew(world, renewer, { planCode: "add-10", method: "stripe" });
  await activate(number);
  return { renewer, number };
}

async function sendRefunds(number: string): Promise<void> {
  const refunds = await db().refund.findMany({ where: { order: { number } } });
  for (const { id } of refunds) await sendRefund({ refundId: id });
}

const mirror = async (number: string): Promise<void> =>
  await mirrorPayment({ paymentId: (await paymentOf(number, "stripe")).id });

const intentOf = async (number: string): Promise<string> =>
  (await paymentOf(number, "stripe")).providerPaymentId ?? "";

const attentionOf = async (number: string): Promise<string | null> =>
  (await db().order.findUniqueOrThrow({ where: { number } })).needsAttention;

const cash = async (number: string): Promise<bigint> => {
  const ledger = await ledgerOf(world, number);
  return (ledger["cash_stripe"] ?? 0n) + (ledger["provider_fees"] ?? 0n);
};

/** Support of the operator who may give any amount back. */
const lead = (): Staff => ({ ...staff, role: "lead" });

async function topUpsOf(renewer: Renewer): Promise<readonly unknown[]> {
  const { esims } = await world.standIns.esimAccess.state();
  return esims.find((each) => each.iccid === renewer.iccid)?.topUps ?? [];
}

describe("a refund by staff", () => {
  test("of a part goes back to the card, with the tax in it, and the plan stays live", async () => {
    const { renewer, number } = await liveByCard();
    accepted(await requestRefund(staff, ask(number, "10.00")));
    await sendRefunds(number);
    const order = accepted(await getOrder(renewer.customer, { number }));
    expect(order.phase).toBe("live");
    expect(order.refunded?.amountMinor).toBe(1_000n);
    expect(order.steps.map((step) => step.kind)).toContain("refunded");
    expect(await cash(number)).toBe(5_800n);
    // 6 % of 68.00 is 3.85, of which 0.56 lie in 10.00.
    expect(await ledgerOf(world, number)).toMatchObject({
      deferred_revenue: -(6_800n - 385n - (1_000n - 56n)),
      tax_payable: -(385n - 56n),
    });
  });

  test("in parts comes to exactly what was paid, and not a cent more", async () => {
    const { number } = await liveByCard();
    for (const amount of ["10.00", "20.01", "37.99"]) {
      accepted(await requestRefund(staff, ask(number, amount)));
    }
    expect(refusalOf(await requestRefund(staff, ask(number, "0.01")))).toBe("input_invalid");
    await sendRefunds(number);
    expect(await cash(number)).toBe(0n);
    const { deferred_revenue, tax_payable, refunds_payable } = await ledgerOf(world, number);
    expect([deferred_revenue, tax_payable, refunds_payable]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("to the balance is there at once, with its reason in the statement", async () => {
    const { renewer, number } = await liveByCard();
    accepted(await requestRefund(staff, ask(number, "68.00", { toBalance: true })));
    expect(await balanceOf(renewer)).toEqual([6_800n, 0n]);
    expect(await cash(number)).toBe(6_800n);
    const { lines } = accepted(await getStatement(renewer.customer, {}));
    expect(lines).toMatchObject([{ kind: "order.refunded", change: { amountMinor: 6_800n } }]);
  });

  test("pressed twenty times at once refunds once", async () => {
    const { number } = await liveByCard();
    const input = ask(number, "5.00");
    const all = await Promise.all(Array.from({ length: 20 }, () => requestRefund(staff, input)));
    expect(new Set(all.map(refusalOf))).toEqual(new Set(["accepted"]));
    expect(await db().refund.count({ where: { order: { number } } })).toBe(1);
  });

  test("by two people over what is left gives it back once", async () => {
    const { number } = await liveByCard();
    const all = await Promise.all(
      Array.from({ length: 6 }, () => requestRefund(staff, ask(number, "40.00"))),
    );
    expect(all.filter((each) => each.ok)).toHaveLength(1);
    const { _sum } = await db().refund.aggregate({
      where: { order: { number } },
      _sum: { amountMinor: true },
    });
    expect(_sum.amountMinor).toBe(4_000n);
  });

  test("of both parts gives the card its part first and the balance the rest", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const number = await renew(world, renewer, {
      planCode: "add-10",
      method: "stripe",
      useBalance: true,
    });
    await activate(number);
    accepted(await requestRefund(staff, ask(number, "50.00")));
    const refunds = await db().refund.findMany({
      where: { order: { number } },
      orderBy: { amountMinor: "desc" },
    });
    expect(refunds.map(({ amountMinor, toBalance }) => [amountMinor, toBalance])).toEqual([
      [4_800n, false],
      [200n, true],
    ]);
    expect(await balanceOf(renewer)).toEqual([200n, 0n]);
  });

  test("above what support may give needs a lead", async () => {
    const renewer = await giveRenewer(world);
    const number = await renew(world, renewer, { planCode: "dear-10", method: "stripe" });
    await activate(number);
    expect(refusalOf(await requestRefund(staff, ask(number, "700.01")))).toBe("needs_lead");
    expect(refusalOf(await requestRefund(lead(), ask(number, "700.01")))).toBe("accepted");
  });

  test("in small steps is no way round that limit", async () => {
    const renewer = await giveRenewer(world);
    const number = await renew(world, renewer, { planCode: "dear-10", method: "stripe" });
    await activate(number);
    accepted(await requestRefund(staff, ask(number, "699.00")));
    expect(refusalOf(await requestRefund(staff, ask(number, "1.01")))).toBe("needs_lead");
    expect(refusalOf(await requestRefund(staff, ask(number, "1.00")))).toBe("accepted");
  });

  test("is refused to customers, for strangers' numbers and for what is under way", async () => {
    const { renewer, number } = await liveByCard();
    expect(refusalOf(await requestRefund(renewer.customer, ask(number, "1.00")))).toBe(
      "not_allowed",
    );
    expect(refusalOf(await requestRefund(staff, ask("AX-2345-6789", "1.00")))).toBe("not_found");
    const other = await giveRenewer(world);
    const open = await renew(world, other, { planCode: "add-10", method: "stripe" });
    expect(refusalOf(await requestRefund(staff, ask(open, "1.00")))).toBe("refund_not_possible");
  });

  test("is written down with who did it and why", async () => {
    const { number } = await liveByCard();
    accepted(await requestRefund(staff, ask(number, "1.00")));
    expect(
      await world.sql(
        "SELECT actor_email, reason FROM audit.events WHERE action = 'refund.requested' AND subject = $1",
        [`order ${number}`],
      ),
    ).toEqual([{ actor_email: staff.email, reason: "The network was down for a day" }]);
  });

  test("of a top-up takes it from the balance, unless it was spent", async () => {
    const renewer = await giveRenewer(world);
    const number = await topUp(world, renewer, "100.00");
    expect(refusalOf(await requestRefund(staff, ask(number, "1.00", { toBalance: true })))).toBe(
      "refund_not_possible",
    );
    accepted(await requestRefund(staff, ask(number, "20.00")));
    expect(await balanceOf(renewer)).toEqual([8_000n, 0n]);
    await renew(world, renewer, { planCode: "add-10", method: "balance" });
    expect(refusalOf(await requestRefund(staff, ask(number, "40.00")))).toBe("topup_spent");
  });
});

describe("a refund that the provider could not pay out", () => {
  async function failedAfterwards(): Promise<{ renewer: Renewer; number: string; id: string }> {
    const { renewer, number } = await liveByCard();
    accepted(await requestRefund(staff, ask(number, "68.00")));
    await sendRefunds(number);
    const refund = await db().refund.findFirstOrThrow({ where: { order: { number } } });
    await world.standIns.stripe.settleRefund(refund.providerReference ?? "", "failed");
    await mirror(number);
    return { renewer, number, id: refund.id };
  }

  test("though it had been, is owed again, once, and shown to staff", async () => {
    const { number } = await failedAfterwards();
    await mirror(number);
    expect(await cash(number)).toBe(6_800n);
    expect((await ledgerOf(world, number))["refunds_payable"]).toBe(-6_800n);
    expect(await attentionOf(number)).toBe("refund_failed");
    const view = accepted(await getStaffOrder(staff, { number }));
    expect(view.refunds).toMatchObject([{ state: "failed", canRedirect: true }]);
  });

  test("goes to the balance when staff says so, once", async () => {
    const { renewer, number, id } = await failedAfterwards();
    const input = { refundId: id, reason: "The card is closed" };
    const all = await Promise.all(Array.from({ length: 5 }, () => redirectRefund(staff, input)));
    expect(all.filter((each) => each.ok)).toHaveLength(1);
    expect(await balanceOf(renewer)).toEqual([6_800n, 0n]);
    expect((await ledgerOf(world, number))["refunds_payable"]).toBeUndefined();
    expect(await attentionOf(number)).toBeNull();
    const order = accepted(await getOrder(renewer.customer, { number }));
    expect(order.refunded?.amountMinor).toBe(6_800n);
  });
});

describe("a refund made at the provider", () => {
  test("is mirrored once, however often it is heard of, and shown to staff", async () => {
    const { renewer, number } = await liveByCard();
    await world.standIns.stripe.refund(await intentOf(number), 1_500);
    await Promise.all(Array.from({ length: 8 }, () => mirror(number)));
    const refunds = await db().refund.findMany({ where: { order: { number } } });
    expect(refunds).toMatchObject([{ state: "succeeded", byProvider: true, amountMinor: 1_500n }]);
    expect(await cash(number)).toBe(5_300n);
    expect(await attentionOf(number)).toBe("refunded_at_provider");
    expect(accepted(await getOrder(renewer.customer, { number })).refunded?.amountMinor).toBe(
      1_500n,
    );
  });

  test("of a top-up that was spent leaves the rest as the customer's debt, and a top-up settles it", async () => {
    const renewer = await giveRenewer(world);
    const number = await topUp(world, renewer, "100.00");
    await renew(world, renewer, { planCode: "add-10", method: "balance" });
    await world.standIns.stripe.refund(await intentOf(number));
    await mirror(number);
    expect(await balanceOf(renewer)).toEqual([0n, 0n]);
    expect((await ledgerOf(world, number))["receivables"]).toBe(6_800n);
    await topUp(world, renewer, "100.00");
    expect(await balanceOf(renewer)).toEqual([3_200n, 0n]);
    const { lines } = accepted(await getStatement(renewer.customer, {}));
    expect(lines[0]).toMatchObject({
      kind: "receivable.settled",
      change: { amountMinor: -6_800n },
    });
  });
});

describe("a refund made at the provider although one was asked for here", () => {
  /** Staff asks for a refund, which the provider then refuses to make. */
  async function failsHere(number: string, amount: string): Promise<void> {
    accepted(await requestRefund(staff, ask(number, amount)));
    const refund = await db().refund.findFirstOrThrow({ where: { order: { number } } });
    await sendRefund({ refundId: refund.id });
    const sent = await db().refund.findUniqueOrThrow({ where: { id: refund.id } });
    await world.standIns.stripe.settleRefund(sent.providerReference ?? "", "failed");
    await mirror(number);
    expect(await attentionOf(number)).toBe("refund_failed");
  }

  test("pays what was owed since that one failed, once, and books nothing again", async () => {
    const { number } = await liveByCard();
    await failsHere(number, "10.00");
    await world.standIns.stripe.refund(await intentOf(number), 1_000);
    await mirror(number);
    await mirror(number);
    expect(await cash(number)).toBe(5_800n);
    const ledger = await ledgerOf(world, number);
    expect([ledger["refunds_payable"], ledger["tax_payable"]]).toEqual([undefined, -(385n - 56n)]);
    const failed = await db().refund.findFirstOrThrow({
      where: { order: { number }, state: "failed" },
    });
    const again = { refundId: failed.id, reason: "Nobody has looked" };
    expect(refusalOf(await redirectRefund(staff, again))).toBe("refund_not_possible");
  });

  test("for all of it pays what was owed and gives back the rest", async () => {
    const { number } = await liveByCard();
    await failsHere(number, "10.00");
    await world.standIns.stripe.refund(await intentOf(number));
    await mirror(number);
    await mirror(number);
    expect(await cash(number)).toBe(0n);
    const ledger = await ledgerOf(world, number);
    expect([
      ledger["refunds_payable"],
      ledger["tax_payable"],
      ledger["deferred_revenue"],
      ledger["refunds"],
    ]).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("beyond what is left is booked as a loss, once, and put before a person", async () => {
    const { renewer, number } = await liveByCard();
    accepted(await requestRefund(staff, ask(number, "68.00", { toBalance: true })));
    await world.standIns.stripe.refund(await intentOf(number), 2_500);
    await mirror(number);
    await mirror(number);
    expect(await cash(number)).toBe(4_300n);
    expect((await ledgerOf(world, number))["operator_loss"]).toBe(2_500n);
    expect(await balanceOf(renewer)).toEqual([6_800n, 0n]);
    expect(await attentionOf(number)).toBe("refunds_exceed_payment");
  });

  test("of all of a plan that has not gone to the network cancels it", async () => {
    const renewer = await giveRenewer(world);
    const number = await renew(world, renewer, { planCode: "queue-10", method: "stripe" });
    await world.standIns.stripe.refund(await intentOf(number));
    await Promise.all([mirror(number), mirror(number)]);
    const order = accepted(await getOrder(renewer.customer, { number }));
    expect([order.phase, order.refunded?.amountMinor]).toEqual(["refunded", 6_800n]);
    await db().order.update({ where: { number }, data: { nextAttemptAt: new Date(0) } });
    await activate(number);
    expect(await topUpsOf(renewer)).toHaveLength(0);
  });

  test("while the plan goes live is kept before a person", async () => {
    const renewer = await giveRenewer(world);
    const number = await renew(world, renewer, { planCode: "add-10", method: "stripe" });
    await world.standIns.stripe.refund(await intentOf(number), 1_000);
    await mirror(number);
    await activate(number);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("live");
    expect(await attentionOf(number)).toBe("refunded_at_provider");
  });
});

describe("a dispute", () => {
  test("takes the money, gives it back when it is won, and says so to staff", async () => {
    const { number } = await liveByCard();
    const before = await ledgerOf(world, number);
    const dispute = await world.standIns.stripe.dispute(await intentOf(number));
    await Promise.all(Array.from({ length: 5 }, () => mirror(number)));
    expect((await ledgerOf(world, number))["disputes"]).toBe(6_800n);
    expect(await attentionOf(number)).toBe("dispute_open");
    expect(refusalOf(await requestRefund(staff, ask(number, "1.00")))).toBe("input_invalid");
    await world.standIns.stripe.closeDispute(dispute, "won");
    await Promise.all(Array.from({ length: 5 }, () => mirror(number)));
    expect((await ledgerOf(world, number))["disputes"]).toBeUndefined();
    // Its fee comes back as well: the cash is what it was.
    expect((await ledgerOf(world, number))["cash_stripe"]).toBe(before["cash_stripe"]);
    expect(await attentionOf(number)).toBe("dispute_won");
    expect(refusalOf(await requestRefund(staff, ask(number, "1.00")))).toBe("accepted");
  });

  test("that is won after the order could not be done goes back to the customer", async () => {
    const renewer = await giveRenewer(world);
    const number = await renew(world, renewer, { planCode: "add-10", method: "stripe" });
    const dispute = await world.standIns.stripe.dispute(await intentOf(number));
    await mirror(number);
    await world.standIns.esimAccess.setFault({
      kind: "refuse",
      errorCode: "310241",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    await activate(number);
    expect(await db().refund.count({ where: { order: { number } } })).toBe(0);
    await world.standIns.stripe.closeDispute(dispute, "won");
    await mirror(number);
    await sendRefunds(number);
    expect(await cash(number)).toBe(0n);
  });

  test("that is lost is the operator's loss", async () => {
    const { number } = await liveByCard();
    const dispute = await world.standIns.stripe.dispute(await intentOf(number));
    await world.standIns.stripe.closeDispute(dispute, "lost");
    await mirror(number);
    await mirror(number);
    const ledger = await ledgerOf(world, number);
    expect([ledger["disputes"], ledger["dispute_losses"]]).toEqual([undefined, 6_800n]);
  });

  test("that is lost in part costs that part, and the rest comes back", async () => {
    const { number } = await liveByCard();
    const payment = await paymentOf(number, "stripe");
    const report = {
      providerReference: `dp_${randomUUID()}`,
      amount: money(6_800n, "CNY"),
      reason: "general",
      openedAt: new Date(),
      respondBy: null,
      fee: null,
    };
    for (const state of [
      { ...report, state: "open" as const },
      { ...report, state: "lost" as const, amount: money(2_000n, "CNY") },
    ]) {
      await inTransaction(async (tx) => {
        await recordDispute(tx, await lockPayment(tx, payment.id), state, "cash_stripe");
      });
    }
    const ledger = await ledgerOf(world, number);
    expect([ledger["disputes"], ledger["dispute_losses"]]).toEqual([undefined, 2_000n]);
    expect(await cash(number)).toBe(4_800n);
    expect(refusalOf(await requestRefund(staff, ask(number, "48.01")))).toBe("input_invalid");
    expect(refusalOf(await requestRefund(staff, ask(number, "48.00")))).toBe("accepted");
  });

  test("of a top-up takes it from the balance, and what was spent is owed until it is won", async () => {
    const renewer = await giveRenewer(world);
    const number = await topUp(world, renewer, "100.00");
    await renew(world, renewer, { planCode: "add-10", method: "balance" });
    const dispute = await world.standIns.stripe.dispute(await intentOf(number));
    await mirror(number);
    expect(await balanceOf(renewer)).toEqual([0n, 0n]);
    expect((await ledgerOf(world, number))["receivables"]).toBe(6_800n);
    await world.standIns.stripe.closeDispute(dispute, "won");
    await mirror(number);
    expect(await balanceOf(renewer)).toEqual([3_200n, 0n]);
    expect((await ledgerOf(world, number))["receivables"]).toBeUndefined();
  });
});

describe("a period booked for later", () => {
  test("can be cancelled, and everything paid for it goes back", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 6_800n });
    const number = await renew(world, renewer, { planCode: "queue-10", method: "balance" });
    const input = { number, destination: "origin" as const };
    const all = await Promise.all(
      Array.from({ length: 5 }, () => cancelQueuedOrder(renewer.customer, input)),
    );
    expect(new Set(all.map(refusalOf))).toEqual(new Set(["accepted"]));
    expect(await balanceOf(renewer)).toEqual([6_800n, 0n]);
    const order = accepted(await getOrder(renewer.customer, { number }));
    expect([order.phase, order.canCancel]).toEqual(["refunded", false]);
    expect(
      await world.sql("SELECT state FROM audit.periods WHERE order_number = $1", [number]),
    ).toEqual([{ state: "cancelled" }]);
    expect(
      await world.sql("SELECT template FROM audit.notices WHERE order_number = $1 ORDER BY 1", [
        number,
      ]),
    ).toEqual([{ template: "order_cancelled" }, { template: "order_paid_scheduled" }]);
    await activateOrder({
      orderId: (await db().order.findUniqueOrThrow({ where: { number } })).id,
    });
    expect(await topUpsOf(renewer)).toHaveLength(0);
  });

  test("paid by card goes to the balance where the customer prefers that", async () => {
    const renewer = await giveRenewer(world);
    const number = await renew(world, renewer, { planCode: "queue-10", method: "stripe" });
    accepted(await cancelQueuedOrder(renewer.customer, { number, destination: "balance" }));
    expect(await balanceOf(renewer)).toEqual([6_800n, 0n]);
    expect(await cash(number)).toBe(6_800n);
  });

  test("cannot be cancelled by somebody else, nor once it is on its way to the network", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 6_800n });
    const stranger = await giveRenewer(world);
    const number = await renew(world, renewer, { planCode: "queue-10", method: "balance" });
    const input = { number, destination: "balance" as const };
    expect(refusalOf(await cancelQueuedOrder(stranger.customer, input))).toBe("not_found");
    await db().order.update({ where: { number }, data: { nextAttemptAt: new Date(0) } });
    const [cancelled] = await Promise.all([
      cancelQueuedOrder(renewer.customer, input),
      activate(number),
    ]);
    // Whoever was first: it is either cancelled and never sent, or sent and not cancelled.
    expect(await topUpsOf(renewer)).toHaveLength(cancelled.ok ? 0 : 1);
    expect(await balanceOf(renewer)).toEqual([cancelled.ok ? 6_800n : 0n, 0n]);
  });
});

test("a balance in another currency has its own statement, and what is owed is said", async () => {
  const renewer = await giveRenewer(world);
  await giveBalance(world, renewer.customer.accountId, "EUR", 990n);
  const own = accepted(await getStatement(renewer.customer, { currency: "XXX" }));
  expect(own.balance).toEqual(money(0n, "CNY"));
  expect(own.others).toEqual([money(990n, "EUR")]);
  const euros = accepted(await getStatement(renewer.customer, { currency: "EUR" }));
  expect([euros.balance, euros.lines.length, euros.methods]).toEqual([money(990n, "EUR"), 1, []]);
  const number = await topUp(world, renewer, "100.00");
  await renew(world, renewer, { planCode: "add-10", method: "balance" });
  await world.standIns.stripe.refund(await intentOf(number));
  await mirror(number);
  expect(accepted(await getStatement(renewer.customer, {})).owed).toEqual(money(6_800n, "CNY"));
});
