import { euVat, stdnum, type Validator } from "stdnum";

/** Members of the European Union, ISO 3166-1 alpha-2. */
export const EU_COUNTRIES: readonly string[] =
  "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(" ");

/**
 * What companies of a country outside the European Union are registered under, by the names of the `stdnum`
 * library, which knows form and check digits. CN: unified social credit code (GB 32100-2015). CH: UID with
 * or without MWST, TVA or IVA. JP: corporate number. IN: GSTIN. US: EIN. AU: ABN. GB: VAT.
 */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  AU: ["abn"],
  BR: ["cnpj"],
  CA: ["gst", "bn"],
  CH: ["vat", "uid"],
  CN: ["uscc"],
  GB: ["vat"],
  IN: ["gstin"],
  IS: ["vsk"],
  JP: ["cn"],
  KR: ["brn"],
  MX: ["rfc"],
  NO: ["mva", "orgnr"],
  NZ: ["ird"],
  SG: ["uen"],
  TR: ["vkn"],
  TW: ["ubn"],
  US: ["ein"],
  ZA: ["vat"],
};

/** How a number is written, where the plain sequence of its characters is not how people know it. */
const WRITTEN: Readonly<Record<string, (compact: string) => string>> = {
  AU: (abn) => abn.replace(/^(\d{2})(\d{3})(\d{3})(\d{3})$/, "$1 $2 $3 $4"),
  CH: (uid) => uid.replace(/^CHE(\d{3})(\d{3})(\d{3})/, "CHE-$1.$2.$3 ").trimEnd(),
  GB: (vat) => `GB${vat}`,
  US: (ein) => ein.replace(/^(\d{2})(\d{7})$/, "$1-$2"),
};

/**
 * The tax number of a company as its country writes it, or null when it cannot be one: wrong form, or check
 * digits that do not match. Countries whose rules are not known here take 4 to 30 characters with at least
 * four letters or digits. Numbers of the European Union carry their prefix (`DE136695976`, Greece `EL`).
 *
 * @param text as typed; spaces, dots, hyphens and full-width characters are fine
 */
export function parseTaxNumber(text: string, countryCode: string): string | null {
  const typed = text.normalize("NFKC").trim().toUpperCase();
  if (!isPlausible(typed)) return null;
  if (EU_COUNTRIES.includes(countryCode)) {
    const prefix = countryCode === "GR" ? "EL" : countryCode;
    const number = firstValid(euVat[countryCode] ?? [], typed);
    return number === null ? null : `${prefix}${number}`;
  }
  // The number on Japanese invoices is the corporate number behind a T.
  const invoiceLetter = countryCode === "JP" && typed.startsWith("T") ? "T" : "";
  const kinds = KINDS[countryCode];
  if (kinds === undefined) return typed;
  const validators = kinds.flatMap((kind) => stdnum[countryCode]?.[kind] ?? []);
  const number = firstValid(validators, typed.slice(invoiceLetter.length));
  if (number === null) return null;
  return invoiceLetter + (WRITTEN[countryCode]?.(number) ?? number);
}

function firstValid(validators: readonly Validator[], typed: string): string | null {
  for (const validator of validators) {
    const result = validator.validate(typed);
    if (result.isValid) return result.compact;
  }
  return null;
}

/** What can be a number anywhere; the library is not asked about less (it throws on an empty text). */
function isPlausible(typed: string): boolean {
  const length = typed.replace(/[^\p{L}\p{N}]/gu, "").length;
  return /^[\p{L}\p{N} ./&-]{4,30}$/u.test(typed) && length >= 4;
}
