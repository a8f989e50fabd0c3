import type { HistoryEntry } from "#lib/domain/history.ts";
import { toJson } from "#lib/domain/json.ts";
import { toDecimal } from "#lib/domain/money.ts";
import { formatIccid, type Reader } from "#lib/i18n/format.ts";
import { historyWords } from "#lib/i18n/history.ts";
import { translator } from "#lib/i18n/translator.ts";
import { BYTE_ORDER_MARK, csvLine } from "./csv.ts";

type Batches = AsyncIterable<readonly HistoryEntry[]>;

/**
 * A history as CSV for people with a spreadsheet: words and times are the reader's, amounts plain decimals
 * in major units, ICCIDs in groups so that no spreadsheet makes a rounded number of them.
 */
export async function* historyCsv(
  batches: Batches,
  reader: Reader,
  now: Date,
): AsyncGenerator<string> {
  const t = translator(reader.locale, "history");
  const zone = reader.timeZone;
  yield (
    BYTE_ORDER_MARK +
    csvLine([
      t("column.time", { zone }),
      t("column.kind"),
      t("column.what"),
      t("column.state"),
      t("column.amount"),
      t("column.currency"),
      t("column.order"),
      t("column.esim"),
      "ICCID",
    ])
  );
  for await (const entries of batches) {
    yield entries.map((entry) => csvLine(cellsOf(entry, reader, now))).join("");
  }
}

function cellsOf(entry: HistoryEntry, reader: Reader, now: Date): readonly string[] {
  const { kind, what, state } = historyWords(entry, reader, now);
  const amount = "amount" in entry ? entry.amount : null;
  return [
    localTime(entry.at, reader.timeZone),
    kind,
    what,
    state,
    amount === null ? "" : toDecimal(amount),
    amount?.currency ?? "",
    entry.orderNumber ?? "",
    entry.esim?.label ?? "",
    entry.esim === null ? "" : formatIccid(entry.esim.iccid),
  ];
}

/** `2026-03-12 14:02:11`: what every spreadsheet takes for a time. The Swedish write it so. */
function localTime(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("sv-SE", {
    dateStyle: "short",
    timeStyle: "medium",
    timeZone,
  }).format(at);
}

/**
 * A history as JSON for programs: one array. Times are ISO 8601 in UTC, amounts decimal texts in major
 * units with their ISO 4217 code, names in both languages.
 */
export async function* historyJson(batches: Batches): AsyncGenerator<string> {
  yield "[";
  let separator = "\n";
  for await (const entries of batches) {
    for (const entry of entries) {
      yield separator + JSON.stringify(toPlain(entry));
      separator = ",\n";
    }
  }
  yield "\n]\n";
}

function toPlain({ id: _id, ...entry }: HistoryEntry) {
  return toJson(
    "amount" in entry
      ? {
          ...entry,
          amount: { value: toDecimal(entry.amount), currency: entry.amount.currency },
        }
      : entry,
  );
}
