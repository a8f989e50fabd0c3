import { describe, expect, test } from "vitest";
import { isBic, isIban, isNumberOf, isRoutingNumber } from "#lib/domain/bank-account.ts";

describe("numbers of banks", () => {
  test.each([
    [isIban, "DE89370400440532013000", "DE98370400440532013000"],
    [isIban, "GB29NWBK60161331926819", "GB29NWBK60161331926891"],
    [isIban, "NO9386011117947", "NO938601111794"],
    [isIban, "MT84MALT011000012345MTLCAST001S", "mt84malt011000012345mtlcast001s"],
    [isIban, "KW81CBKU0000000000001234560101", "KW81 CBKU 0000 0000 0000 1234 5601 01"],
    [isBic, "COBADEFF", "COBADEF"],
    [isBic, "COBADEFFXXX", "COBADEFFXX"],
    [isBic, "BKCHCNBJ110", "BKCH1NBJ110"],
    [isRoutingNumber, "021000021", "021000012"],
    [isRoutingNumber, "011401533", "000000000"],
  ])("%o takes %s and not %s", (check, right, wrong) => {
    expect(check(right)).toBe(true);
    expect(check(wrong)).toBe(false);
  });
});

describe("an account", () => {
  const [iban, accountNumber] = ["GB29NWBK60161331926819", "31926819"];
  const [british, german] = [
    { accountHolder: "Axis", sortCode: "601613", accountNumber },
    { accountHolder: "Axis", iban: "DE89370400440532013000" },
  ];

  test.each([
    [{ accountHolder: "Axis", iban }, iban],
    [british, accountNumber],
    [british, `601613${accountNumber}`],
    [british, iban],
    [german, "0532013000"],
    [german, "370400440532013000"],
  ])("%o is the one a statement calls %s", (account, number) => {
    expect(isNumberOf(account, number)).toBe(true);
  });

  test.each([
    [british, "31926818"],
    [british, "2681"],
    [british, "GB33BUKB20201555555555"],
    [german, "DE98370400440532013000"],
    [german, "3000"],
    [german, "0532013001"],
  ])("%o is not %s", (account, number) => {
    expect(isNumberOf(account, number)).toBe(false);
  });
});
