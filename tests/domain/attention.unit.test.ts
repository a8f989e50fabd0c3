import { describe, expect, test } from "vitest";
import {
  ATTENTION_CODES,
  attentionAfter,
  isAttentionCode,
  moreUrgent,
  type AttentionCode,
} from "#lib/domain/attention.ts";

const pairs = ATTENTION_CODES.flatMap((before) =>
  ATTENTION_CODES.map((after): [AttentionCode, AttentionCode] => [before, after]),
);
const isDispute = (code: string): boolean => code.startsWith("dispute_");

describe("of two reasons why an order needs a person", () => {
  test("the first one that comes is kept", () => {
    for (const code of ATTENTION_CODES) expect(moreUrgent(null, code)).toBe(code);
  });

  test.each([
    ["dispute_open", "notice_rejected", "dispute_open"],
    ["notice_rejected", "dispute_open", "dispute_open"],
    ["refund_failed", "outcome_unknown", "refund_failed"],
    ["refund_failed", "dispute_won", "refund_failed"],
    ["dispute_won", "refund_failed", "refund_failed"],
    ["dispute_lost", "notice_rejected", "dispute_lost"],
    ["refund_outcome_unknown", "refund_failed", "refund_failed"],
    ["outcome_unknown", "carrier_answer_wrong", "carrier_answer_wrong"],
    ["outcome_unknown", "carrier_unavailable", "outcome_unknown"],
    ["books_differ", "payment_amount_differs", "payment_amount_differs"],
  ] as const)("%s, then %s: %s is kept", (before, after, kept) => {
    expect(moreUrgent(before, after)).toBe(kept);
  });

  test("it is the same one whichever came first, but for news of a dispute", () => {
    for (const [one, two] of pairs) {
      if (isDispute(one) && isDispute(two)) continue;
      expect([one, two, moreUrgent(one, two)]).toEqual([one, two, moreUrgent(two, one)]);
    }
  });

  test("news of a dispute takes the place of what was known of it", () => {
    const news = pairs.filter((pair) => pair.every(isDispute));
    expect(news.map(([before, after]) => moreUrgent(before, after))).toEqual(
      news.map(([, after]) => after),
    );
  });

  test("one that nobody knows gives way", () => {
    expect(isAttentionCode("of_another_version")).toBe(false);
    expect(moreUrgent("of_another_version", "notice_rejected")).toBe("notice_rejected");
  });
});

describe("a step that has succeeded", () => {
  test("clears its own reasons and no other's", () => {
    const left = (step: "payment" | "activation"): readonly string[] =>
      ATTENTION_CODES.filter((code) => attentionAfter(step, code) === null);
    expect(left("activation")).toEqual([
      "carrier_answer_wrong",
      "outcome_unknown",
      "defect",
      "carrier_unavailable",
    ]);
    expect(left("payment")).toEqual([
      "transfer_partly_at_provider",
      "payment_of_another_order",
      "payment_in_other_mode",
      "payment_currency_differs",
      "payment_amount_differs",
      "payment_not_known_to_provider",
    ]);
  });

  test("leaves what it does not know, and nothing where nothing was", () => {
    expect(attentionAfter("activation", "of_another_version")).toBe("of_another_version");
    expect(attentionAfter("activation", null)).toBeNull();
  });
});
