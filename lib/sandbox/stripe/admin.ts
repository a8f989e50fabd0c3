import { z } from "zod";
import { AdminRefusal } from "../admin.ts";
import type { AdminRoutes } from "../admin.ts";
import { overwrite } from "../faults.ts";
import type { WebhookQueue } from "../webhooks.ts";
import { settleIntent } from "./charging.ts";
import { closeDispute, escalateInquiry, openDispute, openInquiry } from "./disputes.ts";
import { StripeRefusal } from "./errors.ts";
import { newId } from "./ids.ts";
import { successAddress } from "./pages.ts";
import { failPayout, payOut } from "./payouts.ts";
import { answerConfirmation, paySession, settleSession, shownMethods } from "./pay-session.ts";
import { refundCharge, settleRefund } from "./refunds.ts";
import { seedStripe, stripeSeedSchema } from "./seed.ts";
import { currentSession, expireDueSessions } from "./sessions.ts";
import { stripeState } from "./state.ts";
import { missingOf, receiveTransfer } from "./transfers.ts";
import { ofItsOwn } from "./world.ts";
import type { KeptEvent, StripeWorld } from "./world.ts";

const session = z.string().startsWith("cs_");
const paymentIntent = z.string().startsWith("pi_");

const paySchema = z.strictObject({
  session,
  /** A payment method type on offer; the first one unless told. */
  type: z.string().optional(),
  /** A test card's number. */
  card: z.string().default("4242424242424242"),
  /** A saved card of the customer's that the page shows, instead of a new one. */
  saved: z.string().startsWith("pm_").optional(),
  email: z.string().default("customer@example.com"),
  /** How the bank's or the wallet's question is answered, if it asks; "later": the wallet takes its time. */
  confirmation: z.enum(["confirm", "later", "refuse", "leave"]).default("confirm"),
});

const settleSchema = z.union([
  z.strictObject({ session, outcome: z.enum(["succeeded", "failed"]) }),
  z.strictObject({ paymentIntent, outcome: z.enum(["succeeded", "failed"]) }),
]);

/** A transfer of the customer's; what is missing unless told. */
const fundSchema = z.strictObject({
  session,
  amount: z.number().int().positive().optional(),
});

const disputeSchema = z.union([
  z.strictObject({
    paymentIntent,
    amount: z.number().int().positive().optional(),
    reason: z.string().default("fraudulent"),
    /** The bank only asks, and no money moves. */
    inquiry: z.boolean().default(false),
  }),
  z.strictObject({
    dispute: z.string().startsWith("dp_"),
    /** "escalated": an inquiry becomes a dispute. */
    outcome: z.enum(["escalated", "won", "lost"]),
  }),
]);

const payoutSchema = z.union([
  /** Everything in the currency unless an amount is told. */
  z.strictObject({
    currency: z.string().length(3).toLowerCase(),
    amount: z.number().int().positive().optional(),
    arrivesAt: z.iso.datetime({ offset: true }).optional(),
  }),
  z.strictObject({ payout: z.string().startsWith("po_"), outcome: z.literal("failed") }),
]);

const refundSchema = z.union([
  /** A refund made by hand in the provider's dashboard. */
  z.strictObject({
    paymentIntent,
    amount: z.number().int().positive().optional(),
    metadata: z.record(z.string(), z.string()).default({}),
  }),
  /** The end of a pending refund, or the failure of a done one. */
  z.strictObject({
    refund: z.string().startsWith("re_"),
    outcome: z.enum(["succeeded", "failed"]),
  }),
]);

const redeliverSchema = z.strictObject({
  /** An event's id; or the newest event of `type`, about `paymentIntent` or `session` if given. */
  event: z.string().startsWith("evt_").optional(),
  type: z.string().optional(),
  paymentIntent: paymentIntent.optional(),
  session: session.optional(),
  /** How many times it is sent at once. */
  times: z.number().int().min(1).max(200).default(1),
  /** Under a new event id: two events about one change. */
  newId: z.boolean().default(false),
  /** Values written at dotted paths of the event ("data.object.amount_total"). */
  set: z.record(z.string(), z.unknown()).default({}),
});

/** The Stripe stand-in's own admin calls. */
export function stripeAdminRoutes(world: StripeWorld, webhooks: WebhookQueue): AdminRoutes {
  return {
    "GET /state": () => {
      expireDueSessions(world);
      return stripeState(world, webhooks);
    },
    "POST /seed": (body) => inWords(() => seedStripe(world, stripeSeedSchema.parse(body))),
    "POST /reset": () => {
      const { store, log, held } = world.standIn;
      held.release();
      store.clear();
      log.clear();
      webhooks.clear();
      return { reset: true };
    },
    "POST /pay": (body) => inWords(() => pay(world, paySchema.parse(body))),
    "POST /settle": (body) => inWords(() => settle(world, settleSchema.parse(body))),
    "POST /fund": (body) => inWords(() => fund(world, fundSchema.parse(body))),
    "POST /payout": (body) => inWords(() => payout(world, payoutSchema.parse(body))),
    "POST /dispute": (body) => inWords(() => dispute(world, disputeSchema.parse(body))),
    "POST /refund": (body) => inWords(() => refund(world, refundSchema.parse(body))),
    "GET /webhooks": () => webhooks.list(),
    "POST /webhooks/redeliver": (body) => redeliver(world, redeliverSchema.parse(body)),
    "POST /webhooks/hurry": () => {
      webhooks.hurry();
      return { hurried: true };
    },
  };
}

function pay(world: StripeWorld, wanted: z.output<typeof paySchema>): object {
  const open = currentSession(world, wanted.session, "session");
  if (open.status !== "open") throw new AdminRefusal(`The session is ${open.status}`, 409);
  const [first = ""] = open.payment_method_types;
  const type = wanted.saved ? "card" : (wanted.type ?? first);
  if (!open.payment_method_types.includes(type)) {
    throw new AdminRefusal(`On offer: ${open.payment_method_types.join(", ")}`, 400);
  }
  const shown = shownMethods(world, open).map(({ id }) => id);
  if (wanted.saved && !shown.includes(wanted.saved)) {
    throw new AdminRefusal(`Shown: ${shown.join(", ")}`, 400);
  }
  const what = wanted.saved ? { saved: wanted.saved } : { number: wanted.card };
  const choice = { type, email: wanted.email, ...(type === "card" ? what : {}) };
  let step = paySession(world, open, choice);
  if (step.kind === "confirm" && wanted.confirmation !== "leave") {
    step = answerConfirmation(world, step.session, wanted.confirmation);
  }
  const after = step.session;
  return {
    outcome: step.kind,
    code: step.kind === "declined" ? step.code : null,
    session: after.id,
    status: after.status,
    paymentStatus: after.payment_status,
    paymentIntent: after.payment_intent,
    successUrl: step.kind === "done" ? successAddress(after) : null,
  };
}

function settle(world: StripeWorld, wanted: z.output<typeof settleSchema>): object {
  const arrived = wanted.outcome === "succeeded";
  const found =
    "session" in wanted
      ? world.find("session", wanted.session)
      : world.list("session", { payment_intent: wanted.paymentIntent })[0]?.doc;
  const intentId = found
    ? found.payment_intent
    : "paymentIntent" in wanted
      ? wanted.paymentIntent
      : null;
  const intent = typeof intentId === "string" ? world.find("paymentIntent", intentId) : null;
  if (intent?.status !== "processing") throw new AdminRefusal("Nothing is processing there", 409);
  if (found) settleSession(world, found, arrived);
  else settleIntent(world, intent, arrived, ofItsOwn);
  return { paymentIntent: intent.id, outcome: wanted.outcome };
}

function dispute(world: StripeWorld, wanted: z.output<typeof disputeSchema>): object {
  if ("dispute" in wanted) {
    const known = world.get("dispute", wanted.dispute);
    return wanted.outcome === "escalated"
      ? escalateInquiry(world, known, ofItsOwn)
      : closeDispute(world, known, wanted.outcome, ofItsOwn);
  }
  const open = wanted.inquiry ? openInquiry : openDispute;
  return open(world, chargeOf(world, wanted.paymentIntent), wanted, ofItsOwn);
}

function fund(world: StripeWorld, wanted: z.output<typeof fundSchema>): object {
  const { customer, currency, payment_intent: intent } = world.get("session", wanted.session);
  if (typeof customer !== "string" || typeof intent !== "string" || currency === null) {
    throw new AdminRefusal("Nobody can transfer for this session", 409);
  }
  const amount = wanted.amount ?? missingOf(world.get("paymentIntent", intent));
  if (amount === null) throw new AdminRefusal("No transfer is awaited: name an amount", 409);
  const { available } = receiveTransfer(world, customer, currency, amount);
  const { status } = world.get("paymentIntent", intent);
  return {
    paymentIntent: intent,
    status,
    missing: missingOf(world.get("paymentIntent", intent)),
    cashBalance: available,
  };
}

function payout(world: StripeWorld, wanted: z.output<typeof payoutSchema>): object {
  if ("payout" in wanted) return failPayout(world, world.get("payout", wanted.payout));
  const { currency, amount, arrivesAt } = wanted;
  const at = arrivesAt === undefined ? undefined : Math.floor(Date.parse(arrivesAt) / 1000);
  return payOut(world, { currency, amount, arrivesAt: at });
}

function refund(world: StripeWorld, wanted: z.output<typeof refundSchema>): object {
  if ("refund" in wanted) {
    return settleRefund(world, world.get("refund", wanted.refund), wanted.outcome, ofItsOwn);
  }
  const given = { amount: wanted.amount ?? null, reason: null, metadata: wanted.metadata };
  return refundCharge(world, chargeOf(world, wanted.paymentIntent), given, ofItsOwn);
}

function chargeOf(world: StripeWorld, intentId: string) {
  const intent = world.get("paymentIntent", intentId);
  return world.get("charge", String(intent.latest_charge));
}

function redeliver(world: StripeWorld, wanted: z.output<typeof redeliverSchema>): object {
  const event = wanted.event
    ? world.find("event", wanted.event)
    : world.list("event").find(({ doc }) => isWanted(doc, wanted))?.doc;
  if (!event) throw new AdminRefusal("No such event");
  const changed = overwrite(event, wanted.set) as KeptEvent;
  const sent = { ...changed, id: wanted.newId ? newId("event") : event.id };
  for (let time = 0; time < wanted.times; time += 1) world.send(sent);
  return { event: sent.id, type: sent.type, times: wanted.times };
}

function isWanted(event: KeptEvent, wanted: z.output<typeof redeliverSchema>): boolean {
  const object = event.data.object as { id?: string; payment_intent?: unknown };
  if (wanted.type && event.type !== wanted.type) return false;
  if (wanted.session && object.id !== wanted.session) return false;
  if (!wanted.paymentIntent) return true;
  return object.id === wanted.paymentIntent || object.payment_intent === wanted.paymentIntent;
}

/** Turns a refusal of the stand-in's rules into an admin refusal. */
function inWords<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StripeRefusal) throw new AdminRefusal(error.message, 409);
    throw error;
  }
}
