import { invalidParameter } from "./errors.ts";

/**
 * Stripe's own rules of money (docs.stripe.com/currencies): which currencies have no or three
 * decimals in its API, the least amount that may be charged, the greatest it takes.
 */

const zeroDecimal = new Set(
  "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" "),
);
const threeDecimal = new Set("bhd jod kwd omr tnd".split(" "));
/** No decimals in life, two in the API, and those must be 00. */
const wholeUnitsInHundredths = new Set(["isk", "ugx"]);

const twoDecimal = new Set(
  (
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf " +
    "cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr " +
    "isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn " +
    "nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb " +
    "tjs top try ttd twd tzs uah ugx uyu uzs wst xcd yer zar zmw"
  ).split(" "),
);

/** Least charge in the API's units; where Stripe names none, about fifty US cents. */
const leastCharge: Record<string, number> = {
  aed: 200,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  cny: 400,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  inr: 50,
  jpy: 50,
  krw: 700,
  kwd: 150,
  bhd: 200,
  omr: 200,
  jod: 360,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
  twd: 1600,
  usd: 50,
  vnd: 13000,
};

const greatestAmount = 99_999_999;
const greatestRupiah = 999_999_999_999;

/** How many decimals an amount in the API has. */
export function decimalsOf(currency: string): number {
  if (zeroDecimal.has(currency)) return 0;
  return threeDecimal.has(currency) ? 3 : 2;
}

/** Refuses a currency that Stripe does not know; returns it in lower case. */
export function checkCurrency(given: string, param: string): string {
  const currency = given.toLowerCase();
  if (!zeroDecimal.has(currency) && !threeDecimal.has(currency) && !twoDecimal.has(currency)) {
    throw invalidParameter(param, `Invalid currency: ${given}.`);
  }
  return currency;
}

/** Refuses an amount (in the API's units) that Stripe would not charge. */
export function checkCharge(amount: number, currency: string, param: string): void {
  if (amount < 1) {
    throw invalidParameter(
      param,
      "This value must be greater than or equal to 1.",
      "parameter_invalid_integer",
    );
  }
  const least = leastCharge[currency] ?? 1;
  if (amount < least) {
    throw invalidParameter(
      param,
      `Amount must be at least ${formatAmount(least, currency)}`,
      "amount_too_small",
    );
  }
  const greatest = currency === "idr" ? greatestRupiah : greatestAmount;
  if (amount > greatest) {
    throw invalidParameter(
      param,
      `Amount must be no more than ${formatAmount(greatest, currency)}`,
      "amount_too_large",
    );
  }
  checkGranularity(amount, currency, param);
}

/** Three-decimal amounts end in 0; ISK and UGX in 00. */
export function checkGranularity(amount: number, currency: string, param: string): void {
  const step = threeDecimal.has(currency) ? 10 : wholeUnitsInHundredths.has(currency) ? 100 : 1;
  if (amount % step !== 0) {
    throw invalidParameter(
      param,
      `Invalid amount: ${amount}. Amounts in ${currency} must be multiples of ${step}.`,
    );
  }
}

/** "$12.34"-like text for Stripe's messages: "12.34 usd". Written with whole numbers only. */
export function formatAmount(amount: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const digits = String(amount).padStart(decimals + 1, "0");
  const split = digits.length - decimals;
  const fraction = decimals > 0 ? `.${digits.slice(split)}` : "";
  return `${digits.slice(0, split)}${fraction} ${currency}`;
}

/**
 * What the stand-in keeps as a fee: 2.9 % rounded up, plus thirty hundredths of the main unit
 * (30 in currencies without decimals, 300 in those with three); in whole units where only those exist.
 */
export function feeOf(amount: number, currency: string): number {
  const fixed = decimalsOf(currency) === 3 ? 300 : 30;
  const share = (BigInt(amount) * 29n + 999n) / 1000n;
  const fee = Number(share) + fixed;
  const step = wholeUnitsInHundredths.has(currency) ? 100 : 1;
  return Math.min(amount, Math.ceil(fee / step) * step);
}
