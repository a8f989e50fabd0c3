import { currencyExponent, money, type Money } from "#lib/domain/money.ts";

/**
 * Decimals of Stripe's API amounts where they differ from two, and where they differ from ISO 4217
 * (docs.stripe.com/currencies): MGA has none, ISK and UGX are sent with two for compatibility.
 */
const STRIPE_EXPONENTS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF"].map((code) => [code, 0]),
  ),
  ...Object.fromEntries(["VND", "VUV", "XAF", "XOF", "XPF"].map((code) => [code, 0])),
  ...Object.fromEntries(["BHD", "JOD", "KWD", "OMR", "TND"].map((code) => [code, 3])),
};

/** Greatest amount in Stripe's units: eight digits; twelve in rupiah (docs.stripe.com/currencies). */
const GREATEST = 99_999_999n;
const GREATEST_IDR = 999_999_999_999n;

/**
 * Least amount of a charge, in Stripe's units (docs.stripe.com/currencies, "Minimum and maximum charge
 * amounts"). Stripe publishes it for the currencies in which it pays out; elsewhere the amount must be
 * worth about fifty US cents, which is why CNY is here with four yuan. What is not here Stripe decides.
 */
const LEAST: Readonly<Record<string, bigint>> = {
  AED: 200n,
  AUD: 50n,
  BGN: 100n,
  BRL: 50n,
  CAD: 50n,
  CHF: 50n,
  CNY: 400n,
  CZK: 1_500n,
  DKK: 250n,
  EUR: 50n,
  GBP: 30n,
  HKD: 400n,
  HUF: 17_500n,
  INR: 50n,
  JPY: 50n,
  MXN: 1_000n,
  MYR: 200n,
  NOK: 300n,
  NZD: 50n,
  PLN: 200n,
  RON: 200n,
  SEK: 300n,
  SGD: 50n,
  THB: 1_000n,
  USD: 50n,
};

export type StripeAmount =
  | { readonly ok: true; readonly amount: number }
  | {
      readonly ok: false;
      readonly code: "amount_too_small" | "amount_too_large" | "amount_not_representable";
    };

/**
 * An amount in the units of Stripe's API. Refused before anything is sent: nothing or less, more
 * than Stripe takes, and what its units cannot say (three-decimal currencies take multiples of ten;
 * a fraction where Stripe has no decimals).
 */
export function toStripeAmount({ amountMinor, currency }: Money): StripeAmount {
  if (amountMinor <= 0n) return { ok: false, code: "amount_too_small" };
  const scaled = rescale(amountMinor, currencyExponent(currency), stripeExponent(currency));
  if (scaled === null) return { ok: false, code: "amount_not_representable" };
  if (scaled > (currency === "IDR" ? GREATEST_IDR : GREATEST)) {
    return { ok: false, code: "amount_too_large" };
  }
  if (stripeExponent(currency) === 3 && scaled % 10n !== 0n) {
    return { ok: false, code: "amount_not_representable" };
  }
  return { ok: true, amount: Number(scaled) };
}

/** As {@link toStripeAmount}, and refused when it is less than Stripe charges. A refund may be less. */
export function toStripeCharge(charge: Money): StripeAmount {
  const amount = toStripeAmount(charge);
  if (amount.ok && BigInt(amount.amount) < (LEAST[charge.currency] ?? 1n)) {
    return { ok: false, code: "amount_too_small" };
  }
  return amount;
}

/**
 * Money from an amount of Stripe's API.
 *
 * @param amount in Stripe's units, a safe integer
 * @param currency as Stripe writes it, lower case
 * @throws RangeError when our minor units cannot say it, e.g. a fraction of a króna
 */
export function fromStripeAmount(amount: number, currency: string): Money {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`Not a whole amount: ${amount}`);
  const code = currency.toUpperCase();
  const scaled = rescale(BigInt(amount), stripeExponent(code), currencyExponent(code));
  if (scaled === null) throw new RangeError(`Not a whole minor unit: ${amount} ${code}`);
  return money(scaled, code);
}

function stripeExponent(currency: string): number {
  return STRIPE_EXPONENTS[currency] ?? 2;
}

function rescale(amount: bigint, from: number, to: number): bigint | null {
  if (to >= from) return amount * 10n ** BigInt(to - from);
  const divisor = 10n ** BigInt(from - to);
  return amount % divisor === 0n ? amount / divisor : null;
}
