/**
 * Consumption tax contained in prices, by the customer's country (ISO 3166-1 alpha-2), in hundredths
 * of a percent: the standard rates of November 2026, for China that of telecommunication services
 * (value-added class). Countries without a row are sold to without contained tax.
 */
export const TAX_RATES: Readonly<Record<string, number>> = {
  AE: 500,
  AT: 2000,
  AU: 1000,
  BE: 2100,
  BH: 1000,
  CH: 810,
  CN: 600,
  DE: 1900,
  ES: 2100,
  FR: 2000,
  GB: 2000,
  HK: 0,
  IE: 2300,
  IT: 2200,
  JP: 1000,
  KR: 1000,
  KW: 0,
  MO: 0,
  MY: 800,
  NL: 2100,
  NZ: 1500,
  OM: 500,
  PL: 2300,
  PT: 2300,
  QA: 0,
  SA: 1500,
  SE: 2500,
  SG: 900,
  TH: 700,
  TW: 500,
  US: 0,
};
