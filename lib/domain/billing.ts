import {
  getCountries,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from "libphonenumber-js/min";
import { postcodeValidator, postcodeValidatorExistsForCountry } from "postcode-validator";
import type { FieldProblem } from "./refusal.ts";
import { parseTaxNumber } from "./tax-number.ts";
import type { CustomerKind, TaxedBuyer } from "./tax.ts";

/** Whom documents are made out to. An order keeps it as it was, in `order.billing`. */
export interface BillingDetails {
  readonly kind: CustomerKind;
  readonly name: string;
  /** null: a private person. */
  readonly companyName: string | null;
  /** As the country writes it, checked; null: none was given. */
  readonly taxNumber: string | null;
  /** null: no address was given. */
  readonly line1: string | null;
  readonly line2: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
}

/** What is kept of a customer for the next order. */
export interface BillingProfile {
  readonly billing: BillingDetails;
  /** Where messages about orders go. */
  readonly email: string;
  /** E.164. */
  readonly phone: string | null;
}

/** The fields of the form, as typed. Each may be empty. */
export interface TypedBilling {
  readonly billingKind: CustomerKind;
  readonly billingName: string;
  readonly companyName: string;
  readonly taxNumber: string;
  readonly line1: string;
  readonly line2: string;
  readonly city: string;
  readonly region: string;
  readonly postalCode: string;
  readonly countryCode: string;
  readonly deliveryEmail: string;
  readonly deliveryPhone: string;
}

export type BillingField = keyof TypedBilling;

/** The most characters a field takes. */
export const BILLING_LENGTHS: Readonly<Record<Exclude<BillingField, "billingKind">, number>> = {
  billingName: 100,
  companyName: 120,
  taxNumber: 40,
  line1: 100,
  line2: 100,
  city: 60,
  region: 60,
  postalCode: 16,
  countryCode: 5,
  deliveryEmail: 254,
  deliveryPhone: 32,
};

/** The form as a page shows it. */
export interface BillingForm {
  readonly values: TypedBilling;
  /** All there are, and those that are offered first: where the operator sells, and what is kept. */
  readonly countryCodes: readonly string[];
  readonly usualCountryCodes: readonly string[];
  readonly lengths: typeof BILLING_LENGTHS;
}

/** What is known of a customer without asking. */
export interface BilledAccount {
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly countryCode: string;
}

/** Ascension, Tristan da Cunha: telephone regions, not countries of ISO 3166-1. */
const NO_COUNTRIES: readonly string[] = ["AC", "TA"];

/** Countries an address can lie in, ISO 3166-1 alpha-2 and XK. */
export const BILLING_COUNTRIES: readonly string[] = getCountries().filter(
  (code) => !NO_COUNTRIES.includes(code),
);

/** Where letters do not arrive without the state, province or prefecture. */
const REGION_NEEDED: readonly string[] = ["AU", "BR", "CA", "CN", "IN", "JP", "MX", "US"];
/** Where the country is the city. */
const CITY_NEEDLESS: readonly string[] = ["GI", "HK", "MC", "MO", "SG", "VA"];
/** Where postal codes exist and people do without them. */
const POSTAL_CODE_OPTIONAL: readonly string[] = ["BH", "CN", "IE", "KW", "OM", "PA", "SA", "XK"];
/** Where a company's invoice is worth nothing without the number. */
const TAX_NUMBER_NEEDED: readonly string[] = ["CN"];

export type CheckedBilling =
  | { readonly ok: true; readonly profile: BillingProfile }
  | { readonly ok: false; readonly fields: Readonly<Record<string, FieldProblem>> };

/**
 * Checks what was typed by the rules of its country. A company gives its name and address; a private person
 * need give nothing: the country of the account counts, and documents carry the name alone. Who begins an
 * address, or names another country, completes it.
 */
export function checkBilling(typed: TypedBilling, account: BilledAccount): CheckedBilling {
  const isCompany = typed.billingKind === "company";
  const countryCode = typed.countryCode === "" ? account.countryCode : typed.countryCode;
  const isGiven =
    isCompany ||
    countryCode !== account.countryCode ||
    [typed.line1, typed.line2, typed.city, typed.region, typed.postalCode].some(isTyped);
  const fields: Partial<Record<BillingField, FieldProblem>> = {};
  const need = (field: BillingField, isNeeded: boolean): void => {
    if (isNeeded && !isTyped(typed[field])) fields[field] = "required";
  };

  if (!BILLING_COUNTRIES.includes(countryCode)) fields.countryCode = "invalid";
  need("billingName", isGiven);
  need("companyName", isCompany);
  need("line1", isGiven);
  need("city", isGiven && !CITY_NEEDLESS.includes(countryCode));
  need("region", isGiven && REGION_NEEDED.includes(countryCode));
  const hasPostalCodes = postcodeValidatorExistsForCountry(countryCode);
  need("postalCode", isGiven && hasPostalCodes && !POSTAL_CODE_OPTIONAL.includes(countryCode));
  const postalCode = writtenPostalCode(typed.postalCode, countryCode);
  if (postalCode !== null && hasPostalCodes && !postcodeValidator(postalCode, countryCode)) {
    fields.postalCode = "invalid";
  }
  let taxNumber: string | null = null;
  if (isCompany) {
    need("taxNumber", TAX_NUMBER_NEEDED.includes(countryCode));
    if (isTyped(typed.taxNumber)) {
      taxNumber = parseTaxNumber(typed.taxNumber, countryCode);
      if (taxNumber === null) fields.taxNumber = "invalid";
    }
  }
  need("deliveryEmail", true);
  const phone = isTyped(typed.deliveryPhone) ? parsePhone(typed.deliveryPhone, countryCode) : null;
  if (isTyped(typed.deliveryPhone) && phone === null) fields.deliveryPhone = "invalid";

  if (Object.keys(fields).length > 0) return { ok: false, fields: inOrder(fields) };
  return {
    ok: true,
    profile: {
      billing: {
        kind: typed.billingKind,
        name: textOrNull(typed.billingName) ?? account.name,
        companyName: isCompany ? textOrNull(typed.companyName) : null,
        taxNumber,
        line1: textOrNull(typed.line1),
        line2: textOrNull(typed.line2),
        city: textOrNull(typed.city),
        region: textOrNull(typed.region),
        postalCode,
        countryCode,
      },
      email: typed.deliveryEmail.trim(),
      phone,
    },
  };
}

/**
 * The form filled with what is kept, else with what is known of the account.
 *
 * @param markets where the operator sells, ISO 3166-1 alpha-2
 */
export function billingForm(
  profile: BillingProfile | null,
  account: BilledAccount,
  markets: readonly string[],
): BillingForm {
  const billing = profile?.billing;
  return {
    values: {
      billingKind: billing?.kind ?? "private",
      billingName: billing?.name ?? account.name,
      companyName: billing?.companyName ?? "",
      taxNumber: billing?.taxNumber ?? "",
      line1: billing?.line1 ?? "",
      line2: billing?.line2 ?? "",
      city: billing?.city ?? "",
      region: billing?.region ?? "",
      postalCode: billing?.postalCode ?? "",
      countryCode: billing?.countryCode ?? account.countryCode,
      deliveryEmail: profile?.email ?? account.email,
      deliveryPhone: profile === null ? (account.phone ?? "") : (profile.phone ?? ""),
    },
    countryCodes: BILLING_COUNTRIES,
    usualCountryCodes: [
      ...new Set([...markets, account.countryCode, billing?.countryCode ?? account.countryCode]),
    ],
    lengths: BILLING_LENGTHS,
  };
}

/**
 * What of the form decides the tax, whether or not the rest of it can be accepted yet: somebody who has still
 * to correct a postal code already sees the price that will be asked.
 */
export function taxedBuyer(
  typed: Pick<TypedBilling, "billingKind" | "countryCode" | "taxNumber">,
  account: Pick<BilledAccount, "countryCode">,
): TaxedBuyer {
  const countryCode = BILLING_COUNTRIES.includes(typed.countryCode)
    ? typed.countryCode
    : account.countryCode;
  return {
    countryCode,
    kind: typed.billingKind,
    hasTaxNumber:
      typed.billingKind === "company" && parseTaxNumber(typed.taxNumber, countryCode) !== null,
  };
}

/** E.164, or null when it cannot be a telephone number. A number without a prefix is one of the country. */
function parsePhone(text: string, countryCode: string): string | null {
  const typed = text.normalize("NFKC");
  const number = isSupportedCountry(countryCode)
    ? parsePhoneNumberFromString(typed, countryCode)
    : parsePhoneNumberFromString(typed);
  return number?.isPossible() === true ? number.number : null;
}

/** A postal code as its country writes it: capitals, and the hyphen that Japanese codes are often typed without. */
function writtenPostalCode(text: string, countryCode: string): string | null {
  const typed = textOrNull(text.normalize("NFKC").replace(/[‐-―−ー]/g, "-"))?.toUpperCase();
  if (typed === undefined) return null;
  return countryCode === "JP" ? typed.replace(/^(\d{3})(\d{4})$/, "$1-$2") : typed;
}

function isTyped(text: string): boolean {
  return text.trim() !== "";
}

/** A text with its outer blanks taken off and inner ones made single; null when nothing is left. */
function textOrNull(text: string): string | null {
  const plain = text.normalize("NFC").replace(/\s+/g, " ").trim();
  return plain === "" ? null : plain;
}

/** Problems in the order of the form, which is the order of the error summary. */
function inOrder(
  fields: Partial<Record<BillingField, FieldProblem>>,
): Readonly<Record<string, FieldProblem>> {
  const order = ["billingKind", ...Object.keys(BILLING_LENGTHS)];
  return Object.fromEntries(
    Object.entries(fields).toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b)),
  );
}
