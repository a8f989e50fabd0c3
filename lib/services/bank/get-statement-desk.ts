import type { Actor } from "#lib/access/actor.ts";
import { isTreasurer, requireStaffActor } from "#lib/access/policy.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db, type Prisma } from "#lib/db/client.ts";
import type {
  MatchCounts,
  MatchKind,
  StatementDesk,
  TakenStatement,
  WaitingLine,
} from "#lib/domain/bank-desk.ts";
import { isNamedTwice, looksTheSame } from "#lib/domain/bank-copies.ts";
import { decideMatch, type MatchDecision, type Suggestion } from "#lib/domain/bank-matching.ts";
import { findBankReferences } from "#lib/domain/bank-reference.ts";
import { money, type Money } from "#lib/domain/money.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import {
  findAlike,
  findByReference,
  findWaiting,
  UNDECIDED_LINES,
  type Candidate,
} from "./internal.ts";

const MOST_LINES = 50;
const MOST_STATEMENTS = 20;

type Line = Prisma.BankLineGetPayload<{
  include: { payment: { select: { order: { select: { number: true } } } } };
}>;

/**
 * What waits for a decision, the oldest first, with the orders each movement may be meant for as of now, and
 * which statements were taken in. For all staff; only some may decide.
 *
 * @param input `chosen`: ids of statements to tell more of; unknown ones are left out
 */
export async function getStatementDesk(
  actor: Actor,
  input: { readonly chosen: readonly string[] },
): Promise<Result<StatementDesk>> {
  const staff = requireStaffActor(actor);
  if (!staff.ok) return staff;
  const now = await businessNow();
  const [lines, waitingCount, history, chosen, candidates] = await Promise.all([
    db().bankLine.findMany({
      where: UNDECIDED_LINES,
      include: { payment: { select: { order: { select: { number: true } } } } },
      orderBy: [{ bookedOn: "asc" }, { createdAt: "asc" }],
      take: MOST_LINES,
    }),
    db().bankLine.count({ where: UNDECIDED_LINES }),
    findStatements({}),
    input.chosen.length === 0 ? [] : findStatements({ id: { in: [...input.chosen] } }),
    findWaiting(db(), now),
  ]);
  const waiting: WaitingLine[] = [];
  for (const line of lines) waiting.push(await toWaitingLine(line, candidates, now));
  return accept({ canDecide: isTreasurer(actor), waiting, waitingCount, history, chosen });
}

async function toWaitingLine(
  line: Line,
  candidates: readonly Candidate[],
  now: Date,
): Promise<WaitingLine> {
  const bookedOn = line.bookedOn.toISOString().slice(0, 10);
  const references = findBankReferences(line.remittanceText);
  const named = await findByReference(db(), references);
  const open = candidates.filter((each) => !references.includes(each.reference));
  const told = { ...line, bookedOn };
  const suggestions = suggestionsOf(decideMatch(told, [...named, ...open], now));
  const alike = await findAlike(db(), told);
  const sameAs =
    alike.find((known) => isNamedTwice(told, known)) ??
    alike.find((known) => looksTheSame(told, known)) ??
    null;
  return {
    id: line.id,
    bookedOn,
    amount: money(line.amountMinor, line.currency),
    accountNumber: line.accountNumber,
    counterpartyName: line.counterpartyName,
    counterpartyAccount: line.counterpartyAccount,
    remittanceText: line.remittanceText,
    match: toKind(line.match),
    orderNumber: line.payment?.order.number ?? null,
    sameAs: sameAs && {
      bookedOn: sameAs.bookedOn,
      fileName: sameAs.fileName,
      orderNumber: sameAs.orderNumber,
    },
    suggestions: suggestions.map(({ payment, reasons }) => ({
      paymentId: payment.paymentId,
      orderNumber: payment.orderNumber,
      customerName: payment.customerName,
      missing: money(payment.amountMinor - payment.alreadyReceivedMinor, payment.currency),
      reasons,
    })),
  };
}

/** Also the payment that a movement names which was held back, while it can be paid by it. */
function suggestionsOf(
  decision: MatchDecision<Candidate>,
): readonly Pick<Suggestion<Candidate>, "payment" | "reasons">[] {
  switch (decision.kind) {
    case "suggested":
      return decision.suggestions;
    case "exact":
    case "over":
    case "short":
      return [{ payment: decision.payment, reasons: ["reference_named"] }];
    default:
      return [];
  }
}

async function findStatements(
  where: Prisma.BankStatementWhereInput,
): Promise<readonly TakenStatement[]> {
  const rows = await db().bankStatement.findMany({
    where,
    orderBy: [{ importedAt: "desc" }, { id: "desc" }],
    take: MOST_STATEMENTS,
  });
  const people = await db().account.findMany({
    where: { id: { in: rows.flatMap((row) => row.importedBy ?? []) } },
    select: { id: true, name: true },
  });
  const matches = await db().bankLine.groupBy({
    by: ["statementId", "match"],
    where: { statementId: { in: rows.map((row) => row.id) } },
    _count: { _all: true },
  });
  return rows.map((row) => {
    const counts: MatchCounts = Object.fromEntries(
      matches
        .filter(({ statementId }) => statementId === row.id)
        .map(({ match, _count }) => [toKind(match), _count._all]),
    );
    const amount = (minor: bigint | null): Money | null =>
      minor === null ? null : money(minor, row.currency);
    return {
      id: row.id,
      fileName: row.fileName,
      accountNumber: row.accountNumber,
      currency: row.currency,
      opening: amount(row.openingMinor),
      closing: amount(row.closingMinor),
      importedAt: row.importedAt,
      importedBy:
        row.importedBy === null
          ? null
          : (people.find(({ id }) => id === row.importedBy)?.name ?? row.importedBy),
      lineCount: row.lineCount,
      newLineCount: row.newLineCount,
      counts,
    };
  });
}

const KINDS: readonly MatchKind[] = [
  "exact",
  "over",
  "short",
  "late",
  "duplicate",
  "other_currency",
  "suggested",
  "unknown",
  "returned",
  "perhaps_same",
];

function toKind(match: string): MatchKind {
  const known = KINDS.find((kind) => kind === match);
  if (known !== undefined) return known;
  throw new Error(`Unknown match ${match}`);
}
