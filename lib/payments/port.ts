import type { Locale } from "#lib/domain/locale.ts";
import type { Money } from "#lib/domain/money.ts";

/** What a payment adapter is asked to begin. Amounts in minor units, ids are ours. */
export interface StartPaymentRequest {
  /** Our payment id: the idempotency key at the provider, and what its metadata carries. */
  readonly paymentId: string;
  readonly orderNumber: string;
  readonly amount: Money;
  /** One line for the provider's page, in the customer's language. */
  readonly description: string;
  readonly customerEmail: string;
  /**
   * One of the provider's own kinds of payment that its page shall offer, e.g. "card" or "alipay"; null:
   * whatever the provider's account offers.
   */
  readonly methodType: string | null;
  /** The provider's id of this customer, see {@link PaymentAdapter.createCustomer}; null: none is needed. */
  readonly customerReference: string | null;
  /** Whether the customer wants this way of paying kept, also for renewals that begin by themselves. */
  readonly saveMethod: boolean;
  readonly locale: Locale;
  /** Where the provider sends the customer back to, paid or not. Absolute URLs of ours. */
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly expiresAt: Date;
}

/**
 * What became of starting a payment. `unknown` (time-out, 5xx, connection lost) is not a failure:
 * the same request is repeated under the same idempotency key.
 */
export type StartPaymentOutcome =
  | {
      readonly kind: "redirect";
      readonly providerReference: string;
      readonly url: string;
      readonly expiresAt: Date;
    }
  | { readonly kind: "rejected"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

/** What the provider says of a payment now. Only `settled` moves money in our books. */
export interface PaymentReport {
  /** Our payment id as the provider's object carries it; null when it carries none. */
  readonly paymentId: string | null;
  /**
   * `pending`: not paid yet. `approved`: the customer agreed, and no money moves before
   * {@link PaymentAdapter.capture}. `processing`: paid by the customer, not yet received by the provider.
   * `awaited`: the customer has been told where to transfer the money to, and not all of it has come. The
   * provider waits without end, and cannot be told to stop.
   */
  readonly state:
    | "pending"
    | "approved"
    | "processing"
    | "awaited"
    | "settled"
    | "failed"
    | "expired";
  /** What was captured, in minor units of the currency the provider names; set when settled. */
  readonly captured: Money | null;
  readonly refundedMinor: bigint;
  /** What the provider kept of it, in the currency in which it kept it; null while it does not say. */
  readonly fee: Money | null;
  /** The provider's kind of payment that was used, e.g. "card"; null while it does not say. */
  readonly methodType: string | null;
  /** What the provider keeps for later payments; null when nothing was kept. */
  readonly savedMethod: SavedMethod | null;
  readonly providerPaymentId: string | null;
  /** Whether the object belongs to the provider's live mode. */
  readonly live: boolean;
  /** Why, in the provider's words; {@link PARTLY_FUNDED} for a transfer that came in part. */
  readonly reason: string | null;
}

/** The reason of an `awaited` payment of which a part has come: the provider keeps it for the customer. */
export const PARTLY_FUNDED = "partly_funded";

/** A way of paying that a provider keeps for a customer. Never a card number: what people recognise it by. */
export interface SavedMethod {
  /** The provider's id: Stripe's PaymentMethod, PayPal's vault token. */
  readonly reference: string;
  /** The provider's kind, e.g. "card" or "paypal". */
  readonly methodType: string;
  /** What the customer knows it by, e.g. "Visa •••• 4242" or an e-mail address with most of it hidden. */
  readonly label: string;
  /** The last month in which it is good, `YYYY-MM`; null: it does not run out. */
  readonly goodUntil: string | null;
}

/** A refund as the provider has it, begun by us or there. */
export interface ProviderRefund {
  readonly providerReference: string;
  /** Our refund id, when we began it. */
  readonly refundId: string | null;
  readonly amount: Money;
  readonly state: "pending" | "succeeded" | "failed";
  readonly reason: string | null;
}

/**
 * A payment the customer contests. `inquiry`: the bank only asks, no money has moved. `open`: the provider
 * has taken the money back. `won`: it has been returned (or never moved). `lost`: it will not be.
 */
export interface ProviderDispute {
  readonly providerReference: string;
  readonly amount: Money;
  readonly state: "inquiry" | "open" | "won" | "lost";
  readonly reason: string;
  readonly openedAt: Date;
  /** Until when evidence can be handed in. */
  readonly respondBy: Date | null;
  /** What the provider charges for it; null when nothing, or not said. */
  readonly fee: Money | null;
}

/** Money the provider sent to the operator's bank. */
export interface ProviderPayout {
  readonly providerReference: string;
  readonly amount: Money;
  readonly sentAt: Date;
}

/** Names a payment at the provider both ways. */
export interface ProviderPaymentKey {
  /** Stripe: the Checkout session. PayPal: the order. */
  readonly providerReference: string;
  /** Stripe: the PaymentIntent. PayPal: the capture. */
  readonly providerPaymentId: string;
}

export interface RefundRequest {
  /** Our refund id: the idempotency key at the provider. */
  readonly refundId: string;
  readonly providerPaymentId: string;
  readonly amount: Money;
}

export type RefundOutcome =
  | { readonly kind: "succeeded" | "pending"; readonly providerReference: string }
  | { readonly kind: "failed"; readonly reason: string; readonly providerReference: string | null }
  | { readonly kind: "unknown"; readonly reason: string };

/** A provider's message after its signature was checked. It is a hint: the provider is asked before anything is believed. */
export interface PaymentEvent {
  readonly eventId: string;
  readonly type: string;
  /** The provider's reference of the payment the event is about (Stripe: Checkout session id); null when it names none. */
  readonly providerReference: string | null;
  readonly providerPaymentId: string | null;
  /** Our payment id, from the object's metadata. */
  readonly paymentId: string | null;
  readonly live: boolean;
}

export type ParsedPaymentWebhook =
  | { readonly kind: "event"; readonly event: PaymentEvent; readonly payload: unknown }
  | { readonly kind: "forged" | "malformed"; readonly reason: string }
  /** The provider itself checks its signatures and could not be asked: nothing is known of the message. */
  | { readonly kind: "unverifiable"; readonly reason: string };

/** A payment the provider holds, as reconciliation lists it. */
export interface ProviderPayment extends PaymentReport {
  readonly providerReference: string;
}

/** A way to pay that is settled by an outside provider. */
export interface PaymentAdapter {
  readonly id: "stripe" | "paypal";
  /** Whether our key belongs to the provider's live mode; a report or event of the other mode is not to be believed. */
  readonly live: boolean;
  /** How long the provider may take to show a payment in {@link listPayments}. */
  readonly listingLagMinutes: number;
  /** Whether the provider takes this amount in this currency; asked before the method is offered. */
  canTake(amount: Money): boolean;
  /**
   * The provider's own kinds of payment that the operator offers and that take this amount, for
   * {@link StartPaymentRequest.methodType}, and whether each can be kept and charged again without the
   * customer. None where the provider does not take the amount at all. Absent where there are no kinds to choose from.
   */
  methodTypesFor?(
    amount: Money,
  ): readonly { readonly type: string; readonly renewsByItself: boolean }[];
  /** Begins a hosted payment. Repeating it with the same payment id begins nothing new while the provider remembers the key. */
  start(request: StartPaymentRequest): Promise<StartPaymentOutcome>;
  /** Asks the provider about a payment it knows. Throws `ProviderUnavailableError` when it cannot be asked now. */
  find(providerReference: string): Promise<PaymentReport | null>;
  /**
   * Takes the money of a payment that is `approved`, and says what it is then; safe to repeat. Only
   * where the provider takes it on our word; elsewhere paying takes it, and this is not there. Does
   * nothing to a payment in another state or of another payment id. `pending` when the customer has
   * to choose other funds on the provider's page. Throws `ProviderUnavailableError` when it is not known.
   */
  capture?(providerReference: string, paymentId: string): Promise<PaymentReport | null>;
  /**
   * Ends a payment that was not paid, so that it cannot be paid later. Says what it is now. With an
   * adapter that has {@link capture}, the provider's page may stay open: what was ended is not to be captured.
   * What is `awaited` stays so: whoever ends it in the books gives back what comes all the same.
   */
  expire(providerReference: string): Promise<PaymentReport | null>;
  refund(request: RefundRequest): Promise<RefundOutcome>;
  /** Asks about a refund by the provider's reference. */
  findRefund(providerReference: string): Promise<RefundOutcome>;
  /** All refunds of a payment, whoever began them. Throws `ProviderUnavailableError`. */
  listRefunds(payment: ProviderPaymentKey): Promise<readonly ProviderRefund[]>;
  /** All disputes of a payment. Throws `ProviderUnavailableError`. */
  listDisputes(payment: ProviderPaymentKey): Promise<readonly ProviderDispute[]>;
  /**
   * Makes the provider's object for a customer, where keeping a way of paying needs one; the account's id
   * is the idempotency key. Absent where none is needed. Throws `ProviderUnavailableError`.
   */
  createCustomer?(customer: {
    readonly accountId: string;
    readonly email: string;
  }): Promise<string>;
  /** Has the provider forget a saved method; forgetting it again is fine. Throws `ProviderUnavailableError`. */
  forgetMethod(reference: string): Promise<void>;
  /** What was sent to the bank since `from`; absent where the provider does not list it. Throws `ProviderUnavailableError`. */
  listPayouts?(from: Date): AsyncIterable<ProviderPayout>;
  /**
   * Everything the provider captured of payments begun since `from`, for reconciliation. A capture that
   * belongs to no hosted page is listed under its provider payment id, and so are all where the provider
   * lists captures only. Throws `ProviderUnavailableError`.
   */
  listPayments(from: Date): AsyncIterable<ProviderPayment>;
  /**
   * Which payments were contested since `from`, by their {@link ProviderPaymentKey.providerPaymentId}; absent
   * where the provider does not list them. Throws `ProviderUnavailableError`.
   */
  listDisputedPayments?(from: Date): AsyncIterable<string>;
  /** Checks the signature over the raw body, or has the provider check it, and reads the message. `now` in milliseconds. */
  parseWebhook(headers: Headers, rawBody: string, now: number): Promise<ParsedPaymentWebhook>;
}

/** The provider could not be asked: time-out, connection lost, 429 or 5xx. Nothing is known; ask again. */
export class ProviderUnavailableError extends Error {
  override readonly name = "ProviderUnavailableError";
}
