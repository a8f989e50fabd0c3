import type { Actor } from "#lib/access/actor.ts";
import { Prisma, type Tx } from "#lib/db/client.ts";
import { newRowId } from "#lib/db/row-id.ts";
import type { EntryLine, JournalLines } from "#lib/domain/ledger.ts";

/** What is booked, `noun.past_participle`; the statement has a text for each that touches a balance. */
export type JournalKind =
  | "payment.settled"
  | "order.refunded"
  | "refund.succeeded"
  | "refund.returned"
  | "refund.redirected"
  | "refund.exceeded"
  | "revenue.earned"
  | "fee.charged"
  | "fee.returned"
  | "dispute.opened"
  | "dispute.won"
  | "dispute.lost"
  | "receivable.settled"
  | "bank.moved"
  | "bank.reversed"
  | "bank.credited"
  | "bank.kept"
  | "bank.paid_out"
  | "bank.charged"
  | "bank.returned"
  | "payout.sent"
  | "payout.received"
  | "balance.opened"
  | "balance.reserved"
  | "balance.released";

/** What a journal is booked for. `kind` and `sourceId` together are unique: the same thing is booked once. */
export interface JournalSource {
  readonly kind: JournalKind;
  readonly sourceId: string;
  readonly orderId?: string;
  readonly reason?: string;
}

/**
 * Books a journal. The database refuses one that does not balance, a second one for the same source
 * (unique violation) and one that would take a customer's balance below zero (check violation).
 */
export async function bookJournal(
  tx: Tx,
  actor: Actor,
  source: JournalSource,
  booking: JournalLines,
): Promise<void> {
  const journalId = newRowId();
  const { currency } = booking;
  const entries = booking.lines.map((line) => ({ ...line, id: newRowId() }));
  const actorId = actor.kind === "customer" || actor.kind === "staff" ? actor.accountId : null;
  const written = await tx.$queryRaw<{ id: string }[]>`
    WITH journal AS (
      INSERT INTO journal (id, kind, source_id, currency, order_id, actor_kind, actor_id, reason, booked_at)
        VALUES (${journalId}::uuid, ${source.kind}, ${source.sourceId}::uuid, ${currency},
          ${source.orderId ?? null}::uuid, ${actor.kind}, ${actorId}::uuid, ${source.reason ?? null}, clock_timestamp()))
    ${insertEntries(journalId, currency, entries)}`;
  if (written.length === entries.length) return;

  // Ledger accounts are opened when they are first needed. Somebody may be opening the same: theirs count then.
  const done = new Set(written.map(({ id }) => id));
  const rest = entries.filter(({ id }) => !done.has(id));
  await tx.ledgerAccount.createMany({
    data: rest.map((line) => ({ code: line.code, currency, accountId: line.accountId ?? null })),
    skipDuplicates: true,
  });
  const late = await tx.$queryRaw<unknown[]>(insertEntries(journalId, currency, rest));
  if (late.length < rest.length) throw new Error("A ledger account did not open");
}

/**
 * Writes the entries whose ledger accounts are there, and returns their ids. (The accounts of customers and
 * the others are looked up apart, so that each is found by the unique index.)
 */
function insertEntries(
  journalId: string,
  currency: string,
  entries: readonly (EntryLine & { readonly id: string })[],
): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO ledger_entry (id, journal_id, ledger_account_id, amount_minor)
      SELECT line.id, ${journalId}::uuid, known.id, line.amount_minor
        FROM unnest(
            ${entries.map((line) => line.id)}::text[]::uuid[],
            ${entries.map((line) => line.code)}::text[]::"LedgerCode"[],
            ${entries.map((line) => line.accountId ?? null)}::text[]::uuid[],
            ${entries.map((line) => line.amountMinor.toString())}::text[]::bigint[]
          ) AS line (id, code, account_id, amount_minor)
        JOIN LATERAL (
          SELECT a.id FROM ledger_account a
            WHERE a.code = line.code AND a.currency = ${currency} AND a.account_id = line.account_id
          UNION ALL
          SELECT a.id FROM ledger_account a
            WHERE a.code = line.code AND a.currency = ${currency} AND a.account_id IS NULL AND line.account_id IS NULL
        ) AS known ON true
      RETURNING id`;
}
