import { describe, expect, test } from "vitest";
import { money } from "#lib/domain/money.ts";
import { LOCALES } from "#lib/domain/locale.ts";
import type { Refusal } from "#lib/domain/refusal.ts";
import en from "#lib/i18n/messages/en.json" with { type: "json" };
import { fieldText, refusalArguments, refusalText } from "#lib/i18n/refusal.ts";
import { translator } from "#lib/i18n/translator.ts";

/** One of each refusal; a new code does not compile until it stands here. */
const EACH: { readonly [Code in Refusal["code"]]: Extract<Refusal, { code: Code }> } = {
  not_found: { code: "not_found" },
  not_signed_in: { code: "not_signed_in" },
  not_allowed: { code: "not_allowed" },
  origin_not_allowed: { code: "origin_not_allowed" },
  input_invalid: { code: "input_invalid", fields: { email: "required" } },
  credentials_wrong: { code: "credentials_wrong" },
  too_many_attempts: { code: "too_many_attempts", retryAfterSeconds: 61 },
  plan_not_found: { code: "plan_not_found" },
  plan_not_compatible: { code: "plan_not_compatible" },
  no_current_period: { code: "no_current_period" },
  start_not_possible: { code: "start_not_possible" },
  loss_not_accepted: { code: "loss_not_accepted" },
  quote_invalid: { code: "quote_invalid" },
  quote_expired: { code: "quote_expired" },
  quote_changed: { code: "quote_changed" },
  recently_renewed: { code: "recently_renewed", orderNumber: "AX-7Q2F-91KM", minutesAgo: 3 },
  attempt_reused: { code: "attempt_reused" },
  currency_not_supported: { code: "currency_not_supported" },
  balance_insufficient: {
    code: "balance_insufficient",
    balance: money(100n, "CNY"),
    total: money(6_800n, "CNY"),
  },
  method_not_available: { code: "method_not_available" },
  payment_provider_unavailable: { code: "payment_provider_unavailable" },
  payment_rejected: { code: "payment_rejected" },
  carrier_unavailable: { code: "carrier_unavailable" },
  too_late_to_cancel: { code: "too_late_to_cancel" },
  refund_not_possible: { code: "refund_not_possible" },
  topup_spent: { code: "topup_spent" },
  needs_lead: { code: "needs_lead" },
  attention_changed: { code: "attention_changed" },
  statement_unreadable: { code: "statement_unreadable", problem: { code: "file_empty" } },
  decided_already: { code: "decided_already" },
  customer_unknown: { code: "customer_unknown" },
  decision_not_possible: { code: "decision_not_possible" },
};

describe.each(LOCALES)("in %s", (locale) => {
  test.each(Object.values(EACH))("$code has a sentence with everything filled in", (refusal) => {
    const text = refusalText(refusal.code, refusalArguments(refusal, locale), locale);
    expect(text.length).toBeGreaterThan(4);
    expect(text).not.toMatch(/[{}]|undefined/);
  });

  test("a problem of a field names the field", () => {
    const name = translator(locale, "field")("name.email");
    for (const problem of ["required", "invalid", "too_long", "too_small", "too_large"] as const) {
      expect(fieldText("email", problem, locale)).toContain(name);
    }
  });

  test("a field that people do not see is not named by its code", () => {
    expect(fieldText("attemptId", "invalid", locale)).not.toContain("attemptId");
  });
});

test("no sentence is left over for a refusal that does not exist", () => {
  expect(Object.keys(en.refusal).toSorted()).toEqual(Object.keys(EACH).toSorted());
});

test("a wait is rounded up to whole minutes, so that nobody comes back too early", () => {
  expect(refusalArguments(EACH.too_many_attempts, "en")).toEqual({ minutes: 2 });
});

test("a balance that is too small is told with both amounts", () => {
  const text = refusalText(
    "balance_insufficient",
    refusalArguments(EACH.balance_insufficient, "en"),
    "en",
  );
  expect(text).toBe("Your balance of ¥1.00 is not enough for ¥68.00. Please pay another way.");
});
