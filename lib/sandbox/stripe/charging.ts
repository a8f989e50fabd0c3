import type Stripe from "stripe";
import { buildCharge } from "./build.ts";
import { captureIntent, capturedFields, keepMethod, savePaid } from "./capturing.ts";
import { openDispute } from "./disputes.ts";
import { StripeRefusal } from "./errors.ts";
import { behaviourOf } from "./method-types.ts";
import { testCard } from "./test-cards.ts";
import type { Decline } from "./test-cards.ts";
import { awaitTransfer } from "./transfers.ts";
import { withoutSecrets } from "./world.ts";
import type { Cause, KeptPaymentMethod, StripeWorld } from "./world.ts";

/** How confirming a payment intent went. */
export type Confirmation =
  | {
      kind: "succeeded" | "processing" | "requires_action" | "awaits_transfer";
      intent: Stripe.PaymentIntent;
    }
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
  how: {
    offSession: boolean;
    authenticated: boolean;
    /** The customer's wallet has agreed, and takes its time to say so. */
    later?: boolean;
    actionUrl: string;
    returnUrl: string | null;
  },
  cause: Cause,
): Confirmation {
  const card = method.sandbox.testCard ? testCard(method.sandbox.testCard) : null;
  const behaviour = behaviourOf(method.type);
  if (behaviour === "delayed" || how.later) return startProcessing(world, intent, method, cause);
  if (behaviour === "transfer") return awaitTransfer(world, intent, method, cause);
  if (card?.decline) return decline(world, intent, method, card.decline, cause);
  const mustConfirm =
    (behaviour === "wallet" && !how.offSession) ||
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
  const { intent: paid, charge } = captureIntent(world, intent, method, cause);
  const card = method.sandbox.testCard ? testCard(method.sandbox.testCard) : null;
  if (card?.disputed) openDispute(world, charge, { reason: "fraudulent" }, cause);
  return { kind: "succeeded", intent: paid };
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
    next_action: nextAction(method.type, how),
  });
  world.save("paymentMethod", method);
  world.emit("payment_intent.requires_action", waiting, cause);
  return { kind: "requires_action", intent: waiting };
}

/** What the customer has to do, as each type says it. */
function nextAction(
  type: string,
  { actionUrl: url, returnUrl }: { actionUrl: string; returnUrl: string | null },
): Stripe.PaymentIntent.NextAction {
  if (type === "alipay") {
    return {
      type: "alipay_handle_redirect",
      alipay_handle_redirect: {
        native_data: null,
        native_url: null,
        return_url: returnUrl,
        url,
      },
    };
  }
  if (type === "wechat_pay") {
    return {
      type: "wechat_pay_display_qr_code",
      wechat_pay_display_qr_code: {
        data: url,
        hosted_instructions_url: url,
        image_data_url: "",
        image_url_png: "",
        image_url_svg: "",
      },
    };
  }
  return { type: "redirect_to_url", redirect_to_url: { return_url: returnUrl, url } };
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
