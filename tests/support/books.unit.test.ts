import { describe, expect, test } from "vitest";
import { findRepeatedMail, findViolations, type Books, type Opening } from "./books.ts";

const DAY_MS = 86_400_000;
const until = new Date("2026-12-01T00:00:00Z");
const later = (days: number): Date => new Date(until.getTime() + days * DAY_MS);
const now = new Date("2026-11-28T12:00:00Z");

const opening: Opening = {
  balanceMinor: new Map([
    ["card@example", 0n],
    ["balance@example", 10_000n],
  ]),
  until: new Map([
    ["8901", until],
    ["8902", until],
  ]),
  renewalMs: 30 * DAY_MS,
};

/** One renewal by card that is live, and one from the balance that the carrier refused. */
function goodBooks(): Books {
  return {
    imbalances: [],
    balances: [{ customer_email: "balance@example", balance_minor: "10000", reserved_minor: "0" }],
    orders: [
      order("AX-1", "card@example", "8901", "completed", "0"),
      order("AX-2", "balance@example", "8902", "failed", "6800"),
    ],
    payments: [payment("AX-1", "stripe", "cs_1", "0"), payment("AX-2", "balance", null, "6800")],
    activations: [
      { order_number: "AX-1", our_reference: "i1", carrier_reference: "t1", state: "confirmed" },
      { order_number: "AX-2", our_reference: "i2", carrier_reference: null, state: "rejected" },
    ],
    periods: [
      period("8901", null, later(-30), until),
      period("8901", "AX-1", until, later(30)),
      period("8902", null, later(-30), until),
    ],
    notices: [
      notice("AX-1", "card@example", "order_live"),
      notice("AX-2", "balance@example", "order_refunded"),
    ],
    events: [
      ...["order.placed", "payment.settled", "order.completed"].map(event("AX-1")),
      ...["order.placed", "payment.settled", "order.refunded"].map(event("AX-2")),
    ],
    ledger: new Map([
      ["cash_stripe", 6_572n],
      ["provider_fees", 228n],
    ]),
    captures: [],
    now,
    providerPayments: [providerPayment("pi_1", "cs_1")],
    topUps: [topUp("i1", "t1")],
    carrierEsims: [esim("8901", later(30)), esim("8902", until)],
    carrierRequests: [request("i1")],
    mail: [mail("card@example", "AX-1", "<1@x>"), mail("balance@example", "AX-2", "<2@x>")],
  };
}

test("books in which everything is right break no invariant", () => {
  expect(findViolations(goodBooks(), opening)).toEqual([]);
});

describe("the judge sees", () => {
  const faults: readonly [
    name: string,
    invariant: string,
    change: (books: Books) => Partial<Books>,
  ][] = [
    [
      "a journal that does not balance",
      "O1",
      () => ({ imbalances: [{ journal_id: "j", sum_minor: "1" }] }),
    ],
    [
      "a balance that was charged and not given back",
      "O2",
      ({ balances }) => ({ balances: balances.map((row) => ({ ...row, balance_minor: "3200" })) }),
    ],
    [
      "a balance below zero",
      "O2",
      ({ balances }) => ({ balances: balances.map((row) => ({ ...row, balance_minor: "-1" })) }),
    ],
    [
      "money that stays reserved",
      "O2",
      ({ balances }) => ({ balances: balances.map((row) => ({ ...row, reserved_minor: "1" })) }),
    ],
    ["a payment that Stripe never captured", "O3", () => ({ providerPayments: [] })],
    [
      "a card that was charged twice",
      "O3",
      ({ providerPayments }) => ({
        providerPayments: [...providerPayments, providerPayment("pi_2", "cs_2")],
      }),
    ],
    [
      "another amount at Stripe",
      "O3",
      ({ providerPayments }) => ({
        providerPayments: providerPayments.map((each) => ({ ...each, captured: 6801 })),
      }),
    ],
    [
      "a refund that nobody here knows of",
      "O3",
      ({ providerPayments }) => ({
        providerPayments: providerPayments.map((each) => ({ ...each, refunded: 1 })),
      }),
    ],
    [
      "a refund beyond the capture",
      "O9",
      ({ providerPayments }) => ({
        providerPayments: providerPayments.map((each) => ({ ...each, refunded: 6801 })),
      }),
    ],
    [
      "cash in the ledger that is not there",
      "O3",
      ({ ledger }) => ({ ledger: new Map([...ledger, ["cash_stripe", 13_144n]]) }),
    ],
    [
      "a provider's fee that nobody booked",
      "O3",
      () => ({ ledger: new Map([["cash_stripe", 6_572n]]) }),
    ],
    [
      "money that a customer is owed and nobody pays",
      "O3",
      ({ ledger }) => ({ ledger: new Map([...ledger, ["refunds_payable", -1n]]) }),
    ],
    ["a payment that only PayPal has", "O3", () => ({ captures: [capture("C1")] })],
    ["an order that nobody looks after", "O4", inState("inProgress", { next_attempt_at: null })],
    [
      "an order whose time has long come",
      "O4",
      inState("inProgress", { next_attempt_at: new Date(now.getTime() - 61_000) }),
    ],
    ["an order that waits for a person", "O4", inState("completed", { needs_attention: true })],
    ["an order that was never paid", "O4", inState("completed", { paid_minor: "0" })],
    [
      "an order that was paid twice",
      "O7",
      ({ payments }) => ({
        payments: [...payments, payment("AX-1", "stripe", "cs_9", "0")],
      }),
    ],
    ["what was given and refunded", "O7", inState("completed", { refunded_minor: "6800" })],
    ["a completed order without a top-up", "O5", () => ({ topUps: [], carrierRequests: [] })],
    [
      "a refunded order that was topped up",
      "O5",
      ({ topUps, carrierRequests }) => ({
        topUps: [...topUps, topUp("i2", "t2")],
        carrierRequests: [...carrierRequests, request("i2")],
      }),
    ],
    [
      "a carrier that acted twice",
      "O5",
      ({ carrierRequests }) => ({ carrierRequests: [...carrierRequests, request("i1")] }),
    ],
    [
      "a top-up that nobody ordered",
      "O5",
      ({ topUps }) => ({ topUps: [...topUps, topUp("i9", "t9")] }),
    ],
    [
      "a confirmation under another reference",
      "O5",
      ({ activations }) => ({
        activations: activations.map((each) => ({ ...each, carrier_reference: "t9" })),
      }),
    ],
    [
      "periods that overlap",
      "O6",
      ({ periods }) => ({ periods: [...periods, period("8902", null, later(-1), later(1))] }),
    ],
    [
      "a period that is too short",
      "O6",
      ({ periods }) => ({
        periods: periods.map((each) =>
          each.order_number === null ? each : { ...each, ends_at: later(29) },
        ),
      }),
    ],
    [
      "a gap in the service",
      "O6",
      ({ periods }) => ({
        periods: periods.map((each) =>
          each.order_number === null ? each : { ...each, starts_at: later(1), ends_at: later(31) },
        ),
      }),
    ],
    [
      "a completed order without a period",
      "O6",
      ({ periods }) => ({ periods: periods.filter((each) => each.order_number === null) }),
    ],
    [
      "a carrier that serves for longer",
      "O6",
      () => ({ carrierEsims: [esim("8901", later(60)), esim("8902", until)] }),
    ],
    ["a customer who was not told", "O10", ({ notices }) => ({ notices: notices.slice(1) })],
    [
      "a customer who was told something else",
      "O10",
      ({ notices }) => ({
        notices: notices.map((each) => ({ ...each, template: "order_live" })),
      }),
    ],
    [
      "a notice that is still on its way",
      "O10",
      ({ notices }) => ({ notices: notices.map((each) => ({ ...each, state: "queued" })) }),
    ],
    ["a mail that never arrived", "O10", ({ mail: mails }) => ({ mail: mails.slice(1) })],
    [
      "a customer who was told in two messages",
      "O10",
      ({ mail: mails }) => ({ mail: [...mails, mail("card@example", "AX-1", "<3@x>")] }),
    ],
    [
      "a mail about no order",
      "O10",
      ({ mail: mails }) => ({ mail: [...mails, mail("card@example", "AX-7", "<3@x>")] }),
    ],
    ["an act that was not written down", "Audit", ({ events }) => ({ events: events.slice(1) })],
    [
      "an act that was written down twice",
      "Audit",
      ({ events }) => ({ events: [...events, event("AX-1")("payment.settled")] }),
    ],
  ];

  test.for(faults)("%s", ([, invariant, change]) => {
    const good = goodBooks();
    const found = findViolations({ ...good, ...change(good) }, opening);
    expect(found.filter((fault) => fault.startsWith(`${invariant}:`))).not.toEqual([]);
  });
});

test("a mail is a repeat when its Message-ID came to the same address before", () => {
  const first = mail("card@example", "AX-1", "<1@x>");
  const other = mail("card@example", "AX-2", "<2@x>");
  expect(findRepeatedMail([first, other])).toEqual([]);
  expect(findRepeatedMail([first, other, first])).toEqual([first]);
});

function inState(
  state: string,
  change: Partial<Books["orders"][number]>,
): (books: Books) => Partial<Books> {
  return ({ orders }) => ({
    orders: orders.map((each) =>
      each.order_number === "AX-1" ? { ...each, state, ...change } : each,
    ),
  });
}

function order(
  order_number: string,
  customer_email: string,
  iccid: string,
  state: string,
  refunded_minor: string,
): Books["orders"][number] {
  return {
    order_number,
    customer_email,
    iccid,
    kind: "renewal",
    state,
    total_minor: "6800",
    paid_minor: "6800",
    refunded_minor,
    attempt_id: order_number,
    next_attempt_at: null,
    needs_attention: false,
  };
}

function payment(
  order_number: string,
  adapter: string,
  provider_reference: string | null,
  refunded_minor: string,
): Books["payments"][number] {
  return {
    payment_id: `${order_number} ${provider_reference}`,
    order_number,
    adapter,
    provider_reference,
    state: "settled",
    amount_minor: "6800",
    refunded_minor,
  };
}

function period(
  iccid: string,
  order_number: string | null,
  starts_at: Date,
  ends_at: Date,
): Books["periods"][number] {
  return { iccid, order_number, starts_at, ends_at, state: "active" };
}

function notice(
  order_number: string,
  customer_email: string,
  template: string,
): Books["notices"][number] {
  return { order_number, customer_email, template, state: "sent" };
}

function event(number: string): (action: string) => Books["events"][number] {
  return (action) => ({ action, subject: `order ${number}` });
}

function providerPayment(
  paymentIntent: string,
  session: string,
): Books["providerPayments"][number] {
  return {
    paymentIntent,
    session,
    status: "succeeded",
    currency: "cny",
    amount: 6800,
    captured: 6800,
    fee: 228,
    methodType: "card",
    missing: null,
    refunded: 0,
    disputed: 0,
    charge: "ch",
    customer: null,
    clientReferenceId: null,
    metadata: {},
    sessionMetadata: {},
    refunds: [],
    disputes: [],
  };
}

function topUp(transactionId: string, topUpEsimTranNo: string): Books["topUps"][number] {
  return {
    transactionId,
    topUpEsimTranNo,
    esimTranNo: "e",
    iccid: "8901",
    packageCode: "P",
    volume: 1,
    duration: 30,
    price: 1,
    at: 0,
    wallAt: 0,
    answer: {},
  };
}

function request(transactionId: string): Books["carrierRequests"][number] {
  return {
    id: 1,
    at: now.toISOString(),
    method: "POST",
    path: "/api/v1/open/esim/topup",
    params: null,
    idempotencyKey: null,
    transactionId,
    status: 200,
    errorCode: null,
    fault: null,
    acted: true,
    replayed: false,
  };
}

function capture(id: string): Books["captures"][number] {
  return {
    capture: id,
    order: "P1",
    status: "COMPLETED",
    reason: null,
    currency: "USD",
    amount: "68.00",
    captured: "68.00",
    fee: "0.00",
    refunded: "0.00",
    disputed: "0.00",
    customId: null,
    invoiceId: null,
    refunds: [],
    disputes: [],
  };
}

function esim(iccid: string, end: Date): Books["carrierEsims"][number] {
  return {
    iccid,
    esimTranNo: iccid,
    esimStatus: "IN_USE",
    smdpStatus: "ENABLED",
    totalVolume: 1,
    usedBytes: 0,
    totalDuration: 30,
    expiredTime: end.toISOString(),
    topUps: [],
  };
}

function mail(to: string, number: string, id: string): Books["mail"][number] {
  return {
    id: `${id} ${to}`,
    to,
    from: "portal@example",
    subject: "",
    text: `Order: ${number}`,
    html: null,
    headers: { "message-id": id },
    receivedAt: now.toISOString(),
  };
}
