import { EU_COUNTRIES } from "#lib/domain/tax-number.ts";
import { decideTaxRule, type TaxRate, type TaxRule } from "#lib/domain/tax.ts";

/** Where the demo's operator is: companies there are taxed like everybody. */
const OPERATOR_COUNTRY = "GB";

/**
 * Consumption tax contained in prices, by the customer's country (ISO 3166-1 alpha-2), in hundredths
 * of a percent: the standard rates of November 2026, for China that of telecommunication services
 * (value-added class). Countries without a row are sold to without tax.
 */
const CONTAINED: Readonly<Record<string, number>> = {
  AE: 500,
  AT: 2000,
  AU: 1000,
  BE: 2100,
  BG: 2000,
  BH: 1000,
  CH: 810,
  CN: 600,
  CY: 1900,
  CZ: 2100,
  DE: 1900,
  DK: 2500,
  EE: 2400,
  ES: 2100,
  FI: 2550,
  FR: 2000,
  GB: 2000,
  GR: 2400,
  HK: 0,
  HR: 2500,
  HU: 2700,
  IE: 2300,
  IT: 2200,
  JP: 1000,
  KR: 1000,
  KW: 0,
  LT: 2100,
  LU: 1700,
  LV: 2100,
  MO: 0,
  MT: 1800,
  MY: 800,
  NL: 2100,
  NZ: 1500,
  OM: 500,
  PL: 2300,
  PT: 2300,
  QA: 0,
  RO: 2100,
  SA: 1500,
  SE: 2500,
  SG: 900,
  SI: 2200,
  SK: 2300,
  TH: 700,
  TW: 500,
};

/** Tax that is added to prices: there people expect prices without it. For Canada the federal GST. */
const ADDED: Readonly<Record<string, number>> = { CA: 500, US: 0 };

/**
 * What the demo's operator has set: for everybody of a country, and for companies of the European Union,
 * which owe the tax themselves.
 */
export const TAX_RATES: readonly TaxRate[] = [
  ...Object.entries(CONTAINED).flatMap(([countryCode, basisPoints]): TaxRate[] => {
    const rate = { countryCode, basisPoints } as const;
    const forAll = { ...rate, customerKind: "private", treatment: "inclusive" } as const;
    const isReversed = EU_COUNTRIES.includes(countryCode) && countryCode !== OPERATOR_COUNTRY;
    return isReversed
      ? [forAll, { ...rate, customerKind: "company", treatment: "reverse_charge" }]
      : [forAll];
  }),
  ...Object.entries(ADDED).map(([countryCode, basisPoints]): TaxRate => ({
    countryCode,
    basisPoints,
    customerKind: "private",
    treatment: "exclusive",
  })),
];

/** The rule for a private person of a country. */
export function privateTaxRule(countryCode: string): TaxRule | null {
  return decideTaxRule(TAX_RATES, { countryCode, kind: "private", hasTaxNumber: false });
}
