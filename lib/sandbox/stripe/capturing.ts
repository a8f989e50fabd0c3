import type Stripe from "stripe";
import { buildBalanceTransaction, buildCharge } from "./build.ts";
import type { Cause, KeptPaymentMethod, StripeWorld } from "./world.ts";

/** Charges `method` for the whole of `intent`, now; writes charge, balance and events. */
export function captureIntent(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  cause: Cause,
): { intent: Stripe.PaymentIntent; charge: Stripe.Charge } {
  const blank = buildCharge(world, intent, method, {});
  const charge = world.save("charge", { ...blank, ...capturedFields(world, blank) });
  const paid = savePaid(world, { ...intent, payment_method: method.id }, charge);
  keepMethod(world, paid, method, cause);
  world.emit("charge.succeeded", charge, cause);
  world.emit("payment_intent.succeeded", paid, cause);
  return { intent: paid, charge };
}

/** Books the captured amount on the balance; the fields a captured charge has. */
export function capturedFields(world: StripeWorld, charge: Stripe.Charge): Partial<Stripe.Charge> {
  const movement = world.save(
    "balanceTransaction",
    buildBalanceTransaction(world, {
      amount: charge.amount,
      currency: charge.currency,
      source: charge.id,
      type: "charge",
      reporting_category: "charge",
      description: charge.description,
    }),
  );
  return {
    status: "succeeded",
    paid: true,
    captured: true,
    amount_captured: charge.amount,
    balance_transaction: movement.id,
    receipt_url: `${world.baseUrl()}/c/receipt/${charge.id}`,
  };
}

/** The intent, paid by `charge`. */
export function savePaid(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge,
): Stripe.PaymentIntent {
  return world.save("paymentIntent", {
    ...intent,
    status: "succeeded",
    amount_received: intent.amount,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
    processing: null,
  });
}

/** Attaches the method to the customer when later use was asked for. */
export function keepMethod(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  cause: Cause,
): void {
  const used: KeptPaymentMethod = {
    ...method,
    sandbox: {
      ...method.sandbox,
      used: true,
      authenticated: method.sandbox.authenticated || intent.setup_future_usage === "off_session",
    },
  };
  const customer = typeof intent.customer === "string" ? intent.customer : null;
  const attaches = intent.setup_future_usage !== null && customer !== null && !method.customer;
  world.save("paymentMethod", attaches ? { ...used, customer } : used);
  if (attaches) world.emit("payment_method.attached", { ...used, customer }, cause);
}
