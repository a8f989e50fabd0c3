import { remainder97 } from "./mod97.ts";

/** A bank account that customers are asked to transfer to, as banks ask for it in that currency's country. */
export interface BankAccount {
  readonly accountHolder: string;
  /** Without blanks, in capitals; so are the other numbers. */
  readonly iban?: string | undefined;
  readonly bic?: string | undefined;
  /** United Kingdom, six digits. */
  readonly sortCode?: string | undefined;
  /** United States, nine digits. */
  readonly routingNumber?: string | undefined;
  readonly accountNumber?: string | undefined;
  /** Such as ordinary or current, where banks ask for it (Japan). */
  readonly accountType?: string | undefined;
  readonly bankName?: string | undefined;
  /** The national code of bank or branch: CNAPS, Zengin and others. */
  readonly bankCode?: string | undefined;
  readonly branch?: string | undefined;
  readonly bankAddress?: string | undefined;
}

/** The account for each currency, by ISO 4217 code. */
export type BankAccounts = Readonly<Record<string, BankAccount>>;

/** What a customer needs for a transfer. */
export type InstructionField = keyof BankAccount | "amount" | "reference";

/** One line of the instructions. Its label is a message of the interface. */
export interface Instruction {
  readonly field: InstructionField;
  /** As people read it, in groups. The amount is a plain decimal text, for the interface to write in its language. */
  readonly shown: string;
  /** As it goes into a bank's form. */
  readonly copied: string;
}

/** Whether a text is an IBAN (ISO 13616) with right check digits, without blanks and in capitals. */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  return remainder97(text.slice(4) + text.slice(0, 4)) === 1;
}

/** Whether a text has the form of a BIC (ISO 9362), in capitals. */
export function isBic(text: string): boolean {
  return /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/.test(text);
}

/** Whether nine digits are an ABA routing number: weighted by 3, 7 and 1 they make a multiple of ten. */
export function isRoutingNumber(text: string): boolean {
  if (!/^\d{9}$/.test(text)) return false;
  const sum = Array.from(text).reduce(
    (total, digit, index) => total + Number(digit) * ([3, 7, 1][index % 3] ?? 0),
    0,
  );
  return sum % 10 === 0 && sum > 0;
}

/**
 * Whether a bank's statement names an account by this number: its IBAN, its own number, or that with the
 * code of the bank before it, as banks print it. Without blanks, in capitals.
 */
export function isNumberOf(account: BankAccount, number: string): boolean {
  const { iban, accountNumber, sortCode, routingNumber, bankCode } = account;
  if (number === iban) return true;
  // A national number stands at the end of its IBAN.
  if (iban !== undefined && number.length >= 8 && iban.slice(4).endsWith(number)) return true;
  if (accountNumber === undefined) return false;
  const codes = ["", sortCode, routingNumber, bankCode].filter((code) => code !== undefined);
  if (codes.some((code) => number === code + accountNumber)) return true;
  return isIban(number) && number.slice(4).endsWith((sortCode ?? "") + accountNumber);
}
