import type { BankAccount } from "#lib/domain/bank-account.ts";
import type { PriceCurrency } from "./plan-row.ts";

/**
 * The operator's accounts in the demo, one for each currency. Nobody's: the check digits are right, the
 * banks do not exist.
 */
export const DEMO_BANK_ACCOUNTS: Readonly<Record<PriceCurrency, BankAccount>> = {
  CNY: {
    accountHolder: "Axis Mobile (Demo)",
    accountNumber: "6200000000000000001",
    bankName: "示例银行上海分行",
    bankCode: "000290000000",
    bic: "DEMOCNSHXXX",
  },
  USD: {
    accountHolder: "Axis Mobile (Demo)",
    routingNumber: "123456780",
    accountNumber: "000123456789",
    accountType: "Checking",
    bankName: "Example Bank, N.A.",
    bankAddress: "1 Example Street, Springfield",
    bic: "DEMOUS33XXX",
  },
  EUR: {
    accountHolder: "Axis Mobile (Demo)",
    iban: "DE50000000000123456789",
    bic: "DEMODEFFXXX",
    bankName: "Beispielbank",
  },
  GBP: {
    accountHolder: "Axis Mobile (Demo)",
    sortCode: "000000",
    accountNumber: "12345678",
    bankName: "Example Bank plc",
  },
  JPY: {
    accountHolder: "アクシス（デモ",
    bankName: "見本銀行",
    bankCode: "0000",
    branch: "見本支店 (000)",
    accountType: "普通",
    accountNumber: "1234567",
  },
};

/** By what a bank's statement names an account. */
export function accountNumberOf(currency: PriceCurrency): string {
  const { iban, accountNumber } = DEMO_BANK_ACCOUNTS[currency];
  const number = iban ?? accountNumber;
  if (number === undefined) throw new Error(`The account for ${currency} has no number`);
  return number;
}
