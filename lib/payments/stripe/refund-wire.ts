import { z } from "zod";
import type { ProviderRefund, RefundOutcome } from "../port.ts";
import { fromStripeAmount } from "./amounts.ts";
import { ourId, orUnreadable, readAnswer } from "./answer.ts";

const OutcomeSchema = z.object({
  id: z.string(),
  status: z.string().nullable(),
  failure_reason: z.string().nullish(),
});

const RefundSchema = OutcomeSchema.extend({
  amount: z.int().nonnegative(),
  currency: z.string().regex(/^[a-zA-Z]{3}$/),
  reason: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

/**
 * Stripe's states of a refund: succeeded, failed and canceled are its ends; pending, requires_action and
 * whatever Stripe may add are not there yet.
 */
function stateOf(status: string | null): ProviderRefund["state"] {
  if (status === "succeeded") return "succeeded";
  return status === "failed" || status === "canceled" ? "failed" : "pending";
}

/** What became of a refund. Throws {@link UnreadableAnswerError}. */
export function readRefundOutcome(answer: unknown): RefundOutcome {
  const refund = readAnswer(OutcomeSchema, answer);
  const kind = stateOf(refund.status);
  const providerReference = refund.id;
  return kind === "failed"
    ? { kind, reason: refund.failure_reason ?? refund.status ?? kind, providerReference }
    : { kind, providerReference };
}

/** A refund, whoever began it. Throws {@link UnreadableAnswerError}. */
export function readRefund(answer: unknown): ProviderRefund {
  const refund = readAnswer(RefundSchema, answer);
  const state = stateOf(refund.status);
  return {
    providerReference: refund.id,
    refundId: ourId(refund.metadata?.["refund_id"]),
    amount: orUnreadable(() => fromStripeAmount(refund.amount, refund.currency)),
    state,
    reason: state === "failed" ? (refund.failure_reason ?? refund.status) : (refund.reason ?? null),
  };
}
