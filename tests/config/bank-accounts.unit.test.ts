import { describe, expect, test } from "vitest";
import { parseEnv, SettingsError } from "#lib/config/env.ts";

const accountHolder = "Axis Telekom GmbH";
const euro = { accountHolder, iban: "DE89 3704 0044 0532 0130 00", bic: "cobadeffxxx" };

function settings(accounts: unknown, change: Record<string, string> = {}) {
  return {
    DATABASE_URL: "postgresql://portal@db.example/portal",
    APP_URL: "https://portal.example",
    AUTH_SECRET: "s".repeat(32),
    SMTP_URL: "smtp://mail.example",
    MAIL_FROM: "Axis <no-reply@axis.example>",
    ESIM_ACCESS_CODE: "code",
    ESIM_ACCESS_SECRET: "secret",
    BANK_TRANSFER_INSTRUCTIONS: typeof accounts === "string" ? accounts : JSON.stringify(accounts),
    ...change,
  };
}

function problems(accounts: unknown, change: Record<string, string> = {}): readonly string[] {
  try {
    parseEnv(settings(accounts, change));
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe("the accounts for bank transfers", () => {
  test("are taken for each currency, numbers without what people put between digits", () => {
    const given = {
      EUR: euro,
      GBP: { accountHolder, sortCode: "60-16-13", accountNumber: "3192 6819" },
      USD: { accountHolder, routingNumber: "021000021", accountNumber: "1234567890" },
      CNY: {
        accountHolder: "星轴科技",
        accountNumber: "44050158000000001234",
        bankName: "中国建设银行",
        branch: "深圳分行",
      },
      JPY: {
        accountHolder,
        accountNumber: "1234567",
        bankName: "みずほ銀行",
        branch: "本店",
        accountType: "普通",
      },
    };
    expect(parseEnv(settings(given)).BANK_TRANSFER_INSTRUCTIONS).toEqual({
      ...given,
      EUR: { accountHolder, iban: "DE89370400440532013000", bic: "COBADEFFXXX" },
      GBP: { accountHolder, sortCode: "601613", accountNumber: "31926819" },
    });
  });

  test("may be left out", () => {
    expect(parseEnv(settings("")).BANK_TRANSFER_INSTRUCTIONS).toBeUndefined();
  });

  test.each<[string, unknown, string]>([
    ["is not JSON", "{EUR", "is not JSON"],
    ["is a list", [euro], "must be an object"],
    ["is empty", {}, "names no currency"],
    ["names no currency by its code", { euro }, "euro: is no ISO 4217 code"],
    ["has a text for an account", { EUR: "DE89" }, "EUR: must be an object"],
    ["has no holder", { EUR: { iban: euro.iban } }, "EUR.accountHolder: must be a text"],
    [
      "has an empty holder",
      { EUR: { ...euro, accountHolder: " " } },
      "EUR.accountHolder: must not be empty",
    ],
    [
      "has a wrong digit in the IBAN",
      { EUR: { ...euro, iban: "DE88370400440532013000" } },
      "EUR.iban: is no IBAN: form or check digits are wrong",
    ],
    ["has a BIC that is none", { EUR: { ...euro, bic: "COBA" } }, "EUR.bic: is no BIC"],
    [
      "has a euro account without IBAN",
      { EUR: { accountHolder, accountNumber: "12345678", bankName: "B" } },
      "EUR: needs iban",
    ],
    [
      "has a sort code of five digits",
      { GBP: { accountHolder, sortCode: "60-16-1", accountNumber: "31926819" } },
      "GBP.sortCode: must have six digits",
    ],
    [
      "has a wrong digit in the routing number",
      { USD: { accountHolder, routingNumber: "021000022", accountNumber: "12345678" } },
      "USD.routingNumber: is no ABA routing number: form or check digit is wrong",
    ],
    [
      "has no account",
      { CNY: { accountHolder, bankName: "B" } },
      "CNY: needs iban or accountNumber",
    ],
    [
      "has an account of no bank",
      { CNY: { accountHolder, accountNumber: "12345678" } },
      "CNY: needs, beside accountNumber, sortCode, routingNumber, bic or bankName",
    ],
    ["has a field nobody knows", { EUR: { ...euro, swift: "X" } }, "EUR: does not know swift"],
    [
      "has a line break in a name",
      { EUR: { ...euro, accountHolder: "Axis\nGmbH" } },
      "EUR.accountHolder: must be one line without control characters",
    ],
  ])("are refused when the setting %s", (_what, accounts, problem) => {
    expect(problems(accounts)).toEqual([`BANK_TRANSFER_INSTRUCTIONS ${problem}`]);
  });

  test("are refused with every problem on a line of its own, no value repeated", () => {
    const named = problems({
      EUR: { ...euro, iban: "DE00secret", bic: "secret" },
      GBP: { accountHolder, sortCode: "secret", accountNumber: "31926819" },
    });
    expect(named.map((line) => line.split(" ")[1])).toEqual([
      "EUR.iban:",
      "EUR.bic:",
      "GBP.sortCode:",
    ]);
    expect(named.join("\n")).not.toContain("secret");
  });

  test("are refused in a currency the portal does not have", () => {
    expect(problems({ EUR: euro }, { CURRENCIES: "CNY" })).toEqual([
      "BANK_TRANSFER_INSTRUCTIONS has EUR, which CURRENCIES has not",
    ]);
  });
});
