import pg from "pg";
import { ledgerAccountIdOf } from "./books.ts";
import { planIdOf } from "./line.ts";
import { planByCode } from "./plans.ts";

/** Customers per transaction: memory stays flat, and so does the queue of the ledger's deferred checks. */
const CHUNK = 10_000;
const SMALLEST_CHUNK = 1_000;

/** Where the crowd lives, in turn. */
const HOMES = [
  ["zh-CN", "Asia/Shanghai", "CNY", "CN", "as-10gb-30d"],
  ["en", "Europe/London", "GBP", "GB", "gb-10gb-30d"],
  ["en", "Europe/Berlin", "EUR", "DE", "eu-20gb-30d"],
  ["en", "Asia/Tokyo", "JPY", "JP", "jp-10gb-30d"],
  ["en", "Asia/Dubai", "USD", "AE", "ae-15gb-30d"],
] as const;

/** Sequential ids (UUID version 8), so that indexes grow at their end. The middle names the table. */
const PREFIX = {
  account: "5eed0001-0000-8000-8000-",
  esim: "5eed0002-0000-8000-8000-",
  period: "5eed0003-0000-8000-8000-",
  bucket: "5eed0004-0000-8000-8000-",
  ledgerAccount: "5eed0005-0000-8000-8000-",
  journal: "5eed0006-0000-8000-8000-",
  credit: "5eed0007-0000-8000-8000-",
  debit: "5eed0008-0000-8000-8000-",
} as const;

type Table = keyof typeof PREFIX;

const id = (table: Table): string => `('${PREFIX[table]}' || lpad(to_hex(n), 12, '0'))::uuid`;

/** What everybody in the crowd shares. */
interface Crowd {
  /** How many there should be. */
  readonly count: number;
  readonly passwordHash: string;
  readonly now: Date;
}

/**
 * Adds customers `customer-0000001@axis.example` and on, until there are `count` of them: each with one
 * eSIM, one active period, its bucket, and an opening balance booked in the ledger. Those that are there
 * already stay. Every ten thousand are one transaction. Returns how many were added.
 *
 * One connection only: two of them interleave the eSIMs in the index that keeps periods from
 * overlapping, which made the whole twice as slow.
 *
 * @param onProgress told after each transaction how many there are
 */
export async function addCrowd(
  databaseUrl: string,
  crowd: Crowd,
  onProgress: (there: number) => void,
): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "seed" });
  await client.connect();
  try {
    const before = await countCrowd(client);
    if (before >= crowd.count) return 0;
    await prepare(client);
    let analyzedAt = 0;
    for (let there = before; there < crowd.count;) {
      const to = Math.min(there + Math.max(SMALLEST_CHUNK, Math.min(there, CHUNK)), crowd.count);
      await addChunk(client, there + 1, to, crowd);
      there = to;
      // The ledger's checks are planned for the tables as they were last analysed: empty ones at first.
      if (there >= 2 * analyzedAt || there === crowd.count) {
        await analyze(client);
        analyzedAt = there;
      }
      onProgress(there);
    }
    return crowd.count - before;
  } finally {
    await client.end();
  }
}

async function analyze(client: pg.Client): Promise<void> {
  await client.query(
    "ANALYZE account, esim, period, bucket, ledger_account, journal, ledger_entry, balance",
  );
}

/** How many there are: they are added in order and without a gap. */
async function countCrowd(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT id FROM account WHERE id BETWEEN $1 AND $2 ORDER BY id DESC LIMIT 1",
    [`${PREFIX.account}000000000000`, `${PREFIX.account}ffffffffffff`],
  );
  const last = rows[0]?.id.slice(PREFIX.account.length);
  return last === undefined ? 0 : Number.parseInt(last, 16);
}

async function prepare(client: pg.Client): Promise<void> {
  // Not worth a compilation each; and the index over ICCIDs is merged less often.
  await client.query("SET jit = off; SET gin_pending_list_limit = '64MB'");
  const currencies = [...new Set(HOMES.map((home) => home[2]))];
  await client.query(
    `INSERT INTO ledger_account (id, code, currency)
       SELECT id, 'opening_equity', currency FROM unnest($1::uuid[], $2::text[]) AS given (id, currency)
       ON CONFLICT (code, currency, account_id) DO NOTHING`,
    [currencies.map((currency) => ledgerAccountIdOf("opening_equity", currency, null)), currencies],
  );
  await client.query(`
    CREATE TEMPORARY TABLE crowd (
      n bigint PRIMARY KEY, locale text, time_zone text, currency text, country text,
      plan_id uuid, data_bytes bigint, left_bytes bigint, starts_at timestamptz, balance_minor bigint
    ) ON COMMIT DELETE ROWS`);
}

/** Adds those from `from` to `to` in one transaction. */
async function addChunk(client: pg.Client, from: number, to: number, crowd: Crowd): Promise<void> {
  await client.query("BEGIN");
  try {
    await choose(client, from, to, crowd.now);
    await insertChosen(client, crowd);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

/** Fills the temporary table with what tells the customers of a chunk apart. */
async function choose(client: pg.Client, from: number, to: number, now: Date): Promise<void> {
  const homes = HOMES.map(([locale, timeZone, currency, country, code]) => {
    const plan = planByCode(code);
    return { locale, timeZone, currency, country, planId: planIdOf(plan), bytes: plan.dataBytes };
  });
  await client.query(
    `INSERT INTO crowd
       SELECT n, h.locale, h.time_zone, h.currency, h.country, h.plan_id, h.data_bytes,
              h.data_bytes / 100 * (5 + n * 37 % 90),
              date_trunc('hour', $3::timestamptz) - make_interval(days => (n % 29)::int, hours => 1),
              1000 + n % 50 * 100
         FROM generate_series($1::bigint, $2::bigint) AS n
         JOIN unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::bigint[])
           WITH ORDINALITY AS h (locale, time_zone, currency, country, plan_id, data_bytes, position)
           ON h.position = n % ${HOMES.length} + 1`,
    [
      from,
      to,
      now,
      homes.map((home) => home.locale),
      homes.map((home) => home.timeZone),
      homes.map((home) => home.currency),
      homes.map((home) => home.country),
      homes.map((home) => home.planId),
      homes.map((home) => home.bytes),
    ],
  );
}

async function insertChosen(client: pg.Client, { passwordHash, now }: Crowd): Promise<void> {
  const asOf = new Date(now.getTime() - 3_600_000);
  await client.query(
    `INSERT INTO account (id, email, email_verified_at, password_hash, name, locale, time_zone, currency, country_code, created_at)
       SELECT ${id("account")}, 'customer-' || lpad(n::text, 7, '0') || '@axis.example', starts_at, $1,
              'Customer ' || n, locale, time_zone, currency, country, starts_at FROM crowd`,
    [passwordHash],
  );
  await client.query(
    `INSERT INTO esim (id, account_id, iccid, carrier, carrier_esim_id, label, smdp_address, matching_id, apn,
                       profile_state, network_state, last_country_code, carrier_total_bytes, carrier_used_bytes,
                       carrier_expires_at, usage_as_of, profile_as_of, created_at)
       SELECT ${id("esim")}, ${id("account")}, body || ${luhnDigitOf("body")}, 'esim_access', '27' || lpad(n::text, 12, '0'),
              'eSIM', 'rsp-eu.simlessly.com', upper(md5('matching id ' || n)), 'internet', 'enabled', 'active', country,
              data_bytes, data_bytes - left_bytes, starts_at + interval '30 days', $1, $1, starts_at
         FROM (SELECT *, '8985224' || lpad(n::text, 12, '0') AS body FROM crowd) AS c`,
    [asOf],
  );
  await client.query(
    `INSERT INTO period (id, esim_id, plan_id, starts_at, ends_at, state, created_at)
       SELECT ${id("period")}, ${id("esim")}, plan_id, starts_at, starts_at + interval '30 days', 'active', starts_at
         FROM crowd`,
  );
  await client.query(
    `INSERT INTO bucket (id, esim_id, period_id, total_bytes, remaining_bytes, valid_from, valid_until, as_of, created_at)
       SELECT ${id("bucket")}, ${id("esim")}, ${id("period")}, data_bytes, left_bytes, starts_at,
              starts_at + interval '30 days', $1, starts_at FROM crowd`,
    [asOf],
  );
  await client.query(
    `INSERT INTO ledger_account (id, code, currency, account_id)
       SELECT ${id("ledgerAccount")}, 'customer_balance', currency, ${id("account")} FROM crowd`,
  );
  await client.query(
    `INSERT INTO journal (id, kind, source_id, currency, actor_kind, reason, booked_at)
       SELECT ${id("journal")}, 'balance.opened', ${id("account")}, currency, 'system',
              'taken over from the system before', starts_at FROM crowd`,
  );
  await client.query(
    `INSERT INTO ledger_entry (id, journal_id, ledger_account_id, amount_minor)
       SELECT ${id("credit")}, ${id("journal")}, ${id("ledgerAccount")}, -balance_minor FROM crowd
       UNION ALL
       SELECT ${id("debit")}, ${id("journal")}, equity.id, c.balance_minor
         FROM crowd c JOIN ledger_account equity
           ON equity.code = 'opening_equity' AND equity.currency = c.currency AND equity.account_id IS NULL`,
  );
}

/** SQL of the digit that completes the 19 digits in `body` by the Luhn formula (ISO/IEC 7812-1, annex B). */
function luhnDigitOf(body: string): string {
  const digits = Array.from({ length: 19 }, (_, index) => {
    const digit = `substr(${body}, ${index + 1}, 1)::int`;
    return index % 2 === 0 ? `(${digit} * 2 / 10 + ${digit} * 2 % 10)` : digit;
  });
  return `((10 - (${digits.join(" + ")}) % 10) % 10)::text`;
}
