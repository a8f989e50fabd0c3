import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderNumber, parseOrderNumber } from "#lib/domain/order.ts";
import { orderPhase, orderSteps, type OrderFacts } from "#lib/domain/order-progress.ts";
import { drawUsage } from "#lib/domain/usage.ts";

describe("an order number", () => {
  test("is found again however somebody types it", () => {
    const number = orderNumber(randomBytes(7));
    expect(number).toMatch(/^AX-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/);
    expect(parseOrderNumber(number.toLowerCase().replaceAll("-", " "))).toBe(number);
    expect(parseOrderNumber(number.slice(3))).toBe(number);
  });

  test("with one character mistyped is none", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 7, maxLength: 7 }),
        fc.constantFrom(3, 4, 5, 6, 8, 9, 10),
        fc.constantFrom(..."23456789ABCDEFGHJKMNPQRSTVWXYZ"),
        (random, position, typed) => {
          const number = orderNumber(random);
          fc.pre(number.charAt(position) !== typed);
          const wrong = number.slice(0, position) + typed + number.slice(position + 1);
          expect(parseOrderNumber(wrong)).toBeNull();
        },
      ),
    );
  });
});

const T = (second: number): Date => new Date(Date.UTC(2026, 2, 9, 14, 2, second));
const placed: OrderFacts = {
  isTopUp: false,
  state: "pending",
  placedAt: T(5),
  paidAt: null,
  completedAt: null,
  endedAt: null,
  startsAt: null,
  payment: { state: "pending", processing: false },
  activation: null,
  refund: null,
};
const paid: OrderFacts = {
  ...placed,
  state: "inProgress",
  paidAt: T(11),
  payment: { state: "settled", processing: false },
  activation: { state: "requested", requestedAt: T(12), acceptedAt: null },
};
const steps = (facts: OrderFacts): string =>
  orderSteps(facts)
    .map((step) => `${step.kind}:${step.status}`)
    .join(" ");

describe("the steps of an order", () => {
  test("say what is waited for", () => {
    expect(steps(placed)).toBe("placed:done paid:current sent:todo accepted:todo live:todo");
    expect(steps(paid)).toBe("placed:done paid:done sent:done accepted:current live:todo");
    expect(orderPhase(paid)).toBe("activating");
  });

  test("end with live", () => {
    const live: OrderFacts = { ...paid, state: "completed", completedAt: T(14) };
    expect(steps(live)).toBe("placed:done paid:done sent:done accepted:done live:done");
    expect(orderPhase(live)).toBe("live");
  });

  test("end with the money back", () => {
    const refunding: OrderFacts = {
      ...paid,
      state: "failed",
      endedAt: T(15),
      refund: { state: "created", createdAt: T(15), succeededAt: null },
    };
    expect(steps(refunding)).toBe(
      "placed:done paid:done sent:done refund_started:done refunded:current",
    );
    expect(orderPhase(refunding)).toBe("refunding");
  });

  test("wait for the start of what begins later", () => {
    const held: OrderFacts = {
      ...paid,
      state: "held",
      startsAt: T(59),
      activation: { state: "requested", requestedAt: null, acceptedAt: null },
    };
    expect(steps(held)).toContain("waiting_for_start:current sent:todo");
    expect(orderPhase(held)).toBe("scheduled");
  });

  test("tell an unpaid order from a payment that is under way and one that failed", () => {
    expect(orderPhase(placed)).toBe("awaiting_payment");
    expect(orderPhase({ ...placed, payment: { state: "pending", processing: true } })).toBe(
      "payment_processing",
    );
    const failed: OrderFacts = {
      ...placed,
      state: "cancelled",
      endedAt: T(9),
      payment: { state: "failed", processing: false },
    };
    expect(orderPhase(failed)).toBe("payment_failed");
    expect(steps(failed)).toBe("placed:done payment_failed:failed");
  });
});

describe("usage", () => {
  test("is drawn from what ends first, and never below zero", () => {
    const buckets = [
      { id: "later", remainingBytes: 10n, validUntil: T(30) },
      { id: "first", remainingBytes: 4n, validUntil: T(20) },
    ];
    expect(drawUsage(buckets, 6n)).toEqual({
      remaining: new Map([
        ["first", 0n],
        ["later", 8n],
      ]),
      leftOverBytes: 0n,
    });
    expect(drawUsage(buckets, 20n).leftOverBytes).toBe(6n);
    expect(
      drawUsage([{ id: "unlimited", remainingBytes: null, validUntil: T(20) }], 6n).remaining.size,
    ).toBe(0);
  });
});
