import { unprocessable } from "./errors.ts";

/** Money as PayPal writes it: a decimal text. */
export interface Money {
  currency_code: string;
  value: string;
}

/**
 * PayPal's currencies (developer.paypal.com/api/rest/reference/currency-codes). Those without
 * decimals, and those that only accounts of the country itself may use: this merchant's is none of them.
 */
const withoutDecimals = new Set(["HUF", "JPY", "TWD"]);
const inCountryOnly = new Set(["BRL", "CNY", "MYR"]);
const supported = new Set(
  "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD".split(
    " ",
  ),
);

const greatest = 99_999_999_999_999_999n;

/** How many decimals PayPal writes amounts of a currency with. */
function decimalsOf(currency: string): number {
  return withoutDecimals.has(currency) ? 0 : 2;
}

/** The count of the smallest units in a text that {@link checkAmount} accepted. */
export function unitsOf({ currency_code: currency, value }: Money): bigint {
  const negative = value.startsWith("-");
  const [whole = "", fraction = ""] = value.replace("-", "").split(".");
  const decimals = decimalsOf(currency);
  const units = BigInt(`${whole || "0"}${fraction.padEnd(decimals, "0").slice(0, decimals)}`);
  return negative ? -units : units;
}

/** Money of `units` smallest units, with PayPal's number of decimals. */
export function moneyOf(units: bigint, currency: string): Money {
  const decimals = decimalsOf(currency);
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const split = digits.length - decimals;
  const fraction = decimals > 0 ? `.${digits.slice(split)}` : "";
  const value = `${units < 0n ? "-" : ""}${digits.slice(0, split)}${fraction}`;
  return { currency_code: currency, value };
}

/** Refuses money that PayPal would not move; returns it with PayPal's number of decimals. */
export function checkAmount(given: Money, field: string, mayBeZero = false): Money {
  const { currency_code: currency, value } = given;
  if (!supported.has(currency) || inCountryOnly.has(currency)) {
    throw unprocessable("CURRENCY_NOT_SUPPORTED", `${field}/currency_code`);
  }
  const fraction = value.split(".")[1] ?? "";
  if (decimalsOf(currency) === 0 && fraction !== "") {
    throw unprocessable("DECIMALS_NOT_SUPPORTED", `${field}/value`);
  }
  if (fraction.length > 2) throw unprocessable("DECIMAL_PRECISION", `${field}/value`);
  const units = unitsOf(given);
  if (units < 0n || (units === 0n && !mayBeZero)) {
    throw unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", `${field}/value`);
  }
  if (units > greatest) throw unprocessable("MAX_VALUE_EXCEEDED", `${field}/value`);
  return moneyOf(units, currency);
}

/** What the stand-in keeps as a fee: 3.49 % rounded up, plus forty-nine smallest units. */
export function feeOf(amount: Money): Money {
  const units = unitsOf(amount);
  const fee = (units * 349n + 9_999n) / 10_000n + 49n;
  return moneyOf(fee < units ? fee : units, amount.currency_code);
}
