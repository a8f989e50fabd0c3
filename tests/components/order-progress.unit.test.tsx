import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { OrderProgress } from "#components/order/order-progress.tsx";
import { LOCALES } from "#lib/domain/locale.ts";
import { money } from "#lib/domain/money.ts";
import { orderSteps, type OrderFacts } from "#lib/domain/order-progress.ts";
import type { OrderPhase, OrderView } from "#lib/domain/order.ts";
import { translator } from "#lib/i18n/translator.ts";

const now = new Date("2026-11-22T14:05:00Z");
const before = { dataBytes: 858_993_459n, laterBytes: 0n, laterFrom: null, until: now };

const facts: OrderFacts = {
  isTopUp: false,
  state: "acknowledged",
  placedAt: new Date("2026-11-22T14:02:05Z"),
  paidAt: null,
  completedAt: null,
  endedAt: null,
  startsAt: null,
  payment: { state: "pending", processing: false },
  activation: null,
  refund: null,
};

function view(phase: OrderPhase, more: Partial<OrderView> = {}): OrderView {
  return {
    number: "AX-7Q2F-91KM",
    phase,
    steps: orderSteps(facts),
    version: "v1",
    settled: ["live", "credited", "refunded", "payment_failed", "payment_expired"].includes(phase),
    placedAt: facts.placedAt,
    service: {
      iccid: "8986012345678901234",
      esimLabel: "Phone",
      planCode: "as-10gb-30d",
      planName: { en: "Asia 10 GB", "zh-CN": "亚洲 10 GB" },
      preview: { before, after: before, dataFrom: now, period: null, lost: null },
    },
    total: money(6_800n, "CNY"),
    tax: money(385n, "CNY"),
    refunded: null,
    parts: [{ method: "stripe", methodType: "card", amount: money(6_800n, "CNY") }],
    payUrl: null,
    payBy: new Date("2026-11-22T14:33:00Z"),
    transfer: null,
    canGiveUp: false,
    givenUp: false,
    refundedToBalance: false,
    canCancel: false,
    startsAt: new Date("2026-12-01T00:00:00Z"),
    documents: [{ number: "R-2026-000123", kind: "receipt" }],
    ...more,
  };
}

const PHASES: readonly OrderPhase[] = [
  "awaiting_payment",
  "payment_processing",
  "payment_failed",
  "payment_expired",
  "activating",
  "scheduled",
  "outcome_unknown",
  "being_checked",
  "live",
  "credited",
  "refunding",
  "refunded",
  "refund_delayed",
];

function show(order: OrderView, locale: (typeof LOCALES)[number], showQr = false): string {
  return renderToStaticMarkup(
    <OrderProgress
      order={order}
      reader={{ locale, timeZone: "Asia/Shanghai" }}
      now={now}
      showQr={showQr}
      resume={async () => {}}
      giveUp={async () => {}}
    />,
  );
}

describe.each(LOCALES)("in %s", (locale) => {
  test.each(PHASES)("an order that is %s says so, why, and what to do", (phase) => {
    for (const method of ["stripe", "balance"] as const) {
      const html = show(
        view(phase, { parts: [{ method, methodType: null, amount: money(6_800n, "CNY") }] }),
        locale,
      );
      expect(html).toContain(`<h1>${translator(locale, "order")(`phase.${phase}`)}</h1>`);
      expect(html).toContain("AX-7Q2F-91KM");
      expect(html).not.toMatch(/undefined|\{\w+\}/);
    }
  });
});

test("only an order that may still change offers to look again", () => {
  for (const phase of PHASES) {
    const order = view(phase);
    expect({ phase, offers: show(order, "en").includes("Check again") }).toEqual({
      phase,
      offers: !order.settled,
    });
  }
});

test("an order that waits for its payment leads to it, and says until when in the reader's time", () => {
  const html = show(view("awaiting_payment"), "en");
  expect(html).toContain("Continue to payment");
  expect(html).toContain("Pay by 22:33");
});

test("an order that waits for a transfer tells everything the bank asks for, and leads nowhere else", () => {
  const transfer = {
    instructions: [
      { field: "iban", shown: "DE89 3704 0044 0532 0130 00", copied: "DE89370400440532013000" },
      { field: "amount", shown: "18.00", copied: "18.00" },
      { field: "reference", shown: "RF97 5001 2345 6789", copied: "RF97500123456789" },
    ] as const,
    qrText: "BCD",
    missing: money(1_800n, "EUR"),
    received: money(5_000n, "EUR"),
  };
  const parts = [
    { method: "bank_transfer" as const, methodType: null, amount: money(6_800n, "EUR") },
  ];
  const order = view("awaiting_payment", { transfer, canGiveUp: true, parts });
  const html = show(order, "en");
  for (const told of ["RF97 5001 2345 6789", 'data-copy="RF97500123456789"', "€18.00", "€50.00"]) {
    expect(html).toContain(told);
  }
  // The code is heavy: it is drawn where it is asked for.
  expect(html).toContain('href="/orders/AX-7Q2F-91KM?qr=1"');
  expect(html).not.toContain("<svg");
  expect(show(order, "en", true)).toContain("<svg");
  expect(html).toContain("I will not pay this");
  expect(html).not.toContain("Continue to payment");
  expect(show(view("payment_expired", { parts, givenUp: true }), "en")).toContain("given up");
  expect(show(view("payment_expired", { parts }), "en")).toContain("did not arrive");
});

test("a transfer that the provider waits for says until when, and can be given up", () => {
  const html = show(view("payment_processing", { canGiveUp: true }), "en");
  expect(html).toContain("wait until 22:33");
  expect(html).toContain("I will not pay this");
  expect(html).not.toContain("Usually under a minute");
  expect(show(view("payment_processing"), "en")).not.toContain("I will not pay this");
});

test("money that went back is named in full", () => {
  expect(show(view("refunded", { refunded: money(6_800n, "CNY") }), "en")).toContain(
    "¥68.00 went back",
  );
});

test("what a customer called the eSIM is text, whatever it looks like", () => {
  const { service, ...order } = view("live");
  if (service === null) throw new Error("The order is for an eSIM");
  const hostile = { ...service, esimLabel: "<script>alert(1)</script>" };
  const html = show({ ...order, service: hostile }, "en");
  expect(html).not.toContain("<script>");
  expect(html).toContain("&lt;script&gt;");
});

test("what is paid in two ways names both with their parts", () => {
  const parts = [
    { method: "balance" as const, methodType: null, amount: money(2_000n, "CNY") },
    { method: "stripe" as const, methodType: "alipay", amount: money(4_800n, "CNY") },
  ];
  const html = show(view("live", { parts }), "en");
  expect(html).toContain("Alipay");
  expect(html).toContain("¥20.00");
  expect(html).toContain("¥48.00");
});

test("a top-up speaks of the balance, not of an eSIM", () => {
  const html = show(view("credited", { service: null }), "en");
  expect(html).toContain("Balance top-up");
  expect(html).toContain('href="/balance"');
  expect(html).not.toContain("/esims/");
});
