import type { DocumentKind, DocumentSubject, DocumentView } from "#lib/domain/document.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { currencyExponent, toDecimal, type Money } from "#lib/domain/money.ts";
import {
  countryName,
  formatDate,
  formatIccid,
  formatMoney,
  formatRate,
  type Reader,
} from "./format.ts";
import { translator } from "./translator.ts";

/** A term and what stands beside it. */
export type SheetFact = readonly [label: string, value: string];

/** Somebody on a document, a line each; the name first. */
export interface SheetParty {
  readonly heading: string;
  readonly lines: readonly string[];
}

export interface SheetRow {
  readonly description: string;
  readonly detail: string | null;
  /** In the order of the columns after the description. */
  readonly cells: readonly string[];
}

/** A document in words: what its page and its PDF both say, in this order. */
export interface DocumentSheet {
  readonly locale: Locale;
  readonly kind: string;
  readonly number: string;
  /** Kind and number. */
  readonly title: string;
  readonly facts: readonly SheetFact[];
  readonly seller: SheetParty;
  readonly buyer: SheetParty;
  readonly columns: readonly string[];
  readonly rows: readonly SheetRow[];
  /** Net, the tax of each rate, and last what it all comes to. */
  readonly totals: readonly SheetFact[];
  readonly payments: { readonly heading: string; readonly facts: readonly SheetFact[] };
  readonly notes: readonly string[];
}

/** What a kind of document is called. */
export function documentKindName(kind: DocumentKind, locale: Locale): string {
  return translator(locale, "document")(`kind.${kind}`);
}

/** Writes a document in a language. Dates count in the zone it was issued in. */
export function documentSheet(document: DocumentView, locale: Locale): DocumentSheet {
  const t = translator(locale, "document");
  const reader: Reader = { locale, timeZone: document.timeZone };
  const { seller, buyer, totals } = document;
  const kind = documentKindName(document.kind, locale);
  const isCredit = document.kind === "credit_note";
  const { currency } = totals.gross;
  return {
    locale,
    kind,
    number: document.number,
    title: t("title", { kind, number: document.number }),
    facts: [
      [t("number"), document.number],
      [t("issued"), formatDate(document.issuedAt, reader, "date")],
      [t("order"), document.orderNumber],
      [t("ordered"), formatDate(document.orderedAt, reader, "date")],
      ...(document.corrects === null ? [] : [[t("corrects"), document.corrects] as const]),
    ],
    seller: {
      heading: t("from"),
      lines: [
        seller.name,
        ...seller.addressLines,
        ...labelled(t("taxNumber"), seller.taxNumber, locale),
        ...(seller.email === null ? [] : [seller.email]),
      ],
    },
    buyer: {
      heading: t("to"),
      lines: [
        ...(buyer.company === null ? [] : [buyer.company]),
        buyer.name,
        ...buyer.addressLines,
        countryName(buyer.countryCode, locale),
        ...labelled(t("taxNumber"), buyer.taxNumber, locale),
        ...(buyer.email === null ? [] : [buyer.email]),
      ],
    },
    columns: [
      t("description"),
      t("quantity"),
      t("net", { currency }),
      t("rate"),
      t("tax", { currency }),
      t("gross", { currency }),
    ],
    rows: document.lines.map((line) => ({
      ...describe(line.subject, isCredit, locale),
      cells: [
        String(line.quantity),
        formatAmount(line.net, locale),
        formatRate(line.taxBasisPoints, locale),
        formatAmount(line.tax, locale),
        formatAmount(line.gross, locale),
      ],
    })),
    totals: [
      [t("totalNet"), formatMoney(totals.net, locale, "code")],
      ...totals.taxes.map(
        (rate) =>
          [
            t("totalTax", { rate: formatRate(rate.taxBasisPoints, locale) }),
            formatMoney(rate.tax, locale, "code"),
          ] as const,
      ),
      [t(isCredit ? "totalCredit" : "total"), formatMoney(totals.gross, locale, "code")],
    ],
    payments: {
      heading: t(isCredit ? "refunded" : "paid"),
      facts: document.payments.map((payment) => [
        t("payment", {
          method: t(`method.${payment.method}`),
          date: formatDate(payment.at, reader, "date"),
        }),
        formatMoney(payment.amount, locale, "code"),
      ]),
    },
    notes: document.taxNote === null ? [] : [t(`note.${document.taxNote}`)],
  };
}

function describe(
  subject: DocumentSubject,
  isCredit: boolean,
  locale: Locale,
): { readonly description: string; readonly detail: string | null } {
  const t = translator(locale, "document");
  const name = subject.kind === "plan" ? subject.name[locale] : t(`subject.${subject.kind}`);
  return {
    description: isCredit ? t("subject.refund", { name }) : name,
    detail:
      subject.kind === "plan"
        ? t("esim", { label: subject.esimLabel, iccid: formatIccid(subject.iccid) })
        : null,
  };
}

function labelled(label: string, value: string | null, locale: Locale): readonly string[] {
  if (value === null) return [];
  return [translator(locale, "document")("labelled", { label, value })];
}

/** An amount without its currency, which the head of the column names. */
function formatAmount(amount: Money, locale: Locale): string {
  const digits = currencyExponent(amount.currency);
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(toDecimal(amount) as Intl.StringNumericLiteral);
}
