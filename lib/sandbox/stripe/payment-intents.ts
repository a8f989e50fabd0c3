import type Stripe from "stripe";
import { buildPaymentIntent, buildPaymentMethod } from "./build.ts";
import type { Call } from "./call.ts";
import { confirmIntent } from "./charging.ts";
import { checkCharge, checkCurrency } from "./currency.ts";
import { invalidParameter, noSuch, notDoneHere, wrongState } from "./errors.ts";
import { page } from "./lists.ts";
import type { StripeList } from "./lists.ts";
import { offeredTypes } from "./method-types.ts";
import {
  checkParameters,
  flag,
  integer,
  mergeMetadata,
  metadata,
  nested,
  text,
  textList,
} from "./parameters.ts";
import type { Params } from "./parameters.ts";
import { readyMadeMethods } from "./test-cards.ts";
import type { Cause, KeptPaymentMethod, StripeWorld } from "./world.ts";

const file = "PaymentIntents.d.ts";

const notDone = [
  "amount_details",
  "amount_to_confirm",
  "application_fee_amount",
  "confirmation_token",
  "customer_account",
  "hooks",
  "mandate",
  "mandate_data",
  "on_behalf_of",
  "payment_details",
  "payment_method_configuration",
  "payment_method_data",
  "shipping",
  "transfer_data",
];

/** POST /v1/payment_intents */
export function createIntent({ world, form, cause }: Call): Stripe.PaymentIntent {
  const params = checkParameters(file, "PaymentIntentCreateParams", form);
  refuseWhatIsNotDone(params);
  const currency = checkCurrency(text(params, "currency") ?? "", "currency");
  const amount = integer(params, "amount") ?? 0;
  checkCharge(amount, currency, "amount");
  const customer = text(params, "customer");
  if (customer !== null) world.get("customer", customer, "customer");
  const isConfirmed = flag(params, "confirm");
  if (!isConfirmed && "off_session" in params) {
    throw invalidParameter("off_session", "You can only set `off_session` when `confirm` is true.");
  }
  const usage = text(params, "setup_future_usage");
  const automatic = nested(params, "automatic_payment_methods");
  const allowed = textList(params, "allowed_payment_method_types");
  const types = offeredTypes({
    currency,
    allowed,
    excluded: textList(params, "excluded_payment_method_types"),
    mustBeReusable: usage === "off_session",
    takesTransfers: false,
  });
  if (types.length === 0) {
    throw invalidParameter(
      "allowed_payment_method_types",
      "No valid payment method types for this payment intent.",
    );
  }
  const intent = world.save(
    "paymentIntent",
    buildPaymentIntent(world, {
      amount,
      currency,
      customer,
      allowed_payment_method_types: allowed,
      automatic_payment_methods: {
        enabled: true,
        allow_redirects: text(automatic, "allow_redirects") === "never" ? "never" : "always",
      },
      description: text(params, "description"),
      metadata: metadata(params),
      payment_method_types: types,
      receipt_email: text(params, "receipt_email"),
      setup_future_usage: usage,
      statement_descriptor_suffix: text(params, "statement_descriptor_suffix"),
      transfer_group: text(params, "transfer_group"),
    }),
  );
  world.emit("payment_intent.created", intent, cause);
  const given = text(params, "payment_method");
  if (given === null) {
    if (isConfirmed) {
      throw wrongState(
        "payment_intent_unexpected_state",
        "You cannot confirm this PaymentIntent because it's missing a payment method.",
        "payment_method",
      );
    }
    return intent;
  }
  const method = usableMethod(world, given, intent);
  if (!isConfirmed) {
    world.save("paymentMethod", method);
    return world.save("paymentIntent", {
      ...intent,
      payment_method: method.id,
      status: "requires_confirmation",
    });
  }
  return confirm(world, intent, method, params, cause);
}

/** POST /v1/payment_intents/:id/confirm */
export function confirmExisting({ world, form, id, cause }: Call): Stripe.PaymentIntent {
  const params = checkParameters(file, "PaymentIntentConfirmParams", form);
  refuseWhatIsNotDone(params);
  const intent = world.get("paymentIntent", id, "intent");
  refuseIfOfCheckout(world, intent, "confirm");
  if (
    !["requires_payment_method", "requires_confirmation", "requires_action"].includes(intent.status)
  ) {
    throw wrongState(
      "payment_intent_unexpected_state",
      `You cannot confirm this PaymentIntent because it has a status of ${intent.status}.`,
    );
  }
  const given = text(params, "payment_method") ?? intent.payment_method;
  if (typeof given !== "string") {
    throw wrongState(
      "payment_intent_unexpected_state",
      "You cannot confirm this PaymentIntent because it's missing a payment method.",
      "payment_method",
    );
  }
  return confirm(world, intent, usableMethod(world, given, intent), params, cause);
}

function confirm(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  params: Params,
  cause: Cause,
): Stripe.PaymentIntent {
  const offSession = flag(params, "off_session") || typeof params["off_session"] === "string";
  const returnUrl = text(params, "return_url");
  const redirects = intent.automatic_payment_methods?.allow_redirects !== "never";
  if (!offSession && redirects && returnUrl === null && intent.payment_method_types.length > 1) {
    throw invalidParameter(
      "return_url",
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
    );
  }
  const how = {
    offSession: offSession || flag(params, "error_on_requires_action"),
    authenticated: false,
    actionUrl: `${world.baseUrl()}/c/confirm/${intent.id}`,
    returnUrl,
  };
  const confirmation = confirmIntent(world, intent, method, how, cause);
  if (confirmation.kind === "declined") throw confirmation.refusal;
  return confirmation.intent;
}

/** The method, ready-made or kept, if this intent may use it. */
function usableMethod(
  world: StripeWorld,
  id: string,
  intent: Stripe.PaymentIntent,
): KeptPaymentMethod {
  const readyMade = readyMadeMethods[id];
  if (readyMade) return buildPaymentMethod(world, "card", { number: readyMade });
  const method = world.find("paymentMethod", id);
  if (!method) throw noSuch("PaymentMethod", id, "payment_method");
  if (method.customer !== null && method.customer !== intent.customer) {
    throw invalidParameter(
      "payment_method",
      `The PaymentMethod ${id} belongs to another customer: pass that customer to use it.`,
    );
  }
  if (method.customer === null && method.sandbox.used) {
    throw invalidParameter(
      "payment_method",
      "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
    );
  }
  if (!intent.payment_method_types.includes(method.type)) {
    throw invalidParameter(
      "payment_method",
      `The PaymentMethod provided (${method.type}) is not allowed for this PaymentIntent.`,
    );
  }
  return method;
}

function refuseWhatIsNotDone(params: Params): void {
  for (const name of notDone) if (name in params) throw notDoneHere(name);
  if (text(params, "capture_method") === "manual") throw notDoneHere("capture_method");
  if (text(params, "confirmation_method") === "manual") throw notDoneHere("confirmation_method");
}

function refuseIfOfCheckout(world: StripeWorld, intent: Stripe.PaymentIntent, verb: string): void {
  if (world.list("session", { payment_intent: intent.id }).length === 0) return;
  throw wrongState(
    "payment_intent_unexpected_state",
    `You cannot ${verb} this PaymentIntent because it was created by a Checkout Session.`,
  );
}

/** GET /v1/payment_intents/:id */
export function retrieveIntent({ world, form, id }: Call): Stripe.PaymentIntent {
  checkParameters(file, "PaymentIntentRetrieveParams", form);
  return world.get("paymentIntent", id, "intent");
}

/** POST /v1/payment_intents/:id — description, metadata and receipt address. */
export function updateIntent({ world, form, id }: Call): Stripe.PaymentIntent {
  const params = checkParameters(file, "PaymentIntentUpdateParams", form);
  const done = ["description", "metadata", "receipt_email", "expand"];
  for (const name of Object.keys(params)) if (!done.includes(name)) throw notDoneHere(name);
  const intent = world.get("paymentIntent", id, "intent");
  return world.save("paymentIntent", {
    ...intent,
    description: "description" in params ? text(params, "description") : intent.description,
    receipt_email: "receipt_email" in params ? text(params, "receipt_email") : intent.receipt_email,
    metadata: mergeMetadata(intent.metadata, params),
  });
}

/** POST /v1/payment_intents/:id/cancel */
export function cancelIntent({ world, form, id, cause }: Call): Stripe.PaymentIntent {
  const params = checkParameters(file, "PaymentIntentCancelParams", form);
  const intent = world.get("paymentIntent", id, "intent");
  refuseIfOfCheckout(world, intent, "cancel");
  const cancelable = ["requires_payment_method", "requires_confirmation", "requires_action"];
  if (!cancelable.includes(intent.status)) {
    throw wrongState(
      "payment_intent_unexpected_state",
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${cancelable.join(", ")}.`,
    );
  }
  const canceled = world.save("paymentIntent", {
    ...intent,
    status: "canceled",
    canceled_at: world.now(),
    cancellation_reason: text(params, "cancellation_reason"),
    next_action: null,
  });
  world.emit("payment_intent.canceled", canceled, cause);
  return canceled;
}

/** GET /v1/payment_intents */
export function listIntents({ world, form }: Call): StripeList {
  const params = checkParameters(file, "PaymentIntentListParams", form);
  const customer = text(params, "customer");
  return page(world, "paymentIntent", "/v1/payment_intents", params, {
    where: customer === null ? {} : { customer },
  });
}
