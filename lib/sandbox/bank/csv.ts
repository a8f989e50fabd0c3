import { broken } from "./camt053.ts";
import { encodeGbk } from "./gbk.ts";
import { toText } from "./money.ts";
import type { Style } from "./money.ts";
import type { BankStatement, BookedTransfer } from "./statement.ts";

/** Tables as banks of three countries write them. */
export const csvVariants = ["english", "german", "chinese"] as const;
export type CsvVariant = (typeof csvVariants)[number];

/** Writes a statement as a table, in the encoding that banks of that country use. */
export function writeCsv(statement: BankStatement, variant: CsvVariant): Uint8Array {
  switch (variant) {
    case "english":
      return Buffer.from(english(statement), "utf8");
    case "german":
      return Buffer.from(german(statement), "latin1");
    case "chinese":
      return encodeGbk(chinese(statement));
  }
}

/** Commas, UTF-8, running balance, status. */
function english(statement: BankStatement): string {
  const style: Style = { mark: ".", group: ",", extraDecimals: statement.extraDecimals };
  const { currency } = statement;
  const rows = withBalance(statement).map(({ transfer, balanceMinor }) => [
    transfer.bookedOn,
    transfer.valueOn,
    textOf(statement, transfer),
    transfer.name,
    transfer.counterpartyAccount ?? "",
    toText(transfer.amountMinor, currency, style),
    currency,
    transfer.isPending ? "" : toText(balanceMinor, currency, style),
    transfer.bankReference ?? "",
    transfer.isPending ? "Pending" : "Booked",
  ]);
  const header = [
    "Booking Date",
    "Value Date",
    "Description",
    "Counterparty",
    "Counterparty Account",
    "Amount",
    "Currency",
    "Balance",
    "Transaction ID",
    "Status",
  ];
  const head = [
    ["Account Number", statement.account],
    ["Opening balance", toText(statement.openingMinor, currency, style)],
    ["Closing balance", toText(statement.closingMinor, currency, style)],
  ];
  return table([...head, header, ...rows], ",");
}

/** Semicolons, Windows-1252, decimal comma, no balance and no reference of the bank. */
function german(statement: BankStatement): string {
  const style: Style = { mark: ",", group: ".", extraDecimals: statement.extraDecimals };
  const day = (date: string): string => date.split("-").toReversed().join(".");
  const rows = statement.transfers.map((transfer) => [
    statement.account,
    day(transfer.bookedOn),
    day(transfer.valueOn),
    transfer.amountMinor < 0n ? "LASTSCHRIFT" : "GUTSCHRIFT",
    textOf(statement, transfer),
    "NOTPROVIDED",
    transfer.name,
    transfer.counterpartyAccount ?? "0000000000",
    toText(transfer.amountMinor, statement.currency, style),
    statement.currency,
    transfer.isPending ? "Umsatz vorgemerkt" : "Umsatz gebucht",
  ]);
  const header = [
    "Auftragskonto",
    "Buchungstag",
    "Valutadatum",
    "Buchungstext",
    "Verwendungszweck",
    "Kundenreferenz (End-to-End)",
    "Beguenstigter/Zahlungspflichtiger",
    "Kontonummer/IBAN",
    "Betrag",
    "Waehrung",
    "Info",
  ];
  return table([header, ...rows], ";");
}

/** Commas, GBK, columns for debit and credit, what is above the table in lines of its own; pending ones are not told. */
function chinese(statement: BankStatement): string {
  const style: Style = { mark: ".", group: ",", extraDecimals: statement.extraDecimals };
  const { currency } = statement;
  const write = (amountMinor: bigint): string => toText(amountMinor, currency, style);
  const rows = withBalance(statement)
    .filter(({ transfer }) => !transfer.isPending)
    .map(({ transfer, balanceMinor }) => {
      const isOut = transfer.amountMinor < 0n;
      // A reversal stands with a minus in the column of what it takes back.
      const isInDebits = isOut !== transfer.isReversal;
      const amount = transfer.isReversal ? -size(transfer.amountMinor) : size(transfer.amountMinor);
      return [
        transfer.bookedOn.replaceAll("-", ""),
        isInDebits ? write(amount) : "",
        isInDebits ? "" : write(amount),
        write(balanceMinor),
        transfer.name,
        transfer.counterpartyAccount === null ? "" : `="${transfer.counterpartyAccount}"`,
        textOf(statement, transfer),
        transfer.bankReference ?? "",
      ];
    });
  const head = [
    [`账号：${statement.account}`],
    [`币种：${currency === "CNY" ? "人民币" : currency}`],
    ["期初余额", write(statement.openingMinor)],
  ];
  const header = [
    "记账日期",
    "借方发生额（支出）",
    "贷方发生额（收入）",
    "余额",
    "对方户名",
    "对方账号",
    "附言",
    "交易流水号",
  ];
  return table([...head, header, ...rows, ["期末余额", write(statement.closingMinor)]], ",");
}

function size(amountMinor: bigint): bigint {
  return amountMinor < 0n ? -amountMinor : amountMinor;
}

function textOf({ textWidth }: BankStatement, { text }: BookedTransfer): string {
  return broken(text, textWidth).join("  ");
}

/** Each movement with the balance after it. */
function withBalance(
  statement: BankStatement,
): { transfer: BookedTransfer; balanceMinor: bigint }[] {
  let balanceMinor = statement.openingMinor;
  return statement.transfers.map((transfer) => {
    if (!transfer.isPending) balanceMinor += transfer.amountMinor;
    return { transfer, balanceMinor };
  });
}

function table(rows: readonly (readonly string[])[], delimiter: string): string {
  const quoted = rows.map((cells) => cells.map((cell) => quote(cell, delimiter)).join(delimiter));
  return `${quoted.join("\r\n")}\r\n`;
}

function quote(cell: string, delimiter: string): string {
  const isPlain = !cell.includes(delimiter) && !/["\r\n]/.test(cell);
  // ="…" is how spreadsheets are told to keep a number as text, and is not quoted by banks.
  if (isPlain || /^="\d+"$/.test(cell)) return cell;
  return `"${cell.replaceAll('"', '""')}"`;
}
