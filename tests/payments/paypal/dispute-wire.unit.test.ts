import { describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import { readDispute, readDisputeList } from "#lib/payments/paypal/dispute-wire.ts";
import { UnreadableAnswerError } from "#lib/payments/paypal/wire.ts";

const euros = (value: string) => ({ currency_code: "EUR", value });

function dispute(change: object = {}): object {
  return {
    dispute_id: "PP-R-ABC-12345678",
    create_time: "2026-11-22T14:40:00.000Z",
    update_time: "2026-11-23T14:40:00.000Z",
    disputed_transactions: [{ seller_transaction_id: "2GG279541U471931P" }],
    reason: "UNAUTHORISED",
    status: "WAITING_FOR_SELLER_RESPONSE",
    dispute_amount: euros("8.29"),
    dispute_life_cycle_stage: "CHARGEBACK",
    seller_response_due_date: "2026-12-02T14:40:00.000Z",
    ...change,
  };
}

/** A line of what PayPal booked because of a dispute. */
function movement(
  type: "DEBIT" | "CREDIT",
  value: string,
  reason = "DISPUTE_SETTLEMENT",
  affected_party = "SELLER",
): object {
  return { type, amount: euros(value), reason, affected_party };
}

const resolved = (outcome_code?: string, money_movements?: object[]) =>
  dispute({ status: "RESOLVED", dispute_outcome: { outcome_code }, money_movements });

describe("a dispute", () => {
  it("says what is contested, why, since when and until when we can answer", () => {
    expect(readDispute(dispute())).toEqual({
      providerReference: "PP-R-ABC-12345678",
      amount: money(829n, "EUR"),
      state: "open",
      reason: "UNAUTHORISED",
      openedAt: new Date("2026-11-22T14:40:00Z"),
      respondBy: new Date("2026-12-02T14:40:00Z"),
      fee: null,
    });
  });

  it.each([
    ["INQUIRY", undefined, "inquiry"],
    ["INQUIRY", [movement("DEBIT", "8.29")], "open"],
    ["INQUIRY", [movement("DEBIT", "8.29"), movement("CREDIT", "8.29")], "inquiry"],
    ["CHARGEBACK", undefined, "open"],
    ["PRE_ARBITRATION", undefined, "open"],
    ["ARBITRATION", undefined, "open"],
    [undefined, undefined, "open"],
  ])("in the stage %s with %j booked is %s", (stage, money_movements, state) => {
    const told = dispute({ dispute_life_cycle_stage: stage, money_movements });
    expect(readDispute(told).state).toBe(state);
  });

  it.each(["OPEN", "WAITING_FOR_BUYER_RESPONSE", "UNDER_REVIEW", "OTHER"])(
    "that is %s is not decided",
    (status) => {
      expect(readDispute(dispute({ status })).state).toBe("open");
    },
  );

  it.each([
    ["RESOLVED_SELLER_FAVOUR", "won"],
    ["RESOLVED_WITH_PAYOUT", "won"],
    ["CANCELED_BY_BUYER", "won"],
    ["DENIED", "won"],
    ["NONE", "won"],
    [undefined, "won"],
    ["RESOLVED_BUYER_FAVOUR", "lost"],
    ["ACCEPTED", "lost"],
  ])("that ends as %s is %s when no money is told of", (outcome, state) => {
    const read = readDispute(resolved(outcome));
    expect([read.state, read.respondBy]).toEqual([state, null]);
  });

  it.each([
    ["RESOLVED_WITH_PAYOUT", [movement("DEBIT", "8.29")], "lost", 829n],
    ["RESOLVED_BUYER_FAVOUR", [movement("DEBIT", "5.00")], "lost", 500n],
    ["RESOLVED_BUYER_FAVOUR", [movement("DEBIT", "8.29"), movement("CREDIT", "8.29")], "won", 829n],
    // PayPal paid the buyer itself.
    [
      "RESOLVED_BUYER_FAVOUR",
      [movement("CREDIT", "8.29", "DISPUTE_SETTLEMENT", "BUYER")],
      "won",
      829n,
    ],
  ])("that ends as %s is what the money says: %#", (outcome, movements, state, amountMinor) => {
    expect(readDispute(resolved(outcome, movements))).toMatchObject({
      state,
      amount: money(amountMinor, "EUR"),
    });
  });

  it("that is lost in part says how much, though PayPal books in the account's own currency", () => {
    const usd = { ...movement("DEBIT", "5.80"), amount: { currency_code: "USD", value: "5.80" } };
    const told = dispute({
      status: "RESOLVED",
      dispute_outcome: {
        outcome_code: "RESOLVED_BUYER_FAVOUR",
        amount_refunded: euros("5.00"),
      },
      money_movements: [usd],
    });
    expect(readDispute(told)).toMatchObject({ state: "lost", amount: money(500n, "EUR") });
  });

  it.each([
    [[movement("DEBIT", "14.00", "DISPUTE_FEE")], money(1_400n, "EUR")],
    [[movement("DEBIT", "16.00", "CHARGEBACK_FEE")], money(1_600n, "EUR")],
    [[movement("DEBIT", "14.00", "DISPUTE_FEE"), movement("CREDIT", "14.00", "DISPUTE_FEE")], null],
    [[movement("DEBIT", "14.00", "DISPUTE_FEE", "PAYMENT_PROCESSOR")], null],
    [[], null],
  ])("costs what PayPal charged us for it: %#", (movements, fee) => {
    const read = readDispute(resolved("RESOLVED_SELLER_FAVOUR", movements));
    expect([read.state, read.fee]).toEqual(["won", fee]);
  });

  it("is told without what PayPal may leave out", () => {
    const told = dispute({ money_movements: [{}], seller_response_due_date: undefined });
    expect(readDispute(told)).toMatchObject({ state: "open", respondBy: null });
  });

  it.each([
    ["no amount", dispute({ dispute_amount: undefined })],
    ["an amount that is none", dispute({ dispute_amount: euros("8,29") })],
    ["a date that is none", dispute({ create_time: "yesterday" })],
    ["no shape at all", "dispute"],
  ])("is not believed with %s", (_what, answer) => {
    expect(() => readDispute(answer)).toThrow(UnreadableAnswerError);
  });
});

describe("a list of disputes", () => {
  it("names them, and where it goes on", () => {
    const href =
      "https://api-m.paypal.com/v1/customer/disputes?page_size=50&next_page_token=AB%2BC%3D";
    expect(
      readDisputeList({
        items: [
          { dispute_id: "PP-D-1", create_time: "2026-11-01T08:00:00.000Z" },
          { dispute_id: "PP-D-2", create_time: "2026-11-02T08:00:00.000Z" },
        ],
        links: [{ rel: "next", href }],
      }),
    ).toEqual({
      disputes: [
        { id: "PP-D-1", openedAt: new Date("2026-11-01T08:00:00Z") },
        { id: "PP-D-2", openedAt: new Date("2026-11-02T08:00:00Z") },
      ],
      next: "AB+C=",
    });
  });

  it("may be empty", () => {
    expect(readDisputeList({})).toEqual({ disputes: [], next: null });
  });

  it("is not believed with an id that could lead elsewhere", () => {
    expect(() => readDisputeList({ items: [{ dispute_id: "../oauth2" }] })).toThrow(
      UnreadableAnswerError,
    );
  });
});
