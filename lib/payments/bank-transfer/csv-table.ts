import { CsvError, parse } from "csv-parse/sync";
import type { StatementColumn } from "#lib/domain/bank-statement.ts";
import { headerCurrency, knownColumn } from "./csv-columns.ts";
import { StatementRefusal } from "./statement-refusal.ts";

/** A row of the file, with the number of the line on which it begins. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A column that is read. */
export interface CsvColumn {
  readonly index: number;
  /** As the file names it, for refusals. */
  readonly title: string;
}

/** A table of movements found in a file: what stands before it, its columns, and its rows. */
export interface CsvTable {
  readonly before: readonly CsvRow[];
  readonly columnCount: number;
  readonly columns: Readonly<Partial<Record<StatementColumn, readonly CsvColumn[]>>>;
  /** A currency that the header names beside an amount. */
  readonly currency: string | null;
  readonly rows: readonly CsvRow[];
}

/** A line that no bank writes; read as a row of millions of cells it would take minutes. */
const LONGEST_LINE = 20_000;
const DELIMITERS = [";", ",", "\t"] as const;
/** The header stands among the first lines, under the bank's name and the period. */
const HEADER_WITHIN = 40;

/**
 * Finds the table in what a file may read: of encodings and delimiters those under which a header of the
 * most known columns appears. Throws {@link StatementRefusal}.
 */
export function findTable(texts: readonly string[]): CsvTable {
  let best: { text: string; delimiter: string; score: number; at: number } | null = null;
  const missing = new Set<StatementColumn>(["bookedOn", "amount"]);
  for (const text of texts) {
    requireLines(text);
    for (const delimiter of DELIMITERS) {
      const top = readTop(text, delimiter);
      const scores = top.map(({ cells }) => scoreHeader(cells, missing));
      const score = Math.max(0, ...scores);
      if (score > (best?.score ?? 0)) best = { text, delimiter, score, at: scores.indexOf(score) };
    }
  }
  const rows = best === null ? [] : parseRows(best.text, best.delimiter);
  const at = best?.at ?? 0;
  const header = rows[at];
  if (header === undefined) {
    throw new StatementRefusal({ code: "header_not_found", missing: [...missing] });
  }
  return {
    before: rows.slice(0, at),
    columnCount: header.cells.length,
    columns: chooseColumns(header),
    currency: header.cells.map(headerCurrency).find((each) => each !== null) ?? null,
    rows: rows.slice(at + 1),
  };
}

function requireLines(text: string): void {
  const line = text.split(/\r\n?|\n/).findIndex(({ length }) => length > LONGEST_LINE) + 1;
  if (line > 0) throw new StatementRefusal({ code: "csv_malformed", line, detail: "too long" });
}

/** How many columns of a header are known; 0 when a day or an amount is missing. Found ones leave `missing`. */
function scoreHeader(cells: readonly string[], missing: Set<StatementColumn>): number {
  const known = new Set(cells.flatMap((cell) => knownColumn(unwrap(cell))?.column ?? []));
  const hasDay = known.has("bookedOn") || known.has("valueOn");
  const hasAmount = known.has("amount") || known.has("debit") || known.has("credit");
  if (known.size >= 2) {
    if (hasDay) missing.delete("bookedOn");
    if (hasAmount) missing.delete("amount");
  }
  return hasDay && hasAmount ? known.size : 0;
}

/** Columns of which a file may have several: texts are put together, the others must agree. */
const SEVERAL: readonly StatementColumn[] = ["remittance", "currency"];

function chooseColumns({ cells, line }: CsvRow): CsvTable["columns"] {
  const chosen: Partial<Record<StatementColumn, { rank: number; columns: CsvColumn[] }>> = {};
  cells.forEach((cell, index) => {
    const title = unwrap(cell).trim().slice(0, 60);
    const known = knownColumn(title);
    if (known === null) return;
    const { column, rank } = known;
    const other = chosen[column];
    if (other === undefined || rank < other.rank) {
      chosen[column] = { rank, columns: [{ index, title }] };
    } else if (rank === other.rank) {
      other.columns.push({ index, title });
    }
  });
  // Where debits and credits have columns of their own, an amount beside them is another one: the original's.
  if (chosen.debit !== undefined && chosen.credit !== undefined) delete chosen.amount;
  const columns: Partial<Record<StatementColumn, readonly CsvColumn[]>> = {};
  for (const column of Object.keys(chosen) as StatementColumn[]) {
    const found = chosen[column]?.columns ?? [];
    if (found.length > 1 && !SEVERAL.includes(column)) {
      const titles = found.map(({ title }) => title);
      throw new StatementRefusal({ code: "columns_ambiguous", columns: titles, line });
    }
    columns[column] = found;
  }
  return columns;
}

/** The first rows under a delimiter, read simply where quotes are wrong: which line that is, is told later. */
function readTop(text: string, delimiter: string): CsvRow[] {
  try {
    return parseRows(text, delimiter, HEADER_WITHIN);
  } catch (error) {
    if (!(error instanceof StatementRefusal)) throw error;
    const lines = text.slice(0, LONGEST_LINE).split(/\r\n|\n|\r/, HEADER_WITHIN);
    return lines.map((line, index) => {
      const cells = line
        .split(delimiter)
        .map((cell) => unwrap(cell.replace(/^\s*"(.*)"\s*$/, "$1")));
      return { line: index + 1, cells };
    });
  }
}

function parseRows(text: string, delimiter: string, limit?: number): CsvRow[] {
  try {
    const records = parse(text, {
      delimiter,
      bom: true,
      info: true,
      relax_column_count: true,
      // Some banks write ="00123" so that a spreadsheet keeps the zeros.
      relax_quotes: true,
      max_record_size: LONGEST_LINE,
      ...(limit === undefined ? {} : { to: limit }),
    }) as unknown as { record: string[]; info: { lines: number } }[];
    let last = 0;
    return records.map(({ record, info }) => {
      const line = last + 1;
      last = info.lines;
      return { line, cells: record.map(unwrap) };
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const lines: unknown = error["lines"];
    throw new StatementRefusal({
      code: "csv_malformed",
      line: typeof lines === "number" ? lines : null,
      detail: error.code,
    });
  }
}

/** A cell without the blanks and tabs around it, and without `="…"`. */
function unwrap(cell: string): string {
  const text = cell.trim();
  return /^="([^"]*)"$/.exec(text)?.[1]?.trim() ?? text;
}
