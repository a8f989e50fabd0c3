import { describe, expect, test } from "vitest";
import type { BankAccounts } from "#lib/domain/bank-account.ts";
import { money } from "#lib/domain/money.ts";
import {
  transferCurrencies,
  transferInstructions,
  transferQrText,
} from "#lib/payments/bank-transfer/instructions.ts";

const reference = "RF18539007547034";
const accounts: BankAccounts = {
  EUR: { bic: "COBADEFFXXX", iban: "DE89370400440532013000", accountHolder: "Axis Telekom GmbH" },
  GBP: { accountNumber: "31926819", sortCode: "601613", accountHolder: "Axis Ltd" },
};

describe("instructions for a transfer", () => {
  test("are offered in the currencies that have an account", () => {
    expect(transferCurrencies(accounts)).toEqual(["EUR", "GBP"]);
    expect(transferCurrencies(undefined)).toEqual([]);
    const payment = { amount: money(6_800n, "CNY"), reference };
    expect(transferInstructions(accounts, payment)).toBeNull();
    expect(transferInstructions(undefined, payment)).toBeNull();
    const odd = { amount: { amountMinor: 1n, currency: "constructor" }, reference };
    expect(transferInstructions(accounts, odd)).toBeNull();
  });

  test("tell what a bank asks for, to read in groups and to copy without them", () => {
    expect(transferInstructions(accounts, { amount: money(1_250n, "EUR"), reference })).toEqual([
      { field: "accountHolder", shown: "Axis Telekom GmbH", copied: "Axis Telekom GmbH" },
      { field: "iban", shown: "DE89 3704 0044 0532 0130 00", copied: "DE89370400440532013000" },
      { field: "bic", shown: "COBADEFFXXX", copied: "COBADEFFXXX" },
      { field: "amount", shown: "12.50", copied: "12.50" },
      { field: "reference", shown: "RF18 5390 0754 7034", copied: reference },
    ]);
    expect(
      transferInstructions(accounts, { amount: money(1_250n, "GBP"), reference }),
    ).toContainEqual({ field: "sortCode", shown: "60-16-13", copied: "601613" });
  });

  test("in euro fill in a banking app by a QR code, as the European Payments Council has it", () => {
    expect(transferQrText(accounts, { amount: money(1_250n, "EUR"), reference })).toBe(
      "BCD\n002\n1\nSCT\nCOBADEFFXXX\nAxis Telekom GmbH\nDE89370400440532013000\nEUR12.50\n\nRF18539007547034",
    );
    expect(transferQrText(accounts, { amount: money(1_250n, "GBP"), reference })).toBeNull();
    expect(transferQrText(undefined, { amount: money(1_250n, "EUR"), reference })).toBeNull();
    expect(transferQrText(accounts, { amount: money(10n ** 12n, "EUR"), reference })).toBeNull();
  });
});
