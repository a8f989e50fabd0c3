import { isNumberOf, type BankAccounts } from "#lib/domain/bank-account.ts";
import type { Statement, StatementReading } from "#lib/domain/bank-statement.ts";
import { STATEMENT_MAX_BYTES } from "#lib/config/limits.ts";
import { readCamt053 } from "./camt053.ts";
import { cleanAccount } from "./clean-text.ts";
import { type CsvHints, readCsv } from "./csv.ts";
import { decodeUnmarked, decodeXml } from "./decode-file.ts";
import { StatementRefusal } from "./statement-refusal.ts";

/** What the person who brings a file can say about it; only tables without it need it. */
export type StatementHints = CsvHints;

/**
 * Reads a bank's statement, CAMT.053 or CSV, whichever it is. All of it or nothing: a file that is not
 * understood, contradicts itself or does not add up is refused with the reason and, where there is one,
 * the place.
 *
 * @param hints `accountNumber` is also compared with what the file says
 * @param accounts the operator's; a statement of any other account is refused. Not given: all are taken
 */
export function readStatement(
  file: Uint8Array,
  hints: StatementHints = {},
  accounts?: BankAccounts,
): StatementReading {
  try {
    const statements = read(file, hints);
    for (const { accountNumber, currency } of statements) {
      requireAccount(accountNumber, hints.accountNumber);
      if (accounts !== undefined) requireOwn(accounts, accountNumber, currency);
    }
    return { ok: true, statements };
  } catch (error) {
    if (error instanceof StatementRefusal) return { ok: false, problem: error.problem };
    throw error;
  }
}

function read(file: Uint8Array, hints: StatementHints): Statement[] {
  if (file.byteLength > STATEMENT_MAX_BYTES) {
    throw new StatementRefusal({ code: "file_too_large", limitBytes: STATEMENT_MAX_BYTES });
  }
  if (isBinary(file)) throw new StatementRefusal({ code: "format_unknown" });
  const texts = decodeUnmarked(file);
  if (texts[0].trim() === "") throw new StatementRefusal({ code: "file_empty" });
  if (texts[0].trimStart().startsWith("<")) return readCamt053(decodeXml(file));
  return readCsv(texts, hints);
}

/** PDF, ZIP (and with it XLSX), old XLS, or anything with zero bytes that is not UTF-16. */
function isBinary(file: Uint8Array): boolean {
  const start = Buffer.from(file.subarray(0, 8)).toString("hex");
  // "%PDF", "PK", and the head of a compound file.
  if (/^(25504446|504b|d0cf11e0)/.test(start)) return true;
  return !/^(fffe|feff)/.test(start) && file.subarray(0, 4_096).includes(0);
}

function requireAccount(found: string, hint: string | undefined): void {
  const expected = cleanAccount(hint ?? null);
  if (expected !== null && expected !== found) {
    throw new StatementRefusal({ code: "account_differs", found, expected });
  }
}

/** A mistyped account would be another account, in which everything is new. */
function requireOwn(accounts: BankAccounts, found: string, currency: string): void {
  const own = Object.hasOwn(accounts, currency) ? accounts[currency] : undefined;
  if (own === undefined || !isNumberOf(own, found)) {
    throw new StatementRefusal({ code: "account_unknown", found, currency });
  }
}
