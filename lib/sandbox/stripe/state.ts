import type { WebhookQueue } from "../webhooks.ts";
import { heldBy } from "./disputes.ts";
import { missingOf } from "./transfers.ts";
import type { StripeWorld } from "./world.ts";

/** One payment intent with everything that happened to its money, in Stripe's units. */
export interface PaymentState {
  paymentIntent: string;
  status: string;
  currency: string;
  amount: number;
  /** What was captured, 0 unless it succeeded. */
  captured: number;
  /** What Stripe kept of it. */
  fee: number;
  /** The type that was used, null before anything was. */
  methodType: string | null;
  /** What a bank transfer still lacks; null when none is awaited. */
  missing: number | null;
  /** What was given back, failed refunds not counted. */
  refunded: number;
  /** What is held back or lost by disputes. */
  disputed: number;
  charge: string | null;
  customer: string | null;
  session: string | null;
  clientReferenceId: string | null;
  metadata: Record<string, string>;
  sessionMetadata: Record<string, string>;
  refunds: {
    id: string;
    amount: number;
    status: string | null;
    metadata: Record<string, string>;
  }[];
  disputes: { id: string; amount: number; status: string }[];
}

/** Everything the stand-in knows, as `GET /__sandbox/state` gives it; oldest first. */
export interface StripeState {
  payments: PaymentState[];
  sessions: {
    id: string;
    status: string | null;
    paymentStatus: string;
    mode: string;
    amountTotal: number | null;
    currency: string | null;
    clientReferenceId: string | null;
    paymentIntent: string | null;
    metadata: Record<string, string>;
    url: string | null;
    expiresAt: number;
  }[];
  customers: {
    id: string;
    email: string | null;
    metadata: Record<string, string>;
    paymentMethods: string[];
    /** What was transferred and has paid nothing yet, by currency. */
    cashBalance: Record<string, number>;
  }[];
  payouts: { id: string; amount: number; currency: string; status: string; arrivalDate: number }[];
  events: { id: string; type: string; objectId: string | null; pendingWebhooks: number }[];
  webhooks: { waiting: number; delivered: number; dropped: number; givenUp: number };
}

/** Reads the whole state. */
export function stripeState(world: StripeWorld, webhooks: WebhookQueue): StripeState {
  const sessions = world.list("session").map(({ doc }) => doc);
  const deliveries = webhooks.list();
  const count = (state: string): number => deliveries.filter((each) => each.state === state).length;
  return {
    payments: world
      .list("paymentIntent")
      .map(({ doc }) => paymentState(world, doc.id))
      .toReversed(),
    sessions: sessions
      .map((session) => ({
        id: session.id,
        status: session.status,
        paymentStatus: session.payment_status,
        mode: session.mode,
        amountTotal: session.amount_total,
        currency: session.currency,
        clientReferenceId: session.client_reference_id,
        paymentIntent: idOf(session.payment_intent),
        metadata: session.metadata ?? {},
        url: session.url,
        expiresAt: session.expires_at,
      }))
      .toReversed(),
    customers: world
      .list("customer")
      .map(({ doc }) => ({
        id: doc.id,
        email: doc.email,
        metadata: doc.metadata,
        cashBalance: Object.fromEntries(
          world
            .list("cashBalance", { customer: doc.id })
            .map((balance) => [balance.doc.currency, balance.doc.available]),
        ),
        paymentMethods: world
          .list("paymentMethod", { customer: doc.id })
          .map((method) => method.id),
      }))
      .toReversed(),
    payouts: world
      .list("payout")
      .map(({ doc }) => ({
        id: doc.id,
        amount: doc.amount,
        currency: doc.currency,
        status: doc.status,
        arrivalDate: doc.arrival_date,
      }))
      .toReversed(),
    events: world
      .list("event")
      .map(({ doc }) => ({
        id: doc.id,
        type: doc.type,
        objectId: (doc.data.object as { id?: string }).id ?? null,
        pendingWebhooks: doc.pending_webhooks,
      }))
      .toReversed(),
    webhooks: {
      waiting: count("waiting"),
      delivered: count("delivered"),
      dropped: count("dropped"),
      givenUp: count("given_up"),
    },
  };
}

function paymentState(world: StripeWorld, id: string): PaymentState {
  const intent = world.get("paymentIntent", id);
  const session = world.list("session", { payment_intent: id })[0]?.doc ?? null;
  const refunds = world.list("refund", { payment_intent: id }).map(({ doc }) => doc);
  const disputes = world.list("dispute", { payment_intent: id }).map(({ doc }) => doc);
  return {
    paymentIntent: id,
    status: intent.status,
    currency: intent.currency,
    amount: intent.amount,
    captured: intent.status === "succeeded" ? intent.amount_received : 0,
    fee: world
      .list("balanceTransaction", { source: idOf(intent.latest_charge) ?? "" })
      .reduce((sum, { doc }) => sum + doc.fee, 0),
    methodType: world.find("paymentMethod", idOf(intent.payment_method) ?? "")?.type ?? null,
    missing: missingOf(intent),
    refunded: refunds
      .filter((refund) => refund.status !== "failed" && refund.status !== "canceled")
      .reduce((sum, refund) => sum + refund.amount, 0),
    disputed: disputes.reduce((sum, dispute) => sum + heldBy(dispute), 0),
    charge: idOf(intent.latest_charge),
    customer: idOf(intent.customer),
    session: session?.id ?? null,
    clientReferenceId: session?.client_reference_id ?? null,
    metadata: intent.metadata,
    sessionMetadata: session?.metadata ?? {},
    refunds: refunds.map((refund) => ({
      id: refund.id,
      amount: refund.amount,
      status: refund.status,
      metadata: refund.metadata ?? {},
    })),
    disputes: disputes.map(({ id: dispute, amount, status }) => ({ id: dispute, amount, status })),
  };
}

function idOf(value: string | { id: string } | null): string | null {
  return typeof value === "object" ? (value?.id ?? null) : value;
}
