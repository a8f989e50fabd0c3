import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM, type Customer, type Staff } from "#lib/access/actor.ts";
import { verifyPassword } from "#lib/access/password.ts";
import { esimAccessAdapter } from "#lib/carriers/esim-access/adapter.ts";
import { db } from "#lib/db/client.ts";
import type { EsimCondition } from "#lib/domain/esim.ts";
import { isLocale } from "#lib/domain/locale.ts";
import type { OrderPhase } from "#lib/domain/order.ts";
import { getDashboard } from "#lib/services/account/get-dashboard.ts";
import { getStatementDesk } from "#lib/services/bank/get-statement-desk.ts";
import { importStatement } from "#lib/services/bank/import-statement.ts";
import { getAccountOverview } from "#lib/services/console/get-account-overview.ts";
import { getOrder } from "#lib/services/order/get-order.ts";
import { listPlanOffers } from "#lib/services/order/list-plan-offers.ts";
import { reconcile } from "#lib/services/reconciliation/reconcile.ts";
import { DEMO_PASSWORD, tellPeople } from "#prisma/seed/people.ts";
import { seedDemo } from "#prisma/seed/seed-demo.ts";
import { paypalProvider } from "#tests/support/paypal-provider.ts";
import { sandboxSecrets } from "#tests/support/stand-ins.ts";
import { stripeProvider } from "#tests/support/stripe-provider.ts";
import { openWorld, type World } from "#tests/support/world.ts";

let world: World;
const now = new Date();
const lines: string[] = [];

beforeAll(async () => {
  world = await openWorld();
  Object.assign(process.env, {
    PAYMENT_METHODS: "stripe,paypal,balance",
    PAYPAL_CLIENT_ID: sandboxSecrets.paypalClientId,
    PAYPAL_CLIENT_SECRET: sandboxSecrets.paypalClientSecret,
    PAYPAL_WEBHOOK_ID: sandboxSecrets.paypalWebhookId,
    PAYPAL_API_BASE: world.standIns.addresses.paypal,
  });
  await seed();
});
afterAll(async () => {
  await world.close();
});

async function seed(): Promise<void> {
  await seedDemo({
    databaseUrl: process.env["DATABASE_URL"] ?? "",
    customers: 0,
    standIns: {
      stripe: world.standIns.addresses.stripe,
      stripeSecretKey: sandboxSecrets.stripeSecretKey,
      paypal: world.standIns.addresses.paypal,
      esimAccess: world.standIns.addresses.esimAccess,
      bank: world.standIns.addresses.bank,
      app: "http://localhost:3000",
    },
    now,
    report: (line) => lines.push(line),
  });
}

async function customer(key: string): Promise<Customer> {
  const account = await db().account.findUniqueOrThrow({
    where: { email: `${key}@axis.example` },
  });
  if (!isLocale(account.locale)) throw new Error(`${account.locale} is no language`);
  return {
    kind: "customer",
    accountId: account.id,
    sessionId: account.id,
    name: account.name,
    email: account.email,
    locale: account.locale,
    timeZone: account.timeZone,
    currency: account.currency,
    countryCode: account.countryCode,
  };
}

async function staff(key: "support"): Promise<Staff> {
  const account = await db().account.findUniqueOrThrow({
    where: { email: `${key}@axis.example` },
  });
  return {
    kind: "staff",
    accountId: account.id,
    sessionId: account.id,
    role: key,
    name: account.name,
    email: account.email,
    locale: "en",
    timeZone: account.timeZone,
  };
}

async function dashboard(key: string) {
  const found = await getDashboard(await customer(key));
  if (!found.ok) throw new Error(found.refusal.code);
  return found.value;
}

const CUSTOMERS = ["lin", "emma", "sato", "noor", "omar", "new"] as const;

describe("the people of the contract", () => {
  test("sign in with the password that is written down, and staff have their roles", async () => {
    const accounts = await db().account.findMany({ orderBy: { email: "asc" } });
    expect(accounts.map(({ email, role }) => [email.split("@")[0], role])).toEqual([
      ["admin", "administrator"],
      ["emma", "customer"],
      ["lead", "lead"],
      ["lin", "customer"],
      ["new", "customer"],
      ["noor", "customer"],
      ["omar", "customer"],
      ["sato", "customer"],
      ["support", "support"],
    ]);
    for (const account of accounts) {
      expect(account.emailVerifiedAt).not.toBeNull();
      expect(account.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    }
    expect(await verifyPassword(accounts[0]?.passwordHash ?? null, DEMO_PASSWORD)).toBe(true);
  });

  test("Lin sees little data left, three days, and a balance for several renewals", async () => {
    const lin = await customer("lin");
    expect(lin).toMatchObject({ locale: "zh-CN", timeZone: "Asia/Shanghai", currency: "CNY" });
    const { balance, esims } = await dashboard("lin");
    expect(balance).toEqual({ amountMinor: 32_800n, currency: "CNY" });
    expect(esims).toMatchObject([
      {
        condition: "running_low",
        totalBytes: 10_737_418_240n,
        lastCountryCode: "JP",
        now: { dataBytes: 858_993_459n },
        lastPlan: { code: "as-10gb-30d" },
      },
    ]);
  });

  test("Emma sees a year that runs and a roaming eSIM that is used up", async () => {
    const { esims } = await dashboard("emma");
    expect(esims.map((esim) => esim.condition)).toEqual(["ok", "used_up"]);
    expect(esims[0]?.current?.planName.en).toBe("UK Year 300 GB");
  });

  test("Sato sees a period queued behind the one that runs", async () => {
    const { esims } = await dashboard("sato");
    expect(esims).toHaveLength(1);
    expect(esims[0]?.queued).toMatchObject([{ confirmed: false }]);
    expect(esims[0]?.queued[0]?.startsAt).toEqual(esims[0]?.current?.endsAt);
    const held = await db().order.findMany({ where: { state: "held" } });
    const sato = held.find((order) => order.currency === "JPY");
    expect(sato?.nextAttemptAt?.getTime()).toBe(
      (esims[0]?.current?.endsAt.getTime() ?? 0) - 60 * 60_000,
    );
  });

  test("Noor sees an eSIM that has expired and an empty balance", async () => {
    const { balance, esims } = await dashboard("noor");
    expect(balance).toEqual({ amountMinor: 0n, currency: "USD" });
    expect(esims.map((esim) => esim.condition)).toEqual(["expired"]);
  });

  test("Omar has an order whose outcome is unknown, before staff, and one refunded", async () => {
    const orders = await db().order.findMany({
      where: { account: { email: "omar@axis.example" } },
      include: { refunds: true, items: { include: { activation: true } } },
    });
    const unknown = orders.filter((order) => order.items[0]?.activation?.state === "unknown");
    expect(unknown).toMatchObject([{ state: "inProgress", needsAttention: "outcome_unknown" }]);
    expect(unknown[0]?.nextAttemptAt?.getTime()).toBeGreaterThan(now.getTime());
    const refunds = orders.flatMap((order) => order.refunds);
    expect(refunds.some((refund) => refund.state === "succeeded")).toBe(true);
  });

  test("somebody new is verified and has no eSIM yet", async () => {
    expect(await dashboard("new")).toMatchObject({ esims: [], orders: [] });
  });
});

describe("every page has something to show", () => {
  test("every situation of an order can be seen by signing in", async () => {
    const meant = tellPeople({ now, passwordHash: "" }).phases;
    const seen = new Map<string, OrderPhase>();
    for (const key of CUSTOMERS) {
      const actor = await customer(key);
      const orders = await db().order.findMany({ where: { accountId: actor.accountId } });
      for (const { number } of orders) {
        const order = await getOrder(actor, { number });
        if (order.ok) seen.set(number, order.value.phase);
      }
    }
    expect(seen).toEqual(meant);
    const all: Record<OrderPhase, true> = {
      awaiting_payment: true,
      payment_processing: true,
      payment_failed: true,
      payment_expired: true,
      activating: true,
      scheduled: true,
      outcome_unknown: true,
      being_checked: true,
      live: true,
      credited: true,
      refunding: true,
      refunded: true,
      refund_delayed: true,
    };
    expect([...new Set(seen.values())].toSorted()).toEqual(Object.keys(all).toSorted());
  });

  test("every condition of an eSIM can be seen by signing in", async () => {
    const seen = new Set<EsimCondition>();
    for (const key of CUSTOMERS) {
      for (const esim of (await dashboard(key)).esims) seen.add(esim.condition);
    }
    const all: Record<EsimCondition, true> = {
      not_installed: true,
      no_plan: true,
      starts_later: true,
      ok: true,
      running_low: true,
      ending_soon: true,
      used_up: true,
      expired: true,
      suspended: true,
      cancelled: true,
    };
    expect([...seen].toSorted()).toEqual(Object.keys(all).toSorted());
  });

  test("every eSIM that can be renewed is offered plans, one that has ended none", async () => {
    const offered: [boolean, number][] = [];
    for (const key of CUSTOMERS) {
      const actor = await customer(key);
      for (const { iccid, condition } of (await dashboard(key)).esims) {
        const offers = await listPlanOffers(actor, { iccid });
        const count = offers.ok ? offers.value.offers.length : -1;
        offered.push([["expired", "suspended", "cancelled"].includes(condition), count]);
      }
    }
    const ended = offered.filter(([isOver]) => isOver).map(([, count]) => count);
    expect(ended).toEqual([0, 0, 0]);
    const renewable = offered.filter(([isOver]) => !isOver).map(([, count]) => count);
    expect(renewable).toHaveLength(10);
    expect(Math.min(...renewable)).toBeGreaterThanOrEqual(7);
  });

  test("Lin can open the payment page that waits", async () => {
    const open = await db().payment.findFirstOrThrow({
      where: { state: "pending", processing: false, adapter: "stripe" },
    });
    const page = await fetch(open.redirectUrl ?? "");
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("218");
  });
});

describe("the books", () => {
  test("balance, and each settled payment and refund is booked", async () => {
    expect(await world.sql("SELECT * FROM audit.journal_imbalance")).toEqual([]);
    const [counts] = await world.sql<{ payments: number; refunds: number; booked: number }>(`
      SELECT (SELECT count(*)::int FROM payment WHERE state = 'settled') AS payments,
             (SELECT count(*)::int FROM refund) AS refunds,
             (SELECT count(*)::int FROM journal WHERE kind IN ('payment.settled', 'order.refunded')) AS booked`);
    expect(counts?.booked).toBe((counts?.payments ?? 0) + (counts?.refunds ?? 0));
  });

  test("say of the balances what the entries say", async () => {
    const wrong = await world.sql(`
      SELECT b.account_id FROM balance b
        JOIN ledger_account l ON l.account_id = b.account_id AND l.currency = b.currency AND l.code = 'customer_balance'
        JOIN ledger_entry e ON e.ledger_account_id = l.id
        GROUP BY b.account_id, b.currency, b.balance_minor HAVING -sum(e.amount_minor) <> b.balance_minor`);
    expect(wrong).toEqual([]);
  });

  test.each([
    ["Stripe", stripeProvider],
    ["PayPal", paypalProvider],
  ] as const)("hold at %s what it holds for us", async (_name, providerOf) => {
    const provider = providerOf(world.standIns);
    const adapter = provider.adapter();
    const cash = await world.sql<{ currency: string; held: string }>(
      `SELECT l.currency, sum(e.amount_minor)::text AS held FROM ledger_entry e
        JOIN ledger_account l ON l.id = e.ledger_account_id WHERE l.code = $1 GROUP BY 1`,
      [`cash_${provider.id}`],
    );
    const held = new Map<string, bigint>();
    const references: (string | null)[] = [];
    for await (const payment of adapter.listPayments(new Date(now.getTime() - 400 * 86_400_000))) {
      const { currency = "", amountMinor = 0n } = payment.captured ?? {};
      held.set(currency, (held.get(currency) ?? 0n) + amountMinor - payment.refundedMinor);
      references.push(payment.providerPaymentId);
    }
    expect(references.length).toBeGreaterThan(0);
    expect(new Map(cash.map((row) => [row.currency, BigInt(row.held)]))).toEqual(held);
    const settled = await db().payment.findMany({
      where: { state: "settled", adapter: provider.id },
      include: { refunds: { where: { providerReference: { not: null } } } },
    });
    expect(new Set(references)).toEqual(new Set(settled.map((row) => row.providerPaymentId)));
    for (const payment of settled) {
      const { id, providerReference, providerPaymentId, refunds } = payment;
      const report = await adapter.find(providerReference ?? "");
      expect(report).toMatchObject({ paymentId: id, providerPaymentId, state: "settled" });
      const key = {
        providerReference: providerReference ?? "",
        providerPaymentId: providerPaymentId ?? "",
      };
      expect(
        (await adapter.listRefunds(key)).map(({ refundId, state }) => [refundId, state]),
      ).toEqual(refunds.map((refund) => [refund.id, refund.state]));
      expect(await adapter.listDisputes(key)).toEqual([]);
    }
  });

  test("have in suspense what the bank told of and nobody could place, with an order to suggest", async () => {
    const statement = await db().bankStatement.findFirstOrThrow({ include: { lines: true } });
    const day = statement.lines[0]?.bookedOn.toISOString().slice(0, 10) ?? "";
    const bytes = await world.standIns.bank.statement(statement.accountNumber, {
      format: "camt053.xml",
      from: day,
      to: day,
    });
    const before = await db().journal.count();
    const again = await importStatement(SYSTEM, { fileName: "again.xml", bytes, hints: {} });
    expect(again).toMatchObject({ ok: true, value: [{ lineCount: 1, newLineCount: 0 }] });
    expect(await db().journal.count()).toBe(before);
    const desk = await getStatementDesk(await staff("support"), { chosen: [] });
    if (!desk.ok) throw new Error(desk.refusal.code);
    expect(desk.value.waiting).toHaveLength(1);
    expect(desk.value.waiting[0]?.suggestions[0]?.reasons).toEqual([
      "amount_equal",
      "name_similar",
    ]);
  });

  test("agree with the carrier about data, dates and every order", async () => {
    const adapter = esimAccessAdapter({
      accessCode: sandboxSecrets.esimAccessCode,
      secret: sandboxSecrets.esimAccessSecret,
      apiBase: `${world.standIns.addresses.esimAccess}/api/v1/open`,
      timeoutMs: 10_000,
      now: () => new Date(),
    });
    const esims = await db().esim.findMany();
    const usage = await adapter.readUsage(esims);
    for (const esim of esims) {
      expect(usage.get(esim.carrierEsimId)).toMatchObject({
        totalBytes: esim.carrierTotalBytes,
        usedBytes: esim.carrierUsedBytes,
        networkState: esim.networkState,
        expiresAt: esim.carrierExpiresAt,
      });
      const known = await adapter.listOrders(esim);
      const ours = await db().activation.findMany({
        where: { orderItem: { order: { esimId: esim.id } } },
      });
      const confirmed = ours.filter((activation) => activation.state === "confirmed");
      const items = new Set(ours.map((activation) => activation.ourReference));
      expect(
        known.map((order) => order.ourReference).filter((reference) => items.has(reference)),
      ).toEqual(confirmed.map((activation) => activation.ourReference));
    }
  });

  test("reconcile without a difference, and with nothing to repair", async () => {
    for (const repair of [false, true]) {
      const report = await reconcile(SYSTEM, { repair });
      expect(report).toMatchObject({ ok: true, value: { couldTell: true, differences: [] } });
    }
    expect(await db().difference.count()).toBe(0);
  });

  test("show support no difference on any account", async () => {
    const support = await staff("support");
    for (const key of CUSTOMERS) {
      const { accountId } = await customer(key);
      const overview = await getAccountOverview(support, { accountId });
      if (!overview.ok) throw new Error(overview.refusal.code);
      expect(overview.value.esims.flatMap((esim) => esim.differences)).toEqual([]);
    }
  });
});

describe("seeding again", () => {
  test("says so and changes nothing", async () => {
    const before = await everything();
    lines.length = 0;
    await seed();
    expect(lines).toEqual(["The demo data are there already; nothing was changed."]);
    expect(await everything()).toEqual(before);
  });

  async function everything(): Promise<unknown> {
    const tables = await world.sql<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    const contents = [];
    for (const { name } of tables) {
      const [row] = await world.sql(
        `SELECT '${name}' AS name, count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM ${name} t`,
      );
      contents.push(row);
    }
    const stripe = await world.standIns.stripe.state();
    const paypal = await world.standIns.paypal.state();
    return {
      contents,
      stripe: stripe.payments,
      paypal: paypal.captures,
      esims: await world.standIns.esimAccess.state(),
    };
  }
});
