import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import { HISTORY_KINDS, type HistoryEntry, type HistoryFilter } from "#lib/domain/history.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { issueDocument } from "#lib/services/document/issue-document.ts";
import { exportHistory } from "#lib/services/history/export-history.ts";
import { listHistory } from "#lib/services/history/list-history.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
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

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
});
afterAll(async () => await world.close());

describe("a history", () => {
  test("tells of order, payment, period, message and document, newest first", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
    const number = await renew(renewer);
    const entries = await all(renewer.customer);
    expect(entries.map(({ kind }) => kind).toSorted()).toEqual(
      // Two periods: the one that runs, and the one that was bought.
      ["document", "message", "order", "payment", "period", "period"],
    );
    expect(entries.map(({ at }) => at.getTime())).toEqual(
      entries.map(({ at }) => at.getTime()).toSorted((a, b) => b - a),
    );
    const find = (kind: string) => entries.find((entry) => entry.kind === kind);
    const about = { orderNumber: number, esim: { iccid: renewer.iccid, label: "Travel" } };
    expect(find("order")).toMatchObject({
      ...about,
      phase: "live",
      planName: { en: "Plan add-10" },
      amount: { amountMinor: 6_800n, currency: "CNY" },
    });
    expect(find("payment")).toMatchObject({
      ...about,
      method: "balance",
      isRefund: false,
      state: "settled",
      amount: { amountMinor: 6_800n },
    });
    expect(find("message")).toMatchObject({ ...about, template: "order_live", state: "queued" });
    expect(find("document")).toMatchObject({ ...about, documentKind: "receipt" });
  });

  test("shows a refund as money that came back", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
    await world.standIns.esimAccess.setFault({
      kind: "refuse",
      errorCode: "310241",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    await renew(renewer);
    const payments = await all(renewer.customer, { kind: "payment" });
    expect(payments).toMatchObject([
      { isRefund: true, method: "balance", amount: { amountMinor: -6_800n } },
      { isRefund: false, amount: { amountMinor: 6_800n } },
    ]);
    const documents = await all(renewer.customer, { kind: "document" });
    expect(documents).toMatchObject([{ documentKind: "credit_note" }, { documentKind: "receipt" }]);
  });

  test("is narrowed to a kind, to days of the customer's zone, and to an eSIM", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
    const { customer } = renewer;
    await renew(renewer);
    const everything = await all(customer);
    for (const kind of HISTORY_KINDS) {
      expect(await all(customer, { kind })).toEqual(
        everything.filter((entry) => entry.kind === kind),
      );
    }
    const today = dayOf(new Date(), customer.timeZone);
    const ofToday = everything.filter(({ at }) => dayOf(at, customer.timeZone) === today);
    expect(ofToday.length).toBeGreaterThan(0);
    expect(ofToday.length).toBeLessThan(everything.length);
    expect(await all(customer, { from: today, to: today })).toEqual(ofToday);
    expect(await all(customer, { to: "2020-01-01" })).toEqual([]);
    expect(await all(customer, { from: "2999-12-31" })).toEqual([]);
    expect(await all(customer, { iccid: renewer.iccid })).toEqual(everything);
    const other = await giveRenewer(world);
    expect(await all(customer, { iccid: other.iccid })).toEqual([]);
  });

  test("begins a day when it begins for the customer, to the millisecond", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
    await renew(renewer);
    const order = { accountId: renewer.customer.accountId };
    // Midnight in Shanghai.
    const midnight = new Date("2026-03-11T16:00:00.000Z");
    const find = async (filter: HistoryFilter): Promise<number> =>
      (await all(renewer.customer, { ...filter, kind: "order" })).length;
    await db().order.updateMany({ where: order, data: { placedAt: midnight } });
    expect([await find({ from: "2026-03-12" }), await find({ to: "2026-03-11" })]).toEqual([1, 0]);
    await db().order.updateMany({
      where: order,
      data: { placedAt: new Date(midnight.getTime() - 1) },
    });
    expect([await find({ from: "2026-03-12" }), await find({ to: "2026-03-11" })]).toEqual([0, 1]);
  });

  test("has nothing of anybody else, whatever is asked for", async () => {
    const owner = await giveRenewer(world, { balanceMinor: 10_000n });
    await renew(owner);
    const stranger = await giveRenewer(world);
    const seen = await all(stranger.customer);
    expect(seen.map(({ kind, esim }) => [kind, esim?.iccid])).toEqual([["period", stranger.iccid]]);
    const page = accepted(await listHistory(stranger.customer, { iccid: owner.iccid }));
    expect(page).toMatchObject({ entries: [], count: 0, page: 1, pages: 1 });
    expect(page.esims.map(({ iccid }) => iccid)).toEqual([stranger.iccid]);
  });

  test("is for customers", async () => {
    const refusalOf = async (actor: Actor): Promise<string> => {
      const listed = await listHistory(actor, {});
      const exported = exportHistory(actor, {});
      return [listed, exported].map((each) => (each.ok ? "shown" : each.refusal.code)).join();
    };
    expect(await refusalOf(visitorFrom("192.0.2.1"))).toBe("not_signed_in,not_signed_in");
    expect(await refusalOf(await giveStaff())).toBe("not_allowed,not_allowed");
  });
});

describe("a long history", () => {
  let long: Renewer;

  beforeAll(async () => {
    long = await giveRenewer(world);
    const at = new Date("2026-05-01T08:00:00Z");
    const plan = await db().plan.findFirstOrThrow();
    // Several at the same moment: the order among them must hold from page to page.
    await db().period.createMany({
      data: Array.from({ length: 60 }, (_, index) => ({
        id: randomUUID(),
        esimId: long.esimId,
        planId: plan.id,
        startsAt: new Date(at.getTime() - Math.floor(index / 4) * 1_000),
        endsAt: new Date(at.getTime() + 1),
        state: "cancelled" as const,
      })),
    });
  });

  test("comes in pages that make up the whole, and a page beyond the last is the last", async () => {
    const pages = [1, 2, 3, 4].map(async (page) =>
      accepted(await listHistory(long.customer, { page })),
    );
    const shown = await Promise.all(pages);
    expect(shown.map(({ entries }) => entries.length)).toEqual([20, 20, 20, 1]);
    const ids = shown.flatMap(({ entries }) => entries.map(({ id }) => id));
    expect(new Set(ids).size).toBe(61);
    expect(ids).toEqual((await all(long.customer)).map(({ id }) => id));
    expect(accepted(await listHistory(long.customer, { page: 99 }))).toMatchObject({ page: 4 });
    expect(accepted(await listHistory(long.customer, { page: -1 }))).toMatchObject({ page: 1 });
  });

  test("is exported in batches of any size, each entry once", async () => {
    const whole = (await all(long.customer)).map(({ id }) => id);
    for (const batch of [1, 7, 61, 500]) {
      const read: string[] = [];
      for await (const entries of accepted(exportHistory(long.customer, {}, batch))) {
        expect(entries.length).toBeLessThanOrEqual(batch);
        read.push(...entries.map(({ id }) => id));
      }
      expect(read).toEqual(whole);
    }
  });
});

/** Renews from the balance, has it delivered or refused, and issues its documents. */
async function renew(renewer: Renewer): Promise<string> {
  const quote = accepted(
    await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode: "add-10" }),
  );
  const { orderNumber: number } = accepted(
    await placeOrder(renewer.customer, {
      attemptId: quote.attemptId,
      quote: quote.token,
      iccid: quote.iccid,
      planCode: quote.plan.code,
      startChoice: quote.startChoice,
      method: "balance",
      useBalance: false,
      acceptLoss: false,
      repeat: false,
    }),
  );
  const order = await db().order.findUniqueOrThrow({ where: { number } });
  await activateOrder({ orderId: order.id });
  const due = await db().document.findMany({
    where: { orderId: order.id },
    orderBy: { createdAt: "asc" },
  });
  for (const { id } of due) await issueDocument({ documentId: id });
  return number;
}

async function all(actor: Actor, filter: HistoryFilter = {}): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for await (const batch of accepted(exportHistory(actor, filter))) entries.push(...batch);
  return entries;
}

function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused: ${result.refusal.code}`);
  return result.value;
}
