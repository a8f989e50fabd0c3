import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "#tests/support/database.ts";

let database: TestDatabase;
let app: pg.Client;
let owner: pg.Client;

/** Ids of the one customer, eSIM, plan and paid order that every test starts from. */
const ID = {
  account: "00000000-0000-4000-8000-000000000001",
  esim: "00000000-0000-4000-8000-000000000002",
  plan: "00000000-0000-4000-8000-000000000003",
  order: "00000000-0000-4000-8000-000000000004",
  item: "00000000-0000-4000-8000-000000000005",
  payment: "00000000-0000-4000-8000-000000000006",
  period: "00000000-0000-4000-8000-000000000007",
};

beforeAll(async () => {
  database = await openTestDatabase();
  app = new pg.Client({ connectionString: database.url });
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await Promise.all([app.connect(), owner.connect()]);
  await app.query(`
    INSERT INTO account (id, email, name, time_zone, currency, country_code, locale)
      VALUES ('${ID.account}', 'a@example.test', 'A', 'UTC', 'EUR', 'DE', 'en');
    INSERT INTO esim (id, account_id, iccid, carrier, carrier_esim_id, label, smdp_address, matching_id, profile_state, network_state)
      VALUES ('${ID.esim}', '${ID.account}', '8944000000000000001', 'esim_access', 'T1', 'E', 's', 'm', 'enabled', 'active');
    INSERT INTO plan (id, code, scope, name, note, data_bytes, validity_unit, validity_count, renewal_policy, network_speed, carrier, carrier_offer_code)
      VALUES ('${ID.plan}', 'P', 'regional', '{"zh-CN":"","en":""}', '{"zh-CN":"","en":""}', 1000, 'day', 30, 'add', '5G', 'esim_access', 'P1');
    INSERT INTO "order" (id, number, account_id, esim_id, attempt_id, state, currency, total_minor, tax_minor, locale, preview, paid_at)
      VALUES ('${ID.order}', 'AX-1', '${ID.account}', '${ID.esim}', gen_random_uuid(), 'inProgress', 'EUR', 1000, 160, 'en', '{}', now());
    INSERT INTO order_item (id, order_id, position, plan_id, price_minor, tax_minor, terms, start_choice)
      VALUES ('${ID.item}', '${ID.order}', 1, '${ID.plan}', 1000, 160, '{}', 'now');
    INSERT INTO payment (id, order_id, adapter, state, currency, amount_minor, settled_at)
      VALUES ('${ID.payment}', '${ID.order}', 'stripe', 'settled', 'EUR', 1000, now());
    INSERT INTO period (id, esim_id, plan_id, starts_at, ends_at, state)
      VALUES ('${ID.period}', '${ID.esim}', '${ID.plan}', '2027-01-01', '2027-02-01', 'active');`);
});
afterAll(async () => {
  await Promise.all([app.end(), owner.end()]);
  await database.close();
});

describe("the database refuses", () => {
  test.each([
    [
      "two base periods of one eSIM that overlap",
      `INSERT INTO period (id, esim_id, plan_id, starts_at, ends_at, state) VALUES (gen_random_uuid(), '${ID.esim}', '${ID.plan}', '2027-01-31', '2027-03-01', 'pendingActive')`,
      /period_no_overlap/,
    ],
    [
      "a journal that does not balance",
      journal(`('cash_stripe', 100), ('deferred_revenue', -99)`),
      /does not balance: 1/,
    ],
    [
      "a journal without entries",
      `INSERT INTO journal (id, kind, source_id, currency, actor_kind) VALUES (gen_random_uuid(), 'x', gen_random_uuid(), 'EUR', 'system')`,
      /no entries/,
    ],
    [
      "a journal that mixes currencies",
      journal(`('cash_stripe', 100), ('deferred_revenue', -100)`, "USD"),
      /mixes currencies/,
    ],
    [
      "a balance below zero",
      journal(`('customer_balance', 100), ('deferred_revenue', -100)`),
      /balance_never_below_zero/,
    ],
    [
      "refunds above the capture",
      `INSERT INTO refund (id, order_id, payment_id, state, currency, amount_minor, reason)
         VALUES (gen_random_uuid(), '${ID.order}', '${ID.payment}', 'created', 'EUR', 600, 'a'),
                (gen_random_uuid(), '${ID.order}', '${ID.payment}', 'created', 'EUR', 401, 'b')`,
      /refunds would exceed the capture/,
    ],
    [
      "a refund in another currency",
      `INSERT INTO refund (id, order_id, payment_id, state, currency, amount_minor, reason)
         VALUES (gen_random_uuid(), '${ID.order}', '${ID.payment}', 'created', 'USD', 1, 'a')`,
      /not settled in USD/,
    ],
    [
      "a second settled payment of one order",
      `INSERT INTO payment (id, order_id, adapter, state, currency, amount_minor, settled_at)
         VALUES (gen_random_uuid(), '${ID.order}', 'stripe', 'settled', 'EUR', 1000, now())`,
      /payments would exceed/,
    ],
    [
      "a second activation of one item",
      `INSERT INTO activation (id, order_item_id, carrier, our_reference, state)
         VALUES (gen_random_uuid(), '${ID.item}', 'esim_access', 'r1', 'requested'), (gen_random_uuid(), '${ID.item}', 'esim_access', 'r2', 'requested')`,
      /activation_order_item_id_key/,
    ],
    [
      "the same notice twice",
      `INSERT INTO notice (id, order_id, account_id, template, locale, state)
         SELECT gen_random_uuid(), '${ID.order}', '${ID.account}', 'order_live', 'en', 'queued' FROM generate_series(1, 2)`,
      /notice_order_id_template_channel_key/,
    ],
    [
      "the same provider event twice",
      `INSERT INTO provider_event (id, adapter, event_id, type, payload)
         SELECT gen_random_uuid(), 'stripe', 'evt_1', 't', '{}' FROM generate_series(1, 2)`,
      /provider_event_adapter_event_id_key/,
    ],
    [
      "an order for nothing",
      `UPDATE "order" SET total_minor = 0, tax_minor = 0`,
      /order_total_positive/,
    ],
    [
      "a completed order without a time",
      `UPDATE "order" SET state = 'completed'`,
      /order_completed_when_live/,
    ],
    [
      "more left in a bucket than it had",
      `INSERT INTO bucket (id, esim_id, period_id, total_bytes, remaining_bytes, valid_from, valid_until, as_of)
         VALUES (gen_random_uuid(), '${ID.esim}', '${ID.period}', 1, 2, now(), now(), now())`,
      /bucket_remaining_within_total/,
    ],
    [
      "an ICCID with a letter",
      `UPDATE esim SET iccid = '8944O00000000000001'`,
      /esim_iccid_digits/,
    ],
  ])("%s", async (_what, sql, message) => {
    await expect(inTransaction(app, sql)).rejects.toThrow(message);
  });

  test("a journal that was booked twice for one source", async () => {
    const source = "00000000-0000-4000-8000-0000000000aa";
    await inTransaction(
      app,
      journal(`('cash_stripe', 100), ('deferred_revenue', -100)`, "EUR", source),
    );
    await expect(
      inTransaction(
        app,
        journal(`('cash_stripe', 100), ('deferred_revenue', -100)`, "EUR", source),
      ),
    ).rejects.toThrow(/journal_kind_source_id_key/);
  });

  test.each(["journal", "ledger_entry", "ledger_account", "audit_event"])(
    "a change of %s, even by the owner",
    async (table) => {
      await app.query(
        `INSERT INTO audit_event (id, actor_kind, action, subject) VALUES (gen_random_uuid(), 'system', 'a.b', 'c')`,
      );
      const column = table === "audit_event" ? "subject = subject" : "id = id";
      await expect(owner.query(`UPDATE ${table} SET ${column}`)).rejects.toThrow(/append-only/);
      await expect(owner.query(`DELETE FROM ${table}`)).rejects.toThrow(/append-only/);
      await expect(owner.query(`TRUNCATE ${table} CASCADE`)).rejects.toThrow(/append-only/);
    },
  );

  test.each([
    ["to write a balance by hand", `UPDATE balance SET balance_minor = 1000000`],
    ["to drop a table", "DROP TABLE notice"],
    ["to switch a trigger off", "ALTER TABLE journal DISABLE TRIGGER ALL"],
    ["to change the ledger", "DELETE FROM ledger_entry"],
  ])("the application %s", async (_what, sql) => {
    await expect(app.query(sql)).rejects.toThrow(/permission denied|must be owner/);
  });
});

describe("each audit view reports", () => {
  test("a journal that does not balance, planted behind the triggers", async () => {
    expect(
      await planted(
        `ALTER TABLE journal DISABLE TRIGGER ALL; ALTER TABLE ledger_entry DISABLE TRIGGER ALL;
       ${journal(`('cash_stripe', 100), ('deferred_revenue', -99)`)}`,
        "SELECT currency, sum_minor FROM audit.journal_imbalance",
      ),
    ).toEqual([{ currency: "EUR", sum_minor: "1" }]);
  });

  test("a balance that no entry explains", async () => {
    expect(
      await planted(
        `INSERT INTO balance VALUES ('${ID.account}', 'GBP', 77, 5)`,
        "SELECT * FROM audit.balances WHERE currency = 'GBP'",
      ),
    ).toEqual([
      {
        customer_email: "a@example.test",
        currency: "GBP",
        balance_minor: "77",
        reserved_minor: "5",
      },
    ]);
  });

  test("an order that was refunded more than it was paid", async () => {
    expect(
      await planted(
        `ALTER TABLE refund DISABLE TRIGGER ALL;
       INSERT INTO refund (id, order_id, payment_id, state, currency, amount_minor, reason, succeeded_at)
         VALUES (gen_random_uuid(), '${ID.order}', '${ID.payment}', 'succeeded', 'EUR', 1500, 'x', now());
       UPDATE "order" SET needs_attention = 'because'`,
        "SELECT o.paid_minor, o.refunded_minor, p.refunded_minor AS of_payment, o.needs_attention FROM audit.orders o JOIN audit.payments p USING (order_number)",
      ),
    ).toEqual([
      { paid_minor: "1000", refunded_minor: "1500", of_payment: "1500", needs_attention: true },
    ]);
  });

  test("a paid order that nobody looks after", async () => {
    expect(
      await planted(
        "SELECT 1",
        "SELECT order_number, state FROM audit.orders WHERE paid_minor > 0 AND state NOT IN ('completed', 'failed') AND next_attempt_at IS NULL",
      ),
    ).toEqual([{ order_number: "AX-1", state: "inProgress" }]);
  });

  test("two activations of one item", async () => {
    expect(
      await planted(
        `DROP INDEX activation_order_item_id_key;
       INSERT INTO activation (id, order_item_id, carrier, our_reference, state, confirmed_at, attempts)
         SELECT gen_random_uuid(), '${ID.item}', 'esim_access', 'r' || n, 'confirmed', now(), 1 FROM generate_series(1, 2) n`,
        "SELECT order_number, item, count(*)::int FROM audit.activations WHERE state = 'confirmed' GROUP BY 1, 2",
      ),
    ).toEqual([{ order_number: "AX-1", item: 1, count: 2 }]);
  });

  test("periods that overlap", async () => {
    expect(
      await planted(
        `ALTER TABLE period DROP CONSTRAINT period_no_overlap;
       INSERT INTO period (id, esim_id, plan_id, order_item_id, starts_at, ends_at, state)
         VALUES (gen_random_uuid(), '${ID.esim}', '${ID.plan}', '${ID.item}', '2027-01-31', '2027-03-01', 'active')`,
        `SELECT a.iccid, a.plan_code, a.order_number FROM audit.periods a JOIN audit.periods b
         ON a.iccid = b.iccid AND a.starts_at > b.starts_at AND a.starts_at < b.ends_at`,
      ),
    ).toEqual([{ iccid: "8944000000000000001", plan_code: "P", order_number: "AX-1" }]);
  });

  test("a bucket with more left than it had", async () => {
    expect(
      await planted(
        `ALTER TABLE bucket DROP CONSTRAINT bucket_remaining_within_total;
       INSERT INTO bucket (id, esim_id, period_id, order_item_id, total_bytes, remaining_bytes, valid_from, valid_until, as_of)
         VALUES (gen_random_uuid(), '${ID.esim}', '${ID.period}', '${ID.item}', 1, 2, now(), now(), now())`,
        "SELECT iccid, order_number, kind, total, remaining, unit FROM audit.buckets WHERE remaining > total",
      ),
    ).toEqual([
      {
        iccid: "8944000000000000001",
        order_number: "AX-1",
        kind: "data",
        total: "1",
        remaining: "2",
        unit: "byte",
      },
    ]);
  });

  test("a notice that was sent twice", async () => {
    expect(
      await planted(
        `DROP INDEX notice_order_id_template_channel_key;
       INSERT INTO notice (id, order_id, account_id, template, locale, state, sent_at)
         SELECT gen_random_uuid(), '${ID.order}', '${ID.account}', 'order_live', 'en', 'sent', now() FROM generate_series(1, 2)`,
        "SELECT order_number, customer_email, template, channel, locale, count(*)::int FROM audit.notices WHERE state = 'sent' GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1",
      ),
    ).toEqual([
      {
        order_number: "AX-1",
        customer_email: "a@example.test",
        template: "order_live",
        channel: "email",
        locale: "en",
        count: 2,
      },
    ]);
  });

  test("a session that lives on after it was ended", async () => {
    expect(
      await planted(
        `INSERT INTO session (id, account_id, expires_at, created_at, ended_at, last_seen_at)
         VALUES (gen_random_uuid(), '${ID.account}', now() + interval '1 day', '2027-01-01', '2027-01-02', '2027-01-03')`,
        "SELECT customer_email FROM audit.sessions WHERE last_seen_at > ended_at",
      ),
    ).toEqual([{ customer_email: "a@example.test" }]);
  });

  test("a staff act without a reason", async () => {
    expect(
      await planted(
        `INSERT INTO audit_event (id, actor_kind, actor_id, action, subject) VALUES (gen_random_uuid(), 'staff', '${ID.account}', 'order.refunded', 'order AX-1')`,
        "SELECT actor_kind, actor_email, action, subject FROM audit.events WHERE actor_kind = 'staff' AND reason IS NULL",
      ),
    ).toEqual([
      {
        actor_kind: "staff",
        actor_email: "a@example.test",
        action: "order.refunded",
        subject: "order AX-1",
      },
    ]);
  });
});

/** Plants a violation as the owner, looks at it, and takes it back. */
async function planted(sql: string, look: string): Promise<unknown[]> {
  await owner.query("BEGIN");
  try {
    await owner.query(sql);
    return (await owner.query<pg.QueryResultRow>(look)).rows;
  } finally {
    await owner.query("ROLLBACK");
  }
}

/** Runs statements in one transaction and commits, or rolls back and throws. */
async function inTransaction(client: pg.Client, sql: string): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

/** SQL that books a journal in EUR accounts, personal ones for the customer. */
function journal(lines: string, currency = "EUR", source = "gen_random_uuid()"): string {
  const id = source === "gen_random_uuid()" ? source : `'${source}'`;
  return `
    INSERT INTO ledger_account (id, code, currency, account_id)
      SELECT gen_random_uuid(), code::"LedgerCode", 'EUR', CASE WHEN code LIKE 'customer%' THEN '${ID.account}'::uuid END
        FROM (VALUES ${lines}) l (code, amount) ON CONFLICT ON CONSTRAINT ledger_account_once DO NOTHING;
    WITH booked AS (INSERT INTO journal (id, kind, source_id, currency, actor_kind)
      VALUES (gen_random_uuid(), 'test', ${id}, '${currency}', 'system') RETURNING id)
    INSERT INTO ledger_entry (id, journal_id, ledger_account_id, amount_minor)
      SELECT gen_random_uuid(), booked.id, a.id, l.amount FROM booked, (VALUES ${lines}) l (code, amount)
        JOIN ledger_account a ON a.code::text = l.code AND a.currency = 'EUR';`;
}
