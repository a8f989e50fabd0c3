import { describe, expect, test } from "vitest";
import type { StatementProblem } from "#lib/domain/bank-statement.ts";
import { LOCALES } from "#lib/domain/locale.ts";
import { statementProblemText } from "#lib/i18n/statement-problem.ts";

const place = { kind: "cell", line: 7, column: "Amount" } as const;
const told = { place, text: "1.234" } as const;

/** One of each problem; a new code does not compile until it stands here. */
const EACH: {
  readonly [Code in StatementProblem["code"]]: Extract<StatementProblem, { code: Code }>;
} = {
  file_too_large: { code: "file_too_large", limitBytes: 5 * 1024 * 1024 },
  file_empty: { code: "file_empty" },
  format_unknown: { code: "format_unknown" },
  encoding_unknown: { code: "encoding_unknown", encoding: null },
  xml_malformed: { code: "xml_malformed", line: null, detail: "no end" },
  xml_declares_type: { code: "xml_declares_type" },
  xml_too_deep: { code: "xml_too_deep" },
  not_a_statement: { code: "not_a_statement", found: "camt.052" },
  csv_malformed: { code: "csv_malformed", line: 7, detail: "a quote" },
  header_not_found: { code: "header_not_found", missing: ["bookedOn", "amount"] },
  columns_ambiguous: { code: "columns_ambiguous", columns: ["Date", "Day"], line: 7 },
  row_too_long: { code: "row_too_long", line: 7 },
  account_missing: { code: "account_missing" },
  account_differs: { code: "account_differs", found: "A1", expected: "B2" },
  account_unknown: { code: "account_unknown", found: "A1", currency: "EUR" },
  read_otherwise: { code: "read_otherwise" },
  currency_missing: { code: "currency_missing" },
  missing: { code: "missing", place: { kind: "element", path: "/Document/BkToCstmrStmt" } },
  not_an_amount: { code: "not_an_amount", ...told },
  decimals_wrong: { code: "decimals_wrong", ...told, currency: "JPY" },
  amount_ambiguous: { code: "amount_ambiguous", ...told },
  not_a_date: { code: "not_a_date", ...told },
  date_ambiguous: { code: "date_ambiguous", ...told },
  direction_unclear: { code: "direction_unclear", ...told },
  currency_differs: { code: "currency_differs", place, found: "EUR", expected: "GBP" },
  value_unknown: { code: "value_unknown", ...told },
  statement_repeated: { code: "statement_repeated", statementId: "S-1" },
  totals_differ: {
    code: "totals_differ",
    statementId: "S-1",
    currency: "JPY",
    openingMinor: 1_000n,
    movedMinor: 50n,
    closingMinor: 1_051n,
    line: 7,
  },
};

describe.each(LOCALES)("in %s", (locale) => {
  test.each(Object.values(EACH))("$code says what is wrong, and where", (problem) => {
    const text = statementProblemText(problem, locale);
    expect(text.length).toBeGreaterThan(4);
    expect(text).not.toMatch(/[{}]|undefined|null/);
    if ("line" in problem && problem.line !== null) expect(text).toContain("7");
    if ("place" in problem) expect(text).toContain(problem.place.kind === "cell" ? "7" : "Stmt");
    if ("text" in problem) expect(text).toContain("1.234");
  });

  test("what is quoted of a file is one short line", () => {
    const hostile = `<b>\n${"x".repeat(5_000)}\u202e`;
    const text = statementProblemText({ code: "not_an_amount", place, text: hostile }, locale);
    expect(text.length).toBeLessThan(200);
    expect(text).not.toMatch(/\n|\u202e/);
  });
});
