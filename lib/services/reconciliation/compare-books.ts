import { db } from "#lib/db/client.ts";
import { money } from "#lib/domain/money.ts";
import { amountText, type Notebook } from "./notebook.ts";

/** Rows that one question to the database takes in. */
const PAGE = 5_000;
/** Before every id. */
const FIRST = "00000000-0000-0000-0000-000000000000";
/** Rows of one kind that are written down; the rest comes to light when these are put right. */
const MOST = 200;

/**
 * Holds the ledger against the rows it was booked for: every journal balances (debits and credits in each
 * currency), each customer's balance is the sum of its entries and not below zero, each settled payment is
 * booked and nothing else is, and the cash with each provider and bank is what was captured, less what was
 * given back, disputed, kept as fees and paid out. Each question is one statement, so that what is being
 * booked meanwhile is in both sides or in neither.
 */
export async function compareBooks(notebook: Notebook): Promise<void> {
  await compareJournals(notebook);
  await compareBalances(notebook);
  await compareBookedPayments(notebook);
  await compareCash(notebook);
  await compareSuspense(notebook);
}

async function compareJournals(notebook: Notebook): Promise<void> {
  for (let after = FIRST; ;) {
    const [page]: {
      size: bigint;
      last: string | null;
      wrong: { id: string; currency: string; minor: string }[] | null;
    }[] = await db().$queryRaw`
      WITH page AS MATERIALIZED (SELECT id FROM journal WHERE id > ${after}::uuid ORDER BY id LIMIT ${PAGE}),
        wrong AS MATERIALIZED (
          SELECT page.id, a.currency, sum(e.amount_minor)::text AS minor
            FROM page JOIN ledger_entry e ON e.journal_id = page.id JOIN ledger_account a ON a.id = e.ledger_account_id
            GROUP BY page.id, a.currency HAVING sum(e.amount_minor) <> 0)
      SELECT (SELECT count(*) FROM page) AS size, (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS last,
             (SELECT json_agg(wrong) FROM wrong) AS wrong`;
    for (const { id, currency, minor } of page?.wrong ?? []) {
      notebook.add({
        kind: "journal_unbalanced",
        scope: "books",
        about: `journal/${id}/${currency}`,
        orderNumber: null,
        expected: amountText(money(0n, currency)),
        actual: amountText(money(BigInt(minor), currency)),
      });
    }
    const size = Number(page?.size ?? 0);
    await notebook.count(size);
    if (size < PAGE) return;
    after = page?.last ?? after;
  }
}

async function compareBalances(notebook: Notebook): Promise<void> {
  for (let after = FIRST; ;) {
    const page: {
      id: string;
      account_id: string;
      code: string;
      currency: string;
      entries: bigint;
      balance: bigint;
    }[] = await db().$queryRaw`
      SELECT a.id, a.account_id, a.code::text AS code, a.currency,
             coalesce((SELECT -sum(e.amount_minor) FROM ledger_entry e WHERE e.ledger_account_id = a.id), 0)::bigint AS entries,
             coalesce(CASE a.code WHEN 'customer_balance' THEN b.balance_minor ELSE b.reserved_minor END, 0)::bigint AS balance
        FROM ledger_account a LEFT JOIN balance b ON b.account_id = a.account_id AND b.currency = a.currency
        WHERE a.code IN ('customer_balance', 'customer_reserved') AND a.id > ${after}::uuid
        ORDER BY a.id LIMIT ${PAGE}`;
    for (const { account_id, code, currency, entries, balance } of page) {
      if (entries === balance && balance >= 0n) continue;
      noteBalance(notebook, { accountId: account_id, code, currency, entries, balance });
    }
    await notebook.count(page.length);
    after = page.at(-1)?.id ?? after;
    if (page.length < PAGE) break;
  }
  await compareUnexplained(notebook);
}

/** Balances that no account of the ledger explains. */
async function compareUnexplained(notebook: Notebook): Promise<void> {
  for (let after = { accountId: FIRST, currency: "" }; ;) {
    const page: {
      account_id: string;
      currency: string;
      balance: bigint;
      reserved: bigint;
      has_balance: boolean;
      has_reserved: boolean;
    }[] = await db().$queryRaw`
      SELECT b.account_id, b.currency, b.balance_minor AS balance, b.reserved_minor AS reserved,
             EXISTS (SELECT 1 FROM ledger_account a WHERE a.account_id = b.account_id
               AND a.currency = b.currency AND a.code = 'customer_balance') AS has_balance,
             EXISTS (SELECT 1 FROM ledger_account a WHERE a.account_id = b.account_id
               AND a.currency = b.currency AND a.code = 'customer_reserved') AS has_reserved
        FROM balance b WHERE (b.account_id, b.currency) > (${after.accountId}::uuid, ${after.currency})
        ORDER BY b.account_id, b.currency LIMIT ${PAGE}`;
    for (const row of page) {
      const facts = { accountId: row.account_id, currency: row.currency, entries: 0n };
      if (!row.has_balance && row.balance !== 0n) {
        noteBalance(notebook, { ...facts, code: "customer_balance", balance: row.balance });
      }
      if (!row.has_reserved && row.reserved !== 0n) {
        noteBalance(notebook, { ...facts, code: "customer_reserved", balance: row.reserved });
      }
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = { accountId: last.account_id, currency: last.currency };
  }
}

function noteBalance(
  notebook: Notebook,
  row: {
    readonly accountId: string;
    readonly code: string;
    readonly currency: string;
    readonly entries: bigint;
    readonly balance: bigint;
  },
): void {
  notebook.add({
    kind: "balance_differs",
    scope: "books",
    about: `${row.code}/${row.accountId}/${row.currency}`,
    orderNumber: null,
    expected: amountText(money(row.entries, row.currency)),
    actual: amountText(money(row.balance, row.currency)),
  });
}

/** Both ways: a settled payment without its journal, and a journal without its settled payment. */
async function compareBookedPayments(notebook: Notebook): Promise<void> {
  const rows = await db().$queryRaw<
    { id: string; number: string | null; currency: string; booked: bigint; settled: bigint }[]
  >`
    WITH booked AS (
      SELECT j.source_id, j.order_id, j.currency, sum(e.amount_minor) FILTER (WHERE e.amount_minor > 0) AS minor
        FROM journal j JOIN ledger_entry e ON e.journal_id = j.id
        WHERE j.kind = 'payment.settled' GROUP BY j.id),
      settled AS (SELECT id, order_id, currency, amount_minor FROM payment WHERE state = 'settled')
    SELECT coalesce(s.id, b.source_id) AS id, o.number, coalesce(s.currency, b.currency) AS currency,
           coalesce(b.minor, 0)::bigint AS booked, coalesce(s.amount_minor, 0)::bigint AS settled
      FROM settled s FULL JOIN booked b ON b.source_id = s.id
      LEFT JOIN "order" o ON o.id = coalesce(s.order_id, b.order_id)
      WHERE s.id IS NULL OR b.source_id IS NULL OR b.minor <> s.amount_minor OR b.currency <> s.currency
      LIMIT ${MOST}`;
  for (const row of rows) {
    notebook.add({
      kind: "payment_not_booked",
      scope: "books",
      about: `payment/${row.id}`,
      orderNumber: row.number,
      expected: amountText(money(row.booked, row.currency)),
      actual: amountText(money(row.settled, row.currency)),
    });
  }
}

/**
 * What came in and went out of the cash with each provider and bank by the rows (a movement at the bank that
 * two files told of counts once); fees, payouts and what a
 * provider gave back beyond a payment have no rows of their own, their journals are what there is.
 */
async function compareCash(notebook: Notebook): Promise<void> {
  const rows = await db().$queryRaw<
    { code: string; currency: string; ledger: bigint; rows: bigint }[]
  >`
    SELECT code, currency, sum(ledger)::bigint AS ledger, sum(moved)::bigint AS rows FROM (
      SELECT a.code::text AS code, a.currency, sum(e.amount_minor) AS ledger,
             coalesce(sum(e.amount_minor) FILTER (WHERE j.kind IN ('fee.charged', 'fee.returned', 'payout.sent', 'payout.received', 'refund.exceeded')), 0) AS moved
        FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id JOIN journal j ON j.id = e.journal_id
        WHERE a.code IN ('cash_stripe', 'cash_paypal', 'cash_bank') GROUP BY 1, 2
      UNION ALL
      SELECT 'cash_' || adapter, currency, 0, sum(amount_minor) FROM payment
        WHERE state = 'settled' AND adapter IN ('stripe', 'paypal') GROUP BY 1, 2
      UNION ALL
      SELECT 'cash_' || p.adapter, r.currency, 0, -sum(r.amount_minor) FROM refund r JOIN payment p ON p.id = r.payment_id
        WHERE r.state = 'succeeded' AND NOT r.to_balance AND p.adapter IN ('stripe', 'paypal') GROUP BY 1, 2
      UNION ALL
      SELECT 'cash_' || p.adapter, d.currency, 0, -sum(d.amount_minor) FROM dispute d JOIN payment p ON p.id = d.payment_id
        WHERE d.state IN ('open', 'lost') AND p.adapter IN ('stripe', 'paypal') GROUP BY 1, 2
      UNION ALL
      SELECT 'cash_bank', currency, 0, sum(amount_minor) FROM bank_line
        WHERE coalesce(decision, '') NOT LIKE 'same:%' GROUP BY 1, 2
    ) AS both_sides GROUP BY 1, 2`;
  for (const { code, currency, ledger, rows: moved } of rows) {
    if (ledger === moved) continue;
    notebook.add({
      kind: "cash_differs",
      scope: "books",
      about: `${code}/${currency}`,
      orderNumber: null,
      expected: amountText(money(ledger, currency)),
      actual: amountText(money(moved, currency)),
    });
  }
  await notebook.count(rows.length);
}

/** What is at the bank and nobody's is what the lines say that wait for a person, or that a person left so. */
async function compareSuspense(notebook: Notebook): Promise<void> {
  const rows = await db().$queryRaw<{ currency: string; ledger: bigint; rows: bigint }[]>`
    SELECT currency, sum(ledger)::bigint AS ledger, sum(waiting)::bigint AS rows FROM (
      SELECT a.currency, -sum(e.amount_minor) AS ledger, 0 AS waiting
        FROM ledger_entry e JOIN ledger_account a ON a.id = e.ledger_account_id
        WHERE a.code = 'suspense' GROUP BY 1
      UNION ALL
      SELECT currency, 0, sum(amount_minor) FROM bank_line
        WHERE state IN ('suspended', 'outgoing') OR (state = 'assigned' AND decision LIKE 'keep:%') GROUP BY 1
    ) AS both_sides GROUP BY 1`;
  for (const { currency, ledger, rows: waiting } of rows) {
    if (ledger === waiting) continue;
    notebook.add({
      kind: "suspense_differs",
      scope: "books",
      about: `suspense/${currency}`,
      orderNumber: null,
      expected: amountText(money(ledger, currency)),
      actual: amountText(money(waiting, currency)),
    });
  }
  await notebook.count(rows.length);
}
