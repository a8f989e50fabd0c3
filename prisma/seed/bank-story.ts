import { decideMatch } from "#lib/domain/bank-matching.ts";
import { money } from "#lib/domain/money.ts";
import { identifyLines } from "#lib/payments/bank-transfer/line-identity.ts";
import { accountNumberOf } from "./bank-accounts.ts";
import { digitsOf, uuidOf } from "./ids.ts";
import type { Setting } from "./person.ts";
import type { PriceCurrency } from "./plan-row.ts";

/** What is told of a transfer whose reference its sender forgot. */
interface TransferStory {
  readonly key: string;
  readonly currency: PriceCurrency;
  readonly amountMinor: bigint;
  readonly name: string;
  readonly text: string;
  /** When staff brought the statement of the day. */
  readonly importedAt: Date;
}

/** Tells of a bank statement with one movement that nobody could place: it waits in suspense for staff. */
export function addUnplacedTransfer(setting: Setting, story: TransferStory): void {
  const { rows, books } = setting;
  const { currency, amountMinor, importedAt } = story;
  const statementId = uuidOf("bank statement", story.key);
  const bookedOn = importedAt.toISOString().slice(0, 10);
  const accountNumber = accountNumberOf(currency);
  const openingMinor = 1_250_000n;
  const [line] = identifyLines(
    accountNumber,
    [
      {
        bookedOn,
        valueOn: bookedOn,
        amountMinor,
        currency,
        counterpartyName: story.name,
        counterpartyAccount: `DE00${digitsOf(18, "payer", story.key)}`,
        remittanceText: story.text,
        bankReference: `${bookedOn.replaceAll("-", "")}00000001`,
        isReversal: false,
        isCollective: false,
      },
    ],
    new Map(),
  );
  if (line === undefined) throw new Error(`${story.key} has no line`);
  if (decideMatch(line, [], importedAt).kind !== "unknown") {
    throw new Error(`${story.key} names a reference`);
  }
  const admin = uuidOf("account", "admin@axis.example");
  rows.bankStatements.push({
    id: statementId,
    statementId: `DEMO-${bookedOn}`,
    accountNumber,
    currency,
    openingMinor,
    closingMinor: openingMinor + amountMinor,
    fileName: `statement-${bookedOn}.xml`,
    fileHash: digitsOf(64, "file", story.key),
    importedAt,
    importedBy: admin,
    lineCount: 1,
    newLineCount: 1,
  });
  const lineRow = uuidOf("bank line", story.key);
  rows.bankLines.push({
    ...line,
    id: lineRow,
    statementId,
    accountNumber,
    bookedOn: new Date(`${bookedOn}T00:00:00Z`),
    valueOn: new Date(`${bookedOn}T00:00:00Z`),
    state: "suspended",
    match: "suggested",
    createdAt: importedAt,
  });
  const fileName = `statement-${bookedOn}.xml`;
  books.moveAtBank(
    { id: lineRow, at: importedAt, staffId: admin, reason: `bank statement ${fileName}` },
    money(amountMinor, currency),
  );
  rows.auditEvents.push({
    id: uuidOf("audit", "statement.imported", statementId),
    at: importedAt,
    actorKind: "staff",
    actorId: admin,
    action: "statement.imported",
    subject: `statement ${statementId}`,
    reason: `statement-${bookedOn}.xml`,
  });
}
