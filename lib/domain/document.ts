import type { LocalizedText } from "./locale.ts";
import { addMoney, equalMoney, money, type Money } from "./money.ts";
import type { PaymentMethod } from "./payment-method.ts";

/** What proves a sale, to a person or to a company, and what takes one back. */
export type DocumentKind = "receipt" | "invoice" | "credit_note";

/** The operator, as it stood in the settings on the day. */
export interface DocumentSeller {
  readonly name: string;
  readonly addressLines: readonly string[];
  readonly taxNumber: string | null;
  readonly email: string | null;
}

/** Whom the document is made out to. */
export interface DocumentBuyer {
  readonly name: string;
  /** null: a private person. */
  readonly company: string | null;
  readonly addressLines: readonly string[];
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  readonly taxNumber: string | null;
  readonly email: string | null;
}

/** What a line is for; `discount` lines are negative. */
export type DocumentSubject =
  | {
      readonly kind: "plan";
      readonly name: LocalizedText;
      readonly esimLabel: string;
      readonly iccid: string;
    }
  | { readonly kind: "top_up" }
  | { readonly kind: "discount" };

export interface DocumentLine {
  readonly subject: DocumentSubject;
  readonly quantity: number;
  readonly net: Money;
  /** Hundredths of a percent: 600 is 6 %. */
  readonly taxBasisPoints: number;
  readonly tax: Money;
  /** `net` and `tax` together. */
  readonly gross: Money;
}

/** What all lines of one tax rate come to. */
export interface DocumentTax {
  readonly taxBasisPoints: number;
  readonly net: Money;
  readonly tax: Money;
}

export interface DocumentTotals {
  readonly net: Money;
  readonly tax: Money;
  readonly gross: Money;
  /** By rate, the lowest first. */
  readonly taxes: readonly DocumentTax[];
}

/** How it was paid; on a credit note, where it went back to. */
export interface DocumentPayment {
  readonly method: PaymentMethod;
  readonly amount: Money;
  readonly at: Date;
}

/**
 * Why the tax is not what a reader would expect: the buyer owes it, or a top-up buys nothing yet, so that
 * tax comes with what it will pay for.
 */
export type TaxNote = "reverse_charge" | "top_up";

/** A document before it has its number. All amounts are in one currency, and positive on a credit note too. */
export interface DocumentContent {
  readonly kind: DocumentKind;
  readonly orderNumber: string;
  readonly orderedAt: Date;
  /** Of a credit note: the number it corrects. */
  readonly corrects: string | null;
  readonly seller: DocumentSeller;
  readonly buyer: DocumentBuyer;
  readonly lines: readonly DocumentLine[];
  readonly payments: readonly DocumentPayment[];
  readonly taxNote: TaxNote | null;
}

/** An issued document: everything it says, frozen. */
export interface DocumentView extends DocumentContent {
  readonly number: string;
  readonly issuedAt: Date;
  /** The operator's IANA zone, in which the dates of the document count. */
  readonly timeZone: string;
  readonly totals: DocumentTotals;
}

/** A document as a link to it is shown. */
export interface DocumentLink {
  readonly number: string;
  readonly kind: DocumentKind;
}

/**
 * What the lines come to, each tax rate apart. Throws when there is no line, when the currencies differ,
 * and when a line's net and tax do not make its gross.
 */
export function documentTotals(lines: readonly DocumentLine[]): DocumentTotals {
  const [first] = lines;
  if (first === undefined) throw new RangeError("A document needs a line");
  const zero = money(0n, first.gross.currency);
  const byRate = new Map<number, DocumentTax>();
  let [net, tax, gross] = [zero, zero, zero];
  for (const line of lines) {
    if (!equalMoney(addMoney(line.net, line.tax), line.gross)) {
      throw new RangeError("Net and tax of a line must make its gross");
    }
    net = addMoney(net, line.net);
    tax = addMoney(tax, line.tax);
    gross = addMoney(gross, line.gross);
    const { taxBasisPoints } = line;
    const rate = byRate.get(taxBasisPoints) ?? { taxBasisPoints, net: zero, tax: zero };
    byRate.set(taxBasisPoints, {
      taxBasisPoints,
      net: addMoney(rate.net, line.net),
      tax: addMoney(rate.tax, line.tax),
    });
  }
  const taxes = [...byRate.values()].toSorted((a, b) => a.taxBasisPoints - b.taxBasisPoints);
  return { net, tax, gross, taxes };
}

/**
 * Gives a document its number and date. Throws when the payments are not exactly what the lines come to,
 * when the total is below zero, and when a credit note (and only one) does not say what it corrects:
 * such a document must not leave the house.
 */
export function numberDocument(
  content: DocumentContent,
  issue: { readonly number: string; readonly issuedAt: Date; readonly timeZone: string },
): DocumentView {
  const totals = documentTotals(content.lines);
  const paid = content.payments.reduce(
    (sum, payment) => addMoney(sum, payment.amount),
    money(0n, totals.gross.currency),
  );
  if (!equalMoney(paid, totals.gross)) throw new RangeError("A document must be paid exactly");
  if (totals.gross.amountMinor < 0n) throw new RangeError("A document is not below zero");
  if ((content.kind === "credit_note") !== (content.corrects !== null)) {
    throw new RangeError("A credit note corrects a document, and nothing else does");
  }
  return { ...content, ...issue, totals };
}

const LETTERS: Readonly<Record<DocumentKind, string>> = {
  receipt: "R",
  invoice: "I",
  credit_note: "C",
};

/** The series a document is counted in, one per kind and calendar year of the zone: `R-2026`. */
export function documentSeries(kind: DocumentKind, at: Date, timeZone: string): string {
  const year = new Intl.DateTimeFormat("en", { year: "numeric", timeZone }).format(at);
  return `${LETTERS[kind]}-${year}`;
}

/** The number of the `count`-th document of a series: `R-2026-000123`. */
export function documentNumber(series: string, count: number): string {
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError("Documents count from 1");
  return `${series}-${String(count).padStart(6, "0")}`;
}

/** The canonical form of a document number, or null when the text is none. */
export function parseDocumentNumber(text: string): string | null {
  const number = text.trim().toUpperCase();
  return /^[RIC]-\d{4}-\d{6,9}$/.test(number) ? number : null;
}

export type Paper = "A4" | "letter";

/** Countries whose office paper is Letter (ANSI A) by custom; everywhere else it is A4 (ISO 216). */
const LETTER_COUNTRIES = ["US", "CA", "MX", "PH", "CL", "CO", "CR", "GT", "PA", "PR", "SV", "VE"];

/** The paper a country prints on. */
export function paperOf(countryCode: string): Paper {
  return LETTER_COUNTRIES.includes(countryCode) ? "letter" : "A4";
}
