/**
 * A line of a CSV file (RFC 4180) for spreadsheets, line end included. A text that a spreadsheet would take
 * for a formula, or part of one, is marked as text by an apostrophe: one that begins with = + - @, a tab or
 * a line break, or the full-width forms of those (OWASP, "CSV Injection"). Plain numbers stay numbers.
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** Marks the encoding for spreadsheets, which would else read Chinese as something else. */
export const BYTE_ORDER_MARK = "\ufeff";

const NUMBER = /^-?\d+(\.\d+)?$/;
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

function csvCell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
