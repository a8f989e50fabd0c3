import type { Locale } from "#lib/domain/locale.ts";
import type { FieldProblem, Refusal, RefusalCode } from "#lib/domain/refusal.ts";
import { formatMoney } from "./format.ts";
import { statementProblemText } from "./statement-problem.ts";
import { translator } from "./translator.ts";

/** What a refusal's message needs to know, ready to be shown. */
export type RefusalArguments = Readonly<Record<string, string | number>>;

/** The arguments of a refusal's message. */
export function refusalArguments(refusal: Refusal, locale: Locale): RefusalArguments {
  switch (refusal.code) {
    case "too_many_attempts":
      return { minutes: Math.max(1, Math.ceil(refusal.retryAfterSeconds / 60)) };
    case "recently_renewed":
      return { minutes: refusal.minutesAgo, order: refusal.orderNumber };
    case "balance_insufficient":
      return {
        balance: formatMoney(refusal.balance, locale),
        total: formatMoney(refusal.total, locale),
      };
    case "statement_unreadable":
      return { why: statementProblemText(refusal.problem, locale) };
    default:
      return {};
  }
}

/** A refusal in words: why, and what to do about it. */
export function refusalText(code: RefusalCode, values: RefusalArguments, locale: Locale): string {
  return translator(locale, "refusal")(code, values);
}

/** What is wrong with one field, in words, naming the field. */
export function fieldText(field: string, problem: FieldProblem, locale: Locale): string {
  const t = translator(locale, "field");
  if (problem === "invalid" && isSpecial(field)) return t(`special.${field}`);
  return t(problem, { field: isNamed(field) ? t(`name.${field}`) : t("other") });
}

const NAMED = [
  "email",
  "password",
  "planCode",
  "startChoice",
  "startsOn",
  "method",
  "query",
  "amount",
  "billingKind",
  "billingName",
  "companyName",
  "taxNumber",
  "line1",
  "line2",
  "city",
  "region",
  "postalCode",
  "countryCode",
  "deliveryEmail",
  "deliveryPhone",
  "file",
  "reason",
  "customer",
  "decision",
  "accountNumber",
] as const;

/** Fields of which can be said what to look for when they are wrong. */
const SPECIAL = [
  "taxNumber",
  "postalCode",
  "countryCode",
  "deliveryEmail",
  "deliveryPhone",
] as const;

function isSpecial(field: string): field is (typeof SPECIAL)[number] {
  return (SPECIAL as readonly string[]).includes(field);
}

function isNamed(field: string): field is (typeof NAMED)[number] {
  return (NAMED as readonly string[]).includes(field);
}
