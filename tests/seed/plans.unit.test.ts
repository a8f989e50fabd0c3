import { describe, expect, test } from "vitest";
import type { LocalizedText } from "#lib/domain/locale.ts";
import { planTerm } from "#lib/domain/plan.ts";
import { reachOf, type Area } from "#prisma/seed/networks.ts";
import { PRICE_CURRENCIES, type PlanRow } from "#prisma/seed/plan-row.ts";
import { PLANS } from "#prisma/seed/plans.ts";
import { TAX_RATES } from "#prisma/seed/tax-rates.ts";

/** Codes of the plans of which it is not true. */
const except = (isTrue: (plan: PlanRow) => boolean): string[] =>
  PLANS.filter((plan) => !isTrue(plan)).map((plan) => plan.code);

describe("the catalogue of the demo", () => {
  test("offers at least forty plans, each under a code of its own", () => {
    expect(PLANS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(PLANS.map((plan) => plan.code)).size).toBe(PLANS.length);
  });

  test.each([
    ["renewal policy", ["add", "queue", "reset", "replace", "data_only"]],
    ["length", ["day", "month", "year"]],
    ["scope", ["domestic", "regional", "global"]],
    ["kind", ["base", "addon"]],
  ])("has every %s several times", (_what, values) => {
    const features = PLANS.flatMap((plan) => [
      plan.renewalPolicy,
      planTerm(plan.validity),
      plan.scope,
      plan.kind,
    ]);
    const rare = values.filter((value) => features.filter((each) => each === value).length < 3);
    expect(rare).toEqual([]);
  });

  test("is written in Chinese and in English", () => {
    const isWritten = (text: LocalizedText): boolean =>
      /\p{Script=Han}/u.test(text["zh-CN"]) && /^[^\p{Script=Han}]{5,}$/u.test(text.en);
    expect(except((plan) => isWritten(plan.name) && isWritten(plan.note))).toEqual([]);
  });

  test("is priced in every currency, above what the carrier takes even without the highest tax", () => {
    const highestTax = BigInt(Math.max(...TAX_RATES.map((rate) => rate.basisPoints)));
    expect(
      except(({ prices }) => PRICE_CURRENCIES.every((currency) => prices[currency] > 0n)),
    ).toEqual([]);
    expect(
      except(
        ({ prices, wholesale }) =>
          (prices.USD * 100n * 10_000n) / (10_000n + highestTax) > wholesale.costUsdTenThousandths,
      ),
    ).toEqual([]);
  });

  test("asks about the same in every currency", () => {
    // Minor units for a US cent in hundredths, roughly: a slipped digit lies far outside.
    const rates = { CNY: 660n, EUR: 92n, GBP: 77n, JPY: 142n };
    const isNear = (a: bigint, b: bigint): boolean => a * 10n > b * 8n && a * 10n < b * 12n;
    expect(
      except(
        ({ prices }) =>
          isNear(prices.CNY * 100n, prices.USD * rates.CNY) &&
          isNear(prices.EUR * 100n, prices.USD * rates.EUR) &&
          isNear(prices.GBP * 100n, prices.USD * rates.GBP) &&
          isNear(prices.JPY * 100n, prices.USD * rates.JPY),
      ),
    ).toEqual([]);
  });

  test("covers countries that exist, each with networks", () => {
    const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
    expect(
      except(
        ({ coverage }) =>
          coverage.length > 0 &&
          coverage.every(
            ({ countryCode, networks }) =>
              names.of(countryCode) !== undefined && networks.length > 0,
          ),
      ),
    ).toEqual([]);
  });

  test.each(["AS", "JP", "GB", "EU", "GCC", "NA", "GL"] satisfies Area[])(
    "has a handful of plans that fit an eSIM made for %s",
    (area) => {
      const fitting = PLANS.filter((plan) => reachOf(area).includes(plan.area));
      const packages = new Set(fitting.map((plan) => plan.wholesale.topUpCode));
      expect(packages.size).toBeGreaterThanOrEqual(10);
      expect(packages.size).toBeLessThanOrEqual(16);
    },
  );

  test("buys the same package under one name", () => {
    const byCode = new Map(PLANS.map((plan) => [plan.wholesale.topUpCode, plan.wholesale]));
    expect(PLANS.map((plan) => byCode.get(plan.wholesale.topUpCode))).toEqual(
      PLANS.map((plan) => plan.wholesale),
    );
  });
});
