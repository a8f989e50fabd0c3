import type { StandIn } from "../stand-in.ts";
import type { WebhookQueue } from "../webhooks.ts";
import type { Money } from "./amounts.ts";
import { noSuch } from "./errors.ts";
import { newEventId } from "./ids.ts";
import type { OrderRequest } from "./requests.ts";

/** What the payer's wallet does when it is charged; chosen on the approval page. */
export const fundings = [
  /** Pays at once. */
  "balance",
  /** An e-check: the capture is pending until the bank has paid. */
  "bank",
  /** PayPal looks at the payment first: pending. */
  "review",
  /** The capture is refused with INSTRUMENT_DECLINED and the payer may choose again. */
  "declined",
  /** The capture is refused with TRANSACTION_REFUSED. */
  "refused",
  /** The capture is made, and is DECLINED. */
  "denied",
  /** Pays at once; refunds to it take their time. */
  "slow_refunds",
  /** Pays now; the saved wallet is declined when it is charged without the payer. */
  "declines_later",
  /** Pays at once; PayPal saves the wallet only some time later. */
  "saved_later",
] as const;
export type Funding = (typeof fundings)[number];

type Wallet = NonNullable<NonNullable<OrderRequest["payment_source"]>["paypal"]>;
export type ExperienceContext = NonNullable<Wallet["experience_context"]>;
export type VaultInstruction = NonNullable<NonNullable<Wallet["attributes"]>["vault"]>;
export type PurchaseUnit = OrderRequest["purchase_units"][number];

export interface Payer {
  email: string;
  accountId: string;
  givenName: string;
  surname: string;
}

export interface KeptOrder {
  id: string;
  status: "CREATED" | "SAVED" | "APPROVED" | "VOIDED" | "COMPLETED" | "PAYER_ACTION_REQUIRED";
  unit: PurchaseUnit;
  /** Whether the order was made with payment_source.paypal. */
  hasSource: boolean;
  experience: ExperienceContext | null;
  vault: VaultInstruction | null;
  /** The customer the wallet is saved for, when it is. */
  customer: string | null;
  /** The saved wallet that is charged. */
  vaultId: string | null;
  funding: Funding | null;
  payer: Payer | null;
  /** Business time in ms at which the payer approved. */
  approvedAt: number | null;
  attempts: number;
  capture: string | null;
  /** The payment token that came of it. */
  token: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface KeptCapture {
  id: string;
  order: string;
  status: "COMPLETED" | "DECLINED" | "PARTIALLY_REFUNDED" | "PENDING" | "REFUNDED" | "FAILED";
  reason: string | null;
  amount: Money;
  customId: string | null;
  invoiceId: string | null;
  funding: Funding;
  createdAt: number;
  updatedAt: number;
}

export interface KeptRefund {
  id: string;
  capture: string;
  status: "CANCELLED" | "FAILED" | "PENDING" | "COMPLETED";
  reason: string | null;
  amount: Money;
  /** Everything refunded of the capture, this included. */
  totalRefunded: Money;
  customId: string | null;
  invoiceId: string | null;
  note: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface KeptDispute {
  id: string;
  capture: string;
  amount: Money;
  reason: string;
  /** In an inquiry PayPal only asks; in the stage after it, it holds the money. */
  stage: "INQUIRY" | "CHARGEBACK";
  status: "WAITING_FOR_SELLER_RESPONSE" | "UNDER_REVIEW" | "RESOLVED";
  outcome: "RESOLVED_BUYER_FAVOUR" | "RESOLVED_SELLER_FAVOUR" | "CANCELED_BY_BUYER" | null;
  /** What PayPal charges when the buyer was right. */
  fee: Money | null;
  respondBy: number;
  createdAt: number;
  updatedAt: number;
}

export interface KeptToken {
  id: string;
  customer: string;
  /** The order with which it was saved; null when it was there before. */
  order: string | null;
  payer: Payer;
  vault: VaultInstruction;
  funding: Funding;
  createdAt: number;
}

/** A line of the account's history, for transaction search. */
export interface KeptTransaction {
  id: string;
  transactionId: string;
  /** The transaction this one undoes. */
  reference: string | null;
  code: string;
  status: "D" | "P" | "S" | "V";
  amount: Money;
  fee: Money | null;
  customId: string | null;
  invoiceId: string | null;
  payer: string | null;
  createdAt: number;
  updatedAt: number;
  /** Real time in ms at which it was written, for look-ups that lag. */
  writtenAt: number;
}

/** An event as sent. */
export interface KeptEvent {
  id: string;
  create_time: string;
  resource_type: string;
  event_type: string;
  summary: string;
  resource: object;
  links: object[];
  event_version: string;
  resource_version?: string;
}

/** The objects that are kept, by the kind they are stored under. */
export interface Objects {
  order: KeptOrder;
  capture: KeptCapture;
  refund: KeptRefund;
  dispute: KeptDispute;
  token: KeptToken;
  transaction: KeptTransaction;
  event: KeptEvent;
  access: { id: string; expiresAt: number };
}

export type KeptKind = keyof Objects;

const indexedFields: [KeptKind, string][] = [
  ["capture", "order"],
  ["capture", "invoiceId"],
  ["refund", "capture"],
  ["refund", "invoiceId"],
  ["dispute", "capture"],
  ["token", "customer"],
  ["transaction", "transactionId"],
  ["event", "event_type"],
];

/** The PayPal stand-in's state and the ways to change it. */
export class PayPalWorld {
  readonly standIn: StandIn;
  readonly #webhooks: () => WebhookQueue;
  readonly #webhookUrl: () => string;
  /** Base URL of the stand-in itself. */
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
    for (const [kind, field] of indexedFields) options.standIn.store.index(kind, field);
  }

  /** Milliseconds since the epoch, in the stand-in's time. */
  now(): number {
    return this.standIn.clock.now();
  }

  find<K extends KeptKind>(kind: K, id: string): Objects[K] | null {
    return this.standIn.store.find<Objects[K]>(kind, id);
  }

  /** The object, or PayPal's 404. */
  get<K extends KeptKind>(kind: K, id: string): Objects[K] {
    const found = this.find(kind, id);
    if (!found) throw noSuch();
    return found;
  }

  save<K extends KeptKind>(kind: K, object: Objects[K]): Objects[K] {
    this.standIn.store.put(kind, object.id, object);
    return object;
  }

  /** Objects of one kind, newest first. */
  list<K extends KeptKind>(kind: K, where: Record<string, string> = {}): Objects[K][] {
    return this.standIn.store.list<Objects[K]>(kind, where).map(({ doc }) => doc);
  }

  /** Writes down an event about `resource` and sends it on its way. */
  emit(event: {
    type: string;
    resourceType: string;
    summary: string;
    resource: object;
  }): KeptEvent {
    const id = newEventId();
    const self = `${this.baseUrl()}/v1/notifications/webhooks-events/${id}`;
    const kept = this.save("event", {
      id,
      event_version: "1.0",
      create_time: vendorTime(this.now()),
      resource_type: event.resourceType,
      resource_version: "2.0",
      event_type: event.type,
      summary: event.summary,
      resource: event.resource,
      links: [
        { href: self, rel: "self", method: "GET" },
        { href: `${self}/resend`, rel: "resend", method: "POST" },
      ],
    });
    this.send(kept);
    return kept;
  }

  /** Sends an event to the application (again). */
  send(event: KeptEvent): void {
    this.#webhooks().enqueue({
      eventId: event.id,
      type: event.event_type,
      url: this.#webhookUrl(),
      body: JSON.stringify(event),
    });
  }
}

/** "2026-11-22T14:40:00Z". */
export function vendorTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** "2026-11-22T14:40:00+0000", as transaction search writes it. */
export function searchTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "+0000");
}

/** Without the fields that are undefined or null. */
export function compact<T extends object>(object: T): T {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined && value !== null),
  ) as T;
}
