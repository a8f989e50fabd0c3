import type { WebhookQueue } from "../webhooks.ts";
import { feeOf, moneyOf } from "./amounts.ts";
import { refundedUnits } from "./captures.ts";
import { disputedUnits } from "./disputes.ts";
import { payerAddress } from "./show.ts";
import type { KeptCapture, PayPalWorld } from "./world.ts";

/** One capture with everything that happened to its money; amounts as PayPal writes them. */
export interface CaptureState {
  capture: string;
  order: string;
  status: string;
  reason: string | null;
  currency: string;
  amount: string;
  /** What PayPal holds of it for the merchant, refunds and lost disputes not taken off; 0 while pending. */
  captured: string;
  /** What PayPal keeps of it for itself; 0 while nothing is captured. */
  fee: string;
  /** What was given back, failed refunds not counted. */
  refunded: string;
  /** What is held back or lost by disputes. */
  disputed: string;
  customId: string | null;
  invoiceId: string | null;
  refunds: {
    id: string;
    amount: string;
    status: string;
    customId: string | null;
    invoiceId: string | null;
  }[];
  disputes: { id: string; amount: string; stage: string; status: string; outcome: string | null }[];
}

/** Everything the stand-in knows, as `GET /__sandbox/state` gives it; oldest first. */
export interface PayPalState {
  orders: {
    id: string;
    status: string;
    currency: string;
    amount: string;
    description: string | null;
    customId: string | null;
    invoiceId: string | null;
    locale: string | null;
    returnUrl: string | null;
    cancelUrl: string | null;
    userAction: string | null;
    shippingPreference: string | null;
    payerUrl: string;
    payer: string | null;
    attempts: number;
    capture: string | null;
    token: string | null;
  }[];
  captures: CaptureState[];
  tokens: { id: string; customer: string; order: string | null; payer: string }[];
  events: { id: string; type: string }[];
  webhooks: { waiting: number; delivered: number; dropped: number; givenUp: number };
}

/** Reads the whole state. */
export function paypalState(world: PayPalWorld, webhooks: WebhookQueue): PayPalState {
  const deliveries = webhooks.list();
  const count = (state: string): number => deliveries.filter((each) => each.state === state).length;
  return {
    orders: world
      .list("order")
      .map((order) => ({
        id: order.id,
        status: order.status,
        currency: order.unit.amount.currency_code,
        amount: order.unit.amount.value,
        description: order.unit.description ?? null,
        customId: order.unit.custom_id ?? null,
        invoiceId: order.unit.invoice_id ?? null,
        locale: order.experience?.locale ?? null,
        returnUrl: order.experience?.return_url ?? null,
        cancelUrl: order.experience?.cancel_url ?? null,
        userAction: order.experience?.user_action ?? null,
        shippingPreference: order.experience?.shipping_preference ?? null,
        payerUrl: payerAddress(world, order.id),
        payer: order.payer?.email ?? null,
        attempts: order.attempts,
        capture: order.capture,
        token: order.token,
      }))
      .toReversed(),
    captures: world
      .list("capture")
      .map((capture) => captureState(world, capture))
      .toReversed(),
    tokens: world
      .list("token")
      .map(({ id, customer, order, payer }) => ({ id, customer, order, payer: payer.email }))
      .toReversed(),
    events: world
      .list("event")
      .map(({ id, event_type: type }) => ({ id, type }))
      .toReversed(),
    webhooks: {
      waiting: count("waiting"),
      delivered: count("delivered"),
      dropped: count("dropped"),
      givenUp: count("given_up"),
    },
  };
}

function captureState(world: PayPalWorld, capture: KeptCapture): CaptureState {
  const { currency_code: currency, value } = capture.amount;
  const write = (units: bigint): string => moneyOf(units, currency).value;
  const disputes = world.list("dispute", { capture: capture.id });
  const isHeld = !["PENDING", "DECLINED", "FAILED"].includes(capture.status);
  return {
    capture: capture.id,
    order: capture.order,
    status: capture.status,
    reason: capture.reason,
    currency,
    amount: value,
    captured: isHeld ? value : write(0n),
    fee: isHeld ? feeOf(capture.amount).value : write(0n),
    refunded: write(refundedUnits(world, capture.id)),
    disputed: write(disputedUnits(world, capture.id)),
    customId: capture.customId,
    invoiceId: capture.invoiceId,
    refunds: world
      .list("refund", { capture: capture.id })
      .map(({ id, amount, status, customId, invoiceId }) => ({
        id,
        amount: amount.value,
        status,
        customId,
        invoiceId,
      })),
    disputes: disputes.map(({ id, amount, stage, status, outcome }) => ({
      id,
      amount: amount.value,
      stage,
      status,
      outcome,
    })),
  };
}
