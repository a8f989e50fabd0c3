/**
 * Money: an integer count of minor units in one ISO 4217 currency. No float ever touches it.
 */
export interface Money {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** Decimals of the minor unit, ISO 4217:2015; currencies not listed have two. */
const EXPONENTS: Readonly<Record<string, number>> = {
  BHD: 3,
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  IQD: 3,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  RWF: 0,
  TND: 3,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
};

/** Number of decimals of `currency`'s minor unit (ISO 4217): JPY 0, CNY 2, KWD 3. */
export function currencyExponent(currency: string): number {
  return EXPONENTS[currency] ?? 2;
}

/** Builds money from a count of minor units. Throws on a currency that is not three capital letters. */
export function money(amountMinor: bigint, currency: string): Money {
  if (!/^[A-Z]{3}$/.test(currency)) throw new RangeError(`Not an ISO 4217 code: ${currency}`);
  return { amountMinor, currency };
}

/** Sum of two amounts. Throws when the currencies differ: mixing them is a defect, never a conversion. */
export function addMoney(a: Money, b: Money): Money {
  requireSameCurrency(a, b);
  return { amountMinor: a.amountMinor + b.amountMinor, currency: a.currency };
}

/** `a` less `b`; may be negative. Throws when the currencies differ. */
export function subtractMoney(a: Money, b: Money): Money {
  requireSameCurrency(a, b);
  return { amountMinor: a.amountMinor - b.amountMinor, currency: a.currency };
}

/** Whether two amounts are the same in amount and currency. */
export function equalMoney(a: Money, b: Money): boolean {
  return a.currency === b.currency && a.amountMinor === b.amountMinor;
}

/**
 * The amount as an exact decimal text in major units, as `Intl.NumberFormat` and providers take it:
 * `{ 123456n, "CNY" }` → `"1234.56"`, `{ 5n, "KWD" }` → `"0.005"`.
 */
export function toDecimal(amount: Money): string {
  const exponent = currencyExponent(amount.currency);
  const negative = amount.amountMinor < 0n;
  const digits = (negative ? -amount.amountMinor : amount.amountMinor)
    .toString()
    .padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? "" : `.${digits.slice(-exponent)}`;
  return `${negative ? "-" : ""}${whole}${fraction}`;
}

/**
 * Reads an exact decimal text in major units, the inverse of {@link toDecimal}: `"68.5"`, CNY → 6850 minor
 * units. Returns null when it is no number or has more decimals than the currency.
 */
export function fromDecimal(text: string, currency: string): Money | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = ""] = match;
  const exponent = currencyExponent(currency);
  if (fraction.length > exponent) return null;
  const minor = BigInt(whole + fraction.padEnd(exponent, "0"));
  return money(sign === "-" ? -minor : minor, currency);
}

/**
 * The tax contained in a tax-inclusive price, rounded half up to the minor unit:
 * `gross × rate ÷ (1 + rate)`.
 *
 * @param grossMinor price with tax, minor units, not negative
 * @param basisPoints tax rate in hundredths of a percent (600 = 6 %)
 */
export function containedTax(grossMinor: bigint, basisPoints: number): bigint {
  const rate = BigInt(basisPoints);
  const divisor = 10_000n + rate;
  return (grossMinor * rate * 2n + divisor) / (divisor * 2n);
}

function requireSameCurrency(a: Money, b: Money): void {
  if (a.currency !== b.currency) {
    throw new RangeError(`Mixed currencies: ${a.currency} and ${b.currency}`);
  }
}
