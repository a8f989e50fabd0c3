import { createHash } from "node:crypto";
import type { Actor } from "#lib/access/actor.ts";
import { requireTreasurer } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db, type Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { isNamedTwice } from "#lib/domain/bank-copies.ts";
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
import { flagOrder } from "#lib/services/order/flag-order.ts";
import { lockPayment } from "#lib/services/payment/book-settled-payment.ts";
import { bookMatch, findAlike, findByReference, findWaiting, type Candidate } from "./internal.ts";
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
 * come twice, at once, or again after a break: what was done stays, the rest is done. What may be a known
 * movement in another file's words waits for a person. For leads, administrators and the import command.
 *
 * Refuses, having booked nothing, `statement_unreadable` with the reason and the place, also of a known file
 * that other hints make tell something else; `not_signed_in` and `not_allowed`.
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
  const opened = await openStatements(actor, file, reading.statements);
  if (opened === null) {
    return refuse({ code: "statement_unreadable", problem: { code: "read_otherwise" } });
  }
  const imported: ImportedStatement[] = [];
  for (const { id, statement } of opened) {
    imported.push(await importOne(actor, file, id, statement));
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
  id: string,
  statement: Statement,
): Promise<ImportedStatement> {
  const { accountNumber, currency, lines } = statement;
  const now = await businessNow();
  const waiting = await findWaiting(db(), now);
  const known = await findKnown(lines);
  const notes = [...statement.notes];
  // What overlaps with a known one has nothing between them.
  if (known.size === 0 && (await isAfterGap(id, statement))) {
    notes.push({ code: "statement_missing" });
  }
  const counts: Partial<Record<MatchKind, number>> = {};
  let newLineCount = 0;
  for (const line of lines) {
    if (known.has(line.lineId)) continue;
    const kind = await takeLine(actor, { id, accountNumber, file }, line, waiting, now);
    if (kind === null) continue;
    newLineCount += 1;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  log().info({ statement: id, newLineCount, ...counts }, "bank statement imported");
  return {
    id,
    accountNumber,
    currency,
    lineCount: lines.length,
    newLineCount,
    counts,
    notes,
  };
}

/** Whether the statement of the account before this one, where both tell balances, ended with another balance. */
async function isAfterGap(id: string, statement: Statement): Promise<boolean> {
  const { accountNumber, currency, openingMinor } = statement;
  const [first] = statement.lines.map(({ bookedOn }) => bookedOn).toSorted();
  if (openingMinor === null || first === undefined) return false;
  const before = await db().$queryRaw<{ closing: bigint }[]>`
    SELECT closing FROM (
      SELECT s.closing_minor AS closing, rank() OVER (ORDER BY max(l.booked_on) DESC) AS place
        FROM bank_statement s JOIN bank_line l ON l.statement_id = s.id
        WHERE s.account_number = ${accountNumber} AND s.currency = ${currency} AND s.id <> ${id}::uuid
        GROUP BY s.id HAVING max(l.booked_on) <= ${first}::date) AS earlier
      WHERE place = 1 AND closing IS NOT NULL`;
  return before.length > 0 && before.every(({ closing }) => closing !== openingMinor);
}

/** Which lines were taken before, so that what overlaps costs next to nothing. */
async function findKnown(lines: readonly StatementLine[]): Promise<ReadonlySet<string>> {
  const rows = await db().$queryRaw<{ lineId: string }[]>`
    SELECT line_id AS "lineId" FROM bank_line WHERE line_id = ANY(${lines.map((line) => line.lineId)})`;
  return new Set(rows.map(({ lineId }) => lineId));
}

/**
 * The rows of a file's statements: those that were there when the same file was brought before. Null when it
 * was read otherwise then: as other statements, or with movements that it does not have now.
 */
async function openStatements(
  actor: Actor,
  file: BankFile,
  statements: readonly Statement[],
): Promise<readonly { readonly id: string; readonly statement: Statement }[] | null> {
  const lineIds = new Set(statements.flatMap(({ lines }) => lines.map(({ lineId }) => lineId)));
  return await inTransaction(async (tx) => {
    // Two who bring the same file at once take turns here; their lines are unique anyway.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${file.hash}, 0))`;
    const before = await tx.bankStatement.findMany({
      where: { fileHash: file.hash },
      include: { lines: { select: { lineId: true } } },
    });
    const isKept = before.every(
      (row) =>
        statements.some((statement) => isOf(row, statement)) &&
        row.lines.every(({ lineId }) => lineIds.has(lineId)),
    );
    if (!isKept) return null;
    const rows: Pick<
      (typeof before)[number],
      "id" | "statementId" | "accountNumber" | "currency"
    >[] = [...before];
    const opened = [];
    for (const statement of statements) {
      let row = rows.find((each) => isOf(each, statement));
      if (row === undefined) {
        row = await openStatement(tx, actor, file, statement);
        rows.push(row);
      }
      opened.push({ id: row.id, statement });
    }
    return opened;
  });
}

function isOf(
  row: Pick<Statement, "statementId" | "accountNumber" | "currency">,
  statement: Statement,
): boolean {
  return (
    row.statementId === statement.statementId &&
    row.accountNumber === statement.accountNumber &&
    row.currency === statement.currency
  );
}

async function openStatement(tx: Tx, actor: Actor, file: BankFile, statement: Statement) {
  const opened = await tx.bankStatement.create({
    data: {
      statementId: statement.statementId,
      accountNumber: statement.accountNumber,
      currency: statement.currency,
      openingMinor: statement.openingMinor,
      closingMinor: statement.closingMinor,
      fileName: file.name,
      fileHash: file.hash,
      importedAt: await businessNow(tx),
      importedBy: actor.kind === "staff" ? actor.accountId : null,
      lineCount: statement.lines.length,
      newLineCount: 0,
    },
  });
  await recordAuditEvent(tx, actor, {
    action: "statement.imported",
    subject: `statement ${opened.id}`,
    reason: file.name,
  });
  return opened;
}

/** Books a movement and what it means; null when it is known already. */
async function takeLine(
  actor: Actor,
  statement: { readonly id: string; readonly accountNumber: string; readonly file: BankFile },
  line: StatementLine,
  waiting: readonly Candidate[],
  now: Date,
): Promise<MatchKind | null> {
  const { lineId, bookedOn, valueOn, ...told } = line;
  const references = findBankReferences(line.remittanceText);
  const isNamed = (await findByReference(db(), references)).length > 0;
  // Looking through all that wait takes its time: not while rows are held.
  const unnamed = isNamed ? null : decideMatch(line, waiting, now);
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
    const decision = await decideLine(tx, line, references, unnamed);
    const kind = await carryOut(
      tx,
      actor,
      { ...line, id: row.id, statementId: statement.id },
      decision,
      reason,
    );
    await tx.bankStatement.update({
      where: { id: statement.id },
      data: { newLineCount: { increment: 1 } },
    });
    return kind;
  });
}

/**
 * Decides with the named payments as they are while their rows are held.
 *
 * @param unnamed what was found when no payment was named; one that has come since goes before it
 */
async function decideLine(
  tx: Tx,
  line: StatementLine,
  references: readonly string[],
  unnamed: MatchDecision<Candidate> | null,
): Promise<MatchDecision<Candidate>> {
  const [only, ...others] = await findByReference(tx, references);
  if (only === undefined && unnamed !== null) return unnamed;
  // More than one settle nothing: a person decides.
  if (only !== undefined && others.length === 0) await lockPayment(tx, only.paymentId);
  return decideMatch(line, await findByReference(tx, references), await businessNow(tx));
}

async function carryOut(
  tx: Tx,
  actor: Actor,
  line: StatementLine & { readonly id: string; readonly statementId: string },
  decision: MatchDecision<Candidate>,
  reason: string,
): Promise<MatchKind> {
  const { kind } = decision;
  const where = { id: line.id };
  switch (kind) {
    case "suggested":
    case "unknown":
      await tx.bankLine.update({ where, data: { match: kind } });
      return kind;
    case "returned": {
      const { payment } = decision;
      await tx.bankLine.update({
        where,
        data: { match: kind, paymentId: payment?.paymentId ?? null },
      });
      if (payment?.state !== "settled") return kind;
      // What was paid for may have been taken back: somebody looks.
      const { id } = await tx.order.findUniqueOrThrow({
        where: { number: payment.orderNumber },
        select: { id: true },
      });
      await flagOrder(tx, id, "bank_transfer_returned");
      return kind;
    }
    default: {
      const { paymentId } = decision.payment;
      const payment = await lockPayment(tx, paymentId);
      const alike = await findAlike(tx, line);
      if (alike.some((known) => isNamedTwice({ ...line, paymentId }, known))) {
        await tx.bankLine.update({ where, data: { match: "perhaps_same", paymentId } });
        return "perhaps_same";
      }
      const outcome = await bookMatch(tx, actor, line, decision, payment, reason);
      await tx.bankLine.update({ where, data: { ...outcome, match: kind, state: "matched" } });
      return kind;
    }
  }
}
