import type Stripe from "stripe";
import { buildBalanceTransaction, buildDispute } from "./build.ts";
import { wrongState } from "./errors.ts";
import type { Cause, StripeWorld } from "./world.ts";

const disputeFee = 1500;

const inquiryStatuses = ["warning_needs_response", "warning_under_review"];

/** The cardholder disputes a charge: the money and a fee leave the balance at once. */
export function openDispute(
  world: StripeWorld,
  charge: Stripe.Charge,
  given: { amount?: number | undefined; reason: string },
  cause: Cause,
): Stripe.Dispute {
  const amount = given.amount ?? charge.amount - charge.amount_refunded;
  const dispute = buildDispute(world, charge, { amount, reason: given.reason });
  const opened = withdraw(world, dispute);
  world.save("charge", { ...charge, disputed: true });
  world.emit("charge.dispute.created", opened, cause);
  world.emit("charge.dispute.funds_withdrawn", opened, cause);
  return opened;
}

/** The cardholder's bank only asks: no money moves, and a refund is still possible. */
export function openInquiry(
  world: StripeWorld,
  charge: Stripe.Charge,
  given: { amount?: number | undefined; reason: string },
  cause: Cause,
): Stripe.Dispute {
  const opened = world.save(
    "dispute",
    buildDispute(world, charge, {
      amount: given.amount ?? charge.amount - charge.amount_refunded,
      reason: given.reason,
      status: "warning_needs_response",
      is_charge_refundable: true,
    }),
  );
  world.save("charge", { ...charge, disputed: true });
  world.emit("charge.dispute.created", opened, cause);
  return opened;
}

/** The bank was not content with the answer to its inquiry: the money leaves the balance. */
export function escalateInquiry(
  world: StripeWorld,
  dispute: Stripe.Dispute,
  cause: Cause,
): Stripe.Dispute {
  if (!inquiryStatuses.includes(dispute.status)) {
    throw wrongState("dispute_not_an_inquiry", `The dispute is ${dispute.status}.`);
  }
  const { status } = dispute;
  const open = { ...dispute, status: "needs_response" as const, is_charge_refundable: false };
  const escalated = withdraw(world, open);
  world.emit("charge.dispute.updated", escalated, cause, { status });
  world.emit("charge.dispute.funds_withdrawn", escalated, cause);
  return escalated;
}

/** The dispute ends; when won, what was withdrawn comes back. An inquiry can only be closed. */
export function closeDispute(
  world: StripeWorld,
  dispute: Stripe.Dispute,
  outcome: "won" | "lost",
  cause: Cause,
): Stripe.Dispute {
  if (["won", "lost", "warning_closed"].includes(dispute.status)) {
    throw wrongState("dispute_closed", `The dispute is ${dispute.status}.`);
  }
  if (inquiryStatuses.includes(dispute.status)) {
    if (outcome === "lost") {
      throw wrongState("dispute_is_an_inquiry", "An inquiry is escalated before it is lost.");
    }
    const closed = world.save("dispute", { ...dispute, status: "warning_closed" });
    world.emit("charge.dispute.closed", closed, cause);
    return closed;
  }
  const ended = { ...dispute, status: outcome };
  const closed = outcome === "won" ? reinstate(world, ended) : world.save("dispute", ended);
  if (outcome === "won") world.emit("charge.dispute.funds_reinstated", closed, cause);
  world.emit("charge.dispute.closed", closed, cause);
  return closed;
}

/** What a dispute keeps from the balance, fees not counted. */
export function heldBy(dispute: Stripe.Dispute): number {
  return 0 - dispute.balance_transactions.reduce((sum, { amount }) => sum + amount, 0);
}

/** Takes the money and the fee; under `id` when the movement has one already. */
export function withdraw(world: StripeWorld, dispute: Stripe.Dispute, id?: string): Stripe.Dispute {
  const movement = book(world, dispute, -dispute.amount, disputeFee, "Chargeback withdrawal", id);
  return withMovement(world, dispute, movement);
}

/** Gives the money and the fee back. */
export function reinstate(
  world: StripeWorld,
  dispute: Stripe.Dispute,
  id?: string,
): Stripe.Dispute {
  const movement = book(world, dispute, dispute.amount, -disputeFee, "Chargeback reversal", id);
  return withMovement(world, dispute, movement);
}

function withMovement(
  world: StripeWorld,
  dispute: Stripe.Dispute,
  movement: Stripe.BalanceTransaction,
): Stripe.Dispute {
  return world.save("dispute", {
    ...dispute,
    balance_transactions: [...dispute.balance_transactions, movement],
  });
}

function book(
  world: StripeWorld,
  dispute: Stripe.Dispute,
  amount: number,
  fee: number,
  description: string,
  id?: string,
): Stripe.BalanceTransaction {
  return world.save(
    "balanceTransaction",
    buildBalanceTransaction(world, {
      ...(id === undefined ? {} : { id, created: dispute.created }),
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
