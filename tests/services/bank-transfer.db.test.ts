import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { SYSTEM, type Staff } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import { bankReference } from "#lib/domain/bank-reference.ts";
import type { Result } from "#lib/domain/refusal.ts";
import type { LineDecision } from "#lib/domain/bank-desk.ts";
import { getStatement } from "#lib/services/balance/get-statement.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { assignLine } from "#lib/services/bank/assign-line.ts";
import { getStatementDesk } from "#lib/services/bank/get-statement-desk.ts";
import { importStatement } from "#lib/services/bank/import-statement.ts";
import { AssignLineInput, type StatementHintsInput } from "#lib/services/bank/schemas.ts";
import { searchAccounts } from "#lib/services/console/search-accounts.ts";
import { claimNotice } from "#lib/services/notice/claim-notice.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { cancelUnpaidOrder } from "#lib/services/order/cancel-unpaid-order.ts";
import { getOrder } from "#lib/services/order/get-order.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { quoteOrder } from "#lib/services/order/quote-order.ts";
import { pollPayment } from "#lib/services/payment/poll-payment.ts";
import { startBankTransfer } from "#lib/services/payment/start-bank-transfer.ts";
import { compareBooks } from "#lib/services/reconciliation/compare-books.ts";
import { Notebook } from "#lib/services/reconciliation/notebook.ts";
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

/** Each test has accounts at the bank of its own, and so have the settings. */
const own = vi.hoisted(() => ({ account: "" }));
vi.mock("#lib/config/env.ts", async (importOriginal) => {
  const real = await importOriginal<{
    env(): { BANK_TRANSFER_INSTRUCTIONS?: Readonly<Record<string, object>> };
  }>();
  const env = () => {
    const settings = real.env();
    const accounts = Object.entries(settings.BANK_TRANSFER_INSTRUCTIONS ?? {}).map(
      ([currency, account]): [string, object] => {
        const accountNumber =
          currency === "CNY" ? own.account : `${own.account.slice(0, 12)}${currency}`;
        return [currency, { ...account, accountNumber }];
      },
    );
    return { ...settings, BANK_TRANSFER_INSTRUCTIONS: Object.fromEntries(accounts) };
  };
  return { ...real, env };
});

const DAY_MS = 86_400_000;
const IBAN = "DE89370400440532013000";
let world: World;
let lead: Staff;
let account: string;
let accounts = 0;

beforeAll(async () => {
  world = await openWorld();
  process.env["PAYMENT_METHODS"] = "stripe,bank_transfer,balance";
  for (const name of ["CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_ID"]) {
    process.env[`PAYPAL_${name}`] = "double";
  }
  process.env["CURRENCIES"] = "CNY,EUR,JPY,KWD,USD";
  process.env["BANK_TRANSFER_INSTRUCTIONS"] = JSON.stringify({
    CNY: { accountHolder: "Axis", accountNumber: "6222000000000000", bankName: "Test Bank" },
    JPY: { accountHolder: "Axis", accountNumber: "1234567", bankName: "Test Bank" },
    EUR: { accountHolder: "Axis", iban: IBAN },
    KWD: { accountHolder: "Axis", accountNumber: "KW00000001", bankName: "Test Bank" },
  });
  await givePlans(world, [
    { code: "cny" },
    { code: "jpy", currency: "JPY", priceMinor: 1_480n },
    { code: "kwd", currency: "KWD", priceMinor: 2_345n },
    { code: "eur", currency: "EUR", priceMinor: 990n },
    { code: "usd", currency: "USD", priceMinor: 990n },
  ]);
  lead = { ...(await giveStaff()), role: "lead" };
});
afterAll(async () => await world.close());
beforeEach(() => {
  accounts += 1;
  account = `TEST${String(accounts).padStart(8, "0")}`;
  own.account = account;
});

describe("an order to be paid by bank transfer", () => {
  test("waits for a week with instructions that name its own reference", async () => {
    const renewer = await giveRenewer(world);
    const { number, redirectUrl, reference } = await order(renewer);
    expect(redirectUrl).toBeNull();
    expect(bankReferenceOf(reference)).toBe(true);
    const view = accepted(await getOrder(renewer.customer, { number }));
    expect(view.phase).toBe("awaiting_payment");
    expect(view.transfer?.instructions).toContainEqual({
      field: "amount",
      shown: "68.00",
      copied: "68.00",
    });
    expect(view.transfer?.instructions.find(({ field }) => field === "reference")?.copied).toBe(
      reference,
    );
    const days = ((view.payBy?.getTime() ?? 0) - view.placedAt.getTime()) / DAY_MS;
    expect(days).toBe(7);
    expect(await noticesOf(number)).toEqual({
      bank_transfer_instructions: "queued",
      bank_transfer_reminder: "queued",
    });
    // The reminder is for later, and nobody looks at the payment before its time is over.
    const due = await findDueWork();
    const payment = await paymentOf(number);
    expect(due.some(({ key }) => key === payment.id)).toBe(false);
    expect(payment.nextPollAt).toEqual(payment.expiresAt);
  });

  test("is found by support by its reference, however it is read out", async () => {
    const renewer = await giveRenewer(world);
    const { reference } = await order(renewer);
    const spoken = reference.toLowerCase().replace(/(.{4})(?=.)/g, "$1 ");
    const found = accepted(await searchAccounts(lead, { query: spoken }));
    expect(found.hits).toMatchObject([{ email: renewer.customer.email, matched: "payment" }]);
  });

  test("is offered only in currencies with an account", async () => {
    const quoteIn = async (currency: string, planCode: string) => {
      const { customer, iccid } = await giveRenewer(world, { currency });
      return accepted(await quoteOrder(customer, { iccid, planCode }));
    };
    const [eur, usd] = [await quoteIn("EUR", "eur"), await quoteIn("USD", "usd")];
    const names = (methods: readonly unknown[]) => JSON.stringify(methods);
    expect(names(eur.methods)).toContain("bank_transfer");
    expect(names(usd.methods)).not.toContain("bank_transfer");
  });

  test("draws another reference when one is taken, and begins only once", async () => {
    const taken = await order(await giveRenewer(world));
    const renewer = await giveRenewer(world);
    const { number, paymentId } = await order(renewer);
    await world.sql(
      "UPDATE payment SET state = 'created', provider_reference = NULL WHERE id = $1",
      [paymentId],
    );
    const bytes = bytesFor(taken.reference);
    let drawn = 0;
    const draw = () => (drawn++ === 0 ? bytes : new Uint8Array(8).fill(drawn));
    await Promise.all([
      startBankTransfer(SYSTEM, { paymentId }, draw),
      startBankTransfer(SYSTEM, { paymentId }),
    ]);
    const { providerReference } = await paymentOf(number);
    expect(providerReference).not.toBe(taken.reference);
    expect(bankReferenceOf(providerReference ?? "")).toBe(true);
    expect(Object.keys(await noticesOf(number))).toHaveLength(2);
  });

  test("is closed by its customer alone, and money that comes all the same is their balance", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    const stranger = await giveRenewer(world);
    expect(await cancelUnpaidOrder(stranger.customer, { number })).toMatchObject({ ok: false });
    accepted(await cancelUnpaidOrder(renewer.customer, { number }));
    accepted(await cancelUnpaidOrder(renewer.customer, { number }));
    const view = accepted(await getOrder(renewer.customer, { number }));
    expect(view).toMatchObject({ phase: "payment_expired", givenUp: true, transfer: null });
    await pays("68.00", reference);
    expect(await bring()).toMatchObject({ late: 1 });
    expect(await balanceOf(renewer)).toEqual([6_800n, 0n]);
    expect(await noticesOf(number)).toMatchObject({ bank_transfer_credited: "queued" });
  });

  test("is given up for a new order only while no money has come for it", async () => {
    const renewer = await giveRenewer(world);
    const first = await order(renewer);
    await pays("10.00", first.reference);
    await bring();
    const second = await order(renewer, { repeat: true });
    expect((await paymentOf(first.number)).state).toBe("pending");
    const third = await order(renewer, { repeat: true });
    expect((await paymentOf(second.number)).state).toBe("expired");
    expect((await paymentOf(third.number)).state).toBe("pending");
  });

  test("that nobody paid for is closed when its time is over, and its customer told once", async () => {
    const renewer = await giveRenewer(world);
    const { number, paymentId } = await order(renewer);
    await pollPayment({ paymentId });
    expect((await paymentOf(number)).state).toBe("pending");
    await runOut(paymentId);
    expect((await findDueWork()).some(({ key }) => key === paymentId)).toBe(true);
    await Promise.all([pollPayment({ paymentId }), pollPayment({ paymentId })]);
    expect(accepted(await getOrder(renewer.customer, { number }))).toMatchObject({
      phase: "payment_expired",
      givenUp: false,
    });
    expect(await noticesOf(number)).toMatchObject({ payment_expired: "queued" });
  });

  test("sends no reminder once it is paid", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    const due = async (template: string) => {
      const [notice] = await world.sql<{ id: string }>(
        `UPDATE notice SET next_attempt_at = now() WHERE template = $2
           AND order_id = (SELECT id FROM "order" WHERE number = $1) RETURNING id`,
        [number, template],
      );
      return await claimNotice({ noticeId: notice?.id ?? "" });
    };
    expect(await due("bank_transfer_instructions")).toMatchObject({
      transfer: { missing: { amountMinor: 6_800n, currency: "CNY" } },
    });
    await pays("68.00", reference);
    await bring();
    expect(await due("bank_transfer_reminder")).toBeNull();
    expect(await noticesOf(number)).toMatchObject({ bank_transfer_reminder: "cancelled" });
  });
});

describe("a transfer", () => {
  test("of the exact amount settles the order, which goes live", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    await pays("68.00", `thank you, ${reference.toLowerCase()}`);
    expect(await bring()).toEqual({ exact: 1 });
    expect((await paymentOf(number)).state).toBe("settled");
    await activate(number);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("live");
    expect(await ledgerOf(number)).toMatchObject({ suspense: 6_800n, deferred_revenue: -6_800n });
    expect(await suspenseOf(account)).toBe(0n);
  });

  test("of more settles it, and the rest is balance", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    await pays("70.50", reference);
    expect(await bring()).toEqual({ over: 1 });
    expect((await paymentOf(number)).state).toBe("settled");
    expect(await balanceOf(renewer)).toEqual([250n, 0n]);
  });

  test("of less is kept and the rest asked for; the rest settles it", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    await pays("50.00", reference);
    expect(await bring()).toEqual({ short: 1 });
    const waiting = accepted(await getOrder(renewer.customer, { number }));
    expect(waiting.transfer).toMatchObject({
      missing: { amountMinor: 1_800n },
      received: { amountMinor: 5_000n },
    });
    expect(await balanceOf(renewer)).toEqual([0n, 5_000n]);
    expect(await noticesOf(number)).toMatchObject({ bank_transfer_short: "queued" });
    await pays("18.00", reference);
    expect(await bring()).toEqual({ exact: 1 });
    expect(await balanceOf(renewer)).toEqual([0n, 0n]);
    expect((await paymentOf(number)).state).toBe("settled");
    expect(await ledgerOf(number)).toMatchObject({
      suspense: 6_800n,
      customer_reserved: 0n,
      deferred_revenue: -6_800n,
    });
  });

  test("of less is balance when the rest does not come in time", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference, paymentId } = await order(renewer);
    await pays("50.00", reference);
    await bring();
    await runOut(paymentId);
    await Promise.all([pollPayment({ paymentId }), pollPayment({ paymentId })]);
    expect(await balanceOf(renewer)).toEqual([5_000n, 0n]);
    expect(await noticesOf(number)).toMatchObject({ payment_expired: "queued" });
    expect(await claim(number, "payment_expired")).toMatchObject({
      transfer: { received: { amountMinor: 5_000n } },
    });
  });

  test("that comes twice is balance the second time", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    await pays("68.00", reference);
    await pays("68.00", reference);
    expect(await bring()).toEqual({ exact: 1, duplicate: 1 });
    expect(await balanceOf(renewer)).toEqual([6_800n, 0n]);
    expect((await db().order.findUniqueOrThrow({ where: { number } })).state).toBe("inProgress");
  });

  test("that comes too late is balance", async () => {
    const renewer = await giveRenewer(world);
    const { reference, paymentId } = await order(renewer);
    await runOut(paymentId);
    await pollPayment({ paymentId });
    await pays("68.00", reference);
    expect(await bring()).toEqual({ late: 1 });
    expect(await balanceOf(renewer)).toEqual([6_800n, 0n]);
  });

  test("in another currency is balance in that currency", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    await pays("9.90", reference, { currency: "EUR" });
    expect(await bring()).toEqual({ other_currency: 1 });
    const rows = await world.sql(
      "SELECT currency, balance_minor FROM audit.balances WHERE customer_email = $1 AND balance_minor > 0",
      [renewer.customer.email],
    );
    expect(rows).toEqual([{ currency: "EUR", balance_minor: "990" }]);
    expect((await paymentOf(number)).state).toBe("pending");
  });

  test("with a mistyped reference waits for a person, who confirms what is suggested", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    const wrong = `${reference.slice(0, -1)}${(Number(reference.at(-1)) + 1) % 10}`;
    await pays("68.00", wrong);
    expect(await bring()).toEqual({ suggested: 1 });
    expect(await suspenseOf(account)).toBe(-6_800n);
    const line = await waitingLine();
    const [first] = line.suggestions;
    expect(first).toMatchObject({ orderNumber: number });
    expect(first?.reasons).toContain("reference_similar");
    const choice = {
      decision: "confirm" as const,
      lineId: line.id,
      paymentId: first?.paymentId ?? "",
      reason: "one digit off",
    };
    const both = await Promise.all([assignLine(lead, choice), assignLine(lead, choice)]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(both.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: "decided_already" } });
    expect((await paymentOf(number)).state).toBe("settled");
    expect(await suspenseOf(account)).toBe(0n);
    const events = await world.sql(
      "SELECT actor_kind, reason FROM audit.events WHERE subject = $1 AND action = 'payment.settled'",
      [`order ${number}`],
    );
    expect(events).toEqual([{ actor_kind: "staff", reason: "one digit off" }]);
  });

  test("that nobody can place is put on a balance, called a payout, or kept, with a reason", async () => {
    const renewer = await giveRenewer(world);
    await pays("11.11", "hello");
    await pays("22.22", "STRIPE PAYOUT");
    await pays("33.33", "who knows");
    expect(await bring()).toEqual({ unknown: 3 });
    const [hello, payout, kept] = await waitingLines();
    const base = { reason: "told on the phone" };
    const nobody = { decision: "balance" as const, lineId: hello?.id ?? "", ...base };
    expect(await assignLine(lead, { ...nobody, customer: "nobody@example.org" })).toMatchObject({
      refusal: { code: "customer_unknown" },
    });
    accepted(await assignLine(lead, { ...nobody, customer: renewer.customer.email }));
    accepted(
      await assignLine(lead, { ...base, decision: "payout_stripe", lineId: payout?.id ?? "" }),
    );
    accepted(await assignLine(lead, { ...base, decision: "keep", lineId: kept?.id ?? "" }));
    expect(await balanceOf(renewer)).toEqual([1_111n, 0n]);
    expect(await suspenseOf(account)).toBe(-3_333n);
    expect(await waitingLines()).toEqual([]);
    const events = await world.sql(
      "SELECT count(*)::int AS count FROM audit.events WHERE action = 'bank_line.assigned' AND reason LIKE '%told on the phone' AND actor_email = $1",
      [lead.email],
    );
    expect(events).toEqual([{ count: 3 }]);
  });

  test("that went out or was taken back is booked, and pays nothing", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference, paymentId } = await order(renewer);
    await pays("68.00", reference);
    await bring();
    await pays("-68.00", `returned ${reference}`, { isReversal: true });
    await pays("-12.00", "account fee");
    expect(await bring()).toEqual({ returned: 2 });
    expect(await suspenseOf(account)).toBe(8_000n);
    const stored = await db().order.findUniqueOrThrow({ where: { number } });
    expect(stored.needsAttention).toBe("bank_transfer_returned");
    const lines = await waitingLines();
    expect(new Set(lines.map((line) => line.orderNumber))).toEqual(new Set([number, null]));
    const lineId = lines[0]?.id ?? "";
    expect(
      await assignLine(lead, { decision: "confirm", lineId, paymentId, reason: "no" }),
    ).toMatchObject({ refusal: { code: "decision_not_possible" } });
    accepted(await assignLine(lead, { decision: "keep", lineId, reason: "sent back by the bank" }));
    expect(await waitingLines()).toHaveLength(1);
  });
});

describe("a statement", () => {
  test("brought twice, or twenty times at once, books everything once", async () => {
    const renewers = [await giveRenewer(world), await giveRenewer(world)];
    const orders = [];
    for (const renewer of renewers) orders.push(await order(renewer));
    for (const { reference } of orders) await pays("68.00", reference);
    await pays("70.00", orders[0]?.reference ?? "");
    await pays("5.00", "unknown");
    const bytes = await statement();
    const all = await Promise.all(
      Array.from({ length: 20 }, () =>
        importStatement(SYSTEM, { fileName: "a.xml", bytes, hints: {} }),
      ),
    );
    const imported = all.flatMap((each) => accepted(each));
    expect(imported.reduce((sum, { newLineCount }) => sum + newLineCount, 0)).toBe(4);
    expect(new Set(imported.map(({ id }) => id)).size).toBe(1);
    for (const { number } of orders) expect((await paymentOf(number)).state).toBe("settled");
    const rows = await world.sql(
      "SELECT line_count, new_line_count FROM bank_statement WHERE account_number = $1",
      [account],
    );
    expect(rows).toEqual([{ line_count: 4, new_line_count: 4 }]);
    const before = await world.sql("SELECT count(*) FROM journal");
    accepted(await importStatement(SYSTEM, { fileName: "b.xml", bytes, hints: {} }));
    expect(await world.sql("SELECT count(*) FROM journal")).toEqual(before);
  });

  test("whose import broke off is finished by bringing it again", async () => {
    const renewers = [await giveRenewer(world), await giveRenewer(world)];
    const [first, second] = [
      await order(renewers[0] as Renewer),
      await order(renewers[1] as Renewer),
    ];
    await pays("68.00", first.reference);
    await pays("68.00", second.reference);
    const bytes = await statement();
    // The second order cannot be settled now: as if the process had died before its line.
    await world.sql(
      `CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NEW.remittance_text LIKE '%${second.reference}%' THEN RAISE EXCEPTION 'killed'; END IF; RETURN NEW; END $$`,
    );
    await world.sql(
      "CREATE TRIGGER die BEFORE INSERT ON bank_line FOR EACH ROW EXECUTE FUNCTION die()",
    );
    const input = { fileName: "a.xml", bytes, hints: {} };
    await expect(importStatement(SYSTEM, input)).rejects.toThrow("killed");
    expect((await paymentOf(first.number)).state).toBe("settled");
    expect((await paymentOf(second.number)).state).toBe("pending");
    await world.sql("DROP TRIGGER die ON bank_line");
    const [again] = accepted(await importStatement(SYSTEM, input));
    expect(again).toMatchObject({ newLineCount: 1, counts: { exact: 1 } });
    expect((await paymentOf(second.number)).state).toBe("settled");
  });

  test("is taken from leads, administrators and the command, from nobody else", async () => {
    const bytes = new TextEncoder().encode("nonsense");
    const input = { fileName: "a.csv", bytes, hints: {} };
    const { customer } = await giveRenewer(world);
    const support = await giveStaff();
    for (const actor of [customer, support, visitorFrom("192.0.2.1")]) {
      const refused = await importStatement(actor, input);
      expect(refused).toMatchObject({ refusal: { code: /not_(allowed|signed_in)/ } });
      const choice = { decision: "keep" as const, lineId: randomUUID(), reason: "no" };
      expect(await assignLine(actor, choice)).toMatchObject({ ok: false });
    }
    for (const actor of [lead, { ...lead, role: "administrator" as const }, SYSTEM]) {
      expect(await importStatement(actor, input)).toMatchObject({
        refusal: { code: "statement_unreadable" },
      });
    }
    expect(await getStatementDesk(customer, { chosen: [] })).toMatchObject({ ok: false });
    expect(accepted(await getStatementDesk(support, { chosen: [] })).canDecide).toBe(false);
  });

  test("that does not add up books nothing", async () => {
    const { number, reference } = await order(await giveRenewer(world));
    await pays("68.00", reference);
    await world.standIns.bank.setFault({ kind: "statement", how: "wrong_total" });
    const input = { fileName: "wrong.xml", bytes: await statement(), hints: {} };
    expect(await importStatement(lead, input)).toMatchObject({
      refusal: { code: "statement_unreadable", problem: { code: "totals_differ" } },
    });
    expect((await paymentOf(number)).state).toBe("pending");
    expect(await waitingLines()).toEqual([]);
    expect(await bring()).toEqual({ exact: 1 });
  });
});

describe("money that went out", () => {
  const decide = async (decision: LineDecision, customer: string, lineId: string) =>
    await assignLine(
      lead,
      AssignLineInput.parse({ decision, customer, lineId, reason: "as the bank says" }),
    );

  test("was given back to a customer out of the balance, and never more than it holds", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    await pays("68.00", reference);
    await pays("68.00", reference);
    await bring();
    await pays("-70.00", "too much");
    await pays("-60.00", "as asked for");
    expect(await bring()).toEqual({ returned: 2 });
    const lines = await waitingLines();
    const lineOf = (minor: bigint) =>
      lines.find(({ amount }) => amount.amountMinor === minor)?.id ?? "";
    expect(await decide("given_back", number, lineOf(-7_000n))).toMatchObject({
      refusal: {
        code: "balance_insufficient",
        balance: { amountMinor: 6_800n },
        total: { amountMinor: 7_000n },
      },
    });
    accepted(await decide("given_back", renewer.customer.email, lineOf(-6_000n)));
    expect(await balanceOf(renewer)).toEqual([800n, 0n]);
    const statementOf = accepted(await getStatement(renewer.customer, { page: 1 }));
    expect(statementOf.lines[0]).toMatchObject({
      kind: "bank.paid_out",
      change: { amountMinor: -6_000n },
    });
    // The refused decision changed nothing: it waits still.
    expect(await waitingLines()).toHaveLength(1);
    accepted(await decide("charge", "", lineOf(-7_000n)));
    expect(await suspenseOf(account)).toBe(0n);
    expect(await differences()).toEqual([]);
  });

  test("was what the bank charges", async () => {
    const spent = await sumOf("provider_fees");
    await pays("-12.00", "account fee");
    await pays("12.00", "hello");
    await bring();
    for (const { id, amount } of await waitingLines()) {
      const decided = await decide("charge", "", id);
      if (amount.amountMinor < 0n) accepted(decided);
      else expect(decided).toMatchObject({ refusal: { code: "decision_not_possible" } });
    }
    expect((await sumOf("provider_fees")) - spent).toBe(1_200n);
    expect(await differences()).toEqual([]);
  });

  test("was a transfer taken back: its customer has it no more, and owes what was spent", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    await pays("70.00", reference);
    await bring();
    expect(await balanceOf(renewer)).toEqual([200n, 0n]);
    await pays("-70.00", `returned ${reference}`, { isReversal: true });
    await bring();
    const line = await waitingLine();
    expect(await decide("returned", "somebody@example.org", line.id)).toMatchObject({
      refusal: { code: "customer_unknown" },
    });
    accepted(await decide("returned", line.orderNumber ?? "", line.id));
    expect(await balanceOf(renewer)).toEqual([0n, 0n]);
    expect(accepted(await getStatement(renewer.customer, { page: 1 }))).toMatchObject({
      owed: { amountMinor: 6_800n },
      lines: [{ kind: "bank.returned", change: { amountMinor: -200n } }, {}],
    });
    const stored = await db().order.findUniqueOrThrow({ where: { number } });
    expect(stored.needsAttention).toBe("bank_transfer_returned");
    // All that came for it has gone: nothing more can be returned of it.
    await pays("-1.00", `returned ${reference}`, { isReversal: true });
    await bring();
    expect(await decide("returned", number, (await waitingLine()).id)).toMatchObject({
      refusal: { code: "decision_not_possible" },
    });
    expect(await differences()).toEqual([]);
  });

  test("by a provider is cash of the provider no more, whether it tells of payouts or not", async () => {
    const before = { paypal: await sumOf("cash_paypal"), payouts: await sumOf("payouts") };
    await pays("22.22", "PAYPAL");
    await pays("33.33", "STRIPE");
    await bring();
    for (const { id, remittanceText } of await waitingLines()) {
      const decision = remittanceText === "PAYPAL" ? "payout_paypal" : "payout_stripe";
      accepted(await decide(decision, "", id));
    }
    expect((await sumOf("cash_paypal")) - before.paypal).toBe(-2_222n);
    expect((await sumOf("payouts")) - before.payouts).toBe(-3_333n);
    expect(await suspenseOf(account)).toBe(0n);
    expect(await differences()).toEqual([]);
  });
});

describe("one movement that two files tell of", () => {
  const table = (rows: readonly (readonly [string, string, string])[], more = "") =>
    new TextEncoder().encode(
      `Date;Amount;Description${more}\n${rows.map((row) => row.join(";")).join("\n")}\n`,
    );
  const bringTable = async (bytes: Uint8Array, hints: Partial<StatementHintsInput> = {}) =>
    await importStatement(lead, {
      fileName: "export.csv",
      bytes,
      hints: { accountNumber: account, currency: "CNY", ...hints },
    });

  test("in two formats is paid once, and a person says that it is the same", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    await pays("68.00", `eSIM ${reference}`);
    expect(await bring()).toEqual({ exact: 1 });
    const csv = await world.standIns.bank.statement(account, {
      ...period(),
      format: "csv",
      variant: "german",
    });
    const input = { fileName: "export.csv", bytes: csv, hints: {} };
    expect(accepted(await importStatement(lead, input))).toMatchObject([
      { newLineCount: 1, counts: { perhaps_same: 1 } },
    ]);
    expect(await balanceOf(renewer)).toEqual([0n, 0n]);
    expect(await noticesOf(number)).not.toHaveProperty("bank_transfer_credited");
    const line = await waitingLine();
    expect(line).toMatchObject({
      match: "perhaps_same",
      orderNumber: number,
      sameAs: { fileName: "statement.xml", orderNumber: number },
    });
    const choice = { decision: "same" as const, lineId: line.id, reason: "the bank's CSV" };
    const both = await Promise.all([assignLine(lead, choice), assignLine(lead, choice)]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await waitingLines()).toEqual([]);
    expect(await balanceOf(renewer)).toEqual([0n, 0n]);
    expect(await suspenseOf(account)).toBe(0n);
    expect(await differences()).toEqual([]);
  });

  test("in two files that are brought at once is paid once", async () => {
    const renewer = await giveRenewer(world);
    const { reference } = await order(renewer);
    const day = new Date().toISOString().slice(0, 10);
    const files = [`eSIM ${reference}`, `${reference} eSIM`, `web/${reference}`].map((text) =>
      table([[day, "68.00", text]]),
    );
    const brought = await Promise.all(files.map(async (file) => await bringTable(file)));
    const kinds = brought.flatMap((each) => accepted(each).map(({ counts }) => counts));
    expect(kinds.toSorted((a, b) => (a.exact ?? 0) - (b.exact ?? 0))).toEqual([
      { perhaps_same: 1 },
      { perhaps_same: 1 },
      { exact: 1 },
    ]);
    expect(await balanceOf(renewer)).toEqual([0n, 0n]);
  });

  test("that nobody could place is never taken off twice", async () => {
    const day = new Date().toISOString().slice(0, 10);
    accepted(await bringTable(table([[day, "12.34", "hello"]])));
    accepted(await bringTable(table([[day, "12.34", "Hello."]])));
    const lines = await waitingLines();
    expect(lines.map(({ sameAs }) => sameAs?.fileName)).toEqual(["export.csv", "export.csv"]);
    const decided = await Promise.all(
      lines.map(({ id }) =>
        assignLine(lead, { decision: "same", lineId: id, reason: "told twice" }),
      ),
    );
    expect(decided.filter(({ ok }) => ok)).toHaveLength(1);
    expect(decided.find(({ ok }) => !ok)).toMatchObject({
      refusal: { code: "decision_not_possible" },
    });
    expect(await suspenseOf(account)).toBe(-1_234n);
    expect((await waitingLine()).sameAs).toBeNull();
    expect(await differences()).toEqual([]);
  });

  test("that is another one after all goes on to its order, or to the balance", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference, paymentId } = await order(renewer);
    const day = new Date().toISOString().slice(0, 10);
    accepted(await bringTable(table([[day, "68.00", reference]])));
    accepted(await bringTable(table([[day, "68.00", `once more ${reference}`]])));
    const { id: lineId } = await waitingLine();
    accepted(await assignLine(lead, { decision: "confirm", lineId, paymentId, reason: "asked" }));
    expect(await balanceOf(renewer)).toEqual([6_800n, 0n]);
    expect((await paymentOf(number)).state).toBe("settled");
    expect(await differences()).toEqual([]);
  });

  test("under a mistyped account is not taken", async () => {
    const file = table([["2026-11-22", "68.00", "hello"]]);
    const refused = await bringTable(file, { accountNumber: `${account}0` });
    expect(refused).toMatchObject({
      refusal: { problem: { code: "account_unknown", currency: "CNY" } },
    });
    expect(await waitingLines()).toEqual([]);
  });

  test("in one file that is read two ways is taken as the first time", async () => {
    const renewer = await giveRenewer(world);
    const { reference } = await order(renewer);
    const rows = [["03/04/2026", "68.00", `eSIM ${reference}`]] as const;
    const first = await bringTable(table(rows), { dateOrder: "day_first" });
    expect(accepted(first)).toMatchObject([{ counts: { exact: 1 } }]);
    expect(await bringTable(table(rows), { dateOrder: "month_first" })).toMatchObject({
      refusal: { code: "statement_unreadable", problem: { code: "read_otherwise" } },
    });
    const again = await bringTable(table(rows), { dateOrder: "day_first" });
    expect(accepted(again)).toMatchObject([{ newLineCount: 0 }]);
    // Saved anew, it is another file: then a person looks.
    const other = await bringTable(table(rows, ";"), { dateOrder: "month_first" });
    expect(accepted(other)).toMatchObject([{ counts: { perhaps_same: 1 } }]);
    expect(await balanceOf(renewer)).toEqual([0n, 0n]);
  });
});

test("a statement between two that is missing is noticed, and nothing is refused", async () => {
  const bringDay = async (day: string, opening: string, closing: string) => {
    const text = [
      `Opening balance;${opening}`,
      `Closing balance;${closing}`,
      "Date;Amount;Description",
      `${day};10.00;${day}`,
    ].join("\n");
    const bytes = new TextEncoder().encode(`${text}\n`);
    const hints = { accountNumber: account, currency: "CNY" };
    const [taken] = accepted(await importStatement(lead, { fileName: day, bytes, hints }));
    expect(taken?.newLineCount).toBe(1);
    return taken?.notes.map(({ code }) => code);
  };
  expect(await bringDay("2026-11-16", "0.00", "10.00")).toEqual([]);
  expect(await bringDay("2026-11-17", "10.00", "20.00")).toEqual([]);
  expect(await bringDay("2026-11-20", "30.00", "40.00")).toEqual(["statement_missing"]);
  // What was missing comes later.
  expect(await bringDay("2026-11-18", "20.00", "30.00")).toEqual([]);
});

describe("by bank transfer", () => {
  test("a balance is topped up", async () => {
    const renewer = await giveRenewer(world);
    const { orderNumber: number } = accepted(
      await placeTopUp(renewer.customer, {
        attemptId: randomUUID(),
        amount: "120.50",
        method: "bank_transfer",
      }),
    );
    const { providerReference } = await paymentOf(number);
    await pays("120.50", providerReference ?? "");
    expect(await bring()).toEqual({ exact: 1 });
    expect(await balanceOf(renewer)).toEqual([12_050n, 0n]);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("credited");
  });

  test("the rest is paid that the balance did not have, and the balance only then", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const { number, reference } = await order(renewer, { useBalance: true });
    expect(await balanceOf(renewer)).toEqual([0n, 2_000n]);
    await pays("30.00", reference);
    expect(await bring()).toEqual({ short: 1 });
    expect(await balanceOf(renewer)).toEqual([0n, 5_000n]);
    await pays("18.00", reference);
    expect(await bring()).toEqual({ exact: 1 });
    expect(await balanceOf(renewer)).toEqual([0n, 0n]);
    expect((await db().order.findUniqueOrThrow({ where: { number } })).state).toBe("inProgress");
  });

  test("nothing is taken from the balance when the transfer does not come", async () => {
    const renewer = await giveRenewer(world, { balanceMinor: 2_000n });
    const { paymentId, reference } = await order(renewer, { useBalance: true });
    await pays("30.00", reference);
    await bring();
    await runOut(paymentId);
    await pollPayment({ paymentId });
    expect(await balanceOf(renewer)).toEqual([5_000n, 0n]);
  });

  test("what is paid for goes back to the balance when the carrier refuses", async () => {
    const renewer = await giveRenewer(world);
    const { number, reference } = await order(renewer);
    await pays("68.00", reference);
    await bring();
    await world.standIns.esimAccess.setFault({
      kind: "refuse",
      errorCode: "310241",
      match: { path: "/api/v1/open/esim/topup", bodyIncludes: renewer.esimTranNo },
    });
    await activate(number);
    expect(await balanceOf(renewer)).toEqual([6_800n, 0n]);
    expect(accepted(await getOrder(renewer.customer, { number })).phase).toBe("refunded");
  });

  test.each([
    ["JPY", "jpy", "1480", 1_480n],
    ["KWD", "kwd", "2.345", 2_345n],
  ])("%s is paid to the last unit", async (currency, plan, amount, minor) => {
    const renewer = await giveRenewer(world, { currency });
    const { number, reference } = await order(renewer, { plan });
    const view = accepted(await getOrder(renewer.customer, { number }));
    expect(view.transfer?.missing).toEqual({ amountMinor: minor, currency });
    expect(view.transfer?.instructions.find(({ field }) => field === "amount")?.copied).toBe(
      amount,
    );
    await pays(amount, reference, { currency });
    expect(await bring()).toEqual({ exact: 1 });
    expect((await paymentOf(number)).state).toBe("settled");
  });
});

test("whatever came in or went out, every journal balances", async () => {
  expect(await world.sql("SELECT * FROM audit.journal_imbalance")).toEqual([]);
  const [bank] = await world.sql<{ bank: string; lines: string }>(
    `SELECT (SELECT sum(e.amount_minor) FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
               WHERE a.code = 'cash_bank') AS bank, (SELECT sum(amount_minor) FROM bank_line WHERE coalesce(decision, '') NOT LIKE 'same:%') AS lines`,
  );
  expect(bank?.bank).toBe(bank?.lines);
});

// ------------------------------------------------------------------ placing and paying

interface Ordered {
  readonly number: string;
  readonly redirectUrl: string | null;
  readonly reference: string;
  readonly paymentId: string;
}

async function order(
  { customer, iccid }: Renewer,
  options: {
    readonly plan?: string;
    readonly useBalance?: boolean;
    readonly repeat?: boolean;
  } = {},
): Promise<Ordered> {
  const { plan: planCode = "cny", useBalance = false, repeat = false } = options;
  const quote = accepted(await quoteOrder(customer, { iccid, planCode }));
  const placed = accepted(
    await placeOrder(customer, {
      attemptId: quote.attemptId,
      quote: quote.token,
      iccid,
      planCode,
      startChoice: quote.startChoice,
      method: "bank_transfer",
      useBalance,
      acceptLoss: false,
      repeat,
    }),
  );
  const payment = await paymentOf(placed.orderNumber);
  return {
    number: placed.orderNumber,
    redirectUrl: placed.redirectUrl,
    reference: payment.providerReference ?? "",
    paymentId: payment.id,
  };
}

async function pays(
  amount: string,
  text: string,
  more: { readonly currency?: string; readonly isReversal?: boolean } = {},
): Promise<void> {
  const { currency = "CNY", isReversal = false } = more;
  account = currency === "CNY" ? account : `${account.slice(0, 12)}${currency}`;
  await world.standIns.bank.transfer({
    account,
    currency,
    amount,
    name: "Somebody Else",
    text,
    isReversal,
  });
}

async function statement(): Promise<Uint8Array> {
  return await world.standIns.bank.statement(account, { ...period(), format: "camt053.xml" });
}

/** From yesterday to tomorrow. */
function period(): { readonly from: string; readonly to: string } {
  const day = (offset: number) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
  return { from: day(-1), to: day(1) };
}

/** Downloads the statement and brings it; how its new movements were matched. */
async function bring(): Promise<object> {
  const bytes = await statement();
  const imported = accepted(
    await importStatement(lead, { fileName: "statement.xml", bytes, hints: {} }),
  );
  return imported[0]?.counts ?? {};
}

async function waitingLines() {
  const desk = accepted(await getStatementDesk(lead, { chosen: [] }));
  return desk.waiting.filter((line) => line.accountNumber === account);
}

async function waitingLine() {
  const [line] = await waitingLines();
  if (line === undefined) throw new Error("Nothing waits");
  return line;
}

/** Moves a payment's time into the past. */
async function runOut(paymentId: string): Promise<void> {
  await world.sql(
    "UPDATE payment SET expires_at = now() - interval '2 days', next_poll_at = now() WHERE id = $1",
    [paymentId],
  );
}

// ------------------------------------------------------------------ looking

function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused: ${JSON.stringify(result.refusal)}`);
  return result.value;
}

function bankReferenceOf(text: string): boolean {
  return /^RF\d{14}$/.test(text);
}

/** Random bytes from which this reference is drawn. */
function bytesFor(reference: string): Uint8Array {
  const drawn = BigInt(reference.slice(4)) - 10n ** 11n;
  const bytes = Uint8Array.from({ length: 8 }, (_, at) =>
    Number((drawn >> BigInt(8 * (7 - at))) & 255n),
  );
  if (bankReference(bytes) !== reference) throw new Error("Not the bytes of the reference");
  return bytes;
}

async function paymentOf(number: string) {
  return await db().payment.findFirstOrThrow({
    where: { order: { number }, adapter: "bank_transfer" },
  });
}

async function activate(number: string): Promise<void> {
  const { id } = await db().order.findUniqueOrThrow({ where: { number } });
  await activateOrder({ orderId: id });
}

async function claim(number: string, template: string) {
  const notice = await db().notice.findFirstOrThrow({ where: { order: { number }, template } });
  return await claimNotice({ noticeId: notice.id });
}

/** State by template. */
async function noticesOf(number: string): Promise<Record<string, string>> {
  const rows = await db().notice.findMany({ where: { order: { number } } });
  return Object.fromEntries(rows.map(({ template, state }) => [template, state]));
}

/** Balance and what is set aside, in the account's currency. */
async function balanceOf({ customer }: Renewer): Promise<[bigint, bigint]> {
  const row = await db().balance.findUnique({
    where: {
      accountId_currency: { accountId: customer.accountId, currency: customer.currency },
    },
  });
  return [row?.balanceMinor ?? 0n, row?.reservedMinor ?? 0n];
}

/** What the books say about the bank, and its movements do not. */
async function differences(): Promise<readonly string[]> {
  const notebook = new Notebook(async () => {});
  await compareBooks(notebook);
  return notebook.findings.map(({ kind, about }) => `${kind} ${about}`);
}

/** What stands on an account of the ledger. */
async function sumOf(code: string): Promise<bigint> {
  const [row] = await world.sql<{ sum: string | null }>(
    `SELECT sum(e.amount_minor) AS sum FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
       WHERE a.code = $1::"LedgerCode" AND a.currency = 'CNY'`,
    [code],
  );
  return BigInt(row?.sum ?? 0);
}

/** What an order moved, by ledger code. */
async function ledgerOf(number: string): Promise<Record<string, bigint>> {
  const rows = await world.sql<{ code: string; sum: string }>(
    `SELECT a.code, sum(e.amount_minor) AS sum FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
       JOIN journal j ON j.id = e.journal_id JOIN "order" o ON o.id = j.order_id WHERE o.number = $1 GROUP BY a.code`,
    [number],
  );
  return Object.fromEntries(rows.map((row) => [row.code, BigInt(row.sum)]));
}

/** What is left in suspense of the movements of one account at the bank; a liability is negative. */
async function suspenseOf(accountNumber: string): Promise<bigint> {
  const [row] = await world.sql<{ sum: string | null }>(
    `SELECT sum(e.amount_minor) AS sum FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
       JOIN journal j ON j.id = e.journal_id
       WHERE a.code = 'suspense' AND (j.source_id IN (SELECT id FROM bank_line WHERE account_number = $1)
         OR (j.kind = 'payment.settled' AND j.source_id IN (SELECT payment_id FROM bank_line WHERE account_number = $1)))`,
    [accountNumber],
  );
  return BigInt(row?.sum ?? 0);
}
