/**
 * How many payments a second are settled, as a ratio to hand-written SQL that books the same rows on the
 * same server, and whether memory stays flat. `--payments N` (100,000 unless told). A program of its own,
 * so that its memory is nobody else's; `npm run bench` runs it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { registerHooks } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { migrateDatabase } from "#lib/cli/migrate-database.ts";
import { removeCluster, startCluster } from "#prisma/embedded-postgres/cluster.ts";
import { openHandWritten } from "./settle-by-hand.ts";
import { giveCustomers, givePayments } from "./settlement-rows.ts";
import { median, printTable } from "./table.ts";

const { values: flags } = parseArgs({
  options: { payments: { type: "string", default: "100000" } },
});
const PAYMENTS = Number(flags.payments);
/** Settled one way, then as many the other way, and so on. */
const BLOCK = Math.min(1_000, Math.ceil(PAYMENTS / 6));
/** Blocks that are measured both ways; the rest is for the memory alone. */
const COMPARED = 10;
/** How many at once, as a busy worker does. */
const AT_ONCE = 8;

// The services are the real ones; only what speaks to the provider is another.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "#lib/payments/registry.ts"
      ? next(new URL("settlement-registry.ts", import.meta.url).href, context)
      : next(specifier, context),
});

const folder = mkdtempSync(path.join(tmpdir(), "axis-bench-"));
const cluster = await startCluster({ folder, durable: true });
const owner = new pg.Pool({ connectionString: cluster.url("postgres"), max: 2 });
try {
  await migrateDatabase(cluster.url("postgres"));
  await owner.query("ALTER ROLE portal_app LOGIN PASSWORD 'bench'");
  const url = new URL(cluster.url("postgres"));
  url.username = "portal_app";
  url.password = "bench";
  Object.assign(process.env, {
    APP_ENV: "test",
    LOG_LEVEL: "silent",
    DATABASE_URL: url.href,
    APP_URL: "http://localhost:3000",
    AUTH_SECRET: "a secret only the bench knows, long enough",
    PAYMENT_METHODS: "stripe,balance",
    STRIPE_SECRET_KEY: "sk_test_bench",
    STRIPE_WEBHOOK_SECRET: "whsec_bench",
    CARRIERS: "esim_access",
    ESIM_ACCESS_CODE: "bench",
    ESIM_ACCESS_SECRET: "bench",
    SMTP_URL: "smtp://localhost:9",
    MAIL_FROM: "Axis <no-reply@axis.example>",
  });
  await giveCustomers(owner);
  await measure(url.href);
} finally {
  await owner.end();
  await cluster.stop();
  await removeCluster(folder);
  rmSync(folder, { recursive: true, force: true });
}

async function measure(url: string): Promise<void> {
  const { settlePayment } = await import("#lib/services/payment/settle-payment.ts");
  const { SYSTEM } = await import("#lib/access/actor.ts");
  const { disconnect } = await import("#lib/db/client.ts");
  const hand = openHandWritten(url);
  const bySettlePayment = async (paymentId: string): Promise<void> => {
    const settled = await settlePayment(SYSTEM, { paymentId });
    if (!settled.ok || settled.value.state !== "settled") throw new Error("Not settled");
  };
  try {
    await compare(bySettlePayment, (paymentId) => hand.settle(paymentId));
  } finally {
    await hand.close();
    await disconnect();
  }
  await check();
}

type Settle = (paymentId: string) => Promise<void>;

async function compare(bySettlePayment: Settle, byHand: Settle): Promise<void> {
  // Both are warm, and the ledger's accounts are open, before anything is counted.
  await rate(bySettlePayment, 300);
  await rate(byHand, 300);

  const rates: { services: number; sql: number }[] = [];
  const memory: [number, number, number][] = [];
  for (let settled = 0; settled < PAYMENTS;) {
    const services = await rate(bySettlePayment, BLOCK);
    settled += BLOCK;
    if (rates.length < COMPARED) {
      rates.push({ services, sql: await rate(byHand, BLOCK) });
    }
    if (settled % Math.max(BLOCK, Math.floor(PAYMENTS / 10 / BLOCK) * BLOCK) === 0) {
      const { rss, heapUsed } = process.memoryUsage();
      memory.push([settled, rss, heapUsed]);
    }
  }

  const middle = (of: "services" | "sql"): number => median(rates.map((each) => each[of]));
  const ratio = median(rates.map(({ services, sql }) => services / sql));
  printTable(
    `Settled payments a second, ${AT_ONCE} at once, ${rates.length} blocks of ${BLOCK} each way, in turns`,
    ["", "per second", "ratio"],
    [
      ["settlePayment", middle("services").toFixed(0), ratio.toFixed(2)],
      ["SQL by hand, the same rows", middle("sql").toFixed(0), "1.00"],
    ],
  );
  const mebibytes = (bytes: number): string => (bytes / 1_048_576).toFixed(0);
  printTable(
    `Memory over ${PAYMENTS} payments settled by settlePayment`,
    ["payments", "RSS, MiB", "heap, MiB"],
    memory.map(([count, rss, heap]) => [count, mebibytes(rss), mebibytes(heap)]),
  );
}

/** Settles so many fresh payments, and says how many a second. */
async function rate(settle: Settle, count: number): Promise<number> {
  const paymentIds = await givePayments(owner, count);
  // What making them left behind is not what is measured.
  await owner.query("ANALYZE; CHECKPOINT");
  const startedAt = performance.now();
  const left = paymentIds.values();
  const work = async (): Promise<void> => {
    for (const paymentId of left) await settle(paymentId);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return (count * 1_000) / (performance.now() - startedAt);
}

/** Both ways booked the same: what is not so was not measured. */
async function check(): Promise<void> {
  const { rows } = await owner.query<{ bad: string }>(
    `SELECT (SELECT count(*) FROM audit.journal_imbalance)
          + (SELECT count(*) FROM payment p WHERE p.state <> 'settled' OR NOT EXISTS (
               SELECT 1 FROM journal j JOIN ledger_entry e ON e.journal_id = j.id
                 WHERE j.source_id = p.id GROUP BY j.id HAVING count(*) = 3))
          + (SELECT count(*) FROM "order" o WHERE o.state <> 'inProgress' OR NOT EXISTS (
               SELECT 1 FROM order_item i JOIN activation a ON a.order_item_id = i.id WHERE i.order_id = o.id))
          + (SELECT abs(count(*) FILTER (WHERE name = 'order.paid') - (SELECT count(*) FROM payment))
               + abs(count(*) FILTER (WHERE name = 'document.requested') - (SELECT count(*) FROM document))
               + abs((SELECT count(*) FROM document) - (SELECT count(*) FROM payment)) FROM pgboss.job) AS bad`,
  );
  if (rows[0]?.bad !== "0")
    throw new Error(`${rows[0]?.bad} payments were not booked as they should`);
}
