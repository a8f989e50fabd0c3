import { addMoney, containedTax, money, type Money } from "./money.ts";

/** Who buys: for tax, and for what a document must say. */
export type CustomerKind = "private" | "company";

/**
 * How a country's consumption tax meets our prices. `inclusive`: the price contains it. `exclusive`: it is
 * added to the price. `reverse_charge`: the buyer owes it, and pays the price without the tax it contains
 * (in the European Union: articles 44 and 196 of Directive 2006/112/EC).
 */
export type TaxTreatment = "inclusive" | "exclusive" | "reverse_charge";

export interface TaxRule {
  readonly treatment: TaxTreatment;
  /** The country's rate in hundredths of a percent: 600 is 6 %. */
  readonly basisPoints: number;
}

/** What an operator has set for one kind of customer of one country. */
export interface TaxRate extends TaxRule {
  readonly countryCode: string;
  readonly customerKind: CustomerKind;
}

/** What of a buyer decides the tax. */
export interface TaxedBuyer {
  /** ISO 3166-1 alpha-2: of the billing address, else of the account. */
  readonly countryCode: string;
  readonly kind: CustomerKind;
  /** Whether a company has given a tax number that its country's rules accept. */
  readonly hasTaxNumber: boolean;
}

/**
 * The rule for a buyer among the operator's rates; null: no tax applies. Companies follow their country's
 * row for companies where it has one, and a reverse charge only with a tax number; else they are taxed like
 * everybody of the country.
 */
export function decideTaxRule(rates: readonly TaxRate[], buyer: TaxedBuyer): TaxRule | null {
  const rowFor = (kind: CustomerKind): TaxRate | undefined =>
    rates.find((rate) => rate.countryCode === buyer.countryCode && rate.customerKind === kind);
  const forCompanies = buyer.kind === "company" ? rowFor("company") : undefined;
  const applies =
    forCompanies !== undefined &&
    (forCompanies.treatment !== "reverse_charge" || buyer.hasTaxNumber);
  const row = applies ? forCompanies : rowFor("private");
  return row === undefined ? null : { treatment: row.treatment, basisPoints: row.basisPoints };
}

/** One thing that is sold: `net` and `tax` together are `gross`, what the customer pays. */
export interface TaxedLine {
  readonly net: Money;
  readonly tax: Money;
  readonly gross: Money;
}

/**
 * Taxes one line. The tax is rounded half up to the minor unit, per line, never per order: what lines say
 * adds up to what the order says ({@link taxTotals}).
 *
 * @param price as in the catalogue, not negative
 */
export function taxLine(price: Money, rule: TaxRule | null): TaxedLine {
  const { amountMinor, currency } = price;
  if (amountMinor < 0n) throw new RangeError("A price is not below zero");
  const line = (net: bigint, tax: bigint): TaxedLine => ({
    net: money(net, currency),
    tax: money(tax, currency),
    gross: money(net + tax, currency),
  });
  if (rule === null) return line(amountMinor, 0n);
  switch (rule.treatment) {
    case "inclusive": {
      const tax = containedTax(amountMinor, rule.basisPoints);
      return line(amountMinor - tax, tax);
    }
    case "exclusive":
      return line(amountMinor, addedTax(amountMinor, rule.basisPoints));
    case "reverse_charge":
      return line(amountMinor - containedTax(amountMinor, rule.basisPoints), 0n);
  }
}

/** What lines come to. Throws when there is none, or when their currencies differ. */
export function taxTotals(lines: readonly TaxedLine[]): TaxedLine {
  const [first, ...rest] = lines;
  if (first === undefined) throw new RangeError("Nothing is sold");
  return rest.reduce(
    (sum, line) => ({
      net: addMoney(sum.net, line.net),
      tax: addMoney(sum.tax, line.tax),
      gross: addMoney(sum.gross, line.gross),
    }),
    first,
  );
}

/** The rate a sale is charged at, in hundredths of a percent; 0 where the buyer owes the tax. */
export function chargedBasisPoints(rule: TaxRule | null): number {
  return rule === null || rule.treatment === "reverse_charge" ? 0 : rule.basisPoints;
}

/** `price × rate`, rounded half up. */
function addedTax(netMinor: bigint, basisPoints: number): bigint {
  return (netMinor * BigInt(basisPoints) + 5_000n) / 10_000n;
}
