import { toText } from "./money.ts";
import type { BankStatement, BookedTransfer } from "./statement.ts";

/** Versions of camt.053.001 that the bank writes. */
export const camtVersions = ["02", "04", "08"] as const;
export type CamtVersion = (typeof camtVersions)[number];

/**
 * Writes a statement as camt.053.001 in this version (ISO 20022). In 08 the status is `Sts/Cd` and names
 * are in `Pty`; transactions of a batch have an amount of their own from 04 on.
 */
export function writeCamt053(
  statement: BankStatement,
  version: CamtVersion,
  writtenAt: string,
): string {
  const { account, currency, holder } = statement;
  const number = /^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(account)
    ? element("IBAN", account)
    : `<Othr>${element("Id", account)}</Othr>`;
  const balance = (kind: string, amountMinor: bigint, day: string): string =>
    `<Bal><Tp><CdOrPrtry><Cd>${kind}</Cd></CdOrPrtry></Tp>${signedAmount(statement, amountMinor)}<Dt><Dt>${day}</Dt></Dt></Bal>`;
  const entries = bundle(statement.transfers).map((each) => entry(statement, each, version));
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}"><BkToCstmrStmt>`,
    `<GrpHdr>${element("MsgId", `MSG-${statement.id}`.slice(0, 35))}<CreDtTm>${writtenAt}</CreDtTm></GrpHdr>`,
    `<Stmt>${element("Id", statement.id)}<CreDtTm>${writtenAt}</CreDtTm>`,
    `<FrToDt><FrDtTm>${statement.from}T00:00:00</FrDtTm><ToDtTm>${statement.to}T23:59:59</ToDtTm></FrToDt>`,
    `<Acct><Id>${number}</Id><Ccy>${currency}</Ccy><Ownr>${element("Nm", holder)}</Ownr></Acct>`,
    balance("OPBD", statement.openingMinor, statement.from),
    balance("CLBD", statement.closingMinor, statement.to),
    ...entries,
    `</Stmt></BkToCstmrStmt></Document>`,
    "",
  ].join("\n");
}

/** Transfers one by one, those of a batch of one day together. */
function bundle(transfers: readonly BookedTransfer[]): BookedTransfer[][] {
  const bundles = new Map<string, BookedTransfer[]>();
  for (const [index, transfer] of transfers.entries()) {
    const key = transfer.batch === null ? String(index) : `${transfer.bookedOn} ${transfer.batch}`;
    bundles.set(key, [...(bundles.get(key) ?? []), transfer]);
  }
  return [...bundles.values()];
}

function entry(
  statement: BankStatement,
  transfers: readonly BookedTransfer[],
  version: CamtVersion,
): string {
  const [first] = transfers;
  if (!first) return "";
  const sum = transfers.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  const status = first.isPending ? "PDNG" : "BOOK";
  const batch = transfers.length > 1 ? `<Btch><NbOfTxs>${transfers.length}</NbOfTxs></Btch>` : "";
  const details = transfers.map((each) => transaction(statement, each, version)).join("");
  return [
    "<Ntry>",
    signedAmount(statement, sum),
    first.isReversal ? "<RvslInd>true</RvslInd>" : "",
    version === "08" ? `<Sts><Cd>${status}</Cd></Sts>` : `<Sts>${status}</Sts>`,
    `<BookgDt><Dt>${first.bookedOn}</Dt></BookgDt><ValDt><Dt>${first.valueOn}</Dt></ValDt>`,
    element("AcctSvcrRef", first.bankReference ?? "NONREF"),
    `<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>OTHR</SubFmlyCd></Fmly></Domn></BkTxCd>`,
    `<NtryDtls>${batch}${details}</NtryDtls>`,
    "</Ntry>",
  ].join("");
}

function transaction(
  statement: BankStatement,
  transfer: BookedTransfer,
  version: CamtVersion,
): string {
  const { amountMinor, bankReference, counterpartyAccount, name, text } = transfer;
  // In what takes an earlier movement back the parties keep their roles.
  const role = amountMinor > 0n !== transfer.isReversal ? "Dbtr" : "Cdtr";
  const named = version === "08" ? `<Pty>${element("Nm", name)}</Pty>` : element("Nm", name);
  const account =
    counterpartyAccount === null
      ? ""
      : `<${role}Acct><Id><Othr>${element("Id", counterpartyAccount)}</Othr></Id></${role}Acct>`;
  const amount = amountOf(statement, amountMinor);
  const own =
    version === "02"
      ? `<AmtDtls><TxAmt>${amount}</TxAmt></AmtDtls>`
      : amount + direction(amountMinor);
  const reference = bankReference === null ? "" : element("AcctSvcrRef", bankReference);
  const lines = broken(text, statement.textWidth).map((line) => element("Ustrd", line));
  return `<TxDtls><Refs>${reference}<EndToEndId>NOTPROVIDED</EndToEndId></Refs>${own}<RltdPties><${role}>${named}</${role}>${account}</RltdPties><RmtInf>${lines.join("")}</RmtInf></TxDtls>`;
}

/** A text in pieces of a width, or whole. */
export function broken(text: string, width: number | null): string[] {
  if (width === null) return [text];
  return Array.from({ length: Math.ceil(text.length / width) }, (_, index) =>
    text.slice(index * width, (index + 1) * width),
  );
}

function signedAmount(statement: BankStatement, amountMinor: bigint): string {
  return amountOf(statement, amountMinor) + direction(amountMinor);
}

function amountOf(statement: BankStatement, amountMinor: bigint): string {
  const { currency, extraDecimals } = statement;
  const size = amountMinor < 0n ? -amountMinor : amountMinor;
  const text = toText(size, currency, { mark: ".", group: "", extraDecimals });
  return `<Amt Ccy="${currency}">${text}</Amt>`;
}

function direction(amountMinor: bigint): string {
  return `<CdtDbtInd>${amountMinor < 0n ? "DBIT" : "CRDT"}</CdtDbtInd>`;
}

/** An element around a text, without what XML 1.0 cannot hold. */
function element(name: string, text: string): string {
  const escaped = text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
  return `<${name}>${escaped}</${name}>`;
}
