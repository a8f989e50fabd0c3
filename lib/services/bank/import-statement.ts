import { createHash } from "node:crypto";
import type { Actor } from "#lib/access/actor.ts";
import { requireTreasurer } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db, type Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import type { MatchCounts, MatchKind } from "#lib/domain/bank-desk.ts";
import { decideMatch, type MatchDecision } from "#lib/domain/bank-matching.ts";
import { findBankReferences } from "#lib/domain/bank-reference.ts";
import type { Statement, StatementLine, StatementNote } from "#lib/domain/bank-statement.ts";
import { bankMoved } from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { log } from "#lib/observability/log.ts";
import { bankTransfers } from "#lib/payments/registry.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { lockPayment } from "#lib/services/payment/book-settled-payment.ts";
import { flagOrder } from "#lib/services/order/flag-order.ts";
import { bookMatch, findByReference, findWaiting, type Candidate } from "./internal.ts";
import type { StatementHintsInput } from "./schemas.ts";

/** What became of one statement of a file. */
export interface ImportedStatement {
  readonly id: string;
  readonly accountNumber: string;
  readonly currency: string;
  readonly lineCount: number;
  /** Movements that were not known; how they were matched is in `counts`. */
  readonly newLineCount: number;
  readonly counts: MatchCounts;
  readonly notes: readonly StatementNote[];
}

/** Longest file name that is kept. */
const NAME_LENGTH = 200;

/**
 * Takes in a bank's statement, CAMT.053 or CSV: each movement is booked, and what its reference says is
 * done, in a transaction of its own. A movement that is known already is passed over, so the same file may
 * come twice, at once, or again after a break: what was done stays, the rest is done. For leads,
 * administrators and the import command.
 *
 * Refuses, having booked nothing, `statement_unreadable` with the reason and the place; `not_signed_in`
 * and `not_allowed`.
 */
export async function importStatement(
  actor: Actor,
  input: {
    readonly fileName: string;
    readonly bytes: Uint8Array;
    readonly hints: StatementHintsInput;
  },
): Promise<Result<readonly ImportedStatement[]>> {
  if (actor.kind !== "system") {
    const treasurer = requireTreasurer(actor);
    if (!treasurer.ok) return treasurer;
  }
  const reading = bankTransfers().readStatement(input.bytes, input.hints);
  if (!reading.ok) return refuse({ code: "statement_unreadable", problem: reading.problem });
  const file = {
    name: input.fileName.replaceAll(/\p{Cc}+/gu, " ").slice(0, NAME_LENGTH),
    hash: createHash("sha256").update(input.bytes).digest("hex"),
  };
  const imported: ImportedStatement[] = [];
  for (const statement of reading.statements) {
    imported.push(await importOne(actor, file, statement));
  }
  return accept(imported);
}

interface BankFile {
  readonly name: string;
  /** SHA-256, hex. */
  readonly hash: string;
}

async function importOne(
  actor: Actor,
  file: BankFile,
  statement: Statement,
): Promise<ImportedStatement> {
  const statementRow = await openStatement(actor, file, statement);
  const waiting = await findWaiting(db(), await businessNow());
  const known = await findKnown(statement.lines);
  const counts: Partial<Record<MatchKind, number>> = {};
  let newLineCount = 0;
  for (const line of statement.lines) {
    if (known.has(line.lineId)) continue;
    const kind = await takeLine(actor, { ...statement, ...statementRow, file }, line, waiting);
    if (kind === null) continue;
    newLineCount += 1;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  log().info({ statement: statementRow.id, newLineCount, ...counts }, "bank statement imported");
  return {
    id: statementRow.id,
    accountNumber: statement.accountNumber,
    currency: statement.currency,
    lineCount: statement.lines.length,
    newLineCount,
    counts,
    notes: statement.notes,
  };
}

/** Which lines were taken before, so that what overlaps costs next to nothing. */
async function findKnown(lines: readonly StatementLine[]): Promise<ReadonlySet<string>> {
  const rows = await db().$queryRaw<{ lineId: string }[]>`
    SELECT line_id AS "lineId" FROM bank_line WHERE line_id = ANY(${lines.map((line) => line.lineId)})`;
  return new Set(rows.map(({ lineId }) => lineId));
}

/** The statement's row: the one that was there when the same file was brought before. */
async function openStatement(
  actor: Actor,
  file: BankFile,
  statement: Statement,
): Promise<{ readonly id: string }> {
  const { statementId, accountNumber, currency } = statement;
  return await inTransaction(async (tx) => {
    // Two who bring the same file at once take turns here; their lines are unique anyway.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${file.hash}, 0))`;
    const known = await tx.bankStatement.findFirst({
      where: { fileHash: file.hash, statementId, accountNumber, currency },
      select: { id: true },
    });
    if (known !== null) return known;
    const opened = await tx.bankStatement.create({
      data: {
        statementId,
        accountNumber,
        currency,
        openingMinor: statement.openingMinor,
        closingMinor: statement.closingMinor,
        fileName: file.name,
        fileHash: file.hash,
        importedAt: await businessNow(tx),
        importedBy: actor.kind === "staff" ? actor.accountId : null,
        lineCount: statement.lines.length,
        newLineCount: 0,
      },
      select: { id: true },
    });
    await recordAuditEvent(tx, actor, {
      action: "statement.imported",
      subject: `statement ${opened.id}`,
      reason: file.name,
    });
    return opened;
  });
}

/** Books a movement and what it means; null when it is known already. */
async function takeLine(
  actor: Actor,
  statement: { readonly id: string; readonly accountNumber: string; readonly file: BankFile },
  line: StatementLine,
  waiting: readonly Candidate[],
): Promise<MatchKind | null> {
  const { lineId, bookedOn, valueOn, ...told } = line;
  return await inTransaction(async (tx) => {
    const [row] = await tx.bankLine.createManyAndReturn({
      data: [
        {
          ...told,
          lineId,
          bookedOn: new Date(`${bookedOn}T00:00:00Z`),
          valueOn: new Date(`${valueOn}T00:00:00Z`),
          statementId: statement.id,
          accountNumber: statement.accountNumber,
          state: line.amountMinor < 0n ? "outgoing" : "suspended",
          match: "unknown",
        },
      ],
      skipDuplicates: true,
      select: { id: true },
    });
    if (row === undefined) return null;
    const reason = `bank statement ${statement.file.name}`;
    await bookJournal(
      tx,
      actor,
      { kind: "bank.moved", sourceId: row.id, reason },
      bankMoved(money(line.amountMinor, line.currency)),
    );
    const decision = await decideLine(tx, line, waiting);
    await carryOut(tx, actor, { ...line, id: row.id }, decision, reason);
    await tx.bankStatement.update({
      where: { id: statement.id },
      data: { newLineCount: { increment: 1 } },
    });
    return decision.kind;
  });
}

/** Decides with the named payments as they are while their rows are held. */
async function decideLine(
  tx: Tx,
  line: StatementLine,
  waiting: readonly Candidate[],
): Promise<MatchDecision<Candidate>> {
  const references = findBankReferences(line.remittanceText);
  const [only, ...others] = await findByReference(tx, references);
  // More than one settle nothing: a person decides.
  if (only !== undefined && others.length === 0) await lockPayment(tx, only.paymentId);
  const named = await findByReference(tx, references);
  const open = waiting.filter((each) => !references.includes(each.reference));
  return decideMatch(line, [...named, ...open], await businessNow(tx));
}

async function carryOut(
  tx: Tx,
  actor: Actor,
  line: StatementLine & { readonly id: string },
  decision: MatchDecision<Candidate>,
  reason: string,
): Promise<void> {
  const { kind } = decision;
  const where = { id: line.id };
  switch (kind) {
    case "suggested":
    case "unknown":
      await tx.bankLine.update({ where, data: { match: kind } });
      return;
    case "returned": {
      const { payment } = decision;
      await tx.bankLine.update({
        where,
        data: { match: kind, paymentId: payment?.paymentId ?? null },
      });
      if (payment?.state !== "settled") return;
      // What was paid for may have been taken back: somebody looks.
      const { id } = await tx.order.findUniqueOrThrow({
        where: { number: payment.orderNumber },
        select: { id: true },
      });
      await flagOrder(tx, id, "bank_transfer_returned");
      return;
    }
    default: {
      const payment = await lockPayment(tx, decision.payment.paymentId);
      const outcome = await bookMatch(tx, actor, line, decision, payment, reason);
      await tx.bankLine.update({ where, data: { ...outcome, match: kind, state: "matched" } });
    }
  }
}
