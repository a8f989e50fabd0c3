import type Stripe from "stripe";
import { buildBalanceTransaction, buildRefund } from "./build.ts";
import { checkGranularity, formatAmount } from "./currency.ts";
import { heldBy } from "./disputes.ts";
import { invalidParameter, wrongState } from "./errors.ts";
import { behaviourOf } from "./method-types.ts";
import { testCard } from "./test-cards.ts";
import type { Cause, StripeWorld } from "./world.ts";

/** Gives back `amount` of a charge, all that is left when null; never more than was captured. */
export function refundCharge(
  world: StripeWorld,
  charge: Stripe.Charge,
  given: { amount: number | null; reason: string | null; metadata: Record<string, string> },
  cause: Cause,
): Stripe.Refund {
  const left = charge.amount_captured - charge.amount_refunded;
  if (charge.status !== "succeeded") {
    throw wrongState("charge_not_refundable", "This charge cannot be refunded.");
  }
  if (world.list("dispute", { charge: charge.id }).some(({ doc }) => heldBy(doc) > 0)) {
    throw wrongState(
      "charge_disputed",
      `Charge ${charge.id} has been charged back; cannot issue a refund.`,
    );
  }
  if (left === 0) {
    throw wrongState("charge_already_refunded", `Charge ${charge.id} has already been refunded.`);
  }
  const amount = given.amount ?? left;
  if (amount < 1) {
    throw invalidParameter(
      "amount",
      "This value must be greater than or equal to 1.",
      "parameter_invalid_integer",
    );
  }
  checkGranularity(amount, charge.currency, "amount");
  if (amount > left) {
    const asked = formatAmount(amount, charge.currency);
    const rest = formatAmount(left, charge.currency);
    throw wrongState(
      "amount_too_large",
      `Refund amount (${asked}) is greater than unrefunded amount on charge (${rest})`,
      "amount",
    );
  }
  return bookRefund(world, charge, amount, given, cause);
}

function bookRefund(
  world: StripeWorld,
  charge: Stripe.Charge,
  amount: number,
  given: { reason: string | null; metadata: Record<string, string> },
  cause: Cause,
): Stripe.Refund {
  const state = refundState(world, charge);
  const blank = buildRefund(world, charge, {
    amount,
    reason: given.reason,
    metadata: given.metadata,
    ...state,
  });
  const movement = buildBalanceTransaction(world, {
    amount: -amount,
    currency: charge.currency,
    source: blank.id,
    type: "refund",
    reporting_category: "refund",
  });
  world.save("balanceTransaction", movement);
  const refund = world.save("refund", { ...blank, balance_transaction: movement.id });
  const refunded = charge.amount_refunded + amount;
  const after = world.save("charge", {
    ...charge,
    amount_refunded: refunded,
    refunded: refunded === charge.amount_captured,
  });
  world.emit("refund.created", refund, cause);
  world.emit("charge.refunded", after, cause, { amount_refunded: charge.amount_refunded });
  return refund;
}

/** How a refund begins: done, on its way, or waiting for the customer to name a bank account. */
function refundState(world: StripeWorld, charge: Stripe.Charge): Partial<Stripe.Refund> {
  const method = charge.payment_method ? world.find("paymentMethod", charge.payment_method) : null;
  if (method && behaviourOf(method.type) === "transfer") return { status: "requires_action" };
  const card = method?.sandbox.testCard ? testCard(method.sandbox.testCard) : null;
  return card?.refund === "succeeds_later"
    ? { status: "pending", pending_reason: "processing" }
    : { status: "succeeded" };
}

/** A pending refund succeeds, or a refund fails and its money returns to the balance. */
export function settleRefund(
  world: StripeWorld,
  refund: Stripe.Refund,
  outcome: "succeeded" | "failed",
  cause: Cause,
): Stripe.Refund {
  const { pending_reason: _pending, ...rest } = refund;
  if (outcome === "succeeded") {
    const done = world.save("refund", { ...rest, status: "succeeded" });
    world.emit("refund.updated", done, cause, { status: refund.status });
    return done;
  }
  const charge = world.get("charge", String(refund.charge));
  const movement = buildBalanceTransaction(world, {
    amount: refund.amount,
    currency: refund.currency,
    source: refund.id,
    type: "refund_failure",
    reporting_category: "refund_failure",
  });
  world.save("balanceTransaction", movement);
  const failed = world.save("refund", {
    ...rest,
    status: "failed",
    failure_reason: "expired_or_canceled_card",
    failure_balance_transaction: movement.id,
  });
  world.save("charge", {
    ...charge,
    amount_refunded: charge.amount_refunded - refund.amount,
    refunded: false,
  });
  world.emit("refund.updated", failed, cause, { status: refund.status });
  world.emit("refund.failed", failed, cause, { status: refund.status });
  return failed;
}
