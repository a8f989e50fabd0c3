import type { StatementPlace } from "#lib/domain/bank-statement.ts";
import { currencyExponent } from "#lib/domain/money.ts";
import { refuseText, StatementRefusal } from "./statement-refusal.ts";

export type DecimalMark = "." | ",";

/** A number as written, taken apart: digits before and behind the mark. */
interface Written {
  readonly whole: string;
  readonly fraction: string;
}

/**
 * Minor units of an amount as ISO 20022 writes it (`ActiveOrHistoricCurrencyAndAmount`: digits, a point, no
 * sign), exactly. Refuses anything else, and more decimals than the currency has, be they zeros: whoever
 * writes 1280.00 yen may mean something else.
 */
export function readPlainDecimal(text: string, currency: string, place: StatementPlace): bigint {
  const [, whole, fraction = ""] = /^(\d{1,18})(?:\.(\d{0,5}))?$/.exec(text.trim()) ?? [];
  if (whole === undefined) throw refuseText("not_an_amount", place, text);
  return toMinor({ whole, fraction }, currency, place, text);
}

/** A cell of a table that holds an amount. */
export interface AmountCell {
  readonly text: string;
  readonly place: StatementPlace;
  readonly currency: string;
}

/** An amount in a table: its size, and the direction that its signs tell. */
export interface CellAmount {
  readonly sizeMinor: bigint;
  readonly isNegative: boolean;
  /** `CR` or `DR` beside the figure. */
  readonly marked: "credit" | "debit" | null;
}

/**
 * Which character stands before the decimals in a file, by what its amounts can only mean: 1.234,56 and
 * 12,50 tell a comma. Throws {@link StatementRefusal} when they contradict each other, when one is no amount at
 * all, and when none tells and it makes a difference.
 */
export function findDecimalMark(cells: readonly AmountCell[]): DecimalMark {
  const seen: Partial<Record<DecimalMark, AmountCell>> = {};
  let unclear: AmountCell | undefined;
  for (const cell of cells) {
    const { body } = takeApart(cell.text);
    const withPoint = possible(body, ".", cell.currency);
    const withComma = possible(body, ",", cell.currency);
    if (withPoint === null && withComma === null) {
      throw refuseText("not_an_amount", cell.place, cell.text);
    }
    if (withPoint !== null && withComma !== null) {
      const isSame =
        withPoint.whole === withComma.whole && withPoint.fraction === withComma.fraction;
      if (!isSame) unclear ??= cell;
    } else {
      seen[withComma === null ? "." : ","] ??= cell;
    }
  }
  if (seen["."] !== undefined && seen[","] !== undefined) {
    throw refuseText("amount_ambiguous", seen[","].place, seen[","].text);
  }
  if (seen[","] !== undefined) return ",";
  if (seen["."] === undefined && unclear !== undefined) {
    throw refuseText("amount_ambiguous", unclear.place, unclear.text);
  }
  return ".";
}

/** The amount of a cell. Throws {@link StatementRefusal}: not an amount, another currency, wrong decimals. */
export function readCellAmount(cell: AmountCell, mark: DecimalMark): CellAmount {
  const { body, isNegative, marked, named } = takeApart(cell.text);
  if (named !== null && named !== cell.currency) {
    const { place, currency: expected } = cell;
    throw new StatementRefusal({ code: "currency_differs", place, found: named, expected });
  }
  const written = split(body, mark);
  if (written === null) throw refuseText("not_an_amount", cell.place, cell.text);
  const sizeMinor = toMinor(written, cell.currency, cell.place, cell.text);
  return { sizeMinor, isNegative: isNegative && sizeMinor > 0n, marked };
}

interface CellParts {
  readonly body: string;
  readonly isNegative: boolean;
  readonly marked: "credit" | "debit" | null;
  /** A currency code beside the figure. */
  readonly named: string | null;
}

/** Takes signs, marks and currency off a figure: `-1.234,56 €`, `CNY 68.00`, `(12.50)`, `12.50 CR`. */
function takeApart(text: string): CellParts {
  let body = text
    .normalize("NFKC")
    .trim()
    .replace(/[€£$¥元]/g, "")
    .trim();
  let marked: CellParts["marked"] = null;
  const direction = /\s*\b(CR|DR)\.?$/i.exec(body);
  if (direction !== null) {
    marked = direction[1]?.toUpperCase() === "CR" ? "credit" : "debit";
    body = body.slice(0, direction.index).trim();
  }
  const named = /^[A-Z]{3}(?![A-Z])|(?<![A-Z])[A-Z]{3}$/.exec(body)?.[0] ?? null;
  if (named !== null) body = body.replace(named, "").trim();
  let isNegative = false;
  const enclosed = /^\((.*)\)$/.exec(body);
  const before = /^([-+\u2212\u2013])\s*(.*)$/.exec(body);
  const behind = /^(.*?)\s*([-+\u2212\u2013])$/.exec(body);
  if (enclosed !== null) {
    isNegative = true;
    body = enclosed[1]?.trim() ?? "";
  } else if (before !== null) {
    isNegative = before[1] !== "+";
    body = before[2] ?? "";
  } else if (behind !== null) {
    isNegative = behind[2] !== "+";
    body = behind[1] ?? "";
  }
  return { body, isNegative, marked, named };
}

/** As {@link split}, but a currency without decimals has none: there a mark can only group. */
function possible(body: string, mark: DecimalMark, currency: string): Written | null {
  const written = split(body, mark);
  if (written === null || written.fraction === "" || currencyExponent(currency) > 0) return written;
  return split(body, mark === "." ? "," : ".")?.fraction === "" ? null : written;
}

const PLAIN: Readonly<Record<DecimalMark, RegExp>> = {
  ".": /^(\d{1,18})(?:\.(\d{1,6}))?$/,
  ",": /^(\d{1,18})(?:,(\d{1,6}))?$/,
};
const GROUPED: Readonly<Record<DecimalMark, RegExp>> = {
  ".": /^(\d{1,3}([,'’ _])\d{3}(?:\2\d{3}){0,5})(?:\.(\d{1,6}))?$/,
  ",": /^(\d{1,3}([.'’ _])\d{3}(?:\2\d{3}){0,5})(?:,(\d{1,6}))?$/,
};

/** Digits before and behind `mark`; thousands may be grouped by any one other sign. Null when it cannot be read so. */
function split(body: string, mark: DecimalMark): Written | null {
  const [, whole, fraction = ""] = PLAIN[mark].exec(body) ?? [];
  if (whole !== undefined) return { whole, fraction };
  const [, groups, , decimals = ""] = GROUPED[mark].exec(body) ?? [];
  return groups === undefined ? null : { whole: groups.replace(/\D/g, ""), fraction: decimals };
}

function toMinor(
  { whole, fraction }: Written,
  currency: string,
  place: StatementPlace,
  text: string,
): bigint {
  const exponent = currencyExponent(currency);
  if (fraction.length > exponent) {
    const quoted = text.slice(0, 60);
    throw new StatementRefusal({ code: "decimals_wrong", place, text: quoted, currency });
  }
  return BigInt(whole + fraction.padEnd(exponent, "0"));
}
