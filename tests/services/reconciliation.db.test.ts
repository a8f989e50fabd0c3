import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM } from "#lib/access/actor.ts";
import { CarrierUnavailableError, type CarrierAdapter } from "#lib/carriers/port.ts";
import { carrierAdapter } from "#lib/carriers/registry.ts";
import { db } from "#lib/db/client.ts";
import { money } from "#lib/domain/money.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { ProviderUnavailableError, type PaymentAdapter } from "#lib/payments/port.ts";
import { paymentAdapter } from "#lib/payments/registry.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { mirrorPayment } from "#lib/services/payment/mirror-payment.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { getReconciliation } from "#lib/services/reconciliation/get-reconciliation.ts";
import { reconcile, type ReconciliationReport } from "#lib/services/reconciliation/reconcile.ts";
import { requestReconciliation } from "#lib/services/reconciliation/request-reconciliation.ts";
import { resolveDifference } from "#lib/services/reconciliation/resolve-difference.ts";
import { runDueReconciliation } from "#lib/services/reconciliation/run-due-reconciliation.ts";
import { findDueWork } from "#lib/services/sweep/find-due-work.ts";
import {
  givePlans,
  giveRenewer,
  giveStaff,
  openWorld,
  visitorFrom,
  type Renewer,
  type World,
} from "#tests/support/world.ts";

const PRICE = "68.00 CNY";
let world: World;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }, { code: "queue-10", policy: "queue" }]);
});
afterEach(async () => {
  await world.standIns.stripe.clearFaults();
  await world.standIns.esimAccess.clearFaults();
});
afterAll(async () => await world.close());

describe("a world in order", () => {
  test("has no difference, and single payments are not asked about", async () => {
    for (let count = 0; count < 3; count += 1) await giveLive("stripe");
    await giveLive("balance");
    const mark = await world.standIns.stripe.mark();
    const report = await compare();
    expect(report).toMatchObject({ couldTell: true, untold: [], differences: [] });
    expect(report.checked).toBeGreaterThan(10);
    const asked = (await world.standIns.stripe.log(mark)).map((request) => request.path);
    expect(asked.filter((path) => /refunds|sessions\//.test(path))).toEqual([]);
    expect(asked.length).toBeLessThan(8);
  });

  test("has none with an open payment, a queued renewal and a refund that is done", async () => {
    await place(await giveRenewer(world), "stripe");
    const queued = await giveRenewer(world, { balanceMinor: 10_000n });
    await place(queued, "balance", "queue-10");
    const { paymentId, intent } = await giveLive("stripe");
    await world.standIns.stripe.refund(intent, 1_000);
    await mirrorPayment({ paymentId });
    expect(await compare()).toMatchObject({ couldTell: true, differences: [] });
  });
});

describe("a payment", () => {
  test("that was captured and whose message was lost is found, and settled by repairing", async () => {
    const { order, payment } = await place(await giveRenewer(world), "stripe");
    await world.standIns.stripe.pay(payment.providerReference ?? "");
    expect(await differencesOf(order.number, await compare())).toEqual([
      {
        kind: "payment_missing_here",
        order: order.number,
        expected: `${PRICE} pending`,
        actual: PRICE,
      },
    ]);
    expect((await orderOf(order.number)).needsAttention).toBe("books_differ");
    expect(await differencesOf(order.number, await compare({ repair: true }))).toEqual([]);
    expect(await orderOf(order.number)).toMatchObject({
      state: "inProgress",
      needsAttention: null,
    });
    expect(await rowOf("payment_missing_here", payment.id)).toMatchObject({
      resolution: "repaired",
    });
    await activateOrder({ orderId: order.id });
    expect((await compare()).differences).toEqual([]);
  });

  test("whose customer had given up goes back to them", async () => {
    const { order, payment } = await place(await giveRenewer(world), "stripe");
    await world.standIns.stripe.pay(payment.providerReference ?? "");
    await world.sql(`UPDATE payment SET state = 'expired' WHERE id = $1`, [payment.id]);
    await world.sql(
      `UPDATE "order" SET state = 'cancelled', ended_at = now(), end_reason = 'payment_expired' WHERE id = $1`,
      [order.id],
    );
    await compare({ repair: true });
    const refund = await db().refund.findFirstOrThrow({ where: { paymentId: payment.id } });
    expect(refund).toMatchObject({ amountMinor: 6_800n, reason: "paid_too_late" });
  });

  test("that the provider does not know is named, and put before a person", async () => {
    const { number, paymentId } = await giveLive("stripe");
    const without = outside({
      stripe: (real) => ({
        listPayments: (from) =>
          only(real.listPayments(from), (listed) => listed.paymentId !== paymentId),
        find: async (reference) => {
          const found = await real.find(reference);
          return found?.paymentId === paymentId ? null : found;
        },
      }),
    });
    expect(await differencesOf(number, await compare({}, without))).toEqual([
      { kind: "payment_missing_there", order: number, expected: PRICE, actual: "nothing" },
    ]);
    expect((await orderOf(number)).needsAttention).toBe("books_differ");
    expect(await differencesOf(number, await compare())).toEqual([]);
    expect((await orderOf(number)).needsAttention).toBeNull();
    expect(await rowOf("payment_missing_there", paymentId)).toMatchObject({ resolution: "gone" });
  });

  test("that is only missing in the list is asked about, and no difference", async () => {
    const { paymentId } = await giveLive("stripe");
    const shorter = outside({
      stripe: (real) => ({
        listPayments: (from) =>
          only(real.listPayments(from), (listed) => listed.paymentId !== paymentId),
      }),
    });
    expect((await compare({}, shorter)).differences).toEqual([]);
  });

  test("of another amount is named with both", async () => {
    const { number, paymentId } = await giveLive("stripe");
    const cent = { captured: money(1n, "CNY") };
    const cheaper = outside({
      stripe: (real) => ({
        listPayments: (from) =>
          changed(real.listPayments(from), (listed) =>
            listed.paymentId === paymentId ? { ...listed, ...cent } : listed,
          ),
        find: async (reference) => {
          const found = await real.find(reference);
          return found?.paymentId === paymentId ? { ...found, ...cent } : found;
        },
      }),
    });
    expect(await differencesOf(number, await compare({}, cheaper))).toEqual([
      { kind: "payment_amount_differs", order: number, expected: PRICE, actual: "0.01 CNY" },
    ]);
    await compare();
  });

  test("that nobody here asked for is found until it is given back", async () => {
    const intent = `pi_3${randomUUID().replaceAll("-", "")}`;
    await world.standIns.stripe.seed({
      payments: [
        {
          paymentIntent: intent,
          amount: 4_200,
          currency: "gbp",
          createdAt: new Date(Date.now() - 3_600_000).toISOString(),
        },
      ],
    });
    const { differences } = await compare({ repair: true });
    expect(differences).toEqual([
      { kind: "payment_of_nobody", order: null, expected: "nothing", actual: "42.00 GBP" },
    ]);
    await world.standIns.stripe.refund(intent);
    expect((await compare()).differences).toEqual([]);
    expect(await rowOf("payment_of_nobody", intent)).toMatchObject({ resolution: "gone" });
  });

  test("that was captured a second time is found", async () => {
    const { number, paymentId } = await giveLive("stripe");
    const intent = `pi_3${randomUUID().replaceAll("-", "")}`;
    await world.standIns.stripe.seed({
      payments: [
        {
          paymentIntent: intent,
          amount: 6_800,
          currency: "cny",
          metadata: { payment_id: paymentId },
          createdAt: new Date(Date.now() - 60_000).toISOString(),
        },
      ],
    });
    expect(await differencesOf(number, await compare())).toMatchObject([
      { kind: "payment_captured_twice", actual: `${PRICE} as ${intent}, too` },
    ]);
    await world.standIns.stripe.refund(intent);
    expect((await compare()).differences).toEqual([]);
  });
});

describe("what is done at the provider", () => {
  test("a refund is found and taken over", async () => {
    const { number, intent, paymentId } = await giveLive("stripe");
    const refund = await world.standIns.stripe.refund(intent, 2_500);
    expect(await differencesOf(number, await compare())).toEqual([
      {
        kind: "refund_missing_here",
        order: number,
        expected: "nothing",
        actual: "25.00 CNY succeeded",
      },
    ]);
    expect(await differencesOf(number, await compare({ repair: true }))).toEqual([]);
    expect(await db().refund.findFirst({ where: { paymentId } })).toMatchObject({
      providerReference: refund.id,
      byProvider: true,
      state: "succeeded",
      amountMinor: 2_500n,
    });
  });

  test("a refund that we have and the provider has not is named", async () => {
    const { number, paymentId, intent } = await giveLive("stripe");
    await world.standIns.stripe.refund(intent, 1_500);
    await mirrorPayment({ paymentId });
    const forgetful = outside({
      stripe: (real) => ({
        listPayments: (from) =>
          changed(real.listPayments(from), (listed) =>
            listed.paymentId === paymentId ? { ...listed, refundedMinor: 0n } : listed,
          ),
        listRefunds: async (key) =>
          key.providerPaymentId === intent ? [] : await real.listRefunds(key),
      }),
    });
    expect(await differencesOf(number, await compare({}, forgetful))).toEqual([
      { kind: "refund_missing_there", order: number, expected: "15.00 CNY", actual: "nothing" },
    ]);
    const stingy = outside({
      stripe: (real) => ({
        listPayments: (from) =>
          changed(real.listPayments(from), (listed) =>
            listed.paymentId === paymentId ? { ...listed, refundedMinor: 1_000n } : listed,
          ),
        listRefunds: async (key) =>
          (await real.listRefunds(key)).map((refund) => ({
            ...refund,
            amount: money(1_000n, "CNY"),
          })),
      }),
    });
    expect(await differencesOf(number, await compare({}, stingy))).toMatchObject([
      { kind: "refund_amount_differs", actual: "10.00 CNY succeeded" },
    ]);
    expect((await compare()).differences).toEqual([]);
  });

  test("a refund that came back is found and owed again", async () => {
    const { number, paymentId, intent } = await giveLive("stripe");
    const refund = await world.standIns.stripe.refund(intent, 1_500);
    await mirrorPayment({ paymentId });
    await world.standIns.stripe.settleRefund(refund.id, "failed");
    expect(await differencesOf(number, await compare())).toMatchObject([
      {
        kind: "refund_state_differs",
        expected: "15.00 CNY succeeded",
        actual: "15.00 CNY failed",
      },
    ]);
    expect((await compare({ repair: true })).differences).toEqual([]);
    expect(await db().refund.findFirst({ where: { paymentId } })).toMatchObject({
      state: "failed",
    });
  });

  test("a dispute is found, taken over, and followed to its end", async () => {
    const { number, intent, paymentId } = await giveLive("stripe");
    const dispute = await world.standIns.stripe.dispute(intent);
    expect(await differencesOf(number, await compare())).toEqual([
      {
        kind: "dispute_missing_here",
        order: number,
        expected: "nothing",
        actual: `${PRICE} open`,
      },
    ]);
    expect((await compare({ repair: true })).differences).toEqual([]);
    await world.standIns.stripe.closeDispute(dispute, "lost");
    expect(await differencesOf(number, await compare())).toMatchObject([
      { kind: "dispute_state_differs", expected: `${PRICE} open`, actual: `${PRICE} lost` },
    ]);
    expect((await compare({ repair: true })).differences).toEqual([]);
    const unknown = outside({ stripe: () => ({ listDisputes: async () => [] }) });
    await world.sql(`UPDATE dispute SET state = 'open', closed_at = NULL WHERE payment_id = $1`, [
      paymentId,
    ]);
    expect(await differencesOf(number, await compare({}, unknown))).toMatchObject([
      { kind: "dispute_missing_there" },
    ]);
    await world.sql(`UPDATE dispute SET state = 'lost', closed_at = now() WHERE payment_id = $1`, [
      paymentId,
    ]);
    expect((await compare()).differences).toEqual([]);
  });

  test("a payout is found and booked once", async () => {
    const payout = {
      providerReference: `po_${randomUUID()}`,
      amount: money(5_000n, "CNY"),
      sentAt: new Date(),
    };
    const paying = outside({
      stripe: () => ({
        async *listPayouts() {
          yield payout;
        },
      }),
    });
    expect((await compare({}, paying)).differences).toEqual([
      { kind: "payout_missing_here", order: null, expected: "nothing", actual: "50.00 CNY" },
    ]);
    await Promise.all([compare({ repair: true }, paying), compare({ repair: true }, paying)]);
    expect((await compare({}, paying)).differences).toEqual([]);
    const booked = await db().journal.count({ where: { kind: "payout.sent" } });
    expect(booked).toBe(1);
  });

  test("a fee that was named late is booked", async () => {
    const { paymentId } = await giveLive("stripe");
    const fees = (): Promise<number> =>
      db().journal.count({ where: { kind: "fee.charged", sourceId: paymentId } });
    const [before] = await world.sql<{ id: string }>(
      "SELECT id FROM journal WHERE kind = 'fee.charged' AND source_id = $1",
      [paymentId],
    );
    expect(before).toBeDefined();
    // As if the provider had named it only now: booked under another source, nothing is known of it.
    await world.sql("ALTER TABLE journal DISABLE TRIGGER USER");
    await world.sql("UPDATE journal SET source_id = gen_random_uuid() WHERE id = $1", [before?.id]);
    await world.sql("ALTER TABLE journal ENABLE TRIGGER USER");
    await compare();
    expect(await fees()).toBe(0);
    await compare({ repair: true });
    await compare({ repair: true });
    expect(await fees()).toBe(1);
  });
});

describe("the ledger", () => {
  test("that does not balance, and a balance that its entries do not explain, are found", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
    await world.sql(`UPDATE balance SET balance_minor = balance_minor + 1 WHERE account_id = $1`, [
      renewer.customer.accountId,
    ]);
    expect((await compare()).differences).toEqual([
      { kind: "balance_differs", order: null, expected: "100.00 CNY", actual: "100.01 CNY" },
    ]);
    await world.sql(`UPDATE balance SET balance_minor = balance_minor - 1 WHERE account_id = $1`, [
      renewer.customer.accountId,
    ]);

    const [entry] = await world.sql<{ id: string }>(
      `SELECT e.id FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
         WHERE a.code = 'opening_equity' LIMIT 1`,
    );
    await tamper(entry?.id ?? "", 7n);
    expect((await compare()).differences).toMatchObject([
      { kind: "journal_unbalanced", expected: "0.00 CNY", actual: "0.07 CNY" },
    ]);
    await tamper(entry?.id ?? "", -7n);
    expect((await compare()).differences).toEqual([]);
  });

  test("whose cash is not what the rows say is found", async () => {
    const { number, paymentId } = await giveLive("stripe");
    await world.sql("UPDATE payment SET amount_minor = amount_minor - 100 WHERE id = $1", [
      paymentId,
    ]);
    const kinds = (await compare()).differences.map((difference) => difference.kind);
    expect(kinds.toSorted()).toEqual(
      [
        "cash_differs",
        "order_underpaid",
        "payment_amount_differs",
        "payment_not_booked",
      ].toSorted(),
    );
    expect((await orderOf(number)).needsAttention).toBe("books_differ");
    await world.sql("UPDATE payment SET amount_minor = amount_minor + 100 WHERE id = $1", [
      paymentId,
    ]);
    expect((await compare()).differences).toEqual([]);
  });
});

describe("the bank", () => {
  test("whose movements are not those of the ledger is found", async () => {
    const statement = await db().bankStatement.create({
      data: {
        statementId: "1",
        accountNumber: "GB00",
        currency: "GBP",
        fileName: "one.csv",
        fileHash: "0",
        lineCount: 1,
        newLineCount: 1,
      },
    });
    await db().bankLine.create({
      data: {
        statementId: statement.id,
        lineId: "one",
        accountNumber: "GB00",
        bookedOn: new Date("2026-11-20"),
        valueOn: new Date("2026-11-20"),
        currency: "GBP",
        amountMinor: 1_200n,
        remittanceText: "",
        state: "suspended",
        match: "unknown",
      },
    });
    expect((await compare()).differences).toEqual([
      { kind: "cash_differs", order: null, expected: "0.00 GBP", actual: "12.00 GBP" },
      { kind: "suspense_differs", order: null, expected: "0.00 GBP", actual: "12.00 GBP" },
    ]);
    await world.sql("DELETE FROM bank_line");
    expect((await compare()).differences).toEqual([]);
  });
});

describe("orders", () => {
  test("that are paid and forgotten get their time back", async () => {
    const { order } = await place(await giveRenewer(world, { balanceMinor: 10_000n }), "balance");
    await world.sql(`UPDATE "order" SET next_attempt_at = NULL WHERE id = $1`, [order.id]);
    expect(await differencesOf(order.number, await compare())).toMatchObject([
      { kind: "order_stranded" },
    ]);
    expect((await compare({ repair: true })).differences).toEqual([]);
    expect((await orderOf(order.number)).nextAttemptAt).not.toBeNull();
    await activateOrder({ orderId: order.id });
    expect((await orderOf(order.number)).state).toBe("completed");
  });

  test("that were given for less, or that are over with the money kept, are named", async () => {
    const cheap = await giveLive("balance");
    await world.sql(`UPDATE "order" SET total_minor = total_minor + 5 WHERE number = $1`, [
      cheap.number,
    ]);
    const kept = await giveLive("balance");
    await world.sql(
      `UPDATE "order" SET state = 'failed', ended_at = now(), completed_at = NULL WHERE number = $1`,
      [kept.number],
    );
    expect((await compare()).differences).toEqual(
      expect.arrayContaining([
        {
          kind: "order_underpaid",
          order: cheap.number,
          expected: "68.05 CNY",
          actual: PRICE,
        },
        { kind: "order_not_refunded", order: kept.number, expected: PRICE, actual: "0.00 CNY" },
      ]),
    );
    await world.sql(`UPDATE "order" SET total_minor = total_minor - 5 WHERE number = $1`, [
      cheap.number,
    ]);
    await world.sql(
      `UPDATE "order" SET state = 'completed', ended_at = NULL, completed_at = now() WHERE number = $1`,
      [kept.number],
    );
    expect((await compare()).differences).toEqual([]);
  });
});

describe("a carrier", () => {
  test("that has an item of which we do not know is asked again, and the order is done", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
    const { order } = await place(renewer, "balance");
    await world.standIns.esimAccess.setFault({
      kind: "timeout_after",
      ms: 10,
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    await activateOrder({ orderId: order.id });
    // Its answer is still on its way.
    expect((await compare({ repair: true })).differences).toEqual([]);
    await world.sql(
      `UPDATE activation SET requested_at = now() - interval '20 minutes' WHERE order_item_id IN
         (SELECT id FROM order_item WHERE order_id = $1)`,
      [order.id],
    );
    expect(await differencesOf(order.number, await compare())).toEqual([
      {
        kind: "activation_missing_here",
        order: order.number,
        expected: "unknown",
        actual: "live",
      },
    ]);
    expect((await compare({ repair: true })).differences).toEqual([]);
    expect((await orderOf(order.number)).state).toBe("completed");
  });

  test("that does not have what we call live, has it twice, or elsewhere, is told apart", async () => {
    const { number, reference, renewer } = await giveLive("balance");
    await world.sql(
      `UPDATE activation SET confirmed_at = now() - interval '1 hour' WHERE our_reference = $1`,
      [reference],
    );
    const empty = outside({
      carrier: (real) => ({
        listEsims: () =>
          changed(real.listEsims(), (esim) => ({
            ...esim,
            orders: esim.orders.filter((order) => order.ourReference !== reference),
          })),
        findByOurReference: async (esim, ourReference) =>
          ourReference === reference
            ? { kind: "not_found" }
            : await real.findByOurReference(esim, ourReference),
      }),
    });
    expect(await differencesOf(number, await compare({}, empty))).toEqual([
      { kind: "activation_missing_there", order: number, expected: "live", actual: "nothing" },
    ]);
    const twice = outside({
      carrier: (real) => ({
        listEsims: () =>
          changed(real.listEsims(), (esim) => ({
            ...esim,
            orders: esim.orders.flatMap((order) =>
              order.ourReference === reference ? [order, order] : [order],
            ),
          })),
      }),
    });
    expect(await differencesOf(number, await compare({}, twice))).toMatchObject([
      { kind: "activation_twice" },
    ]);
    const swapped = outside({
      carrier: (real) => ({
        listEsims: () =>
          changed(real.listEsims(), (esim) =>
            esim.iccid === renewer.iccid
              ? { ...esim, iccid: "8900000000000000000", carrierEsimId: "another" }
              : esim,
          ),
      }),
    });
    expect(await differencesOf(number, await compare({}, swapped))).toMatchObject([
      { kind: "activation_on_other_esim", expected: renewer.iccid, actual: "8900000000000000000" },
    ]);
    expect((await compare()).differences).toEqual([]);
  });

  test("that gave what was refused and refunded, or what nobody ordered, is named", async () => {
    const { number, reference } = await giveLive("balance");
    await world.sql(
      "UPDATE activation SET state = 'rejected', confirmed_at = NULL WHERE our_reference = $1",
      [reference],
    );
    expect(await differencesOf(number, await compare({ repair: true }))).toMatchObject([
      { kind: "activation_after_refund" },
    ]);
    await world.sql(
      "UPDATE activation SET state = 'confirmed', confirmed_at = now() WHERE our_reference = $1",
      [reference],
    );

    const renewer = await giveRenewer(world);
    const stray = `manual-${randomUUID().slice(0, 8)}`;
    await topUpBehindOurBack(renewer, stray);
    const { differences } = await compare({ repair: true });
    expect(differences).toEqual([
      {
        kind: "activation_of_nobody",
        order: null,
        expected: "nothing",
        actual: `T_add-10 on ${renewer.iccid}`,
      },
    ]);
    await explainAll("Given by hand to make up for an outage");
    expect((await compare()).differences).toEqual([]);
  });
});

describe("a dump of before the last payments", () => {
  test("and comparing with repairs bring the paid orders back, each once", async () => {
    const orders = [];
    for (const lost of ["message", "page"] as const) {
      const renewer = await giveRenewer(world);
      const { order, payment, itemId } = await place(renewer, "stripe");
      // After the dump: the customer pays and gets it …
      await world.standIns.stripe.pay(payment.providerReference ?? "");
      await topUpBehindOurBack(renewer, itemId);
      // … and of all that the dump knows nothing; in one case not even of the page that was paid.
      if (lost === "page") {
        await world.sql(
          `UPDATE payment SET state = 'created', provider_reference = NULL, redirect_url = NULL WHERE id = $1`,
          [payment.id],
        );
        await world.sql(`UPDATE "order" SET state = 'acknowledged' WHERE id = $1`, [order.id]);
      }
      orders.push({ order, renewer, payment });
    }
    const found = (await compare()).differences.map((difference) => difference.kind);
    expect(found.toSorted()).toEqual([
      "activation_missing_here",
      "activation_missing_here",
      "payment_missing_here",
      "payment_missing_here",
    ]);
    expect(await compare({ repair: true })).toMatchObject({ couldTell: true, differences: [] });
    const { topUps } = await world.standIns.esimAccess.state();
    for (const { order, renewer, payment } of orders) {
      expect(await orderOf(order.number)).toMatchObject({
        state: "completed",
        needsAttention: null,
      });
      expect(topUps.filter((topUp) => topUp.esimTranNo === renewer.esimTranNo)).toHaveLength(1);
      const kinds = await db().journal.findMany({ where: { sourceId: payment.id } });
      expect(kinds.map((journal) => journal.kind).toSorted()).toEqual([
        "fee.charged",
        "payment.settled",
      ]);
    }
    const journals = await db().journal.count();
    expect((await compare({ repair: true })).differences).toEqual([]);
    expect(await db().journal.count()).toBe(journals);
  });
});

describe("somebody who cannot be asked", () => {
  test("leaves open whether there is a difference, and the others compared", async () => {
    const { order, payment } = await place(await giveRenewer(world), "stripe");
    await world.standIns.stripe.pay(payment.providerReference ?? "");
    await compare();
    const before = await rowOf("payment_missing_here", payment.id);
    await world.standIns.stripe.setFault({ kind: "status", status: 503, times: null });
    const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
    const stranded = await place(renewer, "balance");
    await world.sql(`UPDATE "order" SET next_attempt_at = NULL WHERE id = $1`, [stranded.order.id]);
    const report = await compare();
    expect(report).toMatchObject({
      couldTell: false,
      untold: [{ scope: "stripe" }],
      differences: [{ kind: "order_stranded", order: stranded.order.number }],
    });
    // What was found there before is not taken for gone.
    expect(await rowOf("payment_missing_here", payment.id)).toEqual(before);
    await world.standIns.stripe.clearFaults();
    expect(await compare({ repair: true })).toMatchObject({ couldTell: true, differences: [] });
    await activateOrder({ orderId: order.id });
    await activateOrder({ orderId: stranded.order.id });
  });

  test("may be the carrier, also half-way", async () => {
    const down = outside({
      carrier: (real) => ({
        async *listEsims() {
          for await (const esim of real.listEsims()) {
            yield esim;
            throw new CarrierUnavailableError("gone");
          }
        },
      }),
    });
    expect(await compare({}, down)).toMatchObject({
      couldTell: false,
      untold: [{ scope: "esim_access", why: "gone" }],
      differences: [],
    });
    const alsoDown = outside({
      stripe: () => ({
        listPayments: () => {
          throw new ProviderUnavailableError("gone, too");
        },
      }),
    });
    expect((await compare({}, alsoDown)).untold).toEqual([{ scope: "stripe", why: "gone, too" }]);
    const gone = outside({
      stripe: () => {
        throw new Error("Stripe is not configured");
      },
    });
    expect((await compare({}, gone)).untold).toEqual([
      { scope: "stripe", why: "Stripe is not configured" },
    ]);
  });
});

describe("runs", () => {
  test("come once a day, when staff ask, and again when a worker was killed", async () => {
    const isDue = async (): Promise<boolean> =>
      (await findDueWork()).some((due) => due.queue === "reconciliation.due");
    await world.sql(`UPDATE payment SET settled_at = settled_at - interval '2 days',
      created_at = created_at - interval '2 days' WHERE state = 'settled'`);
    expect(await isDue()).toBe(false);
    await world.sql("UPDATE reconciliation SET ended_at = ended_at - interval '25 hours'");
    expect(await isDue()).toBe(true);
    await Promise.all([runDueReconciliation(), runDueReconciliation(), runDueReconciliation()]);
    const recent = await db().reconciliation.findMany({
      where: { endedAt: { gt: new Date(Date.now() - 3_600_000) } },
    });
    expect(recent).toHaveLength(1);
    expect(recent[0]).toMatchObject({ couldTell: true });
    expect(recent[0]?.checked).toBeGreaterThan(10);
    expect(await isDue()).toBe(false);

    // One that a killed worker left.
    const left = await db().reconciliation.create({ data: {} });
    expect(await isDue()).toBe(true);
    await runDueReconciliation();
    expect(await db().reconciliation.findUniqueOrThrow({ where: { id: left.id } })).toMatchObject({
      endedAt: expect.any(Date) as unknown,
    });
    expect(await isDue()).toBe(false);
  });

  test("that end in a defect are ended, and not repeated without a pause", async () => {
    const lead = { ...(await giveStaff()), role: "lead" as const };
    const asked = accepted(await requestReconciliation(lead));
    const broken = outside({
      stripe: () => ({
        listPayments: () => {
          throw new TypeError("a defect");
        },
      }),
    });
    await expect(runDueReconciliation(broken)).rejects.toThrow("a defect");
    expect(
      await db().reconciliation.findUniqueOrThrow({ where: { id: asked.reconciliationId } }),
    ).toMatchObject({ couldTell: false, endedAt: expect.any(Date) as unknown });
  });
});

describe("staff", () => {
  test("of support see differences, leads have them compared and resolve them with a reason", async () => {
    const renewer = await giveRenewer(world);
    const stray = `manual-${randomUUID().slice(0, 8)}`;
    await topUpBehindOurBack(renewer, stray);
    await compare();
    const support = await giveStaff();
    const lead = { ...(await giveStaff()), role: "lead" as const };
    const seen = accepted(await getReconciliation(support));
    expect(seen).toMatchObject({
      mayResolve: false,
      running: null,
      openCount: 1,
      open: [{ kind: "activation_of_nobody", subject: `esim_access/${stray}`, orderNumber: null }],
    });
    const differenceId = seen.open[0]?.id ?? "";
    const input = { differenceId, reason: "A present from the sales team" };
    expect(await resolveDifference(support, input)).toMatchObject({ ok: false });
    expect(await resolveDifference(renewer.customer, input)).toMatchObject({ ok: false });
    expect(await requestReconciliation(support)).toMatchObject({ ok: false });
    expect(await requestReconciliation(visitorFrom("192.0.2.1"))).toMatchObject({ ok: false });
    expect(await getReconciliation(renewer.customer)).toMatchObject({ ok: false });
    expect(await reconcile(lead, { repair: false })).toMatchObject({ ok: false });

    const [one, two] = await Promise.all([
      requestReconciliation(lead),
      requestReconciliation(lead),
    ]);
    expect(accepted(one)).toEqual(accepted(two));
    expect(accepted(await getReconciliation(lead)).running).toMatchObject({ endedAt: null });
    await runDueReconciliation();
    expect(accepted(await getReconciliation(lead)).running).toBeNull();

    accepted(await resolveDifference(lead, input));
    expect(await resolveDifference(lead, input)).toMatchObject({
      ok: false,
      refusal: { code: "not_found" },
    });
    expect(
      await world.sql("SELECT action, reason FROM audit.events WHERE actor_email = $1", [
        lead.email,
      ]),
    ).toEqual(
      expect.arrayContaining([
        { action: "reconciliation.requested", reason: null },
        { action: "difference.resolved", reason: input.reason },
      ]),
    );
    // Explained: it stays so, until it changes.
    expect((await compare()).differences).toEqual([]);
    await world.sql("UPDATE difference SET actual = 'something else' WHERE id = $1", [
      differenceId,
    ]);
    expect((await compare()).differences).toHaveLength(1);
    accepted(await resolveDifference(lead, input));
  });
});

// ------------------------------------------------------------------ what the tests are written in

async function compare(
  input: { readonly repair?: boolean; readonly since?: Date } = {},
  others?: Parameters<typeof reconcile>[2],
): Promise<ReconciliationReport> {
  return accepted(await reconcile(SYSTEM, { repair: false, ...input }, others));
}

async function differencesOf(number: string, { differences }: ReconciliationReport) {
  return differences.filter((difference) => difference.order === number);
}

/** Providers and carrier with some of their answers changed. */
function outside(changes: {
  readonly stripe?: (real: PaymentAdapter) => Partial<PaymentAdapter>;
  readonly carrier?: (real: CarrierAdapter) => Partial<CarrierAdapter>;
}): NonNullable<Parameters<typeof reconcile>[2]> {
  return {
    payments: (id) => {
      const real = paymentAdapter(id);
      return { ...real, ...changes.stripe?.(real) };
    },
    carriers: (id) => {
      const real = carrierAdapter(id);
      return { ...real, ...changes.carrier?.(real) };
    },
  };
}

async function* changed<T>(source: AsyncIterable<T>, change: (each: T) => T): AsyncGenerator<T> {
  for await (const each of source) yield change(each);
}

async function* only<T>(source: AsyncIterable<T>, isKept: (each: T) => boolean): AsyncGenerator<T> {
  for await (const each of source) if (isKept(each)) yield each;
}

async function place(renewer: Renewer, method: "stripe" | "balance", planCode = "add-10") {
  const quote = accepted(await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode }));
  const placed = accepted(
    await placeOrder(renewer.customer, {
      attemptId: quote.attemptId,
      quote: quote.token,
      iccid: quote.iccid,
      planCode,
      startChoice: quote.startChoice,
      method,
      useBalance: false,
      acceptLoss: false,
      repeat: false,
    }),
  );
  const order = await db().order.findUniqueOrThrow({
    where: { number: placed.orderNumber },
    include: { payments: true, items: true },
  });
  const [payment] = order.payments;
  const [item] = order.items;
  if (payment === undefined || item === undefined) throw new Error("Nothing was ordered");
  return { order, payment, itemId: item.id };
}

/** A renewal that is paid for and live. */
async function giveLive(method: "stripe" | "balance") {
  const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
  const { order, payment, itemId } = await place(renewer, method);
  let intent = "";
  if (method === "stripe") {
    const paid = await world.standIns.stripe.pay(payment.providerReference ?? "");
    intent = paid.paymentIntent ?? "";
    accepted(await settlePayment(SYSTEM, { paymentId: payment.id }));
  }
  await activateOrder({ orderId: order.id });
  expect((await orderOf(order.number)).state).toBe("completed");
  return { number: order.number, paymentId: payment.id, intent, reference: itemId, renewer };
}

/** The carrier is asked for something, and we do not know of it. */
async function topUpBehindOurBack(renewer: Renewer, ourReference: string): Promise<void> {
  const outcome = await carrierAdapter("esim_access").activate({
    ourReference,
    esim: { iccid: renewer.iccid, carrierEsimId: renewer.esimTranNo },
    offerCode: "T_add-10",
  });
  expect(outcome.kind).toBe("confirmed");
}

async function orderOf(number: string) {
  return await db().order.findUniqueOrThrow({ where: { number } });
}

/** The row of a difference whose subject ends so. */
async function rowOf(kind: string, about: string) {
  return await db().difference.findFirstOrThrow({ where: { kind, subject: { endsWith: about } } });
}

async function explainAll(reason: string): Promise<void> {
  const lead = { ...(await giveStaff()), role: "lead" as const };
  for (const { id } of accepted(await getReconciliation(lead)).open) {
    accepted(await resolveDifference(lead, { differenceId: id, reason }));
  }
}

/** Changes an entry of the ledger as only somebody with the owner's rights could. */
async function tamper(entryId: string, byMinor: bigint): Promise<void> {
  await world.sql("ALTER TABLE ledger_entry DISABLE TRIGGER USER");
  await world.sql("UPDATE ledger_entry SET amount_minor = amount_minor + $2 WHERE id = $1", [
    entryId,
    byMinor.toString(),
  ]);
  await world.sql("ALTER TABLE ledger_entry ENABLE TRIGGER USER");
}

function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused: ${result.refusal.code}`);
  return result.value;
}
