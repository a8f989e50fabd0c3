import { describe, expect, it } from "vitest";
import { money } from "#lib/domain/money.ts";
import { readRefund, readRefundOutcome } from "#lib/payments/stripe/refund-wire.ts";
import { UnreadableAnswerError } from "#lib/payments/stripe/answer.ts";

const refundId = "0190b3f0-5b5e-7c3a-9d39-0f6a3c2e1d10";

describe("what became of a refund", () => {
  it.each([
    ["succeeded", { kind: "succeeded", providerReference: "re_1" }],
    ["pending", { kind: "pending", providerReference: "re_1" }],
    ["requires_action", { kind: "pending", providerReference: "re_1" }],
    ["failed", { kind: "failed", reason: "expired_or_canceled_card", providerReference: "re_1" }],
    ["canceled", { kind: "failed", reason: "expired_or_canceled_card", providerReference: "re_1" }],
  ])("a refund that is %s", (status, outcome) => {
    const failure_reason = "expired_or_canceled_card";
    expect(readRefundOutcome({ id: "re_1", status, failure_reason })).toEqual(outcome);
  });
});

describe("a refund, whoever began it", () => {
  const refund = {
    id: "re_1",
    amount: 20_000,
    currency: "ugx",
    status: "succeeded",
    reason: "requested_by_customer",
    failure_reason: null,
    metadata: { refund_id: refundId },
  };

  it("has our id, our minor units and why", () => {
    expect(readRefund(refund)).toEqual({
      providerReference: "re_1",
      refundId,
      amount: money(200n, "UGX"),
      state: "succeeded",
      reason: "requested_by_customer",
    });
  });

  it.each([
    ["pending", "pending"],
    ["requires_action", "pending"],
    [null, "pending"],
    ["something new", "pending"],
    ["succeeded", "succeeded"],
    ["failed", "failed"],
    ["canceled", "failed"],
  ])("that is %s with Stripe is %s with us", (status, state) => {
    expect(readRefund({ ...refund, status }).state).toBe(state);
  });

  it("says why it failed, and belongs to nobody of ours under a foreign id", () => {
    const failed = { ...refund, status: "failed", failure_reason: "lost_or_stolen_card" };
    expect(readRefund(failed).reason).toBe("lost_or_stolen_card");
    expect(readRefund({ ...refund, status: "canceled" }).reason).toBe("canceled");
    expect(readRefund({ ...refund, metadata: { refund_id: "17" } }).refundId).toBeNull();
    expect(readRefund({ ...refund, metadata: null }).refundId).toBeNull();
  });

  it("is unreadable, not free, without an amount", () => {
    expect(() => readRefund({ ...refund, amount: undefined })).toThrow(UnreadableAnswerError);
  });
});
