import type { StatementPlace, StatementProblem } from "#lib/domain/bank-statement.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { money } from "#lib/domain/money.ts";
import { formatMoney } from "./format.ts";
import { translator, type Translator } from "./translator.ts";

/** What is quoted of a file at most: it may be anything. */
const QUOTED = 60;
const MEGABYTE = 1024 * 1024;

/** Why a statement was not taken, and where in the file, in a sentence or two. */
export function statementProblemText(problem: StatementProblem, locale: Locale): string {
  const t = translator(locale, "statements");
  const list = (names: readonly string[]): string => new Intl.ListFormat(locale).format(names);
  switch (problem.code) {
    case "file_too_large":
      return t("problem.file_too_large", { limit: megabytes(problem.limitBytes, locale) });
    case "file_empty":
    case "format_unknown":
    case "xml_declares_type":
    case "xml_too_deep":
    case "account_missing":
    case "currency_missing":
    case "read_otherwise":
      return t(`problem.${problem.code}`);
    case "encoding_unknown":
      return t("problem.encoding_unknown", { encoding: quoted(problem.encoding ?? "?") });
    case "xml_malformed":
    case "csv_malformed":
      return t(`problem.${problem.code}`, {
        line: problem.line ?? 0,
        detail: quoted(problem.detail),
      });
    case "not_a_statement":
      return t("problem.not_a_statement", { found: quoted(problem.found) });
    case "header_not_found":
      return t("problem.header_not_found", {
        columns: list(problem.missing.map((column) => t(`column.${column}`))),
      });
    case "columns_ambiguous":
      return t("problem.columns_ambiguous", {
        line: problem.line,
        columns: list(problem.columns.map(quoted)),
      });
    case "row_too_long":
      return t("problem.row_too_long", { line: problem.line });
    case "account_differs":
      return t("problem.account_differs", {
        found: quoted(problem.found),
        expected: quoted(problem.expected),
      });
    case "account_unknown":
      return t("problem.account_unknown", {
        found: quoted(problem.found),
        currency: problem.currency,
      });
    case "missing":
      return t("problem.missing", { place: placeText(problem.place, t) });
    case "not_an_amount":
    case "amount_ambiguous":
    case "not_a_date":
    case "date_ambiguous":
    case "direction_unclear":
    case "value_unknown":
      return t(`problem.${problem.code}`, {
        place: placeText(problem.place, t),
        text: quoted(problem.text),
      });
    case "decimals_wrong":
      return t("problem.decimals_wrong", {
        place: placeText(problem.place, t),
        text: quoted(problem.text),
        currency: problem.currency,
      });
    case "currency_differs":
      return t("problem.currency_differs", {
        place: placeText(problem.place, t),
        found: quoted(problem.found),
        expected: quoted(problem.expected),
      });
    case "statement_repeated":
      return t("problem.statement_repeated", { statementId: quoted(problem.statementId) });
    case "totals_differ": {
      const amount = (minor: bigint): string =>
        formatMoney(money(minor, problem.currency), locale, "code");
      return t("problem.totals_differ", {
        opening: amount(problem.openingMinor),
        moved: amount(problem.movedMinor),
        closing: amount(problem.closingMinor),
        line: problem.line ?? 0,
      });
    }
  }
}

/** A limit in whole megabytes. */
export function megabytes(bytes: number, locale: Locale): string {
  return new Intl.NumberFormat(locale, { style: "unit", unit: "megabyte" }).format(
    Math.floor(bytes / MEGABYTE),
  );
}

function placeText(place: StatementPlace, t: Translator<"statements">): string {
  return place.kind === "cell"
    ? t("place.cell", { line: place.line, column: quoted(place.column) })
    : t("place.element", { path: quoted(place.path) });
}

/** A stranger's text, one line and short; the end of a path tells more than its beginning. */
function quoted(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  if (line.length <= QUOTED) return line;
  return line.startsWith("/") ? `…${line.slice(1 - QUOTED)}` : `${line.slice(0, QUOTED - 1)}…`;
}
