import type Stripe from "stripe";
import {
  buildCustomer,
  buildPaymentIntent,
  buildPaymentMethod,
  buildSetupIntent,
} from "./build.ts";
import { confirmIntent, failConfirmation, settleIntent } from "./charging.ts";
import type { Confirmation } from "./charging.ts";
import { testCard } from "./test-cards.ts";
import { ofItsOwn } from "./world.ts";
import type { KeptPaymentMethod, KeptSession, StripeWorld } from "./world.ts";

/** What the customer chose on the hosted page. */
export interface Choice {
  /** A payment method type, "card" for cards. */
  type: string;
  /** The test card's number. */
  number?: string;
  /** A payment method that the customer has saved, instead of a new one. */
  saved?: string;
  email: string | null;
  name?: string | null;
}

/** Where paying led. */
export type PaymentStep =
  | { kind: "done"; session: KeptSession }
  | { kind: "confirm"; session: KeptSession }
  | { kind: "transfer"; session: KeptSession }
  | { kind: "declined"; session: KeptSession; code: string };

/** The customer pressed "Pay" on an open session. */
export function paySession(world: StripeWorld, session: KeptSession, choice: Choice): PaymentStep {
  const method = choice.saved
    ? world.get("paymentMethod", choice.saved)
    : buildPaymentMethod(world, choice.type, {
        ...(choice.number ? { number: choice.number } : {}),
        email: choice.email,
        name: choice.name ?? null,
      });
  const identified = identify(world, session, choice);
  if (identified.mode === "setup") return setUp(world, identified, method, false);
  const intent = intentOf(world, identified);
  const linked = world.save("session", { ...identified, payment_intent: intent.id });
  const confirmation = confirmIntent(
    world,
    intent,
    method,
    {
      offSession: false,
      authenticated: false,
      actionUrl: `${world.baseUrl()}/c/pay/${linked.id}/confirm`,
      returnUrl: linked.success_url,
    },
    ofItsOwn,
  );
  return follow(world, linked, confirmation);
}

/** What of a customer is saved and shown on this session's page. */
export function shownMethods(world: StripeWorld, session: KeptSession): KeptPaymentMethod[] {
  if (typeof session.customer !== "string" || session.mode === "setup") return [];
  const shown = session.saved_payment_method_options?.allow_redisplay_filters ?? ["always"];
  return world
    .list("paymentMethod", { customer: session.customer })
    .map(({ doc }) => doc)
    .filter(
      (method) =>
        method.type === "card" &&
        session.payment_method_types.includes("card") &&
        shown.includes(method.allow_redisplay ?? "unspecified"),
    );
}

/** The customer answered the bank's, or the wallet's, question. */
export function answerConfirmation(
  world: StripeWorld,
  session: KeptSession,
  answer: "confirm" | "later" | "refuse",
): PaymentStep {
  const agrees = answer !== "refuse";
  if (session.mode === "setup") {
    const setup = world.get("setupIntent", String(session.setup_intent));
    const method = world.get("paymentMethod", String(setup.payment_method));
    return agrees
      ? setUp(world, session, method, true)
      : { kind: "declined", session, code: "setup_intent_authentication_failure" };
  }
  const intent = world.get("paymentIntent", String(session.payment_intent));
  const method = world.get("paymentMethod", String(intent.payment_method));
  const confirmation = agrees
    ? confirmIntent(
        world,
        intent,
        method,
        {
          offSession: false,
          authenticated: true,
          later: answer === "later",
          actionUrl: "",
          returnUrl: null,
        },
        ofItsOwn,
      )
    : failConfirmation(world, intent, method, ofItsOwn);
  return follow(world, session, confirmation);
}

/** The money of a delayed method arrived, or did not. */
export function settleSession(
  world: StripeWorld,
  session: KeptSession,
  arrived: boolean,
): KeptSession {
  const intent = world.get("paymentIntent", String(session.payment_intent));
  settleIntent(world, intent, arrived, ofItsOwn);
  const settled = world.save("session", {
    ...session,
    payment_status: arrived ? "paid" : "unpaid",
  });
  const ending = arrived ? "succeeded" : "failed";
  world.emit(`checkout.session.async_payment_${ending}`, settled, ofItsOwn);
  return settled;
}

function follow(world: StripeWorld, session: KeptSession, confirmation: Confirmation): PaymentStep {
  if (confirmation.kind === "declined") {
    return { kind: "declined", session, code: declineCode(confirmation.intent) };
  }
  if (confirmation.kind === "requires_action") return { kind: "confirm", session };
  if (confirmation.kind === "awaits_transfer") {
    return { kind: "transfer", session: complete(world, session, false) };
  }
  return { kind: "done", session: complete(world, session, confirmation.kind === "succeeded") };
}

function declineCode(intent: Stripe.PaymentIntent): string {
  const error = intent.last_payment_error;
  return error?.decline_code ?? error?.code ?? "generic_decline";
}

function complete(world: StripeWorld, session: KeptSession, isPaid: boolean): KeptSession {
  const done = world.save("session", {
    ...session,
    status: "complete",
    payment_status: isPaid ? "paid" : "unpaid",
    url: null,
  });
  world.emit("checkout.session.completed", done, ofItsOwn);
  return done;
}

/** Writes who is paying into the session; creates the customer when the session says so. */
function identify(world: StripeWorld, session: KeptSession, choice: Choice): KeptSession {
  const known =
    typeof session.customer === "string" ? world.find("customer", session.customer) : null;
  const email = session.customer_email ?? known?.email ?? choice.email;
  let customer = session.customer;
  if (customer === null && session.customer_creation === "always") {
    const created = world.save(
      "customer",
      buildCustomer(world, { email, name: choice.name ?? null }),
    );
    world.emit("customer.created", created, ofItsOwn);
    customer = created.id;
  }
  return world.save("session", {
    ...session,
    customer,
    customer_details: {
      address: null,
      business_name: null,
      email,
      individual_name: null,
      name: choice.name ?? known?.name ?? null,
      phone: null,
      tax_exempt: "none",
      tax_ids: [],
    },
  });
}

/** The intent of the session: created with the first attempt, as Stripe does since 2022. */
function intentOf(world: StripeWorld, session: KeptSession): Stripe.PaymentIntent {
  if (typeof session.payment_intent === "string") {
    return world.get("paymentIntent", session.payment_intent);
  }
  const { intent } = session.sandbox;
  const created = world.save(
    "paymentIntent",
    buildPaymentIntent(world, {
      amount: session.amount_total ?? 0,
      currency: session.currency ?? "usd",
      customer: session.customer,
      description: intent.description,
      metadata: intent.metadata,
      payment_method_types: session.payment_method_types,
      receipt_email: intent.receiptEmail,
      setup_future_usage: intent.setupFutureUsage,
      statement_descriptor_suffix: intent.statementDescriptorSuffix,
      transfer_group: intent.transferGroup,
    }),
  );
  world.emit("payment_intent.created", created, ofItsOwn);
  return created;
}

/** Saves a card without charging it. */
function setUp(
  world: StripeWorld,
  session: KeptSession,
  method: KeptPaymentMethod,
  authenticated: boolean,
): PaymentStep {
  const card = method.sandbox.testCard ? testCard(method.sandbox.testCard) : null;
  const setup = setupIntentOf(world, session);
  const linked = { ...session, setup_intent: setup.id };
  if (card?.decline) {
    world.save("session", linked);
    world.emit("setup_intent.setup_failed", setup, ofItsOwn);
    return {
      kind: "declined",
      session: linked,
      code: card.decline.declineCode ?? card.decline.code,
    };
  }
  if (card && card.confirmation !== "never" && !authenticated) {
    world.save("paymentMethod", method);
    world.save("setupIntent", { ...setup, status: "requires_action", payment_method: method.id });
    return { kind: "confirm", session: world.save("session", linked) };
  }
  const customer = typeof session.customer === "string" ? session.customer : null;
  const kept = world.save("paymentMethod", {
    ...method,
    customer,
    sandbox: { ...method.sandbox, used: true, authenticated: true },
  });
  const done = world.save("setupIntent", {
    ...setup,
    status: "succeeded",
    payment_method: method.id,
    next_action: null,
  });
  if (customer) world.emit("payment_method.attached", kept, ofItsOwn);
  world.emit("setup_intent.succeeded", done, ofItsOwn);
  const completed = world.save("session", { ...linked, status: "complete", url: null });
  world.emit("checkout.session.completed", completed, ofItsOwn);
  return { kind: "done", session: completed };
}

function setupIntentOf(world: StripeWorld, session: KeptSession): Stripe.SetupIntent {
  if (typeof session.setup_intent === "string") {
    return world.get("setupIntent", session.setup_intent);
  }
  const { intent } = session.sandbox;
  const created = world.save(
    "setupIntent",
    buildSetupIntent(world, {
      customer: session.customer,
      description: intent.description,
      metadata: intent.metadata,
    }),
  );
  world.emit("setup_intent.created", created, ofItsOwn);
  return created;
}
