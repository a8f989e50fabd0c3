import { findBankReferences } from "./bank-reference.ts";

/** What two movements are compared by, to find out whether they may be one that two files tell of. */
export interface ComparedLine {
  /** The file's statement, our id. */
  readonly statementId: string;
  /** `YYYY-MM-DD`. */
  readonly bookedOn: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** The payment that its reference names, or that a person said. */
  readonly paymentId: string | null;
  readonly counterpartyName: string | null;
  readonly remittanceText: string;
}

/** Files of one bank may tell different days of one movement: when it was booked, or when it counts. */
const DAYS_APART = 3;
const DAY_MS = 86_400_000;

/** The days on which another file may tell of a movement: those around it, and day and month swapped. */
export function daysOfCopies(bookedOn: string): string[] {
  const [year = "", month = "", day = ""] = bookedOn.split("-");
  const at = Date.parse(`${bookedOn}T00:00:00Z`);
  const days = Array.from({ length: 2 * DAYS_APART + 1 }, (_, index) =>
    new Date(at + (index - DAYS_APART) * DAY_MS).toISOString().slice(0, 10),
  );
  if (Number(day) <= 12 && day !== month) days.push(`${year}-${day}-${month}`);
  return days;
}

/** Whether a movement that names this payment may be that other one: it must not be credited unasked. */
export function isNamedTwice(line: ComparedLine, other: ComparedLine): boolean {
  if (!isAlike(line, other)) return false;
  if (line.paymentId !== null && line.paymentId === other.paymentId) return true;
  const theirs = findBankReferences(other.remittanceText);
  return findBankReferences(line.remittanceText).some((reference) => theirs.includes(reference));
}

/** Whether a person should ask: also those that name nothing, but come from the same person or say the same. */
export function looksTheSame(line: ComparedLine, other: ComparedLine): boolean {
  if (!isAlike(line, other)) return false;
  if (isNamedTwice(line, other)) return true;
  // Each is known to be for a payment of its own.
  if (line.paymentId !== null && other.paymentId !== null) return false;
  const both = [line, other].map((each) => findBankReferences(each.remittanceText));
  if (both.every((references) => references.length > 0)) return false;
  const sameName =
    line.counterpartyName !== null &&
    other.counterpartyName !== null &&
    plain(line.counterpartyName) === plain(other.counterpartyName);
  const text = plain(line.remittanceText);
  return sameName || (text !== "" && text === plain(other.remittanceText));
}

/** The same money about the same time, told by different files. One file tells of each movement once. */
function isAlike(line: ComparedLine, other: ComparedLine): boolean {
  return (
    line.statementId !== other.statementId &&
    line.currency === other.currency &&
    line.amountMinor === other.amountMinor &&
    daysOfCopies(line.bookedOn).includes(other.bookedOn)
  );
}

function plain(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s\p{P}]+/gu, " ")
    .trim();
}
