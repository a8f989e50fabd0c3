import type { Actor } from "#lib/access/actor.ts";
import type { Tx } from "#lib/db/client.ts";
import type { EntryLine, JournalLines } from "#lib/domain/ledger.ts";

/** What is booked, `noun.past_participle`; the statement has a text for each that touches a balance. */
export type JournalKind =
  | "payment.settled"
  | "order.refunded"
  | "refund.succeeded"
  | "refund.returned"
  | "refund.redirected"
  | "revenue.earned"
  | "fee.charged"
  | "dispute.opened"
  | "dispute.won"
  | "dispute.lost"
  | "receivable.settled"
  | "bank.moved"
  | "bank.credited"
  | "bank.kept"
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
  const entries = [];
  for (const line of booking.lines) {
    entries.push({
      ledgerAccountId: await ledgerAccountId(tx, line, booking.currency),
      amountMinor: line.amountMinor,
    });
  }
  await tx.journal.create({
    data: {
      kind: source.kind,
      sourceId: source.sourceId,
      currency: booking.currency,
      orderId: source.orderId ?? null,
      actorKind: actor.kind,
      actorId: actor.kind === "customer" || actor.kind === "staff" ? actor.accountId : null,
      reason: source.reason ?? null,
      entries: { createMany: { data: entries } },
    },
  });
}

/** The ledger account of a line, opened when it is first needed. */
async function ledgerAccountId(tx: Tx, line: EntryLine, currency: string): Promise<string> {
  const key = { code: line.code, currency, accountId: line.accountId ?? null };
  const known = await tx.ledgerAccount.findFirst({ where: key, select: { id: true } });
  if (known !== null) return known.id;
  // Somebody may be opening the same account: theirs counts then.
  await tx.ledgerAccount.createMany({ data: [key], skipDuplicates: true });
  const opened = await tx.ledgerAccount.findFirst({ where: key, select: { id: true } });
  if (opened === null) throw new Error(`Ledger account ${line.code} ${currency} did not open`);
  return opened.id;
}
