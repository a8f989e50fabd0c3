import type { StatementProblem } from "./bank-statement.ts";
import type { Money } from "./money.ts";

/**
 * Why a verb declines. Refusals are values, each with one message per language
 * (`refusal.<code>` in lib/i18n/messages); a defect is thrown instead.
 */
export type Refusal =
  | { readonly code: "not_found" }
  | { readonly code: "not_signed_in" }
  | { readonly code: "not_allowed" }
  | { readonly code: "origin_not_allowed" }
  | { readonly code: "input_invalid"; readonly fields: Readonly<Record<string, FieldProblem>> }
  | { readonly code: "credentials_wrong" }
  | { readonly code: "too_many_attempts"; readonly retryAfterSeconds: number }
  | { readonly code: "plan_not_found" }
  | { readonly code: "plan_not_compatible" }
  | { readonly code: "no_current_period" }
  | { readonly code: "start_not_possible" }
  | { readonly code: "loss_not_accepted" }
  | { readonly code: "quote_invalid" }
  | { readonly code: "quote_expired" }
  | { readonly code: "quote_changed" }
  | { readonly code: "recently_renewed"; readonly orderNumber: string; readonly minutesAgo: number }
  | { readonly code: "attempt_reused" }
  | { readonly code: "currency_not_supported" }
  | { readonly code: "balance_insufficient"; readonly balance: Money; readonly total: Money }
  | { readonly code: "method_not_available" }
  | { readonly code: "payment_provider_unavailable" }
  | { readonly code: "payment_rejected" }
  | { readonly code: "carrier_unavailable" }
  | { readonly code: "too_late_to_cancel" }
  | { readonly code: "refund_not_possible" }
  | { readonly code: "topup_spent" }
  | { readonly code: "needs_lead" }
  | { readonly code: "attention_changed" }
  | { readonly code: "statement_unreadable"; readonly problem: StatementProblem }
  | { readonly code: "decided_already" }
  | { readonly code: "customer_unknown" }
  | { readonly code: "decision_not_possible" };

export type RefusalCode = Refusal["code"];

/** What is wrong with one field; each has a message in both languages. */
export type FieldProblem = "required" | "invalid" | "too_long" | "too_small" | "too_large";

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse<T = never>(refusal: Refusal): Result<T> {
  return { ok: false, refusal };
}
