import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decideMatch } from "#lib/domain/bank-matching.ts";
import type { MatchDecision, TransferPayment } from "#lib/domain/bank-matching.ts";
import { bankReference, formatBankReference } from "#lib/domain/bank-reference.ts";
import type { Statement } from "#lib/domain/bank-statement.ts";
import { readStatement } from "#lib/payments/bank-transfer/statement.ts";
import type { StatementHints } from "#lib/payments/bank-transfer/statement.ts";
import { startStandIns } from "#tests/support/stand-ins.ts";
import type { StartedStandIns, StatementRequest } from "#tests/support/stand-ins.ts";

let standIns: StartedStandIns;
beforeAll(async () => {
  standIns = await startStandIns();
});
afterAll(async () => {
  await standIns.stop();
});
beforeEach(async () => {
  await standIns.bank.reset();
});

const ACCOUNT = "DE89370400440532013000";
const DAY = { from: "2026-11-22", to: "2026-11-22" };
/** What spreadsheets run, tables split at, pages show as a tag, and no encoding here lacks. */
const HOSTILE = '=1+1 "Lü", <b>; & Co';
const NOW = new Date("2026-11-22T20:00:00Z");
const formats: (readonly [string, StatementRequest])[] = [
  ["CAMT.053.001.02", { format: "camt053.xml", version: "02", ...DAY }],
  ["CAMT.053.001.04", { format: "camt053.xml", version: "04", ...DAY }],
  ["CAMT.053.001.08", { format: "camt053.xml", version: "08", ...DAY }],
  ["a table in English", { format: "csv", variant: "english", ...DAY }],
  ["a table in German", { format: "csv", variant: "german", ...DAY }],
  ["a table in Chinese", { format: "csv", variant: "chinese", ...DAY }],
];
const camt: StatementRequest = { format: "camt053.xml", version: "08", ...DAY };

/** Payments that wait, each with a reference of its own. */
const waiting: readonly TransferPayment[] = ["林小雨", "Jörg Müller", "Emma Fischer"].map(
  (customerName, index) => ({
    paymentId: `p${index}`,
    reference: bankReference(new Uint8Array(8).fill(index + 1)),
    amountMinor: BigInt(6_800 + index),
    currency: "EUR",
    customerName,
    createdAt: new Date("2026-11-20T00:00:00Z"),
    expiresAt: new Date("2026-11-27T00:00:00Z"),
    alreadyReceivedMinor: 0n,
    state: "pending",
  }),
);

function textFor(index: number): string {
  return `Renewal 续费 ${formatBankReference(waiting[index]?.reference ?? "")} danke`;
}

async function transfer(amount: string, text: string, change: object = {}): Promise<void> {
  await standIns.bank.transfer({
    account: ACCOUNT,
    currency: "EUR",
    amount,
    name: "Jörg Müller",
    text,
    bookedOn: DAY.from,
    ...change,
  });
}

async function download(which: StatementRequest, hints: StatementHints = {}): Promise<Statement> {
  const reading = readStatement(await standIns.bank.statement(ACCOUNT, which), hints);
  if (!reading.ok) throw new Error(`Refused: ${reading.problem.code}`);
  const [statement, ...others] = reading.statements;
  if (!statement || others.length > 0) throw new Error("Not one statement");
  return statement;
}

function decide({ lines }: Statement): MatchDecision[] {
  return lines.map((line) => decideMatch(line, waiting, NOW));
}

describe.each(formats)("a download as %s", (_name, which) => {
  test("tells each movement as it was booked, and the balances", async () => {
    await standIns.bank.openAccount({ account: ACCOUNT, currency: "EUR", opening: "1000.00" });
    await transfer("-5.00", "before", { bookedOn: "2026-11-21" });
    await transfer("1234.56", textFor(1), {
      counterpartyAccount: "DE02120300000000202051",
      name: HOSTILE,
    });
    await transfer("-12.34", "Strom");
    await transfer("99.00", "announced", { isPending: true });
    const statement = await download(which);
    expect(statement).toMatchObject({ accountNumber: ACCOUNT, currency: "EUR" });
    // The German table has no balances.
    if (which.variant !== "german") {
      expect([statement.openingMinor, statement.closingMinor]).toEqual([99_500n, 221_722n]);
    }
    expect(statement.lines).toMatchObject([
      {
        bookedOn: "2026-11-22",
        valueOn: "2026-11-22",
        amountMinor: 123_456n,
        counterpartyName: HOSTILE,
        counterpartyAccount: "DE02120300000000202051",
      },
      { amountMinor: -1_234n, remittanceText: "Strom", counterpartyAccount: null },
    ]);
  });

  test("lets exact, over, short and unknown transfers be told apart", async () => {
    await transfer("68.00", textFor(0));
    await transfer("70.01", textFor(1));
    await transfer("60.00", textFor(2));
    await transfer("1.00", "thank you");
    await transfer("1.00", "thank you", { name: "Nobody" });
    await transfer("-3.00", "fees");
    const decisions = decide(await download(which));
    expect(decisions.map(({ kind }) => kind)).toEqual([
      "exact",
      "over",
      "short",
      "suggested",
      "unknown",
      "returned",
    ]);
    expect(decisions.slice(1, 3)).toMatchObject([{ restMinor: 200n }, { missingMinor: 802n }]);
  });

  test("finds references that people retyped or the bank broke, and no wrong ones", async () => {
    await transfer("68.00", textFor(0));
    for (const how of ["mangle_reference", "break_text"] as const) {
      await standIns.bank.setFault({ kind: "statement", how });
      expect(decide(await download(which))).toMatchObject([{ kind: "exact" }]);
    }
    await standIns.bank.setFault({ kind: "statement", how: "wrong_digit" });
    const [mistyped] = decide(await download(which));
    if (mistyped?.kind !== "suggested") throw new Error(`${mistyped?.kind} is no suggestion`);
    expect(mistyped.suggestions[0]).toMatchObject({
      payment: { paymentId: "p0" },
      reasons: ["reference_similar", "amount_equal"],
    });
  });

  test("is refused with too many decimals", async () => {
    await transfer("68.00", textFor(0));
    await transfer("1.50", "other");
    await standIns.bank.setFault({ kind: "statement", how: "wrong_decimals" });
    const reading = readStatement(await standIns.bank.statement(ACCOUNT, which));
    expect(reading).toMatchObject({ ok: false });
    if (!reading.ok) expect(["decimals_wrong", "amount_ambiguous"]).toContain(reading.problem.code);
  });

  test("has the same identities whenever it is made, also without the bank's own references", async () => {
    await transfer("68.00", textFor(0));
    await transfer("68.00", textFor(0));
    const ids = async () => (await download(which)).lines.map(({ lineId }) => lineId);
    const first = await ids();
    expect(new Set(first).size).toBe(2);
    expect(await ids()).toEqual(first);
    await standIns.bank.setFault({ kind: "statement", how: "no_reference", times: 2 });
    expect(await ids()).toEqual(await ids());
  });
});

describe.each(formats)("the next download as %s", (_name, which) => {
  const next = { ...which, from: "2026-11-23", to: "2026-11-23" };
  const seen = async (): Promise<Set<string>> =>
    new Set((await download(which)).lines.map(({ lineId }) => lineId));

  beforeEach(async () => {
    for (const [index] of waiting.entries()) await transfer("68.00", textFor(index));
    await transfer("1.00", "the next day", { bookedOn: "2026-11-23" });
  });

  test("that tells of earlier movements again adds only what is new", async () => {
    const known = await seen();
    await standIns.bank.setFault({ kind: "statement", how: "repeat_lines" });
    const { lines } = await download(next);
    expect(lines).toHaveLength(4);
    expect(lines.filter(({ lineId }) => !known.has(lineId))).toMatchObject([{ amountMinor: 100n }]);
  });

  test("that is the same file once more adds nothing", async () => {
    const known = await seen();
    await standIns.bank.setFault({ kind: "statement", how: "same_file" });
    const { lines } = await download(next);
    expect(lines.filter(({ lineId }) => !known.has(lineId))).toEqual([]);
  });
});

describe("a download", () => {
  test("that does not add up is refused with the figures", async () => {
    await transfer("68.00", textFor(0));
    await standIns.bank.setFault({ kind: "statement", how: "wrong_total" });
    expect(readStatement(await standIns.bank.statement(ACCOUNT, camt))).toMatchObject({
      ok: false,
      problem: {
        code: "totals_differ",
        openingMinor: 0n,
        movedMinor: 6_800n,
        closingMinor: 6_801n,
      },
    });
  });

  test("in which a transfer comes in two halves completes the payment by both", async () => {
    await transfer("68.00", textFor(0));
    await standIns.bank.setFault({ kind: "statement", how: "split_lines" });
    const [first, second] = (await download(camt)).lines;
    if (!first || !second) throw new Error("Not two lines");
    const begun = decideMatch(first, waiting, NOW);
    expect(begun).toMatchObject({ kind: "short", missingMinor: 3_400n });
    const after = waiting.map((each) => ({ ...each, alreadyReceivedMinor: first.amountMinor }));
    expect(decideMatch(second, after, NOW)).toMatchObject({ kind: "exact" });
  });

  test("of a batch tells its transfers apart, and what is taken back settles nothing", async () => {
    await transfer("68.00", textFor(0), { batch: "B1" });
    await transfer("68.01", textFor(1), { batch: "B1" });
    await transfer("-68.00", textFor(0), { isReversal: true });
    const statement = await download(camt);
    expect(statement.lines.map(({ amountMinor }) => amountMinor)).toEqual([
      6_800n,
      6_801n,
      -6_800n,
    ]);
    expect(decide(statement)).toMatchObject([
      { kind: "exact", payment: { paymentId: "p0" } },
      { kind: "exact", payment: { paymentId: "p1" } },
      { kind: "returned", payment: { paymentId: "p0" } },
    ]);
  });

  test.each([
    ["JPY", "1280", 1_280n],
    ["KWD", "0.005", 5n],
    ["CNY", "1068.00", 106_800n],
  ])("in %s keeps its decimals in every format", async (currency, amount, amountMinor) => {
    await transfer(amount, "x", { account: "62170012345", currency });
    for (const [, which] of formats) {
      const file = await standIns.bank.statement("62170012345", which);
      const reading = readStatement(file, { decimalMark: which.variant === "german" ? "," : "." });
      expect(reading).toMatchObject({
        ok: true,
        statements: [{ currency, lines: [{ amountMinor }] }],
      });
    }
  });

  test("that turned out to be the page to sign in is refused", async () => {
    await transfer("68.00", "x");
    await standIns.bank.setFault({ kind: "nonsense" });
    expect(readStatement(await standIns.bank.statement(ACCOUNT, camt))).toMatchObject({
      ok: false,
    });
    await standIns.bank.setFault({ kind: "status", status: 503 });
    await expect(standIns.bank.statement(ACCOUNT, camt)).rejects.toThrow("503");
  });

  test("of an account nobody has, or a period that is none, is not given", async () => {
    await expect(standIns.bank.statement("NOBODY", camt)).rejects.toThrow("404");
    await transfer("68.00", "x");
    const backwards = { ...camt, from: "2026-11-23", to: "2026-11-22" };
    await expect(standIns.bank.statement(ACCOUNT, backwards)).rejects.toThrow("400");
  });
});

describe("the bank", () => {
  test("refuses what cannot be booked", async () => {
    await transfer("68.00", "x");
    await expect(transfer("68.00", "x", { currency: "USD" })).rejects.toThrow("is in EUR");
    await expect(transfer("68.001", "x")).rejects.toThrow("Not an amount");
    await expect(transfer("68.00", "x", { bookedOn: "2026-02-30" })).rejects.toThrow("400");
    expect((await standIns.bank.state()).transfers).toHaveLength(1);
  });

  test("takes a seed once", async () => {
    const seed = {
      accounts: [{ account: ACCOUNT, currency: "EUR", opening: "10.00" }],
      transfers: [
        { id: "t1", account: ACCOUNT, currency: "EUR", amount: "5.00", name: "A", text: "B" },
      ],
    };
    await standIns.bank.seed(seed);
    await standIns.bank.seed(seed);
    expect((await standIns.bank.state()).transfers).toHaveLength(1);
  });

  test("has a page on which a customer transfers, and which tells what is wrong", async () => {
    const url = standIns.addresses.bank;
    const form = {
      account: "de89 3704 0044 0532 0130 00",
      currency: "EUR",
      amount: "68.00",
      name: "<b>Emma</b>",
      text: textFor(0),
    };
    const post = (change: object) =>
      fetch(`${url}/transfers`, {
        method: "POST",
        body: new URLSearchParams({ ...form, ...change }),
      });
    const done = await (await post({})).text();
    expect(done).toContain("The transfer is booked");
    expect(done).toContain("&lt;b&gt;Emma&lt;/b&gt;");
    expect((await standIns.bank.state()).transfers).toMatchObject([
      { account: ACCOUNT, amountMinor: "6800", text: textFor(0) },
    ]);
    const wrong = await post({ amount: "lots" });
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toContain("Not an amount: lots");
  });

  test("that is killed keeps what was booked, its address and the file it gave last", async () => {
    const before = await startStandIns();
    await before.bank.transfer({
      account: ACCOUNT,
      currency: "EUR",
      amount: "5.00",
      name: "A",
      text: "B",
      bookedOn: DAY.from,
    });
    const file = await before.bank.statement(ACCOUNT, camt);
    await before.kill();
    const after = await before.restart();
    expect(after.addresses.bank).toBe(before.addresses.bank);
    expect((await after.bank.state()).transfers).toHaveLength(1);
    await after.bank.setFault({ kind: "statement", how: "same_file" });
    expect(await after.bank.statement(ACCOUNT, camt)).toEqual(file);
    await after.stop();
  });
});
