import type { EsimState } from "#lib/sandbox/esim-access/admin.ts";
import type { TopUp } from "#lib/sandbox/esim-access/model.ts";
import type { LoggedRequest } from "#lib/sandbox/log.ts";
import type { Message } from "#lib/sandbox/mailbox/messages.ts";
import type { CaptureState } from "#lib/sandbox/paypal/state.ts";
import type { PaymentState } from "#lib/sandbox/stripe/state.ts";
import { fromDecimal } from "#lib/domain/money.ts";
import type { Surroundings } from "./world.ts";

/** 64-bit integers come from PostgreSQL as text. */
type Minor = string;

/** What the audit views say, and what the providers say on their own side. */
export interface Books {
  readonly imbalances: readonly { journal_id: string; sum_minor: Minor }[];
  readonly balances: readonly {
    customer_email: string;
    balance_minor: Minor;
    reserved_minor: Minor;
  }[];
  readonly orders: readonly {
    order_number: string;
    customer_email: string;
    iccid: string | null;
    kind: string;
    state: string;
    total_minor: Minor;
    paid_minor: Minor;
    refunded_minor: Minor;
    attempt_id: string;
    next_attempt_at: Date | null;
    needs_attention: boolean;
  }[];
  readonly payments: readonly {
    payment_id: string;
    order_number: string;
    adapter: string;
    provider_reference: string | null;
    state: string;
    amount_minor: Minor;
    refunded_minor: Minor;
  }[];
  readonly activations: readonly {
    order_number: string;
    our_reference: string;
    carrier_reference: string | null;
    state: string;
  }[];
  readonly periods: readonly {
    iccid: string;
    order_number: string | null;
    starts_at: Date;
    ends_at: Date;
    state: string;
  }[];
  readonly notices: readonly {
    order_number: string;
    customer_email: string;
    template: string;
    state: string;
  }[];
  readonly events: readonly { action: string; subject: string }[];
  /** The ledger's cash by who holds it, what providers kept, and what is owed or nobody's: code → sum. */
  readonly ledger: ReadonlyMap<string, bigint>;
  /** When the books were read, by the database's clock. */
  readonly now: Date;
  readonly providerPayments: readonly PaymentState[];
  readonly captures: readonly CaptureState[];
  readonly topUps: readonly TopUp[];
  readonly carrierEsims: readonly EsimState[];
  readonly carrierRequests: readonly LoggedRequest[];
  readonly mail: readonly Message[];
}

/** What was there before the first renewal, and what a renewal gives. */
export interface Opening {
  /** Balance by the customer's mail address. */
  readonly balanceMinor: ReadonlyMap<string, bigint>;
  /** End of the running period by ICCID. */
  readonly until: ReadonlyMap<string, Date>;
  readonly renewalMs: number;
}

/** Reads the audit views and asks the stand-ins. */
export async function readBooks(around: Surroundings): Promise<Books> {
  const [{ payments }, { captures }, carrier, carrierRequests, mail] = await Promise.all([
    around.standIns.stripe.state(),
    around.standIns.paypal.state(),
    around.standIns.esimAccess.state(),
    around.standIns.esimAccess.log(),
    around.standIns.mailbox.mail(null),
  ]);
  const sums = await around.sql<{ code: string; sum_minor: Minor; now: Date }>(
    `SELECT a.code, sum(e.amount_minor) AS sum_minor FROM ledger_entry e
       JOIN ledger_account a ON a.id = e.ledger_account_id GROUP BY a.code`,
  );
  const [clock] = await around.sql<{ now: Date }>("SELECT now()");
  if (!clock) throw new Error("The database did not tell the time");
  return {
    imbalances: await around.sql("SELECT * FROM audit.journal_imbalance"),
    balances: await around.sql("SELECT * FROM audit.balances"),
    orders: await around.sql("SELECT * FROM audit.orders ORDER BY placed_at"),
    payments: await around.sql("SELECT * FROM audit.payments"),
    activations: await around.sql("SELECT * FROM audit.activations"),
    periods: await around.sql("SELECT * FROM audit.periods ORDER BY iccid, starts_at"),
    notices: await around.sql("SELECT * FROM audit.notices"),
    events: await around.sql("SELECT * FROM audit.events"),
    ledger: new Map(sums.map(({ code, sum_minor }) => [code, BigInt(sum_minor)])),
    now: clock.now,
    providerPayments: payments,
    captures,
    topUps: carrier.topUps,
    carrierEsims: carrier.esims,
    carrierRequests,
    mail,
  };
}

/**
 * Which invariants the books break, a sentence each. Nothing may be in flight when they are read.
 * All amounts are in one currency with two decimals, in which Stripe counts as we do.
 */
export function findViolations(books: Books, opening: Opening): string[] {
  return [
    ...findLedgerFaults(books, opening),
    ...findProviderFaults(books),
    ...findStrandedOrders(books),
    ...findCarrierFaults(books),
    ...findPeriodFaults(books, opening),
    ...findUntoldCustomers(books),
    ...findUnexplainedActs(books),
  ];
}

/** O1, O2: journals balance; a balance is what it opened with, less what was paid, plus what came back. */
function findLedgerFaults(books: Books, opening: Opening): string[] {
  const faults = books.imbalances.map(
    ({ journal_id, sum_minor }) => `O1: journal ${journal_id} is off by ${sum_minor}`,
  );
  const orders = new Map(books.orders.map((order) => [order.order_number, order]));
  const expected = new Map(opening.balanceMinor);
  for (const payment of books.payments.filter(({ state }) => state === "settled")) {
    const order = orders.get(payment.order_number);
    const email = order?.customer_email ?? "";
    const [amount, refunded] = [payment.amount_minor, payment.refunded_minor].map(BigInt);
    // What came from the balance left it; what a bank brought can only come back to it.
    let change = payment.adapter === "balance" ? -(amount ?? 0n) : 0n;
    if (order?.kind === "topup") change = (amount ?? 0n) - (refunded ?? 0n);
    else if (!PROVIDERS.has(payment.adapter)) change += refunded ?? 0n;
    expected.set(email, (expected.get(email) ?? 0n) + change);
  }
  const actual = new Map(books.balances.map((row) => [row.customer_email, row]));
  for (const [email, minor] of expected) {
    const row = actual.get(email);
    const has = BigInt(row?.balance_minor ?? 0);
    if (has !== minor) faults.push(`O2: ${email} has ${has}, should have ${minor}`);
    if (has < 0n) faults.push(`O2: ${email} is below zero`);
    if (BigInt(row?.reserved_minor ?? 0) !== 0n) faults.push(`O2: ${email} has money reserved`);
  }
  return faults;
}

/** Where money can be paid back to. */
const PROVIDERS = new Set(["stripe", "paypal"]);

/** A payment as a provider has it, in minor units of a currency with two decimals. */
interface HeldPayment {
  readonly id: string;
  readonly reference: string | null;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly disputed: bigint;
  readonly fee: bigint;
}

/** O3, O9: what providers and bank have, gave back and kept is what the books say, both ways, and so is the cash. */
function findProviderFaults(books: Books): string[] {
  const stripe = books.providerPayments.map((each) => ({
    id: each.paymentIntent,
    reference: each.session,
    captured: BigInt(each.captured),
    refunded: BigInt(each.refunded),
    disputed: BigInt(each.disputed),
    fee: BigInt(each.fee),
  }));
  const paypal = books.captures.map((each) => {
    const minor = (text: string): bigint => fromDecimal(text, each.currency)?.amountMinor ?? 0n;
    return {
      id: each.capture,
      reference: each.order,
      captured: minor(each.captured),
      refunded: minor(each.refunded),
      disputed: minor(each.disputed),
      fee: minor(each.fee),
    };
  });
  const fees = [...stripe, ...paypal].reduce((sum, { fee }) => sum + fee, 0n);
  const transferred = settled(books, "bank_transfer").reduce(
    (sum, payment) => sum + BigInt(payment.amount_minor),
    0n,
  );
  const faults = [...compareWith(books, "stripe", stripe), ...compareWith(books, "paypal", paypal)];
  const expected: Readonly<Record<string, bigint>> = {
    provider_fees: fees,
    cash_bank: transferred,
    suspense: 0n,
    refunds_payable: 0n,
    disputes: 0n,
    receivables: 0n,
  };
  for (const [code, minor] of Object.entries(expected)) {
    const booked = books.ledger.get(code) ?? 0n;
    if (booked !== minor) faults.push(`O3: the ledger has ${booked} of ${code}, not ${minor}`);
  }
  return faults;
}

function compareWith(
  books: Books,
  adapter: "stripe" | "paypal",
  theirs: readonly HeldPayment[],
): string[] {
  const faults: string[] = [];
  const ours = settled(books, adapter);
  const captured = theirs.filter((payment) => payment.captured > 0n);
  for (const payment of ours) {
    const found = captured.filter(({ reference }) => reference === payment.provider_reference);
    const name = `payment ${payment.payment_id} of ${payment.order_number}`;
    if (found.length !== 1) faults.push(`O3: ${name} was captured ${found.length} times`);
    for (const each of found) {
      if (each.captured !== BigInt(payment.amount_minor)) {
        faults.push(`O3: ${name} is ${payment.amount_minor} here, ${each.captured} at ${adapter}`);
      }
      if (each.refunded !== BigInt(payment.refunded_minor)) {
        faults.push(
          `O3: ${name} has ${payment.refunded_minor} refunded here, ${each.refunded} at ${adapter}`,
        );
      }
      if (each.refunded > each.captured) faults.push(`O9: ${name} was refunded beyond its capture`);
    }
  }
  for (const { id, reference } of captured) {
    const known = ours.filter((payment) => payment.provider_reference === reference);
    if (known.length !== 1) faults.push(`O3: ${id} is booked ${known.length} times`);
  }
  const held = captured.reduce(
    (sum, each) => sum + each.captured - each.refunded - each.disputed - each.fee,
    0n,
  );
  const cash = books.ledger.get(`cash_${adapter}`) ?? 0n;
  if (cash !== held) faults.push(`O3: the ledger has ${cash} at ${adapter}, it has ${held}`);
  return faults;
}

/** O4, O7: who paid has it, has the money back, or has a time at which somebody looks again. */
function findStrandedOrders(books: Books): string[] {
  const faults: string[] = [];
  for (const order of books.orders) {
    const [total, paid, refunded] = [order.total_minor, order.paid_minor, order.refunded_minor].map(
      BigInt,
    );
    const name = `order ${order.order_number} (${order.state})`;
    if (order.needs_attention) faults.push(`O4: ${name} waits for a person`);
    if (paid === 0n) {
      faults.push(`O4: ${name} was never paid`);
      continue;
    }
    if (paid !== total) faults.push(`O7: ${name} costs ${total}, paid ${paid}`);
    const isGiven = order.state === "completed";
    const isUndone = order.state === "failed" && refunded === paid;
    // A minute for the worker to come by.
    const late = books.now.getTime() - 60_000;
    const waits =
      ["inProgress", "held"].includes(order.state) &&
      order.next_attempt_at !== null &&
      order.next_attempt_at.getTime() > late;
    if (!isGiven && !isUndone && !waits) faults.push(`O4: ${name} is stranded`);
    if (isGiven && refunded !== 0n) faults.push(`O7: ${name} was given and refunded`);
    const payments = books.payments.filter(
      (payment) => payment.order_number === order.order_number && payment.state === "settled",
    );
    const methods = new Set(payments.map(({ adapter }) => adapter));
    if (payments.length === 0 || methods.size !== payments.length) {
      faults.push(`O7: ${name} was paid ${payments.length} times, by ${methods.size} methods`);
    }
  }
  return faults;
}

/** O5: the carrier topped up once for what is completed, never for what is not, and for nobody else. */
function findCarrierFaults(books: Books): string[] {
  const faults: string[] = [];
  const states = new Map(books.orders.map((order) => [order.order_number, order.state]));
  for (const activation of books.activations) {
    const { order_number, our_reference, state } = activation;
    const done = books.topUps.filter((topUp) => topUp.transactionId === our_reference);
    const acted = books.carrierRequests.filter(
      (request) => request.acted && request.transactionId === our_reference,
    );
    const isCompleted = states.get(order_number) === "completed";
    const name = `${order_number} (${state})`;
    if (done.length !== (isCompleted ? 1 : 0)) {
      faults.push(`O5: ${name} was topped up ${done.length} times`);
    }
    if (acted.length !== done.length) {
      faults.push(`O5: the carrier acted ${acted.length} times on ${name}`);
    }
    if (isCompleted !== (state === "confirmed"))
      faults.push(`O5: ${name} is not what its order is`);
    if (state === "confirmed" && activation.carrier_reference !== done[0]?.topUpEsimTranNo) {
      faults.push(`O5: ${name} is confirmed under a reference that the carrier does not have`);
    }
  }
  const ours = new Set(books.activations.map((activation) => activation.our_reference));
  for (const { transactionId } of books.topUps) {
    if (!ours.has(transactionId)) faults.push(`O5: nobody here ordered top-up ${transactionId}`);
  }
  return faults;
}

/** O6: nothing overlaps, and each eSIM serves for exactly as long as was paid for, here and there. */
function findPeriodFaults(books: Books, opening: Opening): string[] {
  const faults: string[] = [];
  const given = new Set(
    books.orders
      .filter((order) => ["completed", "held"].includes(order.state))
      .map((order) => order.order_number),
  );
  for (const [iccid, until] of opening.until) {
    const periods = books.periods.filter(
      (period) => period.iccid === iccid && period.state !== "cancelled",
    );
    periods.forEach((period, index) => {
      const next = periods[index + 1];
      if (next && next.starts_at < period.ends_at) faults.push(`O6: periods of ${iccid} overlap`);
    });
    const bought = periods.flatMap((period) =>
      period.order_number === null ? [] : [{ ...period, order: period.order_number }],
    );
    const orders = books.orders.filter(
      (order) => order.iccid === iccid && given.has(order.order_number),
    );
    for (const { order_number } of orders) {
      const count = bought.filter((period) => period.order === order_number).length;
      if (count !== 1) faults.push(`O6: ${order_number} has ${count} periods`);
    }
    if (bought.length !== orders.length) faults.push(`O6: ${iccid} has periods nobody bought`);
    const boughtMs = bought.reduce(
      (sum, { starts_at, ends_at }) => sum + (ends_at.getTime() - starts_at.getTime()),
      0,
    );
    const paidMs = orders.length * opening.renewalMs;
    if (boughtMs !== paidMs) faults.push(`O6: ${iccid} got ${boughtMs} ms, paid for ${paidMs}`);
    const last = periods.at(-1)?.ends_at.getTime();
    if (last !== until.getTime() + paidMs) faults.push(`O6: the service of ${iccid} has a gap`);
    const completed = orders.filter((order) => order.state === "completed").length;
    const there = Date.parse(
      books.carrierEsims.find((esim) => esim.iccid === iccid)?.expiredTime ?? "",
    );
    if (there !== until.getTime() + completed * opening.renewalMs) {
      faults.push(`O6: the carrier ends ${iccid} at another time`);
    }
  }
  return faults;
}

/** What an order's customer is told at its end, by its state; a top-up has words of its own. */
const templates: Readonly<Record<string, string>> = {
  completed: "order_live",
  failed: "order_refunded",
  held: "order_paid_scheduled",
  "completed topup": "balance_topped_up",
  "failed topup": "topup_refunded",
};

/** O10: one notice per order of the right kind, sent, and in the mailbox under one Message-ID. */
function findUntoldCustomers(books: Books): string[] {
  const faults: string[] = [];
  for (const { order_number, kind, state, customer_email } of books.orders) {
    const notices = books.notices.filter((notice) => notice.order_number === order_number);
    const end = templates[kind === "topup" ? `${state} topup` : state];
    // How to transfer is told before; the reminder's time has not come, or it is not true any more.
    const byBank = notices.some(({ template }) => template === "bank_transfer_instructions");
    const due = [...(byBank ? ["bank_transfer_instructions"] : []), end].map(
      (one) => `${one} sent`,
    );
    const told = notices.filter(({ template }) => template !== "bank_transfer_reminder");
    const kinds = told.map((notice) => `${notice.template} ${notice.state}`);
    if (kinds.toSorted().join() !== due.toSorted().join()) {
      faults.push(`O10: the notices of ${order_number} (${state}) are: ${kinds.join() || "none"}`);
    }
    const mails = books.mail.filter(
      ({ to, text }) => to === customer_email && text.includes(order_number),
    );
    const ids = new Set(mails.map(messageId));
    if (ids.size !== due.length)
      faults.push(`O10: ${order_number} was told in ${ids.size} messages`);
  }
  const unasked = books.mail.filter(
    ({ text }) => !books.orders.some((order) => text.includes(order.order_number)),
  );
  for (const { to } of unasked) faults.push(`O10: ${to} got a message about no order`);
  return faults;
}

/** Decision 10: each act on money or service was written down, once. */
function findUnexplainedActs(books: Books): string[] {
  const ends: Readonly<Record<string, string>> = {
    completed: "order.completed",
    failed: "order.refunded",
  };
  return books.orders.flatMap(({ order_number, state }) => {
    const byBank = books.payments.some(
      (payment) => payment.order_number === order_number && payment.adapter === "bank_transfer",
    );
    const awaited = byBank ? "payment.awaited" : [];
    const expected = ["order.placed", awaited, "payment.settled", ends[state] ?? []]
      .flat()
      .toSorted();
    const written = books.events
      .filter((event) => event.subject === `order ${order_number}`)
      .map((event) => event.action)
      .toSorted();
    return expected.join() === written.join()
      ? []
      : [`Audit: ${order_number} (${state}) has ${written.join(", ")}`];
  });
}

/** Mails that are exact repeats of an earlier one: the same Message-ID to the same address. */
export function findRepeatedMail(mail: readonly Message[]): Message[] {
  const seen = new Set<string>();
  return mail.filter((message) => {
    const key = `${message.to} ${messageId(message)}`;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}

function messageId(message: Message): string {
  return message.headers["message-id"] ?? message.id;
}

function settled(books: Books, adapter: string): Books["payments"] {
  return books.payments.filter(
    (payment) => payment.adapter === adapter && payment.state === "settled",
  );
}
