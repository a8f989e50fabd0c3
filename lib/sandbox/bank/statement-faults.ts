import type { statementFaults } from "../faults.ts";
import type { BankStatement, BookedTransfer } from "./statement.ts";

export type StatementFault = (typeof statementFaults)[number];

/** A reference of the kind that the portal gives out. */
const reference = /RF(\d{2}) ?(\d{4}) ?(\d{4}) ?(\d{4})/gi;
/** How many lines of the statement before are told again. */
const repeated = 3;

/**
 * Makes a statement wrong in one way. `earlier` are the movements before its first day.
 *
 * - repeat_lines: the last lines before the period are told again, the opening balance put back before them
 * - split_lines: each credit comes as two lines that make it up, each with a reference of its own
 * - break_text: texts are broken every 27 characters, also inside a reference
 * - mangle_reference: references as people retype them: small letters, hyphens, O for 0, l for 1
 * - wrong_digit: one digit of each reference is another one
 * - wrong_decimals: amounts have one decimal more than the currency
 * - wrong_total: the closing balance is one minor unit too high
 * - no_reference: the bank gives no reference of its own
 * - same_file: not done here; the file that was answered before is answered again
 */
export function distortStatement(
  statement: BankStatement,
  how: StatementFault,
  earlier: readonly BookedTransfer[],
): BankStatement {
  const each = (change: (transfer: BookedTransfer) => BookedTransfer): BankStatement => ({
    ...statement,
    transfers: statement.transfers.map(change),
  });
  const retext = (change: (found: string) => string): BankStatement =>
    each((transfer) => ({ ...transfer, text: transfer.text.replace(reference, change) }));
  switch (how) {
    case "same_file":
      return statement;
    case "repeat_lines": {
      const again = earlier.filter(({ isPending }) => !isPending).slice(-repeated);
      const sum = again.reduce((total, { amountMinor }) => total + amountMinor, 0n);
      return {
        ...statement,
        openingMinor: statement.openingMinor - sum,
        transfers: [...again, ...statement.transfers],
      };
    }
    case "split_lines":
      return { ...statement, transfers: statement.transfers.flatMap(split) };
    case "break_text":
      return { ...statement, textWidth: 27 };
    case "mangle_reference":
      return retext((found) =>
        (found.replace(/\s/g, "").match(/.{1,4}/g) ?? [])
          .join("-")
          .toLowerCase()
          .replaceAll("0", "O")
          .replaceAll("1", "l"),
      );
    case "wrong_digit":
      return retext((found) => found.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)));
    case "wrong_decimals":
      return { ...statement, extraDecimals: 1 };
    case "wrong_total":
      return { ...statement, closingMinor: statement.closingMinor + 1n };
    case "no_reference":
      return each((transfer) => ({ ...transfer, bankReference: null }));
  }
}

function split(transfer: BookedTransfer): BookedTransfer[] {
  const { amountMinor, bankReference } = transfer;
  if (amountMinor < 2n) return [transfer];
  const first = amountMinor / 2n;
  return [first, amountMinor - first].map((part, index) => ({
    ...transfer,
    amountMinor: part,
    bankReference: bankReference === null ? null : `${bankReference}-${index + 1}`,
  }));
}
