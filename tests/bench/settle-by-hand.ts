import { randomUUID } from "node:crypto";
import pg from "pg";
import { PgBoss } from "pg-boss";

/** Settles payments by SQL written by hand: the least that books the same rows under the same locks. */
export interface HandWritten {
  settle(paymentId: string): Promise<void>;
  close(): Promise<void>;
}

interface OpenPayment {
  readonly state: string;
  readonly currency: string;
  readonly amount_minor: string;
  readonly tax_minor: string;
  readonly order_id: string;
  readonly number: string;
  readonly item_id: string;
  readonly carrier: string;
}

/** Opens a pool like the application's, for {@link HandWritten.settle}. */
export function openHandWritten(url: string): HandWritten {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  const jobs = new PgBoss({
    db: { executeSql: async (text, values) => await pool.query(text, values) },
    supervise: false,
    schedule: false,
    migrate: false,
  });
  return {
    async settle(paymentId) {
      const { rows: asked } = await pool.query<{ state: string; reference: string }>(
        "SELECT state, provider_reference AS reference, expires_at, clock_timestamp() FROM payment WHERE id = $1",
        [paymentId],
      );
      if (asked[0]?.state !== "pending") return;
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        await settle(client, jobs, paymentId, asked[0].reference);
        await client.query("COMMIT");
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}

async function settle(
  client: pg.PoolClient,
  jobs: PgBoss,
  paymentId: string,
  reference: string,
): Promise<void> {
  await client.query(
    'SELECT o.id FROM "order" o JOIN payment p ON p.order_id = o.id WHERE p.id = $1 FOR UPDATE OF o',
    [paymentId],
  );
  await client.query("SELECT id FROM payment WHERE id = $1 FOR UPDATE", [paymentId]);
  const { rows } = await client.query<OpenPayment>(
    `SELECT p.state, p.currency, p.amount_minor, p.tax_minor, o.id AS order_id, o.number, i.id AS item_id, s.carrier
       FROM payment p JOIN "order" o ON o.id = p.order_id JOIN order_item i ON i.order_id = o.id
       JOIN esim s ON s.id = o.esim_id WHERE p.id = $1 AND o.state IN ('acknowledged', 'pending')`,
    [paymentId],
  );
  const [payment] = rows;
  if (payment?.state !== "pending") throw new Error("Not an open payment");
  const { order_id: orderId, item_id: itemId, currency } = payment;
  await client.query(
    `UPDATE payment SET state = 'settled', settled_at = clock_timestamp(), next_poll_at = NULL, provider_payment_id = $2
       WHERE id = $1`,
    [paymentId, reference.replace("cs_", "pi_")],
  );
  const net = BigInt(payment.amount_minor) - BigInt(payment.tax_minor);
  const lines = [
    ["cash_stripe", BigInt(payment.amount_minor)],
    ["deferred_revenue", -net],
    ["tax_payable", -BigInt(payment.tax_minor)],
  ] as const;
  const journalId = randomUUID();
  await client.query(
    `INSERT INTO journal (id, kind, source_id, currency, order_id, actor_kind)
       VALUES ($1, 'payment.settled', $2, $3, $4, 'system')`,
    [journalId, paymentId, currency, orderId],
  );
  await client.query(
    `INSERT INTO ledger_entry (id, journal_id, ledger_account_id, amount_minor)
       SELECT gen_random_uuid(), $1, a.id, l.minor FROM unnest($2::"LedgerCode"[], $3::bigint[]) AS l (code, minor)
         JOIN ledger_account a ON a.code = l.code AND a.currency = $4 AND a.account_id IS NULL`,
    [journalId, lines.map(([code]) => code), lines.map(([, minor]) => minor.toString()), currency],
  );
  await client.query(
    `INSERT INTO audit_event (id, actor_kind, action, subject, correlation_id)
       VALUES (gen_random_uuid(), 'system', 'payment.settled', $1, $2)`,
    [`order ${payment.number}`, orderId],
  );
  await client.query(
    `INSERT INTO activation (id, order_item_id, carrier, our_reference, state)
       VALUES (gen_random_uuid(), $1::uuid, $2, $1::uuid::text, 'requested')`,
    [itemId, payment.carrier],
  );
  await client.query(
    `UPDATE "order" SET state = 'inProgress', paid_at = clock_timestamp(), next_attempt_at = clock_timestamp() WHERE id = $1`,
    [orderId],
  );
  const documentId = randomUUID();
  await client.query(
    `INSERT INTO document (id, kind, order_id, next_attempt_at) VALUES ($1, 'receipt', $2, clock_timestamp())`,
    [documentId, orderId],
  );
  const inside = {
    executeSql: async (text: string, values?: unknown[]) => await client.query(text, values),
  };
  await jobs.send("order.paid", { orderId }, { db: inside });
  await jobs.send("document.requested", { documentId }, { db: inside });
}
