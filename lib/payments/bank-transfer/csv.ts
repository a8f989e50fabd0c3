import { createHash } from "node:crypto";
import type {
  Statement,
  StatementColumn,
  StatementNote,
  StatementPlace,
} from "#lib/domain/bank-statement.ts";
import { cleanAccount, cleanOrNull, cleanText } from "./clean-text.ts";
import { balanceLabel, headLabel, isBookedStatus, isFoot, readDirection } from "./csv-columns.ts";
import type { BalanceLabel } from "./csv-columns.ts";
import { type DateOrder, findDateOrder, readDateCell } from "./csv-dates.ts";
import { type CsvRow, type CsvTable, findTable } from "./csv-table.ts";
import { type CellAmount, type DecimalMark, findDecimalMark, readCellAmount } from "./decimal.ts";
import type { AmountCell } from "./decimal.ts";
import { checkTotals } from "./check-totals.ts";
import { cleanBankReference, identifyLines, withoutPlaceholder } from "./line-identity.ts";
import type { LineDraft } from "./line-identity.ts";
import { refuseText, StatementRefusal } from "./statement-refusal.ts";

/** What a table does not tell by itself, told by the person who brings it. */
export interface CsvHints {
  readonly accountNumber?: string | undefined;
  readonly currency?: string | undefined;
  readonly decimalMark?: DecimalMark | undefined;
  readonly dateOrder?: DateOrder | undefined;
}

/**
 * Reads a table of movements as banks export it: a header is found by the names of its columns (English,
 * German, Chinese), delimiter, decimal mark and order of dates by what the whole file can only mean. Where
 * it could mean two things and the difference counts, the file is refused, naming line and column.
 *
 * One statement for each account and currency in it. Running balances are checked row by row. Throws
 * {@link StatementRefusal}.
 *
 * @param texts what the file may read, the likeliest first; see `decodeUnmarked`
 */
export function readCsv(texts: readonly [string, ...string[]], hints: CsvHints = {}): Statement[] {
  const table = findTable(texts);
  const statementId = `csv-${createHash("sha256").update(texts[0]).digest("hex").slice(0, 16)}`;
  const head = readHead(table);
  const { rows, notBooked } = bookedRows(table, head, hints);
  const mark = hints.decimalMark ?? findDecimalMark(rows.flatMap((row) => amountCells(table, row)));
  const dates = rows.flatMap((row) => dateCells(table, row));
  const order = hints.dateOrder ?? findDateOrder(dates);
  const debitsAreNegative = hasOnlyNegatives(table, rows, mark);

  const groups = new Map<string, { row: BookedRow; drafts: Drafted[] }>();
  let withoutAmount = 0;
  for (const row of rows) {
    const draft = readRow(table, row, { mark, order, debitsAreNegative });
    if (draft === null) {
      withoutAmount += 1;
      continue;
    }
    const key = `${row.accountNumber} ${row.currency}`;
    const group = groups.get(key) ?? { row, drafts: [] };
    group.drafts.push(draft);
    groups.set(key, group);
  }
  const told = groups.size === 1 ? readBalances(table, rows[0], mark) : {};
  return [...groups.values()].map(({ row: { accountNumber, currency }, drafts }) => {
    const id = `${statementId}-${currency}`;
    const balances = checkBalances(id, currency, drafts, told);
    const lines = drafts.map(({ draft }) => draft);
    const isChecked = checkTotals({ statementId: id, currency, ...balances, lines });
    const notes: StatementNote[] = [];
    if (notBooked > 0) notes.push({ code: "not_booked", count: notBooked });
    if (withoutAmount > 0) notes.push({ code: "without_amount", count: withoutAmount });
    if (!isChecked) notes.push({ code: "totals_not_checked" });
    return {
      statementId: id,
      accountNumber,
      currency,
      ...balances,
      lines: identifyLines(accountNumber, lines, new Map()),
      notes,
    };
  });
}

interface BookedRow extends CsvRow {
  readonly accountNumber: string;
  readonly currency: string;
}

interface Drafted {
  readonly draft: LineDraft;
  readonly line: number;
  readonly balanceMinor: bigint | null;
}

interface Reading {
  readonly mark: DecimalMark;
  readonly order: DateOrder;
  readonly debitsAreNegative: boolean;
}

/** What stands above the table: account and currency behind a label, or an IBAN anywhere. */
function readHead(table: CsvTable): { account: string | null; currency: string | null } {
  const found = { account: null as string | null, currency: table.currency };
  for (const { cells } of table.before) {
    // "Label;value" and "Label: value" in one cell alike.
    const parts = cells.flatMap((cell) => cell.split(/[:：]/)).map((part) => part.trim());
    parts.forEach((part, index) => {
      const value = (parts[index + 1] ?? "").replace(/[[\]]/g, "").trim();
      const label = headLabel(part);
      if (label === "account" && /\d{4}/.test(value)) found.account ??= value;
      if (label === "currency") found.currency ??= currencyOf(value);
      if (/^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?$/.test(part)) {
        found.account ??= part;
      }
    });
  }
  return found;
}

/** An ISO 4217 code, also where a bank writes its own: RMB and 人民币 are CNY. */
function currencyOf(text: string): string | null {
  const code = text.normalize("NFKC").trim().toUpperCase();
  const named: Readonly<Record<string, string>> = {
    RMB: "CNY",
    人民币: "CNY",
    人民币元: "CNY",
    美元: "USD",
    欧元: "EUR",
    英镑: "GBP",
    日元: "JPY",
    港币: "HKD",
    "€": "EUR",
    "£": "GBP",
  };
  return named[code] ?? (/^[A-Z]{3}$/.test(code) ? code : null);
}

/** The rows that are movements and booked, each with its account and currency. */
function bookedRows(
  table: CsvTable,
  head: { readonly account: string | null; readonly currency: string | null },
  hints: CsvHints,
): { rows: BookedRow[]; notBooked: number } {
  const rows: BookedRow[] = [];
  let notBooked = 0;
  for (const row of table.rows) {
    const status = cellOf(table, row, "status");
    const isBooked = isBookedStatus(status);
    if (isBooked === false) {
      notBooked += 1;
      continue;
    }
    if (!isMovement(table, row)) continue;
    if (isBooked === null) throw refuseText("value_unknown", placeOf(table, row, "status"), status);
    const accountNumber = cleanAccount(
      [cellOf(table, row, "account"), head.account, hints.accountNumber].find(Boolean) ?? null,
    );
    if (accountNumber === null) throw new StatementRefusal({ code: "account_missing" });
    const currency = rowCurrency(table, row) ?? head.currency ?? hints.currency;
    if (currency === undefined) throw new StatementRefusal({ code: "currency_missing" });
    rows.push({ ...row, accountNumber, currency });
  }
  return { rows, notBooked };
}

/**
 * Whether a row tells a movement. Blank rows, words around the table, totals and balances do not; anything
 * else without a day is refused.
 */
function isMovement(table: CsvTable, row: CsvRow): boolean {
  const label = row.cells.find((cell) => cell !== "") ?? "";
  const day = cellOf(table, row, "bookedOn") || cellOf(table, row, "valueOn");
  const hasDay = /\d/.test(day);
  const hasAmount = (["amount", "debit", "credit"] as const).some(
    (column) => cellOf(table, row, column) !== "",
  );
  if (!hasDay && (!hasAmount || isFoot(label))) return false;
  if (hasDay && !hasAmount && row.cells.some(isFoot)) return false;
  if (row.cells.slice(table.columnCount).some((cell) => cell !== "")) {
    throw new StatementRefusal({ code: "row_too_long", line: row.line });
  }
  if (day !== "") return true;
  throw new StatementRefusal({ code: "missing", place: placeOf(table, row, "bookedOn") });
}

function rowCurrency(table: CsvTable, row: CsvRow): string | null {
  let found: string | null = null;
  for (const { index, title } of table.columns.currency ?? []) {
    const text = row.cells[index] ?? "";
    if (text === "") continue;
    const place: StatementPlace = { kind: "cell", line: row.line, column: title };
    const code = currencyOf(text);
    if (code === null) throw refuseText("value_unknown", place, text);
    if (found !== null && found !== code) {
      throw new StatementRefusal({ code: "currency_differs", place, found: code, expected: found });
    }
    found = code;
  }
  return found;
}

function amountCells(table: CsvTable, row: BookedRow): AmountCell[] {
  return (["amount", "debit", "credit", "balance"] as const).flatMap((column) => {
    const text = cellOf(table, row, column);
    return text === ""
      ? []
      : [{ text, place: placeOf(table, row, column), currency: row.currency }];
  });
}

function dateCells(table: CsvTable, row: CsvRow): { text: string; place: StatementPlace }[] {
  return (["bookedOn", "valueOn"] as const).flatMap((column) => {
    const text = cellOf(table, row, column);
    return text === "" ? [] : [{ text, place: placeOf(table, row, column) }];
  });
}

/** Some banks put a minus before what is in the column of debits anyway. */
function hasOnlyNegatives(table: CsvTable, rows: readonly BookedRow[], mark: DecimalMark): boolean {
  const amounts = rows.flatMap((row) => readAmount(table, row, "debit", mark) ?? []);
  const moved = amounts.filter(({ sizeMinor }) => sizeMinor > 0n);
  return moved.length > 0 && moved.every(({ isNegative }) => isNegative);
}

function readAmount(
  table: CsvTable,
  row: BookedRow,
  column: "amount" | "debit" | "credit" | "balance",
  mark: DecimalMark,
): CellAmount | null {
  const text = cellOf(table, row, column);
  if (text === "") return null;
  const place = placeOf(table, row, column);
  return readCellAmount({ text, place, currency: row.currency }, mark);
}

/** The movement of a row; null when it moved nothing. */
function readRow(table: CsvTable, row: BookedRow, reading: Reading): Drafted | null {
  const moved = readMoved(table, row, reading);
  if (moved.amountMinor === 0n) return null;
  const [booked, value] = [cellOf(table, row, "bookedOn"), cellOf(table, row, "valueOn")];
  const dayOf = (column: "bookedOn" | "valueOn", text: string): string =>
    readDateCell({ text, place: placeOf(table, row, column) }, reading.order);
  const bookedOn = booked === "" ? dayOf("valueOn", value) : dayOf("bookedOn", booked);
  const isIn = moved.amountMinor > 0n;
  const party = (what: "Name" | "Account"): string | null => {
    const sides = [`payer${what}`, `payee${what}`] as const;
    const [theirs, other] = isIn ? sides : ([sides[1], sides[0]] as const);
    // A bank with one such column means whoever is on the other side.
    const side = table.columns[theirs] === undefined ? other : theirs;
    return cellOf(table, row, `counterparty${what}`) || cellOf(table, row, side);
  };
  const balance = readAmount(table, row, "balance", reading.mark);
  const remittance = (table.columns.remittance ?? []).map(
    ({ index }) => withoutPlaceholder(row.cells[index] ?? null) ?? "",
  );
  const draft: LineDraft = {
    bookedOn,
    valueOn: value === "" ? bookedOn : dayOf("valueOn", value),
    amountMinor: moved.amountMinor,
    currency: row.currency,
    counterpartyName: cleanOrNull(party("Name"), "name"),
    counterpartyAccount: cleanAccount(party("Account")),
    remittanceText: cleanText([...new Set(remittance)].join("\n"), "remittance"),
    bankReference: cleanBankReference(cellOf(table, row, "bankReference")),
    isReversal: moved.isReversal,
    isCollective: false,
  };
  const balanceMinor = balance === null ? null : signed(balance);
  return { draft, line: row.line, balanceMinor };
}

/** Size and direction, from two columns, from a column that names the direction, or from the sign. */
function readMoved(
  table: CsvTable,
  row: BookedRow,
  { mark, debitsAreNegative }: Reading,
): { amountMinor: bigint; isReversal: boolean } {
  const debit = readAmount(table, row, "debit", mark);
  const credit = readAmount(table, row, "credit", mark);
  const isIn = credit !== null && credit.sizeMinor > 0n;
  const isOut = debit !== null && debit.sizeMinor > 0n;
  if (isIn && isOut) {
    const text = `${cellOf(table, row, "debit")} ${cellOf(table, row, "credit")}`;
    throw refuseText("direction_unclear", placeOf(table, row, "credit"), text);
  }
  // What stands with a minus in the other column takes an earlier movement back.
  if (isIn) return { amountMinor: signed(credit), isReversal: credit.isNegative };
  if (isOut) {
    const isReversal = debit.isNegative && !debitsAreNegative;
    return { amountMinor: isReversal ? debit.sizeMinor : -debit.sizeMinor, isReversal };
  }
  const amount = readAmount(table, row, "amount", mark);
  if (amount === null) {
    if (debit !== null || credit !== null) return { amountMinor: 0n, isReversal: false };
    const column = table.columns.amount === undefined ? "credit" : "amount";
    throw new StatementRefusal({ code: "missing", place: placeOf(table, row, column) });
  }
  const text = cellOf(table, row, "direction");
  const named = text === "" ? amount.marked : readDirection(text);
  if (text !== "" && named === null) {
    throw refuseText("direction_unclear", placeOf(table, row, "direction"), text);
  }
  if (named === "credit" && amount.isNegative) {
    const place = placeOf(table, row, text === "" ? "amount" : "direction");
    throw refuseText("direction_unclear", place, `${text} ${cellOf(table, row, "amount")}`);
  }
  const amountMinor = named === "debit" ? -amount.sizeMinor : signed(amount);
  return { amountMinor, isReversal: false };
}

function signed({ sizeMinor, isNegative, marked }: CellAmount): bigint {
  return isNegative || marked === "debit" ? -sizeMinor : sizeMinor;
}

/** Opening and closing balance that stand above or below the table behind their label. */
function readBalances(
  table: CsvTable,
  sample: BookedRow | undefined,
  mark: DecimalMark,
): Partial<Record<BalanceLabel, bigint>> {
  const told: Partial<Record<BalanceLabel, bigint>> = {};
  for (const { line, cells } of [...table.before, ...table.rows]) {
    cells.forEach((cell, index) => {
      const label = balanceLabel(cell.replace(/[:：]\s*$/, ""));
      const text = cells.slice(index + 1).find((each) => each !== "");
      if (label === null || text === undefined || sample === undefined) return;
      const place: StatementPlace = { kind: "cell", line, column: cell };
      told[label] ??= signed(readCellAmount({ text, place, currency: sample.currency }, mark));
    });
  }
  return told;
}

/** The balances before and after the rows, whichever way they are sorted; refuses running ones that do not follow. */
function checkBalances(
  statementId: string,
  currency: string,
  drafts: readonly Drafted[],
  told: Partial<Record<BalanceLabel, bigint>>,
): { openingMinor: bigint | null; closingMinor: bigint | null } {
  const forwards = follow(drafts);
  const backwards = follow(drafts.toReversed());
  const isDescending = (drafts[0]?.draft.bookedOn ?? "") > (drafts.at(-1)?.draft.bookedOn ?? "");
  const [likely, other] = isDescending ? [backwards, forwards] : [forwards, backwards];
  const chain = likely.breaks === null ? likely : other.breaks === null ? other : null;
  if (chain === null && likely.breaks !== null) {
    const { at, beforeMinor } = likely.breaks;
    throw new StatementRefusal({
      code: "totals_differ",
      statementId,
      currency,
      openingMinor: beforeMinor,
      movedMinor: at.draft.amountMinor,
      closingMinor: at.balanceMinor ?? 0n,
      line: at.line,
    });
  }
  return {
    openingMinor: told.opening ?? chain?.openingMinor ?? null,
    closingMinor: told.closing ?? chain?.closingMinor ?? null,
  };
}

interface Chain {
  readonly openingMinor: bigint | null;
  readonly closingMinor: bigint | null;
  /** The first row whose balance does not follow from the one before. */
  readonly breaks: { readonly at: Drafted; readonly beforeMinor: bigint } | null;
}

function follow(drafts: readonly Drafted[]): Chain {
  let openingMinor: bigint | null = null;
  let runningMinor = 0n;
  for (const at of drafts) {
    const beforeMinor = runningMinor;
    runningMinor += at.draft.amountMinor;
    if (at.balanceMinor === null) continue;
    if (openingMinor === null) {
      openingMinor = at.balanceMinor - runningMinor;
      runningMinor = at.balanceMinor;
    } else if (runningMinor !== at.balanceMinor) {
      return { openingMinor, closingMinor: null, breaks: { at, beforeMinor } };
    }
  }
  const closingMinor = openingMinor === null ? null : runningMinor;
  return { openingMinor, closingMinor, breaks: null };
}

/** The text of a row in a column of which there is at most one; dashes stand for nothing. */
function cellOf(table: CsvTable, row: CsvRow, column: StatementColumn): string {
  const index = table.columns[column]?.[0]?.index;
  const text = index === undefined ? "" : (row.cells[index] ?? "");
  return /^[-–—]+$/.test(text) ? "" : text;
}

function placeOf(table: CsvTable, row: CsvRow, column: StatementColumn): StatementPlace {
  const title = table.columns[column]?.[0]?.title ?? column;
  return { kind: "cell", line: row.line, column: title };
}
