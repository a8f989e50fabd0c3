import type Stripe from "stripe";
import type { StandIn } from "../stand-in.ts";
import type { WebhookQueue } from "../webhooks.ts";
import { noSuch } from "./errors.ts";
import { newId } from "./ids.ts";
import type { CashBalance } from "./transfers.ts";
import { apiVersion } from "./vendor-types.ts";

/** The objects that are kept, by the kind they are stored under. */
export interface Objects {
  session: KeptSession;
  paymentIntent: Stripe.PaymentIntent;
  setupIntent: Stripe.SetupIntent;
  charge: Stripe.Charge;
  refund: Stripe.Refund;
  customer: Stripe.Customer;
  paymentMethod: KeptPaymentMethod;
  balanceTransaction: Stripe.BalanceTransaction;
  event: KeptEvent;
  dispute: Stripe.Dispute;
  payout: Stripe.Payout;
  cashBalance: CashBalance;
}

export type KeptKind = keyof Objects;

/** A session with what Stripe keeps to itself; `sandbox` never leaves the stand-in. */
export type KeptSession = Stripe.Checkout.Session & {
  sandbox: {
    lineItems: Stripe.LineItem[];
    intent: {
      metadata: Record<string, string>;
      description: string | null;
      receiptEmail: string | null;
      setupFutureUsage: "off_session" | "on_session" | null;
      statementDescriptorSuffix: string | null;
      transferGroup: string | null;
    };
  };
};

/** A payment method with the test card's number, which decides how it behaves. */
export type KeptPaymentMethod = Stripe.PaymentMethod & {
  sandbox: {
    testCard: string | null;
    /** Authenticated while being set up, so later charges need no confirmation. */
    authenticated: boolean;
    used: boolean;
  };
};

/** An event as sent; its type is wider than Stripe's union. */
export interface KeptEvent {
  id: string;
  object: "event";
  api_version: string;
  created: number;
  data: { object: unknown; previous_attributes?: unknown };
  livemode: boolean;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}

/** The API request that an event came from; nulls when the customer or Stripe itself did it. */
export interface Cause {
  requestId: string | null;
  idempotencyKey: string | null;
}

export const ofItsOwn: Cause = { requestId: null, idempotencyKey: null };

/** The Stripe stand-in's state and the ways to change it. */
export class StripeWorld {
  readonly standIn: StandIn;
  readonly #webhooks: () => WebhookQueue;
  readonly #webhookUrl: () => string;
  /** Base URL of the stand-in itself, for the addresses of its pages. */
  readonly baseUrl: () => string;

  constructor(options: {
    standIn: StandIn;
    webhooks: () => WebhookQueue;
    webhookUrl: () => string;
    baseUrl: () => string;
  }) {
    this.standIn = options.standIn;
    this.#webhooks = options.webhooks;
    this.#webhookUrl = options.webhookUrl;
    this.baseUrl = options.baseUrl;
    const { store } = options.standIn;
    for (const [kind, field] of indexedFields) store.index(kind, field);
  }

  /** Seconds since the epoch, in the stand-in's time. */
  now(): number {
    return this.standIn.clock.nowSeconds();
  }

  find<K extends KeptKind>(kind: K, id: string): Objects[K] | null {
    return this.standIn.store.find<Objects[K]>(kind, id);
  }

  /** The object, or Stripe's refusal; `param` names the parameter it came in. */
  get<K extends KeptKind>(kind: K, id: string, param = "id"): Objects[K] {
    const found = this.find(kind, id);
    if (!found) throw noSuch(nouns[kind], id, param);
    return found;
  }

  save<K extends KeptKind>(kind: K, object: Objects[K]): Objects[K] {
    this.standIn.store.put(kind, object.id, object);
    return object;
  }

  /** Objects of one kind, newest first. */
  list<K extends KeptKind>(
    kind: K,
    where: Record<string, string> = {},
  ): { id: string; sequence: number; doc: Objects[K] }[] {
    return this.standIn.store.list<Objects[K]>(kind, where);
  }

  /** Writes down an event about `object` as it is now and sends it on its way. */
  emit(type: string, object: object, cause: Cause, previous?: unknown): KeptEvent {
    const event: KeptEvent = {
      id: newId("event"),
      object: "event",
      api_version: apiVersion,
      created: this.now(),
      data: {
        object: withoutSecrets(object),
        ...(previous === undefined ? {} : { previous_attributes: previous }),
      },
      livemode: false,
      pending_webhooks: 1,
      request: { id: cause.requestId, idempotency_key: cause.idempotencyKey },
      type,
    };
    this.save("event", event);
    this.send(event);
    return event;
  }

  /** Sends an event to the application (again). */
  send(event: KeptEvent): void {
    this.#webhooks().enqueue({
      eventId: event.id,
      type: event.type,
      url: this.#webhookUrl(),
      body: JSON.stringify(event, null, 2),
    });
  }
}

const indexedFields: [KeptKind, string][] = [
  ["session", "payment_intent"],
  ["session", "customer"],
  ["session", "status"],
  ["charge", "payment_intent"],
  ["refund", "payment_intent"],
  ["refund", "charge"],
  ["dispute", "charge"],
  ["dispute", "payment_intent"],
  ["balanceTransaction", "source"],
  ["balanceTransaction", "currency"],
  ["cashBalance", "customer"],
  ["paymentMethod", "customer"],
  ["paymentIntent", "customer"],
  ["event", "type"],
];

const nouns: Record<KeptKind, string> = {
  session: "checkout.session",
  paymentIntent: "payment_intent",
  setupIntent: "setupintent",
  charge: "charge",
  refund: "refund",
  customer: "customer",
  paymentMethod: "PaymentMethod",
  balanceTransaction: "balance transaction",
  event: "event",
  dispute: "dispute",
  payout: "payout",
  cashBalance: "cash balance",
};

/** The object as Stripe shows it. */
export function withoutSecrets<T extends object>(object: T): Omit<T, "sandbox"> {
  const { sandbox: _sandbox, ...shown } = object as T & { sandbox?: unknown };
  return shown;
}
