import { z } from "zod";
import type { ProviderPayout } from "../port.ts";
import { fromStripeAmount } from "./amounts.ts";
import { orUnreadable, readAnswer } from "./answer.ts";

const PayoutSchema = z.object({
  id: z.string(),
  /** Less than nothing when Stripe takes what the balance lacks from the bank. */
  amount: z.int(),
  currency: z.string().regex(/^[a-zA-Z]{3}$/),
  arrival_date: z.int(),
});

/** Money that Stripe sent to the bank. Throws {@link UnreadableAnswerError}. */
export function readPayout(answer: unknown): ProviderPayout {
  const payout = readAnswer(PayoutSchema, answer);
  return {
    providerReference: payout.id,
    amount: orUnreadable(() => fromStripeAmount(payout.amount, payout.currency)),
    sentAt: new Date(payout.arrival_date * 1000),
  };
}
