import { describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import { UnreadableAnswerError } from "#lib/payments/stripe/answer.ts";
import { readDispute } from "#lib/payments/stripe/dispute-wire.ts";

const withdrawn = { amount: -5_900, fee: 1_500, currency: "cny" };
const returned = { amount: 5_900, fee: -1_500, currency: "cny" };
const dispute = {
  id: "dp_1",
  amount: 5_900,
  currency: "cny",
  status: "needs_response",
  reason: "fraudulent",
  created: 1_763_823_600,
  evidence_details: { due_by: 1_764_600_000 },
  balance_transactions: [withdrawn],
};

describe("a dispute", () => {
  it("says how much, why, since when, until when, and what it costs", () => {
    expect(readDispute(dispute)).toEqual({
      providerReference: "dp_1",
      amount: money(5_900n, "CNY"),
      state: "open",
      reason: "fraudulent",
      openedAt: new Date(1_763_823_600_000),
      respondBy: new Date(1_764_600_000_000),
      fee: money(1_500n, "CNY"),
    });
  });

  it.each([
    ["warning_needs_response", [], "inquiry"],
    ["warning_under_review", [], "inquiry"],
    ["warning_closed", [], "won"],
    ["needs_response", [], "inquiry"],
    ["needs_response", [withdrawn], "open"],
    ["under_review", [withdrawn], "open"],
    ["appeal_needs_response", [withdrawn], "open"],
    ["appeal_under_review", [withdrawn], "open"],
    ["won", [withdrawn, returned], "won"],
    ["lost", [withdrawn], "lost"],
    ["prevented", [], "won"],
    ["prevented", [withdrawn], "lost"],
    ["something_new", [withdrawn], "open"],
    ["something_new", [], "inquiry"],
  ])("that is %s with Stripe is told by the money too", (status, balance_transactions, state) => {
    expect(readDispute({ ...dispute, status, balance_transactions }).state).toBe(state);
  });

  it("costs nothing as long as nothing was withdrawn, and when Stripe has returned its fee", () => {
    expect(readDispute({ ...dispute, balance_transactions: [] }).fee).toBeNull();
    expect(readDispute({ ...dispute, balance_transactions: [withdrawn, returned] }).fee).toBeNull();
  });

  it("tells the fee in the currency in which Stripe took it", () => {
    const inDollars = { amount: -830, fee: 1_500, currency: "usd" };
    expect(readDispute({ ...dispute, balance_transactions: [inDollars] }).fee).toEqual(
      money(1_500n, "USD"),
    );
  });

  it("without a day to answer by has none", () => {
    expect(readDispute({ ...dispute, evidence_details: { due_by: null } }).respondBy).toBeNull();
  });

  it("is unreadable, not harmless, when Stripe does not say what it withdrew", () => {
    const unsaid = { ...dispute, balance_transactions: undefined };
    expect(() => readDispute(unsaid)).toThrow(UnreadableAnswerError);
  });
});
