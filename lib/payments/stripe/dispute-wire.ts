import { z } from "zod";
import type { Money } from "#lib/domain/money.ts";
import type { ProviderDispute } from "../port.ts";
import { fromStripeAmount } from "./amounts.ts";
import { orUnreadable, readAnswer } from "./answer.ts";

const currency = z.string().regex(/^[a-zA-Z]{3}$/);

const DisputeSchema = z.object({
  id: z.string(),
  amount: z.int().nonnegative(),
  currency,
  status: z.string(),
  reason: z.string(),
  created: z.int(),
  evidence_details: z.object({ due_by: z.int().nullish() }).nullish(),
  /** What was withdrawn (less than nothing) and given back, each with the fee that Stripe took or returned. */
  balance_transactions: z.array(z.object({ amount: z.int(), fee: z.int(), currency })),
});

type Dispute = z.infer<typeof DisputeSchema>;

/** A dispute of a payment. Throws {@link UnreadableAnswerError}. */
export function readDispute(answer: unknown): ProviderDispute {
  const dispute = readAnswer(DisputeSchema, answer);
  const dueBy = dispute.evidence_details?.due_by ?? null;
  return {
    providerReference: dispute.id,
    amount: orUnreadable(() => fromStripeAmount(dispute.amount, dispute.currency)),
    state: stateOf(dispute),
    reason: dispute.reason,
    openedAt: new Date(dispute.created * 1000),
    respondBy: dueBy === null ? null : new Date(dueBy * 1000),
    fee: feeOf(dispute),
  };
}

/** The PaymentIntent that a dispute is about; null when it is about none. Throws {@link UnreadableAnswerError}. */
export function readDisputedIntent(answer: unknown): string | null {
  return (
    readAnswer(z.object({ payment_intent: z.string().nullish() }), answer).payment_intent ?? null
  );
}

/**
 * The state by Stripe's status (docs.stripe.com/disputes/how-disputes-work) and by the money: one that
 * is being argued, appeals too, is only an inquiry until Stripe has withdrawn something. `prevented`, and
 * a status that Stripe may add, is told by the money alone.
 */
function stateOf(dispute: Dispute): ProviderDispute["state"] {
  const held = dispute.balance_transactions.reduce((sum, each) => sum + each.amount, 0) < 0;
  switch (dispute.status) {
    case "warning_needs_response":
    case "warning_under_review":
      return held ? "open" : "inquiry";
    case "warning_closed":
    case "won":
      return "won";
    case "lost":
      return "lost";
    case "prevented":
      return held ? "lost" : "won";
    default:
      return held ? "open" : "inquiry";
  }
}

/** What Stripe keeps for the dispute; nothing once it has returned it. */
function feeOf({ balance_transactions: movements }: Dispute): Money | null {
  const [first] = movements;
  const sum = movements.reduce((total, { fee }) => total + fee, 0);
  if (first === undefined || sum <= 0) return null;
  return orUnreadable(() => fromStripeAmount(sum, first.currency));
}
