import type Stripe from "stripe";
import { buildBalanceTransaction, buildDispute } from "./build.ts";
import type { Cause, StripeWorld } from "./world.ts";

const disputeFee = 1500;

/** The cardholder disputes a charge: the money and a fee leave the balance at once. */
export function openDispute(
  world: StripeWorld,
  charge: Stripe.Charge,
  given: { amount?: number | undefined; reason: string },
  cause: Cause,
): Stripe.Dispute {
  const amount = given.amount ?? charge.amount - charge.amount_refunded;
  const dispute = buildDispute(world, charge, { amount, reason: given.reason });
  const movement = book(world, dispute, -amount, disputeFee, "Chargeback withdrawal");
  const opened = world.save("dispute", { ...dispute, balance_transactions: [movement] });
  world.save("charge", { ...charge, disputed: true });
  world.emit("charge.dispute.created", opened, cause);
  world.emit("charge.dispute.funds_withdrawn", opened, cause);
  return opened;
}

/** The dispute ends; when won, money and fee come back. */
export function closeDispute(
  world: StripeWorld,
  dispute: Stripe.Dispute,
  outcome: "won" | "lost",
  cause: Cause,
): Stripe.Dispute {
  const movements = [...dispute.balance_transactions];
  if (outcome === "won") {
    movements.push(book(world, dispute, dispute.amount, -disputeFee, "Chargeback reversal"));
  }
  const closed = world.save("dispute", {
    ...dispute,
    status: outcome,
    balance_transactions: movements,
  });
  if (outcome === "won") world.emit("charge.dispute.funds_reinstated", closed, cause);
  world.emit("charge.dispute.closed", closed, cause);
  return closed;
}

function book(
  world: StripeWorld,
  dispute: Stripe.Dispute,
  amount: number,
  fee: number,
  description: string,
): Stripe.BalanceTransaction {
  return world.save(
    "balanceTransaction",
    buildBalanceTransaction(world, {
      amount,
      currency: dispute.currency,
      source: dispute.id,
      type: "adjustment",
      reporting_category: amount < 0 ? "dispute" : "dispute_reversal",
      description,
      fee,
    }),
  );
}
