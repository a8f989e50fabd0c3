import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SYSTEM } from "#lib/access/actor.ts";
import type { Service } from "#lib/cli/service.ts";
import { startStack, type Stack } from "#lib/cli/stack.ts";
import { disconnect } from "#lib/db/client.ts";
import { money, toDecimal } from "#lib/domain/money.ts";
import { importStatement } from "#lib/services/bank/import-statement.ts";
import { enqueueOnce } from "#lib/jobs/enqueue.ts";
import { accountNumberOf } from "#prisma/seed/bank-accounts.ts";
import { dice } from "#tests/support/dice.ts";
import { findRepeatedMail, findViolations, readBooks } from "#tests/support/books.ts";
import { holdRequest, holdRow, holdThen, type Hold } from "#tests/support/hold.ts";
import { readForm, signIn, type PageForm, type Shopper } from "#tests/support/shopper.ts";
import { standInsAt, until, type PayPalAdmin, type StripeAdmin } from "#tests/support/stand-ins.ts";
import { givePlans, giveRenewer, type Renewer, type Surroundings } from "#tests/support/world.ts";

/**
 * Web and worker are killed by SIGKILL at each step of a renewal, while the step is held open: by a
 * lock on the row it wants to change, or by the stand-in it speaks to, before or after that one acted.
 * `open` says that the intent is stored and the outside's confirmation is not.
 */
const STEPS = {
  place: { of: "pay", in: "web", open: false },
  start_before: { of: "pay", in: "web", open: true },
  start_after: { of: "pay", in: "web", open: true },
  balance_settle: { of: "settle", in: "web", open: false },
  return_ask: { of: "settle", in: "web", open: true },
  return_settle: { of: "settle", in: "web", open: true },
  poll_start: { of: "pay", in: "worker", open: true },
  poll_ask: { of: "settle", in: "worker", open: true },
  event_ask: { of: "settle", in: "worker", open: true },
  event_settle: { of: "settle", in: "worker", open: true },
  capture_before: { of: "settle", in: "worker", open: true },
  capture_after: { of: "settle", in: "worker", open: true },
  activate_before: { of: "activate", in: "worker", open: true },
  activate_after: { of: "activate", in: "worker", open: true },
  complete: { of: "complete", in: "worker", open: true },
  tell_before: { of: "tell", in: "worker", open: true },
  tell_after: { of: "tell", in: "worker", open: true },
  refund_before: { of: "refund", in: "worker", open: true },
  refund_after: { of: "refund", in: "worker", open: true },
} as const;

type Step = keyof typeof STEPS;

/** Who renews in each round: how it is paid, where web and worker are killed under it, how it ends. */
interface Role {
  readonly method: "stripe" | "paypal" | "bank_transfer" | "balance";
  readonly web: Step | null;
  readonly worker: Step | null;
  /** The carrier refuses it, so that it is refunded. */
  readonly refused?: true;
  /** It begins when the running period ends. */
  readonly queued?: true;
  /** The balance pays a part. */
  readonly split?: true;
  /** Not a renewal: the balance is topped up. */
  readonly topUp?: true;
  /** Whose browser lost the answer, and who does not press again. */
  readonly leaves?: true;
}

const ROLES: readonly Role[] = [
  { method: "stripe", web: "place", worker: "event_ask" },
  { method: "stripe", web: "start_before", worker: "event_ask" },
  { method: "stripe", web: "start_after", worker: "event_settle" },
  { method: "stripe", web: "place", worker: "poll_ask" },
  { method: "stripe", web: "start_after", worker: "poll_start" },
  { method: "stripe", web: "start_before", worker: "activate_before" },
  { method: "stripe", web: "start_before", worker: "activate_after" },
  { method: "stripe", web: "return_ask", worker: "tell_before" },
  { method: "stripe", web: "return_settle", worker: "tell_after" },
  { method: "stripe", web: "return_ask", worker: "refund_before", refused: true },
  { method: "stripe", web: "return_settle", worker: "refund_after", refused: true },
  { method: "balance", web: "place", worker: "activate_after" },
  { method: "balance", web: null, worker: "activate_before", refused: true },
  { method: "balance", web: null, worker: "complete" },
  { method: "balance", web: null, worker: "complete" },
  { method: "balance", web: null, worker: "tell_before" },
  { method: "balance", web: null, worker: "tell_before", refused: true },
  { method: "balance", web: "place", worker: "tell_after", queued: true },
  { method: "balance", web: "balance_settle", worker: null, leaves: true },
  { method: "balance", web: "balance_settle", worker: null, leaves: true },
  { method: "balance", web: "balance_settle", worker: null },
  { method: "balance", web: "balance_settle", worker: null },
  { method: "paypal", web: null, worker: "capture_before" },
  { method: "paypal", web: null, worker: "capture_after" },
  { method: "paypal", web: null, worker: "event_settle" },
  { method: "paypal", web: "return_ask", worker: "tell_before" },
  { method: "paypal", web: "return_settle", worker: "activate_after" },
  { method: "paypal", web: "return_settle", worker: "refund_after", refused: true },
  { method: "stripe", split: true, web: null, worker: "event_ask" },
  { method: "stripe", split: true, web: "start_after", worker: "event_settle" },
  { method: "stripe", split: true, web: "return_settle", worker: "activate_before" },
  { method: "stripe", split: true, web: "return_ask", worker: "refund_before", refused: true },
  { method: "paypal", split: true, web: null, worker: "capture_after" },
  { method: "paypal", split: true, web: "return_ask", worker: "tell_after" },
  { method: "stripe", topUp: true, web: "start_before", worker: "event_ask" },
  { method: "stripe", topUp: true, web: "start_after", worker: "event_settle" },
  { method: "stripe", topUp: true, web: "return_settle", worker: "tell_before" },
  { method: "paypal", topUp: true, web: null, worker: "capture_before" },
  { method: "bank_transfer", web: null, worker: "activate_after" },
  { method: "bank_transfer", split: true, web: null, worker: "complete" },
];

const ROUNDS = 5;
const CATCH_UP_MS = 60_000;
/** Stripe's messages about one card payment: intent created and succeeded, charge, session. */
const MESSAGES = 4;
/** In which PayPal and the bank take money, too. */
const CURRENCY = "USD";
const OPENING_MINOR = 500_000n;
/** Too little for a plan, so that something else pays the rest. */
const SPLIT_MINOR = 2_000n;
const TOP_UP = "35.00";
const PLAN = "CRASH";
const QUEUED_PLAN = "CRASH-LATER";

/** One renewal on its way. */
interface Renewal {
  readonly role: Role;
  readonly renewer: Renewer;
  readonly shopper: Shopper;
  form: PageForm | null;
  /** The payment page of the provider. */
  session: string | null;
  number: string;
  orderId: string;
  paymentId: string;
  readonly hits: Step[];
  isOver: boolean;
}

let stack: Stack;
let around: Surroundings;
let owner: pg.Pool;
const seed = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
const random = dice(seed);
const kills = new Map<Step, number>();
const openings = { balanceMinor: new Map<string, bigint>(), until: new Map<string, Date>() };
const all: Renewal[] = [];
/** What is let go at the very end only, as if it had been on its way all the time. */
const parked: Hold[] = [];
let slowestMs = 0;

beforeAll(async () => {
  stack = await startStack({
    dataDir: mkdtempSync(path.join(tmpdir(), "axis-crash-")),
    testMode: true,
    seed: false,
    restart: false,
    workers: 2,
    report: (line) => console.log(line),
  });
  owner = new pg.Pool({ connectionString: stack.databaseOwnerUrl, max: 2 });
  const {
    stripe = "",
    paypal = "",
    bank = "",
    esimAccess = "",
    mailbox = "",
    smtp = "",
  } = stack.standIns;
  around = {
    standIns: standInsAt({ stripe, paypal, bank, esimAccess, mailbox, smtp }),
    sql: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await owner.query<Row>(text, values)).rows,
  };
  // The factories work in this process, on the portal's database.
  Object.assign(process.env, stack.settings, { LOG_LEVEL: "silent" });
  await givePlans(around, [
    { code: PLAN, currency: CURRENCY },
    { code: QUEUED_PLAN, policy: "queue", currency: CURRENCY },
  ]);
  // The first one opens the ledger's accounts; the others can then be made side by side.
  await giveRenewer(around, { currency: CURRENCY, balanceMinor: OPENING_MINOR });
}, 300_000);

afterAll(async () => {
  await disconnect();
  await owner?.end();
  await stack?.remove();
}, 120_000);

test(
  "a renewal is paid, delivered and told once, wherever web and worker are killed under it",
  { timeout: 480_000 },
  async () => {
    let crew: readonly Service[] = [...stack.services.workers];
    let caughtUp: Promise<void> = Promise.resolve();
    for (let round = 1; round <= ROUNDS; round += 1) {
      const startedAt = Date.now();
      const renewals = await cast();
      const { decided } = await paid(renewals);
      await caughtUp;
      const next = await worked(renewals, crew, round);
      crew = next.crew;
      caughtUp = Promise.all([next.caughtUp, decided]).then(() => undefined);
      // Who waits for it hears of a failure; until then it is nobody's.
      caughtUp.catch(() => undefined);
      console.log(`round ${round}: ${Math.round((Date.now() - startedAt) / 1000)} s`);
    }
    await caughtUp;
    for (const hold of parked) await hold.letGo();
    await hurryMessages();
    await everythingAtRest();

    const books = await readBooks(around);
    report(findRepeatedMail(books.mail).length);
    expect(findViolations(books, { ...openings, renewalMs: 30 * 86_400_000 })).toEqual([]);
    // Each attempt led to one order, however often it was pressed.
    const attempts = all.map(attemptId).toSorted();
    expect(books.orders.map((order) => order.attempt_id).toSorted()).toEqual(attempts);
    expect(all.length).toBeGreaterThanOrEqual(200);
    for (const step of Object.keys(STEPS)) expect([...kills.keys()]).toContain(step);
    expect(slowestMs).toBeLessThanOrEqual(CATCH_UP_MS);
  },
);

test(
  "a worker that comes back to a full queue works without a pause",
  { timeout: 60_000 },
  async () => {
    const worker = await oneWorker();
    const [renewal] = await enrolAndOpen(1, "balance");
    if (!renewal) throw new Error("Nobody renews");
    await press(renewal);
    await finished(renewal);
    await worker.stop();
    await findOrder(renewal);
    // The order is done, so there is nothing to do but to look, 80 times.
    for (let n = 0; n < 80; n += 1) {
      await enqueueOnce("order.paid", { orderId: renewal.orderId }, `rush ${n}`, 1);
    }
    await worker.start();
    const startedAt = Date.now();
    await everythingAtRest();
    // One job per place each time it looks by itself, it would need a minute and a half.
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  },
);

test(
  "web and worker that are asked to stop finish what they hold and leave nothing to be caught up",
  { timeout: 60_000 },
  async () => {
    const web = only(stack.services.webs);
    // One, so that it is known who does the work.
    const worker = await oneWorker();
    const cards = await enrolAndOpen(4, "stripe");
    const balances = await enrolAndOpen(4, "balance");
    const starts = await Promise.all(cards.map((each) => holdAt("start_after", each)));
    const sends = await Promise.all(balances.map((each) => holdAt("activate_after", each)));
    const pressed = cards.map(press);
    await Promise.all(balances.map(press));
    await held([...starts, ...sends]);
    const ended = [web.kill("SIGTERM"), worker.kill("SIGTERM")];
    await Promise.all([...starts, ...sends].map((hold) => hold.letGo()));
    await Promise.all([...pressed, ...ended]);
    // The customers got their answer, and the orders were done before the worker went.
    expect(cards.map((each) => each.session)).not.toContain(null);
    const states = await around.sql(
      `SELECT o.state, a.attempts, a.lease_until FROM activation a JOIN order_item i ON i.id = a.order_item_id
         JOIN "order" o ON o.id = i.order_id WHERE o.attempt_id = ANY($1)`,
      [balances.map(attemptId)],
    );
    expect(states).toEqual(
      balances.map(() => ({ state: "completed", attempts: 1, lease_until: null })),
    );
    await Promise.all([web.start(), worker.start()]);
    await Promise.all(cards.map(pay));
    await Promise.all([...cards, ...balances].map((each) => finished(each)));
  },
);

async function enrolAndOpen(count: number, method: Role["method"]): Promise<Renewal[]> {
  const role: Role = { method, web: null, worker: null };
  const renewals = await inTurns(Array.from({ length: count }), () => enrol(role));
  await inTurns(renewals, openPage);
  return renewals;
}

/** Stops all workers but one, in order, and returns that one. */
async function oneWorker(): Promise<Service> {
  const [worker, ...others] = stack.services.workers.filter(({ pid }) => pid !== null);
  if (!worker) throw new Error("No worker runs");
  await Promise.all(others.map((other) => other.stop()));
  return worker;
}

/** The renewals of a round: new customers, and from the second round on some who have been here before. */
async function cast(): Promise<Renewal[]> {
  const been = new Set(
    all
      .filter(({ role, isOver }) => isOver && !role.queued && !role.split)
      .map(({ renewer }) => renewer),
  );
  for (const { renewer, isOver } of all) if (!isOver) been.delete(renewer);
  const again = shuffled([...been]).slice(0, ROLES.length / 3);
  const renewals = await inTurns(shuffled(ROLES), (role) =>
    enrol(role, role.queued || role.split ? undefined : again.pop()),
  );
  await inTurns(renewals, openPage);
  all.push(...renewals);
  return renewals;
}

async function enrol(role: Role, known?: Renewer): Promise<Renewal> {
  const balanceMinor = role.split ? SPLIT_MINOR : OPENING_MINOR;
  const renewer = known ?? (await giveRenewer(around, { currency: CURRENCY, balanceMinor }));
  const { customer, iccid, until: end } = renewer;
  openings.balanceMinor.set(customer.email, balanceMinor);
  if (end) openings.until.set(iccid, end);
  const portal = { url: stack.url, secret: stack.settings["AUTH_SECRET"] ?? "" };
  const shopper = await signIn(portal, customer.accountId);
  const nothing = { form: null, session: null, number: "", orderId: "", paymentId: "" };
  return { role, renewer, shopper, ...nothing, hits: [], isOver: false };
}

/**
 * Paying, with the web server killed under those who are to meet it. `decided` resolves when the orders
 * of those who do not come back are done.
 */
async function paid(renewals: readonly Renewal[]): Promise<{ decided: Promise<unknown> }> {
  const meeting = (...steps: Step[]) =>
    renewals.filter(({ role }) => role.web !== null && steps.includes(role.web));
  const cards = renewals.filter(({ role }) => role.method !== "balance");
  const web = only(stack.services.webs);

  const atStripe = meeting("start_before", "start_after");
  const atRows = meeting("place", "balance_settle");
  const holds = await armed([...atStripe, ...atRows], "web");
  const presses = [...atStripe, ...atRows].map((each) => cutOff(each, press(each)));
  const hit = await kill("web", [web], holds);
  await inTurns(atStripe, async (each) => {
    await findOrder(each);
    await notDue(each);
  });
  expect(await Promise.all(presses)).toEqual(expect.arrayContaining(hit));
  await Promise.all([...holds].map(([renewal, hold]) => after(renewal, hold, "web")));
  await web.start();
  const upAt = Date.now();
  // Some who lost the answer are gone: what they had already decided goes on without them.
  const decided = Promise.all(
    renewals.filter(({ role }) => role.leaves).map((each) => finished(each, upAt)),
  );
  decided.catch(() => undefined);
  await inTurns(
    cards.filter(({ role }) => role.worker !== "poll_start"),
    press,
  );
  await inTurns(
    atRows.filter(({ role }) => role.method === "balance" && !role.leaves && role.worker === null),
    press,
  );
  await inTurns(cards, async (each) => {
    await findOrder(each);
    await notDue(each);
  });

  const returning = meeting("return_ask", "return_settle");
  // The customers are back before the provider's messages are.
  await inTurns(returning, delayWebhooks);
  await Promise.all(returning.map(pay));
  const returns = await armed(returning, "web");
  const pages = returning.map((each) => cutOff(each, comeBack(each)));
  const lost = await kill("web", [web], returns);
  expect(await Promise.all(pages)).toEqual(expect.arrayContaining(lost));
  await Promise.all([...returns].map(([renewal, hold]) => after(renewal, hold, "web")));
  await web.start();
  return { decided };
}

/**
 * From the payment to the notice, with all workers killed while each renewal is in its step: first those
 * that are nearly done, then, while these wait for the dead workers' leases to end, those that begin.
 */
async function worked(
  renewals: readonly Renewal[],
  crew: readonly Service[],
  round: number,
): Promise<{ crew: readonly Service[]; caughtUp: Promise<void> }> {
  const meeting = renewals.filter(({ role }) => role.worker !== null);
  const isLate = ({ role }: Renewal): boolean =>
    role.worker !== null && ["complete", "tell", "refund"].includes(STEPS[role.worker].of);
  await begun(meeting.filter(isLate), crew);
  await Promise.all(crew.map((worker) => worker.start()));
  const firstUpAt = Date.now();

  // In every other round somebody else is there already; otherwise new ones come after the kill.
  const others = round % 2 === 0 ? [await another(crew)] : [];
  await begun(
    meeting.filter((each) => !isLate(each)),
    crew,
  );
  if (others.length === 0) await Promise.all(crew.map((worker) => worker.start()));
  const upAt = Date.now();
  const ends = meeting.map(async (each) => {
    if (each.role.worker === "poll_start") await goOnPaying(each, upAt);
    else await finished(each, isLate(each) ? firstUpAt : upAt);
  });
  const [substitute] = crew;
  return {
    crew: substitute && others.length > 0 ? [...others, substitute] : crew,
    caughtUp: Promise.all(ends).then(async () => {
      if (others.length > 0) await substitute?.start();
    }),
  };
}

/** Lets these renewals go on until each is in its step, and kills the workers there. */
async function begun(renewals: readonly Renewal[], crew: readonly Service[]): Promise<void> {
  const isRefund = ({ role }: Renewal): boolean =>
    role.worker !== null && STEPS[role.worker].of === "refund";
  const isPolled = ({ role }: Renewal): boolean => role.worker?.startsWith("poll") ?? false;
  const isReturning = ({ role }: Renewal): boolean => role.web?.startsWith("return") ?? false;

  const holds = await armed(
    renewals.filter((each) => !isRefund(each)),
    "worker",
  );
  // After the holds: the first request that comes through is refused.
  await inTurns(
    renewals.filter(({ role }) => role.refused),
    ({ renewer }) => refuseTopUp(renewer),
  );
  await inTurns(renewals, async (each) => {
    if (each.role.method === "balance" || each.role.worker === "poll_start") return;
    if (each.role.method === "bank_transfer") {
      await pay(each);
    } else if (!isReturning(each)) {
      // One message about the payment, or none, so that one worker asks about it.
      await dropWebhooks(each, isPolled(each) ? "." : "^(charge|payment_intent|PAYMENT)");
      await delayWebhooks(each);
      await pay(each);
    }
    if (each.role.worker && isRefund(each)) holds.set(each, await holdAt(each.role.worker, each));
  });
  const going = Promise.all([
    ...renewals.filter(({ role }) => role.method === "balance").map(press),
    ...renewals.filter(isPolled).map(due),
    // Half of those who lost the page ask for it again; for the others the provider's message does.
    ...renewals
      .filter((each) => isReturning(each) && random() < 0.5)
      .map((each) => cutOff(each, comeBack(each))),
    hurryMessages(),
  ]);
  going.catch(() => undefined);
  await kill("worker", crew, holds);
  await Promise.all([...holds].map(([renewal, hold]) => after(renewal, hold, "worker")));
  await going;
}

/** A worker beside these, started now. */
async function another(crew: readonly Service[]): Promise<Service> {
  const idle = stack.services.workers.find((worker) => !crew.includes(worker));
  if (!idle) return await stack.startWorker();
  await idle.start();
  return idle;
}

/** Holds for these, each at the step where its web server or worker is to be killed. */
async function armed(
  renewals: readonly Renewal[],
  process: "web" | "worker",
): Promise<Map<Renewal, Hold>> {
  const holds = new Map<Renewal, Hold>();
  await inTurns(renewals, async (each) => {
    const step = each.role[process];
    if (step !== null) holds.set(each, await holdAt(step, each));
  });
  return holds;
}

async function holdAt(step: Step, renewal: Renewal): Promise<Hold> {
  const { renewer, session, orderId } = renewal;
  const { stripe, paypal, esimAccess, mailbox } = around.standIns;
  const isPayPal = renewal.role.method === "paypal";
  const { customer, esimId, esimTranNo } = renewer;
  const [name] = customer.email.split("@");
  const stage = step.endsWith("_after") ? "after" : "before";
  switch (step) {
    case "place":
      return await holdRow(stack.databaseOwnerUrl, "esim", esimId);
    case "complete":
      // Placing the order wants the same row, so it is locked when the carrier has been asked.
      return holdThen(await holdAt("activate_before", renewal), () =>
        holdRow(stack.databaseOwnerUrl, "esim", esimId),
      );
    case "balance_settle":
      return await holdRow(stack.databaseOwnerUrl, "account", customer.accountId);
    case "return_settle":
    case "event_settle":
      return await holdRow(stack.databaseOwnerUrl, "order", orderId);
    case "start_before":
    case "start_after":
    case "poll_start":
      return await holdRequest(stripe, stage, {
        method: "POST",
        path: "/v1/checkout/sessions",
        key: name ?? "",
      });
    case "return_ask":
    case "event_ask":
    case "poll_ask":
      return await holdRequest(isPayPal ? paypal : stripe, stage, {
        method: "GET",
        path: isPayPal ? `/v2/checkout/orders/${session}` : `/v1/checkout/sessions/${session}`,
        key: session ?? "",
      });
    case "capture_before":
    case "capture_after":
      return await holdRequest(paypal, stage, {
        method: "POST",
        path: `/v2/checkout/orders/${session}/capture`,
        key: session ?? "",
      });
    case "activate_before":
    case "activate_after":
      return await holdRequest(esimAccess, stage, {
        method: "POST",
        path: "/api/v1/open/esim/topup",
        key: esimTranNo,
      });
    case "tell_before":
    case "tell_after":
      return await holdRequest(mailbox, stage, {
        method: "SMTP",
        path: customer.email,
        key: customer.email,
      });
    case "refund_before":
    case "refund_after": {
      if (isPayPal) {
        const captures = (await paypal.state()).captures.filter(({ order }) => order === session);
        const { capture } = only(captures);
        const path = `/v2/payments/captures/${capture}/refund`;
        return await holdRequest(paypal, stage, { method: "POST", path, key: capture });
      }
      const { payments } = await stripe.state();
      const payment = payments.find((each) => each.session === session);
      return await holdRequest(stripe, stage, {
        method: "POST",
        path: "/v1/refunds",
        key: payment?.paymentIntent ?? "",
      });
    }
  }
}

/** Kills the processes once everybody is held; returns who was, and writes down where. */
async function kill(
  kind: "web" | "worker",
  processes: readonly Service[],
  holds: ReadonlyMap<Renewal, Hold>,
): Promise<Renewal[]> {
  await held([...holds.values()]);
  const hit: Renewal[] = [];
  for (const [renewal, hold] of holds) {
    const ms = await hold.heldForMs();
    if (ms !== null && ms < hold.patienceMs) hit.push(renewal);
  }
  await Promise.all(processes.map((process) => process.kill("SIGKILL")));
  for (const renewal of hit) {
    const step = renewal.role[kind];
    if (step === null) continue;
    renewal.hits.push(step);
    kills.set(step, (kills.get(step) ?? 0) + 1);
  }
  return hit;
}

/** Resolves when all are held, or when the patience of one of them is nearly over. */
async function held(holds: readonly Hold[]): Promise<void> {
  await until(
    async () => {
      const left = await Promise.all(
        holds.map(async (hold) => {
          const ms = await hold.heldForMs();
          return ms === null ? null : hold.patienceMs - ms;
        }),
      );
      const mustEnd = left.some((ms) => ms !== null && ms < 1_000);
      return mustEnd || !left.includes(null) ? true : undefined;
    },
    40_000,
    "nobody came to where they are held",
  );
}

/**
 * What becomes of a held request when its sender is dead: it may have arrived all the same, at once or
 * only at the very end. What the carrier is to refuse must not be done by a request from before.
 */
async function after({ role }: Renewal, hold: Hold, kind: "web" | "worker"): Promise<void> {
  const step = role[kind];
  const isHeld = (await hold.heldForMs()) !== null;
  if (isHeld && step === "activate_before" && role.refused) return;
  if (isHeld && step?.endsWith("_before") && random() < 0.5) parked.push(hold);
  else await hold.letGo();
}

async function openPage(renewal: Renewal): Promise<void> {
  const { html } = await renewal.shopper.get(renewPath(renewal));
  renewal.form = readForm(html, "attemptId");
}

/** Presses "Pay" on the page that is open; again and again it is the same attempt. */
async function press(renewal: Renewal): Promise<void> {
  const { form, role, shopper } = renewal;
  if (!form) throw new Error("The page was not opened");
  const ticked = form.boxes.filter(
    (name) => name !== "saveMethod" && (name !== "useBalance" || role.split),
  );
  const answer = await shopper.post(renewPath(renewal), [
    ...form.fields,
    ...ticked.map((name) => [name, "on"] as const),
    ["method", role.method],
    role.topUp ? ["amount", TOP_UP] : ["intent", "pay"],
  ]);
  const { location, status } = answer;
  const session = /\bcs_\w+|(?<=[?&]token=)\w+/.exec(location ?? "")?.[0];
  if (session) renewal.session = session;
  else if (["stripe", "paypal"].includes(role.method) || !location?.includes("/orders/")) {
    const { html } = await shopper.get(renewPath(renewal));
    throw new Error(`Paying led to ${status} ${location}: ${html.slice(0, 3_000)}`);
  }
}

async function pay(renewal: Renewal): Promise<void> {
  const { stripe, paypal } = around.standIns;
  const { renewer, role, session } = renewal;
  switch (role.method) {
    case "stripe": {
      const paid = await stripe.pay(session ?? "", { email: renewer.customer.email });
      expect(paid.outcome).toBe("done");
      return;
    }
    case "paypal":
      expect((await paypal.approve(session ?? "")).status).toBe("APPROVED");
      return;
    case "bank_transfer":
      await transfer(renewal);
      return;
    case "balance":
      throw new Error("A balance is not paid");
  }
}

/** The customer transfers what is asked for, and the bank's statement is brought; another may have been first. */
async function transfer({ paymentId }: Renewal): Promise<void> {
  const [payment] = await around.sql<{ reference: string; amount: string }>(
    "SELECT provider_reference AS reference, amount_minor AS amount FROM payment WHERE id = $1",
    [paymentId],
  );
  const { bank } = around.standIns;
  const account = accountNumberOf(CURRENCY);
  await bank.transfer({
    account,
    currency: CURRENCY,
    amount: toDecimal(money(BigInt(payment?.amount ?? 0), CURRENCY)),
    name: "Test Person",
    text: payment?.reference ?? "",
  });
  const day = (offset: number): string =>
    new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const which = { format: "camt053.xml", from: day(-1), to: day(1) } as const;
  const bytes = await bank.statement(account, which);
  const imported = await importStatement(SYSTEM, { fileName: account, bytes, hints: {} });
  expect(imported).toMatchObject({ ok: true });
}

async function comeBack({ shopper, number }: Renewal): Promise<void> {
  const { status } = await shopper.get(`/orders/${number}?returned=1`);
  expect(status).toBe(200);
}

async function findOrder(renewal: Renewal): Promise<void> {
  const [row] = await around.sql<{ id: string; number: string; payment_id: string }>(
    `SELECT o.id, o.number, p.id AS payment_id FROM "order" o JOIN payment p ON p.order_id = o.id WHERE attempt_id = $1
       ORDER BY p.adapter = 'balance' LIMIT 1`,
    [attemptId(renewal)],
  );
  if (!row) throw new Error("There is no order of this attempt");
  Object.assign(renewal, { orderId: row.id, number: row.number, paymentId: row.payment_id });
}

/** Time stands still for the poller, however long the test takes, … */
async function notDue({ paymentId }: Renewal): Promise<void> {
  await around.sql("UPDATE payment SET next_poll_at = now() + interval '1 hour' WHERE id = $1", [
    paymentId,
  ]);
}

/** … or passes: it looks at this payment now. */
async function due({ paymentId }: Renewal): Promise<void> {
  await around.sql("UPDATE payment SET next_poll_at = now() WHERE id = $1", [paymentId]);
}

/** The worker begins a payment whose start was lost; then the customer is back and pays. */
async function goOnPaying(renewal: Renewal, upAt: number): Promise<void> {
  await until(
    async () => {
      const [payment] = await around.sql<{ state: string }>(
        "SELECT state FROM audit.payments WHERE payment_id = $1",
        [renewal.paymentId],
      );
      return payment?.state === "pending" ? true : undefined;
    },
    CATCH_UP_MS,
    `the payment of ${renewal.number} was not begun again`,
  );
  slowestMs = Math.max(slowestMs, Date.now() - upAt);
  // The web server may be down for somebody else; then it is tried again.
  await until(
    async () => ((await cutOff(renewal, press(renewal))) ? undefined : true),
    30_000,
    "the page stays away",
  );
  await pay(renewal);
  await finished(renewal);
}

/** Resolves when the order has come to its end and the customer was told. */
async function finished(renewal: Renewal, upAt = Date.now()): Promise<void> {
  let seen: unknown;
  await until(
    async () => {
      [seen] = await around.sql(
        `SELECT o.order_number, o.state, o.total_minor = o.refunded_minor AS undone, n.template, n.state AS told,
                a.state AS activation, o.next_attempt_at
           FROM audit.orders o LEFT JOIN audit.notices n ON n.order_number = o.order_number AND n.template !~ '^bank_'

           LEFT JOIN audit.activations a ON a.order_number = o.order_number WHERE o.attempt_id = $1`,
        [attemptId(renewal)],
      );
      const order = seen as { state: string; undone: boolean; told: string | null } | undefined;
      if (order?.told !== "sent") return undefined;
      const isOver =
        ["completed", "held"].includes(order.state) || (order.state === "failed" && order.undone);
      return isOver ? true : undefined;
    },
    CATCH_UP_MS + 15_000,
    "an order was not caught up",
  ).catch((error: unknown) => {
    const { role, hits } = renewal;
    throw new Error(JSON.stringify({ seen, role, hits }), { cause: error });
  });
  renewal.isOver = true;
  slowestMs = Math.max(slowestMs, Date.now() - upAt);
}

async function refuseTopUp({ esimTranNo }: Renewer): Promise<void> {
  await around.standIns.esimAccess.setFault({
    kind: "refuse",
    match: { path: "/api/v1/open/esim/topup", bodyIncludes: esimTranNo },
    errorCode: "200011",
  });
}

/** The provider's messages about this payment come when the test says so. */
async function delayWebhooks({ paymentId, role }: Renewal): Promise<void> {
  await providerOf(role).setFault({
    kind: "webhook_delay",
    match: { bodyIncludes: paymentId },
    times: MESSAGES,
    ms: 120_000,
  });
}

/** The provider's messages of these types about this payment never come. */
async function dropWebhooks({ paymentId, role }: Renewal, type: string): Promise<void> {
  await providerOf(role).setFault({
    kind: "webhook_drop",
    match: { bodyIncludes: paymentId, type },
    times: MESSAGES,
  });
}

function providerOf({ method }: Role): StripeAdmin | PayPalAdmin {
  return method === "paypal" ? around.standIns.paypal : around.standIns.stripe;
}

async function hurryMessages(): Promise<void> {
  const { stripe, paypal } = around.standIns;
  await Promise.all([stripe.hurryWebhooks(), paypal.hurryWebhooks()]);
}

/** Nothing is on its way any more: no message, no job. */
async function everythingAtRest(): Promise<void> {
  await until(
    async () => {
      const { stripe, paypal } = around.standIns;
      const [{ webhooks }, there] = await Promise.all([stripe.state(), paypal.state()]);
      const waiting = webhooks.waiting + there.webhooks.waiting;
      const [jobs] = await around.sql<{ open: string }>(
        `SELECT count(*) AS open FROM pgboss.job WHERE name <> 'usage.requested'
           AND (state = 'active' OR (state IN ('created', 'retry') AND start_after <= now()))`,
      );
      return waiting === 0 && jobs?.open === "0" ? true : undefined;
    },
    30_000,
    "messages or jobs are still on their way",
  );
}

function report(repeats: number): void {
  const lines = Object.entries(STEPS).map(([step, { of, in: where }]) => {
    const count = kills.get(step as Step) ?? 0;
    return `  ${of.padEnd(9)} ${step.padEnd(16)} ${where.padEnd(7)} ${count}`;
  });
  const total = [...kills.values()].reduce((sum, count) => sum + count, 0);
  const open = [...kills]
    .filter(([step]) => STEPS[step].open)
    .reduce((sum, [, count]) => sum + count, 0);
  console.log(
    [
      `seed ${seed} (CRASH_SEED), ${all.length} payments, ${total} kills:`,
      ...lines,
      `between intent and confirmation: ${open}`,
      `slowest catch-up: ${(slowestMs / 1000).toFixed(1)} s`,
      `mails repeated under the same Message-ID: ${repeats}`,
    ].join("\n"),
  );
}

function renewPath({ renewer, role }: Renewal): string {
  if (role.topUp) return "/balance";
  return `/esims/${renewer.iccid}/renew?plan=${role.queued ? QUEUED_PLAN : PLAN}`;
}

function attemptId({ form }: Renewal): string {
  const field = form?.fields.find(([name]) => name === "attemptId");
  if (!field) throw new Error("The page was not opened");
  return field[1];
}

function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length > 1) throw new Error("Not exactly one");
  return first;
}

/** The renewal when its request gets no answer because the web server dies, else null. */
async function cutOff(renewal: Renewal, request: Promise<void>): Promise<Renewal | null> {
  try {
    await request;
    return null;
  } catch (error) {
    if (error instanceof TypeError) return renewal;
    throw error;
  }
}

/** A few at a time: there are two processors. */
async function inTurns<T, R>(
  list: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const entries = list.entries();
  const take = async (): Promise<void> => {
    for (const [index, item] of entries) results[index] = await work(item, index);
  };
  await Promise.all([take(), take(), take(), take(), take(), take()]);
  return results;
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
