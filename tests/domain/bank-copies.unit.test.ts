import { describe, expect, test } from "vitest";
import {
  daysOfCopies,
  isNamedTwice,
  looksTheSame,
  type ComparedLine,
} from "#lib/domain/bank-copies.ts";
import { bankReference } from "#lib/domain/bank-reference.ts";

const [OURS, OTHER] = [1, 2].map((seed) => bankReference(new Uint8Array(8).fill(seed)));
const LINE: ComparedLine = {
  statementId: "one",
  bookedOn: "2026-11-22",
  amountMinor: 6_800n,
  currency: "CNY",
  paymentId: null,
  counterpartyName: "Li Wei",
  remittanceText: `eSIM ${OURS}`,
};
const COPY: ComparedLine = { ...LINE, statementId: "two" };

describe("a movement that another file tells of", () => {
  test.each([
    ["the same reference", COPY],
    ["another day, as another file counts", { ...COPY, bookedOn: "2026-11-25" }],
    ["the reference in other words", { ...COPY, remittanceText: `${OURS?.toLowerCase()}/web` }],
    ["a text cut short, and the payer's name", { ...COPY, remittanceText: "eSIM RF9" }],
  ])("is shown to staff when it has %s", (_, copy) => {
    expect(looksTheSame(LINE, copy)).toBe(true);
    expect(looksTheSame(copy, LINE)).toBe(true);
  });

  test.each([
    ["the same file", { ...COPY, statementId: "one" }],
    ["another amount", { ...COPY, amountMinor: 6_801n }],
    ["another currency", { ...COPY, currency: "USD" }],
    ["a later day", { ...COPY, bookedOn: "2026-11-26" }],
    ["another reference", { ...COPY, remittanceText: `eSIM ${OTHER}` }],
    [
      "nothing in common",
      { ...COPY, remittanceText: "rent", counterpartyName: "Wang Fang", paymentId: "p" },
    ],
    ["no words at all", { ...COPY, remittanceText: "", counterpartyName: null }],
  ])("is another movement with %s", (_, other) => {
    expect(looksTheSame(LINE, other)).toBe(false);
    expect(isNamedTwice(LINE, other)).toBe(false);
  });

  test("is another movement when each is for a payment of its own", () => {
    const [line, other] = [
      { ...LINE, remittanceText: "eSIM", paymentId: "p" },
      { ...COPY, remittanceText: "eSIM", paymentId: "q" },
    ];
    expect(looksTheSame(line, other)).toBe(false);
  });

  test("is held back from the books only when both name the same payment", () => {
    expect(isNamedTwice(LINE, COPY)).toBe(true);
    const unnamed = { ...COPY, remittanceText: "thanks" };
    expect(isNamedTwice(LINE, unnamed)).toBe(false);
    const payment = { paymentId: "p" };
    expect(isNamedTwice({ ...LINE, ...payment }, { ...unnamed, ...payment })).toBe(true);
  });
});

test("a day may have been read as a month", () => {
  expect(daysOfCopies("2026-03-04")).toContain("2026-04-03");
  expect(daysOfCopies("2026-03-13").filter((day) => !day.startsWith("2026-03"))).toEqual([]);
  expect(daysOfCopies("2026-12-31")).toContain("2027-01-03");
});
