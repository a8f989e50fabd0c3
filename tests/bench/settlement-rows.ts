import type pg from "pg";
import { SETTLED } from "./settlement-adapter.ts";

/** Customers among whom the payments are spread; each has an eSIM. */
const CUSTOMERS = 500;
const TAX_MINOR = 385;

/** Makes the customers and the plan that all payments are for. */
export async function giveCustomers(owner: pg.Pool): Promise<void> {
  await owner.query(
    `INSERT INTO plan (id, code, scope, name, note, validity_unit, validity_count, renewal_policy, network_speed, carrier, carrier_offer_code)
       VALUES (gen_random_uuid(), 'bench', 'regional', '{"en": "Bench", "zh-CN": "量"}', '{"en": "", "zh-CN": ""}',
               'day', 30, 'add', '5G', 'esim_access', 'BENCH')`,
  );
  await owner.query(
    `WITH who AS (
       INSERT INTO account (id, email, name, time_zone, currency, country_code)
         SELECT gen_random_uuid(), 'bench-' || n || '@customers.example', 'Bench', 'Asia/Shanghai', 'CNY', 'CN'
           FROM generate_series(1, $1::int) n RETURNING id)
     INSERT INTO esim (id, account_id, iccid, carrier, carrier_esim_id, label, smdp_address, matching_id, profile_state, network_state)
       SELECT gen_random_uuid(), id, (8986000000000000000 + row_number() OVER ())::text, 'esim_access', id::text, 'Bench',
              'smdp.example', 'M', 'enabled', 'active' FROM who`,
    [CUSTOMERS],
  );
}

/** Makes orders with an open payment at the provider each; returns the ids of the payments. */
export async function givePayments(owner: pg.Pool, count: number): Promise<string[]> {
  const terms = JSON.stringify({ code: "bench" });
  const { rows } = await owner.query<{ id: string }>(
    `WITH made AS MATERIALIZED (
       SELECT n, gen_random_uuid() AS order_id, gen_random_uuid() AS payment_id, s.id AS esim_id, s.account_id
         FROM generate_series(1, $1::int) n
         JOIN (SELECT id, account_id, row_number() OVER (ORDER BY id) AS place FROM esim) s
           ON s.place = 1 + n % (SELECT count(*) FROM esim)),
     orders AS (
       INSERT INTO "order" (id, number, account_id, esim_id, attempt_id, state, currency, total_minor, tax_minor, locale, preview, placed_at)
         SELECT order_id, 'AX-' || order_id, account_id, esim_id, gen_random_uuid(), 'pending', $2, $3, $4, 'en', '{}', now() FROM made),
     items AS (
       INSERT INTO order_item (id, order_id, position, plan_id, price_minor, tax_minor, terms, start_choice)
         SELECT gen_random_uuid(), order_id, 1, (SELECT id FROM plan), $3, $4, $5, 'now' FROM made)
     INSERT INTO payment (id, order_id, adapter, state, currency, amount_minor, tax_minor, provider_reference, expires_at, next_poll_at)
       SELECT payment_id, order_id, 'stripe', 'pending', $2, $3, $4, 'cs_' || payment_id, now() + interval '1 hour', now() + interval '1 minute'
         FROM made RETURNING id`,
    [count, SETTLED.currency, SETTLED.amountMinor.toString(), TAX_MINOR, terms],
  );
  return rows.map(({ id }) => id);
}
