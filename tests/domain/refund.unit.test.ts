import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDisputeStep, type DisputeState } from "#lib/domain/dispute.ts";
import { leadingRefund } from "#lib/domain/order-progress.ts";
import {
  decideMirrored,
  refundableMinor,
  splitRefund,
  type RefundablePart,
} from "#lib/domain/refund.ts";

const amount = fc.bigInt({ min: 0n, max: 10n ** 18n });
const part = fc.record({
  paymentId: fc.uuid(),
  toOrigin: fc.boolean(),
  amountMinor: amount,
  refundedMinor: amount,
  disputedMinor: amount,
});

describe("giving an amount back", () => {
  test("takes exactly that amount, and from no payment more than is left of it", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), amount, (parts, wanted) => {
        const split = splitRefund(parts, wanted);
        const left = parts.reduce((sum, each) => sum + refundableMinor(each), 0n);
        expect(split === null).toBe(wanted > left);
        if (split === null) return;
        expect(split.reduce((sum, each) => sum + each.amountMinor, 0n)).toBe(wanted);
        for (const { paymentId, amountMinor } of split) {
          const from = parts.filter((each) => each.paymentId === paymentId);
          expect(amountMinor).toBeGreaterThan(0n);
          expect(from.some((each) => amountMinor <= refundableMinor(each))).toBe(true);
        }
      }),
    );
  });

  test("goes to where it came from first, and to the balance only with the rest", () => {
    const whole = { refundedMinor: 0n, disputedMinor: 0n };
    const parts: RefundablePart[] = [
      { ...whole, paymentId: "balance", toOrigin: false, amountMinor: 20n },
      { ...whole, paymentId: "card", toOrigin: true, amountMinor: 48n },
    ];
    expect(splitRefund(parts, 40n)).toEqual([{ paymentId: "card", amountMinor: 40n }]);
    expect(splitRefund(parts, 50n)).toEqual([
      { paymentId: "card", amountMinor: 48n },
      { paymentId: "balance", amountMinor: 2n },
    ]);
  });

  test("leaves what a dispute has taken back", () => {
    expect(refundableMinor({ amountMinor: 68n, refundedMinor: 8n, disputedMinor: 60n })).toBe(0n);
  });
});

describe("a refund made at the provider", () => {
  const owed = fc.record({ id: fc.uuid(), amountMinor: fc.bigInt({ min: 1n, max: 10n ** 6n }) });

  test("is taken into the books to the last minor unit, and gives back no more anew than is left", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 7n }),
        fc.bigInt({ min: 0n, max: 10n ** 7n }),
        fc.array(owed, { maxLength: 4 }),
        (amountMinor, leftMinor, refunds) => {
          const plan = decideMirrored(amountMinor, leftMinor, refunds);
          const repeated = plan.repeats.reduce((sum, each) => sum + each.amountMinor, 0n);
          expect(plan.freshMinor + repeated + plan.excessMinor).toBe(amountMinor);
          expect(plan.freshMinor).toBeLessThanOrEqual(leftMinor);
          expect(plan.excessMinor).toBeGreaterThanOrEqual(0n);
        },
      ),
    );
  });

  test("of just what one of ours was is that one, made again", () => {
    const failed = { id: "failed", amountMinor: 1_000n };
    expect(decideMirrored(1_000n, 5_800n, [failed])).toEqual({
      freshMinor: 0n,
      repeats: [failed],
      excessMinor: 0n,
    });
  });
});

describe("of several refunds", () => {
  const refund = (id: string, state: "created" | "succeeded" | "failed", redirects?: string) => ({
    id,
    state,
    redirects: redirects ?? null,
    createdAt: new Date(0),
  });

  test("the one that failed says how they stand, unless its money went another way", () => {
    const failed = refund("a", "failed");
    expect(leadingRefund([refund("b", "succeeded"), failed])?.id).toBe("a");
    expect(leadingRefund([failed, refund("c", "succeeded", "a")])?.id).toBe("c");
  });

  test("one that is open comes before those that are done", () => {
    expect(leadingRefund([refund("a", "succeeded"), refund("b", "created")])?.id).toBe("b");
    expect(leadingRefund([])).toBeNull();
  });
});

test("a dispute never goes back to where it was", () => {
  const order: DisputeState[] = ["inquiry", "open", "won"];
  for (const [index, before] of order.entries()) {
    for (const after of order.slice(0, index + 1)) {
      expect(isDisputeStep(before, after)).toBe(false);
    }
  }
  expect(isDisputeStep(null, "lost")).toBe(true);
  expect(isDisputeStep("won", "lost")).toBe(false);
});
