import { describe, expect, test } from "vitest";
import { isBic, isIban, isRoutingNumber } from "#lib/domain/bank-account.ts";

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
