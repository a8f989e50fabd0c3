import type { Statement, StatementNote } from "#lib/domain/bank-statement.ts";
import { calendarDate } from "./calendar-date.ts";
import { checkTotals } from "./check-totals.ts";
import { cleanAccount, cleanOrNull, cleanText } from "./clean-text.ts";
import { cleanBankReference, identifyLines, withoutPlaceholder } from "./line-identity.ts";
import type { LineDraft } from "./line-identity.ts";
import { readPlainDecimal } from "./decimal.ts";
import { refuseText, StatementRefusal } from "./statement-refusal.ts";
import { parseXml, type XmlElement } from "./xml.ts";

/**
 * Reads a bank-to-customer statement, ISO 20022 camt.053.001, versions 02 to 13 (the parts read here are
 * the same in all of them but for three: the status became `Sts/Cd` in 08, parties moved into `Pty` in 08,
 * and transactions got an amount of their own in 04). Several statements may be in a document.
 *
 * Only booked entries count; announced ones come again. An entry of several transactions becomes a line
 * for each when their amounts are told and add up, and one collective line otherwise. Throws
 * {@link StatementRefusal}.
 */
export function readCamt053(xml: string): Statement[] {
  const root = parseXml(xml);
  const documents = root.all("Document");
  requireCamt053(xml);
  const statements = documents.flatMap((each) => each.find("BkToCstmrStmt")?.all("Stmt") ?? []);
  if (statements.length === 0) {
    const found = documents.flatMap((document) => document.names())[0] ?? root.names()[0] ?? "XML";
    throw new StatementRefusal({ code: "not_a_statement", found: found.slice(0, 60) });
  }
  const pages = new Set<string>();
  const alike = new Map<string, Map<string, number>>();
  return statements.map((element) => {
    const head = readHead(element);
    const whole = `${head.accountNumber} ${head.statementId}`;
    const page = `${whole} ${element.text("StmtPgntn", "PgNb") ?? element.text("ElctrncSeqNb") ?? ""}`;
    if (pages.has(page)) {
      throw new StatementRefusal({ code: "statement_repeated", statementId: head.statementId });
    }
    pages.add(page);
    const counts = alike.get(whole) ?? new Map<string, number>();
    alike.set(whole, counts);
    return readStatementElement(element, head, counts);
  });
}

/** The message and version that the namespace of a document names, if it names any. */
function requireCamt053(xml: string): void {
  for (const [tag] of xml.matchAll(/<(?:[\w.-]{1,40}:)?Document\b[^>]{0,2000}>/g)) {
    const named = /[a-z]{4}\.\d{3}\.\d{3}\.\d{2}/.exec(tag)?.[0];
    if (named === undefined) continue;
    const version = Number(/^camt\.053\.001\.(\d{2})$/.exec(named)?.[1] ?? 0);
    if (version < 2 || version > 13) {
      throw new StatementRefusal({ code: "not_a_statement", found: named });
    }
  }
}

interface Head {
  readonly statementId: string;
  readonly accountNumber: string;
  readonly currency: string;
}

function readHead(statement: XmlElement): Head {
  const accountNumber = cleanAccount(
    statement.text("Acct", "Id", "IBAN") ?? statement.text("Acct", "Id", "Othr", "Id"),
  );
  if (accountNumber === null) {
    throw new StatementRefusal({ code: "missing", place: statement.place("Acct", "Id") });
  }
  const currency =
    statement.text("Acct", "Ccy")?.trim() ??
    statement.find("Bal", "Amt")?.attribute("Ccy") ??
    statement.need("Ntry", "Amt").attribute("Ccy") ??
    "";
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw refuseText("value_unknown", statement.place("Acct", "Ccy"), currency);
  }
  const statementId = cleanText(statement.needText("Id"), "name");
  return { statementId, accountNumber, currency };
}

function readStatementElement(
  element: XmlElement,
  head: Head,
  alike: Map<string, number>,
): Statement {
  let [notBooked, withoutAmount] = [0, 0];
  const drafts: LineDraft[] = [];
  for (const entry of element.all("Ntry")) {
    const status = entry.text("Sts", "Cd") ?? entry.text("Sts", "Prtry") ?? entry.needText("Sts");
    if (status.trim() !== "BOOK") {
      notBooked += 1;
      continue;
    }
    const lines = readEntry(entry, head);
    if (lines.length === 0) withoutAmount += 1;
    drafts.push(...lines);
  }
  const isPaged =
    element.text("StmtPgntn", "LastPgInd")?.trim() === "false" || isLaterPage(element);
  const openingMinor = readBalance(element, head, ["OPBD", "PRCD"]);
  const closingMinor = readBalance(element, head, ["CLBD"]);
  const isChecked = !isPaged && checkTotals({ ...head, openingMinor, closingMinor, lines: drafts });
  const collective = drafts.filter(({ isCollective }) => isCollective).length;
  const notes: StatementNote[] = [];
  if (notBooked > 0) notes.push({ code: "not_booked", count: notBooked });
  if (withoutAmount > 0) notes.push({ code: "without_amount", count: withoutAmount });
  if (collective > 0) notes.push({ code: "collective", count: collective });
  if (!isChecked) notes.push({ code: "totals_not_checked" });
  const lines = identifyLines(head.accountNumber, drafts, alike);
  return { ...head, openingMinor, closingMinor, lines, notes };
}

function isLaterPage(statement: XmlElement): boolean {
  const page = statement.text("StmtPgntn", "PgNb")?.trim() ?? "1";
  return !/^0*1$/.test(page);
}

/** The booked balance of the first of these kinds that is told, in the currency of the account. */
function readBalance(
  statement: XmlElement,
  { currency }: Head,
  kinds: readonly string[],
): bigint | null {
  for (const kind of kinds) {
    const balance = statement
      .all("Bal")
      .find(
        (each) =>
          each.text("Tp", "CdOrPrtry", "Cd")?.trim() === kind &&
          each.find("Amt")?.attribute("Ccy") === currency,
      );
    if (balance !== undefined) return readSigned(balance, currency);
  }
  return null;
}

/** An amount with its direction: a credit is positive. */
function readSigned(element: XmlElement, currency: string): bigint {
  const amount = readAmount(element.need("Amt"), currency);
  const direction = element.needText("CdtDbtInd");
  if (direction === "CRDT") return amount;
  if (direction === "DBIT") return -amount;
  throw refuseText("direction_unclear", element.place("CdtDbtInd"), direction);
}

/** The exact amount of an `Amt` element; refuses other currencies and decimals that the currency has not. */
function readAmount(amount: XmlElement, currency: string): bigint {
  const place = amount.place();
  const found = amount.attribute("Ccy") ?? "";
  if (found !== currency) {
    const told = found.slice(0, 20);
    throw new StatementRefusal({
      code: "currency_differs",
      place,
      found: told,
      expected: currency,
    });
  }
  return readPlainDecimal(amount.needText(), currency, place);
}

/** The lines of a booked entry; none when it moved nothing. */
function readEntry(entry: XmlElement, head: Head): LineDraft[] {
  const amountMinor = readSigned(entry, head.currency);
  if (amountMinor === 0n) return [];
  const bookedOn = readDate(entry, "BookgDt") ?? readDate(entry, "ValDt");
  if (bookedOn === null) {
    throw new StatementRefusal({ code: "missing", place: entry.place("BookgDt") });
  }
  const isReversed = isTrue(entry.text("RvslInd"));
  const base = {
    bookedOn,
    valueOn: readDate(entry, "ValDt") ?? bookedOn,
    currency: head.currency,
    // Never NtryRef: it numbers the entries of one statement, and the next one numbers them anew.
    bankReference: cleanBankReference(entry.text("AcctSvcrRef")),
  };
  const details = entry.all("NtryDtls");
  const transactions = details.flatMap((each) => each.all("TxDtls"));
  const counted = details.map((each) => Number(each.text("Btch", "NbOfTxs") ?? 0));
  const [only] = transactions;
  const isAlone = transactions.length <= 1 && counted.every((count) => count <= 1);
  const parts = isAlone ? null : splitBatch(transactions, amountMinor, head.currency);
  if (parts !== null) {
    return parts.map(([transaction, partMinor]) => ({
      ...base,
      ...readTransaction(transaction, partMinor, isReversed, null),
      amountMinor: partMinor,
      bankReference:
        cleanBankReference(transaction.text("Refs", "AcctSvcrRef")) ?? base.bankReference,
      isCollective: false,
    }));
  }
  if (!isAlone) {
    const texts = transactions.map((each) => readTransaction(each, amountMinor, isReversed, null));
    const info = entry.text("AddtlNtryInf");
    const remittance = [...texts.map(({ remittanceText }) => remittanceText), info ?? ""];
    const line = {
      ...base,
      amountMinor,
      counterpartyName: null,
      counterpartyAccount: null,
      remittanceText: cleanText(remittance.join("\n"), "remittance"),
      isReversal: isReversed || texts.some(({ isReversal }) => isReversal),
      isCollective: true,
    };
    return [line];
  }
  const told = readTransaction(only ?? null, amountMinor, isReversed, entry.text("AddtlNtryInf"));
  const ownReference = cleanBankReference(only?.text("Refs", "AcctSvcrRef") ?? null);
  const bankReference =
    cleanBankReference(entry.text("AcctSvcrRef")) ?? ownReference ?? base.bankReference;
  return [{ ...base, ...told, amountMinor, bankReference, isCollective: false }];
}

/** Each transaction with its amount; null unless all of them are told and make up the entry. */
function splitBatch(
  transactions: readonly XmlElement[],
  entryMinor: bigint,
  currency: string,
): (readonly [XmlElement, bigint])[] | null {
  const parts: (readonly [XmlElement, bigint])[] = [];
  for (const transaction of transactions) {
    const told = [
      transaction.find("Amt"),
      transaction.find("AmtDtls", "TxAmt", "Amt"),
      transaction.find("AmtDtls", "InstdAmt", "Amt"),
    ].find((amount) => amount?.attribute("Ccy") === currency);
    if (!told) return null;
    const amount = readAmount(told, currency);
    const direction = transaction.text("CdtDbtInd")?.trim() ?? (entryMinor < 0n ? "DBIT" : "CRDT");
    if (amount === 0n) continue;
    parts.push([transaction, direction === "DBIT" ? -amount : amount]);
  }
  const sum = parts.reduce((total, [, amount]) => total + amount, 0n);
  return parts.length > 0 && sum === entryMinor ? parts : null;
}

type Told = Pick<
  LineDraft,
  "counterpartyName" | "counterpartyAccount" | "remittanceText" | "isReversal"
>;

/** Who and what for. In a reversal the parties keep the roles of the original. */
function readTransaction(
  transaction: XmlElement | null,
  amountMinor: bigint,
  isReversed: boolean,
  entryInfo: string | null,
): Told {
  const cameFromThem = amountMinor > 0n !== isReversed;
  const role = cameFromThem ? "Dbtr" : "Cdtr";
  const parties = transaction?.find("RltdPties") ?? null;
  const nameOf = (party: string): string | null =>
    parties?.text(party, "Pty", "Nm") ?? parties?.text(party, "Nm") ?? null;
  const account = parties?.find(`${role}Acct`, "Id") ?? null;
  const structured = transaction?.find("RmtInf")?.all("Strd") ?? [];
  const endToEnd = transaction?.text("Refs", "EndToEndId")?.trim() ?? null;
  const parts = [
    ...structured.flatMap((each) => each.all("CdtrRefInf").map((info) => info.text("Ref"))),
    ...(transaction?.find("RmtInf")?.all("Ustrd") ?? []).map((each) => each.text()),
    ...structured.flatMap((each) => each.all("AddtlRmtInf").map((info) => info.text())),
    // Faster Payments and some wallets put what the customer wrote here.
    withoutPlaceholder(endToEnd),
    transaction?.text("AddtlTxInf") ?? null,
    entryInfo,
  ];
  const said = parts.flatMap((part) => (part === null ? [] : [cleanText(part, "remittance")]));
  return {
    counterpartyName: cleanOrNull(nameOf(role) ?? nameOf(`Ultmt${role}`), "name"),
    counterpartyAccount: cleanAccount(account?.text("IBAN") ?? account?.text("Othr", "Id") ?? null),
    remittanceText: cleanText([...new Set(said)].join("\n"), "remittance"),
    // Return information marks a transfer of ours that came back, or theirs that was recalled.
    isReversal: isReversed || (transaction?.find("RtrInf") ?? null) !== null,
  };
}

/** The day as the bank writes it, of a date or a time with its zone; null when there is none. */
function readDate(entry: XmlElement, name: string): string | null {
  const text = entry.text(name, "Dt") ?? entry.text(name, "DtTm");
  if (text === null) return null;
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})(?:[TZ+-].*)?$/.exec(text.trim()) ?? [];
  const date = calendarDate(Number(year), Number(month), Number(day));
  if (date === null) throw refuseText("not_a_date", entry.place(name), text);
  return date;
}

function isTrue(text: string | null): boolean {
  return ["true", "1"].includes(text?.trim() ?? "");
}
