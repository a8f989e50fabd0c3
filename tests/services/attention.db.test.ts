import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Staff } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import type { AttentionCode } from "#lib/domain/attention.ts";
import { getStaffOrder } from "#lib/services/console/get-staff-order.ts";
import { listAttention } from "#lib/services/console/list-attention.ts";
import { resolveAttention } from "#lib/services/console/resolve-attention.ts";
import { recordDispute } from "#lib/services/dispute/record-dispute.ts";
import { recordNotice } from "#lib/services/notice/record-notice.ts";
import { flagOrder } from "#lib/services/order/flag-order.ts";
import { lockPayment } from "#lib/services/payment/book-settled-payment.ts";
import { requestRefund } from "#lib/services/refund/request-refund.ts";
import { sendRefund } from "#lib/services/refund/send-refund.ts";
import { accepted, activate, paymentOf, refusalOf, renew } from "#tests/support/verbs.ts";
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
let staff: Staff;
let renewer: Renewer;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
  staff = await giveStaff();
});
beforeEach(async () => {
  // Nobody may order as often as all these tests do.
  renewer = await giveRenewer(world, { balanceMinor: 1_000_000n });
});
afterEach(async () => {
  await db().order.updateMany({ data: { needsAttention: null } });
});
afterAll(async () => await world.close());

const paid = async (method: "balance" | "stripe" = "balance"): Promise<string> =>
  await renew(world, renewer, { planCode: "add-10", method });

const orderOf = async (number: string) => await db().order.findUniqueOrThrow({ where: { number } });

async function flag(number: string, code: AttentionCode): Promise<boolean> {
  const { id } = await orderOf(number);
  return await inTransaction((tx) => flagOrder(tx, id, code));
}

async function flagged(code: AttentionCode): Promise<string> {
  const number = await paid();
  await flag(number, code);
  return number;
}

const attentionOf = async (number: string): Promise<string | null> =>
  (await orderOf(number)).needsAttention;

const eventsOf = async (number: string, action: string) =>
  await db().auditEvent.findMany({
    where: { correlationId: (await orderOf(number)).id, action },
    orderBy: { at: "asc" },
    select: { actorId: true, reason: true, subject: true },
  });

const done = (number: string, code: string, reason = "Called the customer, all is well") => ({
  number,
  code,
  reason,
});

describe("the list of what waits for a person", () => {
  test("has the orders, the oldest first, each with whose it is and since when", async () => {
    const older = await flagged("refund_failed");
    const newer = await flagged("notice_rejected");
    const fine = await paid();
    await world.sql(
      `UPDATE "order" SET placed_at = now() - interval '2 days', next_attempt_at = now() WHERE number = $1`,
      [older],
    );
    const list = accepted(await listAttention(staff, {}));
    expect(list.entries.map(({ orderNumber, code }) => [orderNumber, code])).toEqual([
      [older, "refund_failed"],
      [newer, "notice_rejected"],
    ]);
    expect(list).toMatchObject({ count: 2, page: 1, pages: 1 });
    expect(list.entries.map((entry) => entry.orderNumber)).not.toContain(fine);
    const [first] = list.entries;
    expect(first).toMatchObject({
      accountId: renewer.customer.accountId,
      customerName: renewer.customer.name,
      total: { amountMinor: 6_800n, currency: "CNY" },
    });
    expect(first?.nextAttemptAt).not.toBeNull();
    expect(first?.since?.getTime()).toBeGreaterThan(first?.placedAt.getTime() ?? Infinity);
  });

  test("shows a reason that another version wrote, without knowing since when", async () => {
    const number = await paid();
    await db().order.update({ where: { number }, data: { needsAttention: "of_another_version" } });
    const { entries } = accepted(await listAttention(staff, {}));
    expect(entries).toMatchObject([
      { orderNumber: number, code: "of_another_version", since: null },
    ]);
  });

  test("goes on over pages, none twice, and a page too far is the last", async () => {
    for (let count = 0; count < 21; count += 1) await flagged("notice_rejected");
    const first = accepted(await listAttention(staff, {}));
    const last = accepted(await listAttention(staff, { page: 9 }));
    expect([first.pages, first.page, last.page, first.count]).toEqual([2, 1, 2, 21]);
    const numbers = [...first.entries, ...last.entries].map((entry) => entry.orderNumber);
    expect(new Set(numbers).size).toBe(21);
  });

  test("counts bank movements and differences that nobody has decided about", async () => {
    const before = accepted(await listAttention(staff, {}));
    await world.sql(
      `WITH run AS (INSERT INTO reconciliation (id, started_at) VALUES (gen_random_uuid(), now()) RETURNING id)
       INSERT INTO difference (id, reconciliation_id, kind, subject, expected, actual, resolved_at, resolution)
         SELECT gen_random_uuid(), id, 'activation_of_nobody', subject, 'nothing', 'something', at, what
           FROM run, (VALUES ('open', NULL::timestamptz, NULL), ('done', now(), 'gone')) v (subject, at, what)`,
    );
    await world.sql(
      `WITH statement AS (INSERT INTO bank_statement
         (id, statement_id, account_number, currency, file_name, file_hash, imported_at, line_count, new_line_count)
         VALUES (gen_random_uuid(), 'S-1', 'DE1', 'EUR', 'a.xml', $1, now(), 3, 3) RETURNING id)
       INSERT INTO bank_line (id, statement_id, line_id, account_number, booked_on, value_on, currency, amount_minor, remittance_text, state, match)
         SELECT gen_random_uuid(), id, state, 'DE1', now(), now(), 'EUR', 100, 'text', state::"BankLineState", 'unknown'
           FROM statement, (VALUES ('suspended'), ('assigned')) v (state)`,
      [randomUUID()],
    );
    const after = accepted(await listAttention(staff, {}));
    expect(after.openDifferences - before.openDifferences).toBe(1);
    expect(after.undecidedLines - before.undecidedLines).toBe(1);
  });

  test("is for staff only, and each look is written down once", async () => {
    expect(refusalOf(await listAttention(renewer.customer, {}))).toBe("not_allowed");
    expect(refusalOf(await listAttention(visitorFrom("192.0.2.1"), {}))).toBe("not_signed_in");
    const somebody = await giveStaff();
    await listAttention(somebody, {});
    const looks = await db().auditEvent.findMany({ where: { actorId: somebody.accountId } });
    expect(looks.map((look) => look.action)).toEqual(["attention.viewed"]);
  });
});

describe("a person who says that it is done", () => {
  test("takes the order off the list, with the reason kept", async () => {
    const number = await flagged("dispute_lost");
    accepted(await resolveAttention(staff, done(number, "dispute_lost")));
    expect(await attentionOf(number)).toBeNull();
    expect(await eventsOf(number, "order.attention_resolved")).toEqual([
      {
        actorId: staff.accountId,
        subject: `order ${number}`,
        reason: "dispute_lost: Called the customer, all is well",
      },
    ]);
    const { events } = accepted(await getStaffOrder(staff, { number }));
    expect(events.map((event) => event.action)).toEqual(
      expect.arrayContaining(["order.flagged", "order.attention_resolved"]),
    );
  });

  test("wipes no newer reason than the one that was shown", async () => {
    const number = await flagged("notice_rejected");
    await flag(number, "refund_failed");
    expect(refusalOf(await resolveAttention(staff, done(number, "notice_rejected")))).toBe(
      "attention_changed",
    );
    expect(await attentionOf(number)).toBe("refund_failed");
    expect(await eventsOf(number, "order.attention_resolved")).toEqual([]);
  });

  test("twice, or two at once, is written down once", async () => {
    const number = await flagged("refunded_at_provider");
    const all = await Promise.all(
      Array.from({ length: 8 }, () =>
        resolveAttention(staff, done(number, "refunded_at_provider")),
      ),
    );
    expect(all.map(refusalOf).toSorted()).toEqual([
      "accepted",
      ...Array.from({ length: 7 }, () => "attention_changed"),
    ]);
    expect(await eventsOf(number, "order.attention_resolved")).toHaveLength(1);
  });

  test("in the moment in which something worse happens never hides it", async () => {
    for (let round = 0; round < 5; round += 1) {
      const number = await flagged("notice_rejected");
      await Promise.all([
        resolveAttention(staff, done(number, "notice_rejected")),
        flag(number, "dispute_open"),
      ]);
      expect(await attentionOf(number)).toBe("dispute_open");
    }
  });

  test("is a member of staff, and the order exists", async () => {
    const number = await flagged("refund_failed");
    const input = done(number, "refund_failed");
    expect(refusalOf(await resolveAttention(renewer.customer, input))).toBe("not_allowed");
    expect(refusalOf(await resolveAttention(visitorFrom("192.0.2.1"), input))).toBe(
      "not_signed_in",
    );
    expect(await attentionOf(number)).toBe("refund_failed");
    for (const unknown of ["AX-0000-0000", "nothing like it"]) {
      expect(refusalOf(await resolveAttention(staff, done(unknown, "refund_failed")))).toBe(
        "not_found",
      );
    }
  });
});

describe("a reason why an order needs a person", () => {
  test("stays under a lesser one, which is written down once", async () => {
    const number = await flagged("refund_failed");
    expect([await flag(number, "outcome_unknown"), await flag(number, "outcome_unknown")]).toEqual([
      true,
      false,
    ]);
    expect(await attentionOf(number)).toBe("refund_failed");
    expect((await eventsOf(number, "order.flagged")).map((event) => event.reason)).toEqual([
      "refund_failed",
      "outcome_unknown",
    ]);
  });

  test("is the worst of those that come at once", async () => {
    const number = await paid();
    const codes = ["notice_rejected", "dispute_open", "books_differ", "defect"] as const;
    await Promise.all(codes.map((code) => flag(number, code)));
    expect(await attentionOf(number)).toBe("dispute_open");
  });

  test("about the carrier is over when the plan is live, and nothing else is", async () => {
    const [late, contested] = [await flagged("outcome_unknown"), await flagged("dispute_open")];
    await activate(late);
    await activate(contested);
    expect([await orderOf(late), await orderOf(contested)]).toMatchObject([
      { state: "completed", needsAttention: null },
      { state: "completed", needsAttention: "dispute_open" },
    ]);
  });

  test("about a refund that was not heard of is over when it was paid out", async () => {
    const number = await paid("stripe");
    await activate(number);
    const asked = await requestRefund(staff, {
      attemptId: randomUUID(),
      number,
      amount: "5.00",
      destination: "origin",
      reason: "The network was down",
    });
    accepted(asked);
    await flag(number, "refund_outcome_unknown");
    const refund = await db().refund.findFirstOrThrow({ where: { order: { number } } });
    await sendRefund({ refundId: refund.id });
    expect(await attentionOf(number)).toBeNull();
  });

  test("is not forgotten over a message that could not be delivered", async () => {
    const number = await flagged("refund_failed");
    await activate(number);
    const notice = await db().notice.findFirstOrThrow({ where: { order: { number } } });
    await recordNotice({ noticeId: notice.id, outcome: "rejected" });
    expect(await attentionOf(number)).toBe("refund_failed");
  });

  test("is the dispute that is still open, when another one of the order is won", async () => {
    const number = await paid("stripe");
    const { id } = await paymentOf(number, "stripe");
    const tell = async (providerReference: string, state: "open" | "won"): Promise<void> =>
      await inTransaction(async (tx) => {
        await recordDispute(
          tx,
          await lockPayment(tx, id),
          {
            providerReference,
            state,
            amount: { amountMinor: 1_000n, currency: "CNY" },
            fee: null,
            reason: "fraudulent",
            respondBy: null,
            openedAt: new Date(),
          },
          "cash_stripe",
        );
      });
    await tell("dp_first", "open");
    await tell("dp_second", "open");
    await tell("dp_first", "won");
    expect(await attentionOf(number)).toBe("dispute_open");
    await tell("dp_second", "won");
    expect(await attentionOf(number)).toBe("dispute_won");
  });
});
