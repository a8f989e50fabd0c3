import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideForPayment, decideMatch } from "#lib/domain/bank-matching.ts";
import type { MatchDecision, ReceivedLine, TransferPayment } from "#lib/domain/bank-matching.ts";
import { bankReference, formatBankReference } from "#lib/domain/bank-reference.ts";
import { nameSimilarity } from "#lib/domain/name-similarity.ts";

const REFERENCE = "RF18539007547034";
const OTHER = bankReference(new Uint8Array(8).fill(3));
const NOW = new Date("2026-11-22T12:00:00Z");

function payment(change: Partial<TransferPayment> = {}): TransferPayment {
  return {
    paymentId: "p1",
    reference: REFERENCE,
    amountMinor: 6_800n,
    currency: "CNY",
    customerName: "林小雨",
    createdAt: new Date("2026-11-20T08:00:00Z"),
    expiresAt: new Date("2026-11-27T08:00:00Z"),
    alreadyReceivedMinor: 0n,
    state: "pending",
    ...change,
  };
}

function line(change: Partial<ReceivedLine> = {}): ReceivedLine {
  return {
    amountMinor: 6_800n,
    currency: "CNY",
    bookedOn: "2026-11-22",
    counterpartyName: "林小雨",
    remittanceText: "续费 rf18-5390-0754-7034",
    isReversal: false,
    isCollective: false,
    ...change,
  };
}

const to = (settledMinor: bigint, toBalanceMinor: bigint, suspenseMinor = 0n) => ({
  settledMinor,
  toBalanceMinor,
  suspenseMinor,
});

describe("a transfer with its reference", () => {
  test("settles the payment when it is exactly what was asked for", () => {
    const waiting = payment();
    expect(
      decideMatch(line(), [payment({ paymentId: "p2", reference: OTHER }), waiting], NOW),
    ).toEqual({ kind: "exact", payment: waiting, allocation: to(6_800n, 0n) });
  });

  test("settles it whoever pays and whatever the amount resembles", () => {
    const paid = line({ counterpartyName: "Firma GmbH" });
    const twin = payment({ paymentId: "p2", reference: OTHER, customerName: "Firma GmbH" });
    expect(decideMatch(paid, [twin, payment()], NOW)).toMatchObject({
      kind: "exact",
      payment: { paymentId: "p1" },
    });
  });

  test("puts what is too much on the balance", () => {
    expect(decideMatch(line({ amountMinor: 7_000n }), [payment()], NOW)).toMatchObject({
      kind: "over",
      restMinor: 200n,
      allocation: to(6_800n, 200n),
    });
  });

  test("is credited when it is too little, and the rest is named", () => {
    expect(decideMatch(line({ amountMinor: 6_000n }), [payment()], NOW)).toMatchObject({
      kind: "short",
      missingMinor: 800n,
      allocation: to(0n, 6_000n),
    });
  });

  test("completes what an earlier one began", () => {
    const begun = payment({ alreadyReceivedMinor: 6_000n });
    expect(decideMatch(line({ amountMinor: 500n }), [begun], NOW)).toMatchObject({
      kind: "short",
      missingMinor: 300n,
    });
    expect(decideMatch(line({ amountMinor: 800n }), [begun], NOW)).toMatchObject({
      kind: "exact",
      allocation: to(800n, 0n),
    });
    expect(decideMatch(line({ amountMinor: 900n }), [begun], NOW)).toMatchObject({
      kind: "over",
      restMinor: 100n,
      allocation: to(800n, 100n),
    });
  });

  test.each([
    ["was settled", { state: "settled" }],
    ["has all it needs", { alreadyReceivedMinor: 6_800n }],
    ["was settled before it would have run out", { state: "settled", expiresAt: new Date(0) }],
  ] as const)("goes to the balance when the payment %s", (_what, change) => {
    expect(decideMatch(line(), [payment(change)], NOW)).toMatchObject({
      kind: "duplicate",
      allocation: to(0n, 6_800n),
    });
  });

  test.each([
    ["was given up", { state: "expired" }],
    ["had failed", { state: "failed" }],
    ["had run out before the money came", { expiresAt: new Date("2026-11-20T00:00:00Z") }],
  ] as const)("is late when the payment %s, and goes to the balance", (_what, change) => {
    expect(decideMatch(line(), [payment(change)], NOW)).toMatchObject({
      kind: "late",
      allocation: to(0n, 6_800n),
    });
  });

  test("is in time when it was booked in time, however late the statement is read", () => {
    const later = new Date("2026-11-30T00:00:00Z");
    expect(decideMatch(line({ bookedOn: "2026-11-27" }), [payment()], later).kind).toBe("exact");
    expect(decideMatch(line({ bookedOn: "2026-11-28" }), [payment()], later).kind).toBe("late");
    const closed = payment({ state: "expired" });
    expect(decideMatch(line({ bookedOn: "2026-11-27" }), [closed], later).kind).toBe("late");
  });

  test("in another currency settles nothing and goes to the balance as it is", () => {
    expect(decideMatch(line({ currency: "EUR" }), [payment()], NOW)).toMatchObject({
      kind: "other_currency",
      allocation: to(0n, 6_800n),
    });
  });

  test("that names two payments is left to a person, both suggested", () => {
    const second = payment({ paymentId: "p2", reference: OTHER, amountMinor: 100n });
    const text = `${REFERENCE} + ${formatBankReference(OTHER)}`;
    const decision = decideMatch(
      line({ remittanceText: text, amountMinor: 6_900n }),
      [payment(), second],
      NOW,
    );
    expect(decision).toMatchObject({ kind: "suggested", allocation: to(0n, 0n, 6_900n) });
    expect(suggested(decision)).toEqual(["p1", "p2"]);
  });

  test("inside a sum of several transfers is left to a person", () => {
    const decision = decideMatch(line({ isCollective: true }), [payment()], NOW);
    expect(decision.kind).toBe("suggested");
    expect(reasons(decision)).toContain("reference_named");
  });

  test("that nobody has is unknown, and the reference is told", () => {
    expect(decideMatch(line(), [], NOW)).toEqual({
      kind: "unknown",
      references: [REFERENCE],
      allocation: to(0n, 0n, 6_800n),
    });
  });
});

describe("money that went out, or came back", () => {
  test.each([
    ["a debit", { amountMinor: -6_800n }],
    ["a reversal of a credit", { amountMinor: -6_800n, isReversal: true }],
    ["a returned payment of ours", { isReversal: true }],
    ["nothing", { amountMinor: 0n }],
  ])("settles nothing: %s", (_what, change) => {
    const given = line(change);
    expect(decideMatch(given, [payment()], NOW)).toEqual({
      kind: "returned",
      payment: payment(),
      allocation: to(0n, 0n, given.amountMinor),
    });
    expect(decideMatch({ ...given, remittanceText: "fees" }, [payment()], NOW)).toMatchObject({
      kind: "returned",
      payment: null,
    });
    expect(() => decideForPayment(given, payment(), NOW)).toThrow(RangeError);
  });
});

describe("a transfer without its reference", () => {
  const unnamed = line({ remittanceText: "Verlängerung" });

  test("is never settled, only suggested where the amount is the same", () => {
    const decision = decideMatch(unnamed, [payment()], NOW);
    expect(decision).toMatchObject({ kind: "suggested", allocation: to(0n, 0n, 6_800n) });
    expect(reasons(decision)).toEqual(["amount_equal", "name_similar"]);
  });

  test("is suggested to the likeliest first: mistyped reference, then amount and name, then amount", () => {
    const decision = decideMatch(
      line({ remittanceText: "RF18 5390 0754 7043", counterpartyName: "MUELLER JOERG" }),
      [
        payment({ paymentId: "amount", reference: bankReference(new Uint8Array(8).fill(9)) }),
        payment({
          paymentId: "name",
          reference: bankReference(new Uint8Array(8).fill(8)),
          amountMinor: 1n,
          customerName: "Jörg Müller",
        }),
        payment({ paymentId: "both", reference: OTHER, customerName: "Jörg Müller" }),
        payment({ paymentId: "typo", amountMinor: 6_800n }),
        payment({
          paymentId: "neither",
          reference: bankReference(new Uint8Array(8).fill(5)),
          amountMinor: 1n,
        }),
      ],
      NOW,
    );
    expect(suggested(decision)).toEqual(["typo", "both", "amount", "name"]);
  });

  test.each([
    ["a wrong digit", "RF18 5390 0754 7035"],
    ["two neighbours swapped", "RF18 5390 0745 7034"],
    ["a digit too few", "RF18 5390 0754 703"],
    ["a digit too many", "RF18 5390 07544 7034"],
    ["a wrong digit before a date", "RF18 5390 0754 7035 22.11.2026"],
    ["a wrong second letter", "RE18 5390 0754 7034"],
  ])("is suggested when the reference has %s", (_what, text) => {
    const strange = { remittanceText: text, counterpartyName: "N. N.", amountMinor: 1n };
    expect(reasons(decideMatch(line(strange), [payment()], NOW))).toEqual(["reference_similar"]);
  });

  test("is suggested to the customer whom somebody else names", () => {
    const decision = decideMatch(
      line({ remittanceText: "für Noor Al-Sabah", counterpartyName: "Bank", amountMinor: 1n }),
      [payment({ customerName: "Noor Al-Sabah" })],
      NOW,
    );
    expect(reasons(decision)).toEqual(["name_similar"]);
  });

  test("is suggested against what is still missing, and to what has run out", () => {
    const rest = line({ remittanceText: "", amountMinor: 800n, counterpartyName: null });
    const begun = payment({ alreadyReceivedMinor: 6_000n });
    expect(reasons(decideMatch(rest, [begun], NOW))).toEqual(["amount_equal"]);
    expect(decideMatch(unnamed, [payment({ state: "expired" })], NOW).kind).toBe("suggested");
  });

  test.each([
    ["nobody waits", []],
    ["only others wait", [payment({ amountMinor: 1n, customerName: "Emma Fischer" })]],
    ["the payment is settled", [payment({ state: "settled" })]],
    ["the payment is in another currency", [payment({ currency: "USD" })]],
  ])("is unknown when %s", (_what, candidates) => {
    expect(decideMatch(unnamed, candidates, NOW)).toEqual({
      kind: "unknown",
      references: [],
      allocation: to(0n, 0n, 6_800n),
    });
  });

  test("is shown to a person against ten payments at most, the newest first among equals", () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      payment({
        paymentId: `p${index}`,
        reference: OTHER,
        createdAt: new Date(Date.UTC(2026, 10, 1, index)),
      }),
    );
    const found = suggested(decideMatch(unnamed, many, NOW));
    expect(found).toHaveLength(10);
    expect(found[0]).toBe("p29");
  });

  test("is decided by the person who confirms a suggestion", () => {
    expect(decideForPayment(unnamed, payment(), NOW).kind).toBe("exact");
    expect(decideForPayment(unnamed, payment({ amountMinor: 7_000n }), NOW).kind).toBe("short");
  });
});

describe("names as banks write them", () => {
  test.each([
    ["Jörg Müller", "MUELLER, JOERG", 1],
    ["Xiaoyu Lin", "LIN XIAOYU", 1],
    ["Noor Al-Sabah", "AL SABAH NOOR MS", 1],
    ["José Muñoz", "JOSE MUNOZ", 1],
    ["林小雨", "林小雨", 1],
    ["佐藤 健", "佐藤　健", 1],
    ["Weiß", "WEISS", 1],
  ])("%s is %s", (a, b, least) => {
    expect(nameSimilarity(a, b)).toBeGreaterThanOrEqual(least);
  });

  test.each([
    ["Emma Fischer", "Omar Haddad"],
    ["林小雨", "王大明"],
    ["", ""],
    ["Anna", ""],
  ])("%s is not %s", (a, b) => {
    expect(nameSimilarity(a, b)).toBeLessThan(0.3);
  });

  test("are compared alike in both directions, between 0 and 1, and each is like itself", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "grapheme" }), (a, b) => {
        const likeness = nameSimilarity(a, b);
        expect(likeness).toBeCloseTo(nameSimilarity(b, a), 10);
        expect(likeness).toBeGreaterThanOrEqual(0);
        expect(likeness).toBeLessThanOrEqual(1);
        expect([0, 1]).toContain(nameSimilarity(b, b));
      }),
    );
  });
});

describe("whatever arrives", () => {
  const amounts = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
  const payments = fc.record({
    paymentId: fc.uuid(),
    reference: fc.constantFrom(REFERENCE, OTHER, "RF00000000000000"),
    amountMinor: fc.bigInt({ min: 1n, max: 10n ** 18n }),
    currency: fc.constantFrom("CNY", "KWD"),
    customerName: fc.string(),
    createdAt: fc.date({ noInvalidDate: true }),
    expiresAt: fc.date({ noInvalidDate: true }),
    alreadyReceivedMinor: fc.bigInt({ min: 0n, max: 10n ** 18n }),
    state: fc.constantFrom("created", "pending", "settled", "failed", "expired"),
  }) satisfies fc.Arbitrary<TransferPayment>;
  const lines = fc.record({
    amountMinor: amounts,
    currency: fc.constantFrom("CNY", "KWD"),
    bookedOn: fc.constantFrom("2026-11-22", "1970-01-01", "2400-02-29"),
    counterpartyName: fc.option(fc.string()),
    remittanceText: fc.constantFrom("", REFERENCE, `${REFERENCE} ${OTHER}`, "RF185390075470341"),
    isReversal: fc.boolean(),
    isCollective: fc.boolean(),
  });

  test("no minor unit is lost or made, and nothing goes below zero that came in", () => {
    fc.assert(
      fc.property(lines, fc.array(payments, { maxLength: 6 }), (given, candidates) => {
        const { allocation, ...decision } = decideMatch(given, candidates, NOW);
        const { settledMinor, toBalanceMinor, suspenseMinor } = allocation;
        expect(settledMinor + toBalanceMinor + suspenseMinor).toBe(given.amountMinor);
        expect(settledMinor >= 0n && toBalanceMinor >= 0n).toBe(true);
        if (decision.kind !== "returned") expect(suspenseMinor >= 0n).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("no payment gets more than it is for, and none settles without its own reference", () => {
    fc.assert(
      fc.property(lines, fc.array(payments, { maxLength: 6 }), (given, candidates) => {
        const decision = decideMatch(given, candidates, NOW);
        if (decision.allocation.settledMinor === 0n) return;
        if (decision.kind !== "exact" && decision.kind !== "over") throw new Error(decision.kind);
        const { payment: chosen, allocation } = decision;
        expect(chosen.alreadyReceivedMinor + allocation.settledMinor).toBe(chosen.amountMinor);
        expect(given.remittanceText).toContain(chosen.reference);
        expect(chosen.currency).toBe(given.currency);
        expect(["created", "pending"]).toContain(chosen.state);
      }),
      { numRuns: 1_000 },
    );
  });

  test("the order in which payments are looked at does not matter", () => {
    const unique = fc.uniqueArray(payments, {
      selector: ({ paymentId }) => paymentId,
      maxLength: 6,
    });
    fc.assert(
      fc.property(lines, unique, (given, candidates) => {
        expect(decideMatch(given, candidates.toReversed(), NOW)).toEqual(
          decideMatch(given, candidates, NOW),
        );
      }),
    );
  });
});

function suggested(decision: MatchDecision): string[] {
  if (decision.kind !== "suggested") throw new Error(`${decision.kind} is no suggestion`);
  return decision.suggestions.map(({ payment }) => payment.paymentId);
}

function reasons(decision: MatchDecision): readonly string[] {
  if (decision.kind !== "suggested") throw new Error(`${decision.kind} is no suggestion`);
  return decision.suggestions[0]?.reasons ?? [];
}
