import type { BankAccount, BankAccounts, Instruction } from "#lib/domain/bank-account.ts";
import { formatBankReference } from "#lib/domain/bank-reference.ts";
import { toDecimal, type Money } from "#lib/domain/money.ts";

/** The currencies that can be transferred: those with an account, in the order of the setting. */
export function transferCurrencies(accounts: BankAccounts | undefined): readonly string[] {
  return Object.keys(accounts ?? {});
}

const ORDER: readonly (keyof BankAccount)[] = [
  "accountHolder",
  "iban",
  "bic",
  "sortCode",
  "routingNumber",
  "accountNumber",
  "accountType",
  "bankName",
  "bankCode",
  "branch",
  "bankAddress",
];

/** The instructions for one payment, in the order in which banks ask for them; null when its currency has no account. */
export function transferInstructions(
  accounts: BankAccounts | undefined,
  payment: { readonly amount: Money; readonly reference: string },
): readonly Instruction[] | null {
  const account = accountFor(accounts, payment.amount.currency);
  if (account === null) return null;
  const lines = ORDER.flatMap((field): Instruction[] => {
    const copied = account[field];
    return copied === undefined ? [] : [{ field, shown: shownAs(field, copied), copied }];
  });
  const decimal = toDecimal(payment.amount);
  const { reference } = payment;
  return [
    ...lines,
    { field: "amount", shown: decimal, copied: decimal },
    { field: "reference", shown: formatBankReference(reference), copied: reference },
  ];
}

/**
 * The text of a QR code that fills in a euro transfer in a banking app: EPC069-12, version 002, with the
 * creditor reference in its field. Null for other currencies and amounts the code cannot say.
 */
export function transferQrText(
  accounts: BankAccounts | undefined,
  payment: { readonly amount: Money; readonly reference: string },
): string | null {
  const { amount, reference } = payment;
  const account = accountFor(accounts, amount.currency);
  if (amount.currency !== "EUR" || account?.iban === undefined) return null;
  if (amount.amountMinor < 1n || amount.amountMinor > 99_999_999_999n) return null;
  const { bic = "", accountHolder, iban } = account;
  const name = accountHolder.slice(0, 70);
  const lines = [
    "BCD",
    "002",
    "1",
    "SCT",
    bic,
    name,
    iban,
    `EUR${toDecimal(amount)}`,
    "",
    reference,
  ];
  return lines.join("\n");
}

function accountFor(accounts: BankAccounts | undefined, currency: string): BankAccount | null {
  if (accounts === undefined || !Object.hasOwn(accounts, currency)) return null;
  return accounts[currency] ?? null;
}

function shownAs(field: keyof BankAccount, value: string): string {
  if (field === "iban") return value.replace(/(.{4})(?=.)/g, "$1 ");
  return field === "sortCode" ? value.replace(/(\d{2})(?=\d)/g, "$1-") : value;
}
