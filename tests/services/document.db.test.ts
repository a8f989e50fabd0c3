import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM, type Actor } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import type { DocumentView } from "#lib/domain/document.ts";
import type { Result } from "#lib/domain/refusal.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { getDocument } from "#lib/services/document/get-document.ts";
import { issueDocument } from "#lib/services/document/issue-document.ts";
import { requestDocument } from "#lib/services/document/request-document.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { closePayment } from "#lib/services/payment/close-payment.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
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

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
  await db().taxRate.create({ data: { countryCode: "CN", basisPoints: 600 } });
});
afterAll(async () => await world.close());

const YEAR = new Date().getUTCFullYear();

describe("a paid renewal", () => {
  test("has a receipt that says what was sold, taxed and paid", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
    const number = await renew(renewer);
    const receipt = await issued(renewer.customer, number);
    expect(receipt).toMatchObject({
      kind: "receipt",
      orderNumber: number,
      corrects: null,
      seller: { name: "Axis", addressLines: [] },
      buyer: { name: "Test Person", company: null, countryCode: "CN" },
      lines: [
        {
          subject: { kind: "plan", iccid: renewer.iccid, name: { en: "Plan add-10" } },
          quantity: 1,
          taxBasisPoints: 600,
          gross: { amountMinor: 6_800n, currency: "CNY" },
        },
      ],
      totals: {
        net: { amountMinor: 6_415n },
        tax: { amountMinor: 385n },
        gross: { amountMinor: 6_800n },
      },
      payments: [{ method: "balance", amount: { amountMinor: 6_800n } }],
      taxNote: null,
    });
    expect(receipt.number).toMatch(new RegExp(`^R-${YEAR}-\\d{6}$`));
  });

  test("to a company has an invoice with its name, address and tax number", async () => {
    const renewer = await giveRenewer(world);
    const number = await renew(renewer, "stripe");
    await db().order.update({
      where: { number },
      data: {
        billing: {
          kind: "company",
          name: "王晓明",
          companyName: "北京远行科技有限公司",
          taxNumber: "91110105MA01ABCD2X",
          line1: "朝阳区建国路 88 号",
          line2: null,
          city: "北京市",
          region: null,
          postalCode: "100022",
          countryCode: "CN",
        },
        contactEmail: "books@company.example",
      },
    });
    await payByCard(number);
    const invoice = await issued(renewer.customer, number);
    expect(invoice.number).toMatch(new RegExp(`^I-${YEAR}-\\d{6}$`));
    expect(invoice).toMatchObject({
      kind: "invoice",
      buyer: {
        name: "王晓明",
        company: "北京远行科技有限公司",
        taxNumber: "91110105MA01ABCD2X",
        addressLines: ["朝阳区建国路 88 号", "100022 北京市"],
        email: "books@company.example",
      },
      payments: [{ method: "stripe" }],
    });
  });

  test("that nobody has paid yet has no document", async () => {
    const renewer = await giveRenewer(world);
    const number = await renew(renewer, "stripe");
    expect(await db().document.count({ where: { order: { number } } })).toBe(0);
  });

  test("without tax to pay says that the buyer owes it", async () => {
    const renewer = await giveRenewer(world);
    const number = await renew(renewer, "stripe");
    await db().order.update({ where: { number }, data: { taxTreatment: "reverse_charge" } });
    await payByCard(number);
    expect(await issued(renewer.customer, number)).toMatchObject({ taxNote: "reverse_charge" });
  });
});

test("a top-up has a receipt without tax", async () => {
  const { customer } = await giveRenewer(world);
  const placed = accepted(
    await placeTopUp(customer, { attemptId: randomUUID(), amount: "100.00", method: "stripe" }),
  );
  await payByCard(placed.orderNumber);
  expect(await issued(customer, placed.orderNumber)).toMatchObject({
    kind: "receipt",
    lines: [{ subject: { kind: "top_up" }, tax: { amountMinor: 0n } }],
    totals: { gross: { amountMinor: 10_000n }, tax: { amountMinor: 0n } },
    taxNote: "top_up",
  });
});

describe("a refund", () => {
  test("has a credit note that names what it takes back, issued after it", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
    const number = await renew(renewer);
    await world.standIns.esimAccess.setFault({
      kind: "refuse",
      errorCode: "310241",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    const order = await db().order.findUniqueOrThrow({ where: { number } });
    await activateOrder({ orderId: order.id });
    const [note] = await db().document.findMany({
      where: { orderId: order.id, kind: "credit_note" },
    });
    // Its receipt has not been issued yet, and is before the note has a number.
    await issueDocument({ documentId: note?.id ?? "" });
    const documents = await db().document.findMany({
      where: { orderId: order.id },
      orderBy: { issuedAt: "asc" },
    });
    expect(documents.map(({ kind }) => kind)).toEqual(["receipt", "credit_note"]);
    expect(await read(renewer.customer, number, documents[1]?.number ?? "")).toMatchObject({
      kind: "credit_note",
      corrects: documents[0]?.number,
      lines: [{ gross: { amountMinor: 6_800n }, tax: { amountMinor: 385n } }],
      payments: [{ method: "balance" }],
    });
  });

  test("of money that came when the order was over has none: nothing was sold", async () => {
    const renewer = await giveRenewer(world);
    const number = await renew(renewer, "stripe");
    const payment = await db().payment.findFirstOrThrow({ where: { order: { number } } });
    await world.standIns.stripe.pay(payment.providerReference ?? "");
    await closePayment(SYSTEM, { paymentId: payment.id, state: "expired", reason: "expired" });
    await settlePayment(SYSTEM, { paymentId: payment.id });
    expect(await db().refund.count({ where: { order: { number } } })).toBe(1);
    expect(await db().document.count({ where: { order: { number } } })).toBe(0);
  });
});

describe("numbers", () => {
  test("are consecutive when twenty workers issue at once, and each document has one", async () => {
    const due = await giveDue(20);
    const before = await lastCount();
    // Each of them twice, as when a job comes again.
    await Promise.all([...due, ...due].map((documentId) => issueDocument({ documentId })));
    const numbers = await numbersOf(due);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => before + index + 1));
    expect(await lastCount()).toBe(before + 20);
  });

  test("have no gap when a worker is killed in the middle of issuing", async () => {
    const due = await giveDue(2);
    const [killed = "", next = ""] = due;
    const before = await lastCount();
    const holder = new pg.Client({ connectionString: process.env["DATABASE_URL"] });
    await holder.connect();
    await holder.query("BEGIN");
    await holder.query("SELECT FROM document WHERE id = $1 FOR KEY SHARE", [killed]);
    const dying = issueDocument({ documentId: killed }).then(
      () => "issued",
      () => "died",
    );
    // It waits for the row, in its transaction; there its connection ends.
    await holder.query("SELECT pg_stat_clear_snapshot()");
    await expect
      .poll(async () => {
        await holder.query("SELECT pg_stat_clear_snapshot()");
        const { rows } = await holder.query<{ pid: number }>(
          "SELECT pid FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))",
        );
        for (const { pid } of rows) await world.sql("SELECT pg_terminate_backend($1)", [pid]);
        return rows.length;
      })
      .toBe(1);
    expect(await dying).toBe("died");
    await holder.query("ROLLBACK");
    await holder.end();
    expect(await lastCount()).toBe(before);
    await issueDocument({ documentId: next });
    await issueDocument({ documentId: killed });
    expect(await numbersOf([next])).toEqual([before + 1]);
    expect(await numbersOf([killed])).toEqual([before + 2]);
  });

  test("are not used up by a document that cannot be issued, and it is tried again later", async () => {
    const [documentId = ""] = await giveDue(1);
    const before = await lastCount();
    const { orderId } = await db().document.findUniqueOrThrow({ where: { id: documentId } });
    await db().orderItem.updateMany({ where: { orderId }, data: { priceMinor: 6_799n } });
    await expect(issueDocument({ documentId })).rejects.toThrow("more than its items");
    expect(await lastCount()).toBe(before);
    const row = await db().document.findUniqueOrThrow({ where: { id: documentId } });
    expect(row.number).toBeNull();
    expect(row.nextAttemptAt?.getTime()).toBeGreaterThan(Date.now());
  });
});

test("a document that is due is found when its job was lost, until it is issued", async () => {
  const [documentId = ""] = await giveDue(1);
  const isDue = async (): Promise<boolean> =>
    (await findDueWork()).some((work) => work.key === documentId);
  expect(await isDue()).toBe(true);
  await issueDocument({ documentId });
  expect(await isDue()).toBe(false);
});

test("asking twice for a document makes one", async () => {
  const [documentId = ""] = await giveDue(1);
  const { orderId } = await db().document.findUniqueOrThrow({ where: { id: documentId } });
  for (let time = 0; time < 3; time++) {
    await inTransaction(async (tx) => await requestDocument(tx, { orderId, kind: "sale" }));
  }
  expect(await db().document.count({ where: { orderId } })).toBe(1);
});

describe("an issued document", () => {
  test("says the same after names, plans, prices and the brand have changed", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 10_000n });
    const number = await renew(renewer);
    const before = await issued(renewer.customer, number);
    await db().account.update({
      where: { id: renewer.customer.accountId },
      data: { name: "Somebody Else", countryCode: "JP" },
    });
    await db().esim.update({ where: { id: renewer.esimId }, data: { label: "Renamed" } });
    await db().taxRate.updateMany({ data: { basisPoints: 900 } });
    await db().planPrice.updateMany({ data: { amountMinor: 9_900n } });
    const { id } = await db().document.findFirstOrThrow({ where: { order: { number } } });
    await issueDocument({ documentId: id });
    expect(await read(renewer.customer, number, before.number)).toEqual(before);
    await db().taxRate.updateMany({ data: { basisPoints: 600 } });
    await db().planPrice.updateMany({ data: { amountMinor: 6_800n } });
  });

  test("cannot be changed or deleted, not even by the owner of the tables", async () => {
    const [documentId = ""] = await giveDue(1);
    await issueDocument({ documentId });
    for (const change of [
      "UPDATE document SET data = '{}' WHERE id = $1",
      "UPDATE document SET number = 'R-2026-999999' WHERE id = $1",
      "UPDATE document SET number = NULL, issued_at = NULL, data = NULL WHERE id = $1",
      "DELETE FROM document WHERE id = $1",
    ]) {
      await expect(world.sql(change, [documentId])).rejects.toThrow(/is issued/);
    }
  });

  test("is its owner's; for others it is not there, and staff who look are written down", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 20_000n });
    const stranger = await giveRenewer(world);
    const number = await renew(renewer);
    const other = await renew(renewer);
    const { number: documentNumber } = await issued(renewer.customer, number);
    const ask = async (actor: Actor, of = number): Promise<string> => {
      const result = await getDocument(actor, { number: of, documentNumber });
      return result.ok ? "shown" : result.refusal.code;
    };
    expect(await ask(renewer.customer)).toBe("shown");
    expect(await ask(stranger.customer)).toBe("not_found");
    expect(await ask(renewer.customer, other)).toBe("not_found");
    expect(await ask(visitorFrom("192.0.2.1"))).toBe("not_signed_in");
    const staff = await giveStaff();
    expect(await ask(staff)).toBe("shown");
    expect(
      await world.sql(
        "SELECT action, actor_email FROM audit.events WHERE subject = $1 AND actor_kind = 'staff'",
        [`document ${documentNumber}`],
      ),
    ).toEqual([{ action: "document.viewed", actor_email: staff.email }]);
  });
});

/** Orders an eSIM's renewal; from the balance it is paid at once. */
async function renew(renewer: Renewer, method: "balance" | "stripe" = "balance"): Promise<string> {
  const quote = accepted(
    await quoteOrder(renewer.customer, { iccid: renewer.iccid, planCode: "add-10" }),
  );
  const placed = accepted(
    await placeOrder(renewer.customer, {
      attemptId: quote.attemptId,
      quote: quote.token,
      iccid: quote.iccid,
      planCode: quote.plan.code,
      startChoice: quote.startChoice,
      method,
      useBalance: false,
      acceptLoss: false,
      repeat: true,
    }),
  );
  return placed.orderNumber;
}

async function payByCard(number: string): Promise<void> {
  const payment = await db().payment.findFirstOrThrow({
    where: { order: { number }, adapter: "stripe" },
  });
  await world.standIns.stripe.pay(payment.providerReference ?? "");
  await settlePayment(SYSTEM, { paymentId: payment.id });
}

/** Issues the document of a sale, and reads it. */
async function issued(actor: Actor, number: string): Promise<DocumentView> {
  const where = { order: { number }, refundId: null };
  const { id } = await db().document.findFirstOrThrow({ where });
  await issueDocument({ documentId: id });
  const document = await db().document.findUniqueOrThrow({ where: { id } });
  return await read(actor, number, document.number ?? "");
}

async function read(actor: Actor, number: string, documentNumber: string): Promise<DocumentView> {
  return accepted(await getDocument(actor, { number, documentNumber }));
}

/** Ids of as many receipts that are due. */
async function giveDue(count: number): Promise<string[]> {
  const renewer = await giveRenewer(world, { balanceMinor: BigInt(count) * 6_800n });
  const numbers: string[] = [];
  for (let made = 0; made < count; made++) numbers.push(await renew(renewer));
  const rows = await db().document.findMany({ where: { order: { number: { in: numbers } } } });
  expect(rows).toHaveLength(count);
  return rows.map(({ id }) => id);
}

/** How far this year's receipts have been counted. */
async function lastCount(): Promise<number> {
  const row = await db().documentSeries.findUnique({ where: { series: `R-${YEAR}` } });
  return row?.lastNumber ?? 0;
}

/** The counts in the numbers of these documents, in order. */
async function numbersOf(ids: readonly string[]): Promise<number[]> {
  const rows = await db().document.findMany({ where: { id: { in: [...ids] } } });
  return rows.map(({ number }) => Number(number?.split("-")[2])).toSorted((a, b) => a - b);
}

function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused: ${result.refusal.code}`);
  return result.value;
}
