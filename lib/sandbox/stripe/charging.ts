import type Stripe from "stripe";
import { buildBalanceTransaction, buildCharge } from "./build.ts";
import { openDispute } from "./disputes.ts";
import { StripeRefusal } from "./errors.ts";
import { isDelayed } from "./method-types.ts";
import { testCard } from "./test-cards.ts";
import type { Decline } from "./test-cards.ts";
import { withoutSecrets } from "./world.ts";
import type { Cause, KeptPaymentMethod, StripeWorld } from "./world.ts";

/** How confirming a payment intent went. */
export type Confirmation =
  | { kind: "succeeded" | "processing" | "requires_action"; intent: Stripe.PaymentIntent }
  | { kind: "declined"; intent: Stripe.PaymentIntent; refusal: StripeRefusal };

const needsAuthentication: Decline = {
  code: "authentication_required",
  declineCode: "authentication_required",
  message: "Your card was declined. This transaction requires authentication.",
};

const failedAuthentication: Decline = {
  code: "payment_intent_authentication_failure",
  message:
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
};

/**
 * Charges `method` for the whole of `intent`, as the test card or method type says: at once,
 * later, after the customer's confirmation, or not at all. Writes charge, balance and events.
 */
export function confirmIntent(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  how: { offSession: boolean; authenticated: boolean; actionUrl: string; returnUrl: string | null },
  cause: Cause,
): Confirmation {
  const card = method.sandbox.testCard ? testCard(method.sandbox.testCard) : null;
  if (isDelayed(method.type)) return startProcessing(world, intent, method, cause);
  if (card?.decline) return decline(world, intent, method, card.decline, cause);
  const mustConfirm =
    card?.confirmation === "always" ||
    (card?.confirmation === "until_set_up" && !method.sandbox.authenticated);
  if (mustConfirm && !how.authenticated) {
    return how.offSession
      ? decline(world, intent, method, needsAuthentication, cause)
      : askForAction(world, intent, method, how, cause);
  }
  if (how.offSession && card?.declineOffSession) {
    return decline(world, intent, method, card.declineOffSession, cause);
  }
  return succeed(world, intent, method, cause);
}

/** The customer failed, or refused, the confirmation that was asked for. */
export function failConfirmation(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  cause: Cause,
): Confirmation {
  return decline(world, intent, method, failedAuthentication, cause);
}

/** The money of a processing intent arrived, or never will. */
export function settleIntent(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  arrived: boolean,
  cause: Cause,
): Stripe.PaymentIntent {
  const charge = world.get("charge", String(intent.latest_charge));
  if (arrived) {
    const settled = world.save("charge", { ...charge, ...capturedFields(world, charge) });
    world.emit("charge.succeeded", settled, cause);
    const paid = savePaid(world, intent, settled);
    world.emit("payment_intent.succeeded", paid, cause);
    return paid;
  }
  const message = "The customer's bank or wallet did not send the money.";
  const failed = world.save("charge", {
    ...charge,
    status: "failed",
    failure_code: "generic_decline",
    failure_message: message,
  });
  world.emit("charge.failed", failed, cause);
  const refused = world.save("paymentIntent", {
    ...intent,
    status: "requires_payment_method",
    payment_method: null,
    last_payment_error: {
      type: "invalid_request_error",
      code: "payment_intent_payment_attempt_failed",
      message,
      charge: charge.id,
    },
  });
  world.emit("payment_intent.payment_failed", refused, cause);
  return refused;
}

function succeed(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  cause: Cause,
): Confirmation {
  const blank = buildCharge(world, intent, method, {});
  const charge = world.save("charge", { ...blank, ...capturedFields(world, blank) });
  const paid = savePaid(world, { ...intent, payment_method: method.id }, charge);
  keepMethod(world, paid, method, cause);
  world.emit("charge.succeeded", charge, cause);
  world.emit("payment_intent.succeeded", paid, cause);
  const card = method.sandbox.testCard ? testCard(method.sandbox.testCard) : null;
  if (card?.disputed) openDispute(world, charge, { reason: "fraudulent" }, cause);
  return { kind: "succeeded", intent: paid };
}

/** Books the captured amount on the balance; the fields a captured charge has. */
function capturedFields(world: StripeWorld, charge: Stripe.Charge): Partial<Stripe.Charge> {
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

function savePaid(
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

function startProcessing(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  cause: Cause,
): Confirmation {
  const charge = world.save("charge", buildCharge(world, intent, method, { status: "pending" }));
  const processing = world.save("paymentIntent", {
    ...intent,
    status: "processing",
    payment_method: method.id,
    latest_charge: charge.id,
    next_action: null,
    last_payment_error: null,
  });
  keepMethod(world, processing, method, cause);
  world.emit("charge.pending", charge, cause);
  world.emit("payment_intent.processing", processing, cause);
  return { kind: "processing", intent: processing };
}

function askForAction(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  how: { actionUrl: string; returnUrl: string | null },
  cause: Cause,
): Confirmation {
  const waiting = world.save("paymentIntent", {
    ...intent,
    status: "requires_action",
    payment_method: method.id,
    last_payment_error: null,
    next_action: {
      type: "redirect_to_url",
      redirect_to_url: { return_url: how.returnUrl, url: how.actionUrl },
    },
  });
  world.save("paymentMethod", method);
  world.emit("payment_intent.requires_action", waiting, cause);
  return { kind: "requires_action", intent: waiting };
}

function decline(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  why: Decline,
  cause: Cause,
): Confirmation {
  const charge = world.save(
    "charge",
    buildCharge(world, intent, method, {
      status: "failed",
      failure_code: why.code,
      failure_message: why.message,
      outcome: {
        advice_code: null,
        network_advice_code: null,
        network_decline_code: null,
        network_status: "declined_by_network",
        reason: why.declineCode ?? why.code,
        risk_level: "normal",
        seller_message: "The bank did not return any further details with this decline.",
        type: "issuer_declined",
      },
    }),
  );
  const shown = withoutSecrets(method);
  const error = {
    type: "card_error" as const,
    code: why.code,
    ...(why.declineCode ? { decline_code: why.declineCode } : {}),
    message: why.message,
    charge: charge.id,
    doc_url: `https://docs.stripe.com/error-codes/${why.code.replaceAll("_", "-")}`,
    payment_method: shown,
  };
  const refused = world.save("paymentIntent", {
    ...intent,
    status: "requires_payment_method",
    payment_method: null,
    next_action: null,
    latest_charge: charge.id,
    last_payment_error: error,
  });
  world.save("paymentMethod", method);
  world.emit("charge.failed", charge, cause);
  world.emit("payment_intent.payment_failed", refused, cause);
  const refusal = new StripeRefusal(402, { ...error, payment_intent: refused });
  return { kind: "declined", intent: refused, refusal };
}

/** Attaches the method to the customer when later use was asked for. */
function keepMethod(
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
