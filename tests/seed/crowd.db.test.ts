import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { luhnDigit } from "#prisma/seed/ids.ts";
import { seedDemo } from "#prisma/seed/seed-demo.ts";
import { openTestDatabase, type TestDatabase } from "#tests/support/database.ts";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await openTestDatabase();
  client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.close();
});

async function seed(customers: number): Promise<string[]> {
  const lines: string[] = [];
  await seedDemo({
    databaseUrl: database.ownerUrl,
    customers,
    standIns: null,
    now: new Date("2026-11-22T09:30:00Z"),
    report: (line) => lines.push(line),
  });
  return lines;
}

const crowd = "WHERE c.email LIKE 'customer-%@axis.example'";

test("further customers come in bulk, each with an eSIM, a running period and a balance", async () => {
  const lines = await seed(1_203);
  expect(lines).toContain("No stand-ins were named: only the database was filled.");
  expect(lines.at(-1)).toMatch(/^1203 further customers were added/);

  const { rows } = await client.query(`
    SELECT count(DISTINCT c.id)::int AS customers, count(DISTINCT s.id)::int AS esims,
           count(DISTINCT p.id)::int AS periods, count(DISTINCT b.id)::int AS buckets,
           bool_and(p.starts_at <= '2026-11-22T09:30:00Z' AND p.ends_at > '2026-11-22T09:30:00Z') AS running,
           bool_and(b.remaining_bytes BETWEEN 1 AND b.total_bytes) AS some_left
      FROM account c JOIN esim s ON s.account_id = c.id JOIN period p ON p.esim_id = s.id
        JOIN bucket b ON b.period_id = p.id ${crowd}`);
  expect(rows).toEqual([
    {
      customers: 1_203,
      esims: 1_203,
      periods: 1_203,
      buckets: 1_203,
      running: true,
      some_left: true,
    },
  ]);
});

test("their opening balances are booked, and the books balance", async () => {
  const imbalance = await client.query("SELECT * FROM audit.journal_imbalance");
  expect(imbalance.rows).toEqual([]);
  const { rows } = await client.query(`
    SELECT count(*)::int AS booked, bool_and(b.balance_minor = -e.amount_minor) AS as_booked
      FROM account c JOIN balance b ON b.account_id = c.id
        JOIN ledger_account l ON l.account_id = c.id AND l.code = 'customer_balance'
        JOIN ledger_entry e ON e.ledger_account_id = l.id
        JOIN journal j ON j.id = e.journal_id AND j.kind = 'balance.opened' AND j.source_id = c.id
      ${crowd}`);
  expect(rows).toEqual([{ booked: 1_203, as_booked: true }]);
});

test("their ICCIDs carry the right check digit", async () => {
  const { rows } = await client.query<{ iccid: string }>(
    "SELECT iccid FROM esim WHERE iccid LIKE '8985224%' ORDER BY iccid",
  );
  expect(rows).toHaveLength(1_203);
  for (const { iccid } of rows) expect(luhnDigit(iccid.slice(0, 19))).toBe(iccid.slice(19));
});

test("asking for as many again adds none, asking for more adds the rest", async () => {
  expect((await seed(1_203)).at(-1)).toBe("The 1203 further customers are there already.");
  expect((await seed(1_300)).at(-1)).toMatch(/^97 further customers were added/);
  const { rows } = await client.query(`SELECT count(*)::int AS n FROM account c ${crowd}`);
  expect(rows).toEqual([{ n: 1_300 }]);
});
