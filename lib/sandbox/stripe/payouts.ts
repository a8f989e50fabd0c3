import type Stripe from "stripe";
import { buildBalanceTransaction, buildPayout } from "./build.ts";
import type { Call } from "./call.ts";
import { wrongState } from "./errors.ts";
import { page } from "./lists.ts";
import type { StripeList } from "./lists.ts";
import { checkParameters, range, text } from "./parameters.ts";
import { ofItsOwn } from "./world.ts";
import type { StripeWorld } from "./world.ts";

/** Sends money of the balance to the bank, where it has arrived; everything in the currency unless told. */
export function payOut(
  world: StripeWorld,
  given: { currency: string; amount?: number | undefined; arrivesAt?: number | undefined },
): Stripe.Payout {
  const amount = given.amount ?? balanceIn(world, given.currency);
  if (amount <= 0) throw wrongState("balance_insufficient", "There is nothing to pay out.");
  const blank = buildPayout(world, {
    amount,
    currency: given.currency,
    ...(given.arrivesAt === undefined ? {} : { arrival_date: given.arrivesAt }),
  });
  const movement = world.save(
    "balanceTransaction",
    buildBalanceTransaction(world, {
      amount: -amount,
      currency: given.currency,
      source: blank.id,
      type: "payout",
      reporting_category: "payout",
      description: "STRIPE PAYOUT",
    }),
  );
  const pending = { ...blank, balance_transaction: movement.id };
  world.emit("payout.created", { ...pending, status: "pending" }, ofItsOwn);
  const paid = world.save("payout", pending);
  world.emit("payout.paid", paid, ofItsOwn);
  return paid;
}

/** The bank sends a payout back. */
export function failPayout(world: StripeWorld, payout: Stripe.Payout): Stripe.Payout {
  if (payout.status !== "paid") {
    throw wrongState("payout_not_paid", `The payout is ${payout.status}.`);
  }
  const movement = world.save(
    "balanceTransaction",
    buildBalanceTransaction(world, {
      amount: payout.amount,
      currency: payout.currency,
      source: payout.id,
      type: "payout_failure",
      reporting_category: "payout_reversal",
    }),
  );
  const failed = world.save("payout", {
    ...payout,
    status: "failed",
    failure_balance_transaction: movement.id,
    failure_code: "account_closed",
    failure_message: "The bank account has been closed.",
  });
  world.emit("payout.failed", failed, ofItsOwn, { status: payout.status });
  return failed;
}

function balanceIn(world: StripeWorld, currency: string): number {
  return world.list("balanceTransaction", { currency }).reduce((sum, { doc }) => sum + doc.net, 0);
}

/** GET /v1/payouts: by `arrival_date`, `created` and `status`. */
export function listPayouts({ world, form }: Call): StripeList {
  const params = checkParameters("Payouts.d.ts", "PayoutListParams", form);
  const arrives = range(params, "arrival_date");
  const status = text(params, "status");
  return page(world, "payout", "/v1/payouts", params, {
    filter: (payout) =>
      arrives(payout.arrival_date) && (status === null || payout.status === status),
  });
}
