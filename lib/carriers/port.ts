/** What an adapter needs to name one eSIM. */
export interface EsimReference {
  /** 18–20 digits, text. */
  readonly iccid: string;
  /** The carrier's own key (eSIM Access: `esimTranNo`). ICCIDs are reused; this is not. */
  readonly carrierEsimId: string;
}

/** A wholesale package that may be put on an eSIM. */
export interface CarrierOffer {
  readonly code: string;
  readonly name: string;
  /** null: unlimited. */
  readonly dataBytes: bigint | null;
  readonly validityDays: number;
  /** ISO 3166-1 alpha-2. */
  readonly countryCodes: readonly string[];
  /** Wholesale price in ten-thousandths of a US dollar, as eSIM Access counts. */
  readonly costUsdTenThousandths: bigint;
}

export interface ActivateRequest {
  /** Ours, at most 50 characters; the handle by which the order is found again. */
  readonly ourReference: string;
  readonly esim: EsimReference;
  readonly offerCode: string;
}

/** What the carrier holds for one of our references. */
export interface CarrierOrder {
  readonly carrierReference: string;
  readonly iccid: string;
  readonly offerCode: string;
  /** End of all service on the eSIM after this order, as the carrier counts; null when it does not say. */
  readonly expiresAt: Date | null;
  /** Data on the eSIM over its life after this order; null when it does not say. */
  readonly totalBytes: bigint | null;
}

/**
 * What became of an activation. `unknown` (time-out, connection lost, 5xx after sending) may have acted:
 * it is looked up by our reference and never sent again blindly. `busy` was refused before anything
 * happened (429, carrier busy) and may be sent again after `retryAfterSeconds`.
 */
export type ActivateOutcome =
  | { readonly kind: "confirmed"; readonly order: CarrierOrder }
  | { readonly kind: "pending"; readonly carrierReference: string | null }
  | { readonly kind: "rejected"; readonly reason: RejectReason; readonly detail: string }
  | { readonly kind: "busy"; readonly retryAfterSeconds: number; readonly detail: string }
  | { readonly kind: "unknown"; readonly detail: string }
  /** Well-formed but not what was asked for (other ICCID, plan or dates): for a person to judge. */
  | { readonly kind: "nonsense"; readonly detail: string };

/** Why a carrier refuses for good. */
export type RejectReason =
  | "esim_expired"
  | "esim_not_found"
  | "esim_state"
  | "offer_not_found"
  | "offer_not_compatible"
  | "topup_limit_reached"
  | "reseller_credit_exhausted"
  | "out_of_stock"
  | "carrier_refused";

export type FindOrderOutcome =
  | { readonly kind: "found"; readonly order: CarrierOrder }
  | { readonly kind: "not_found" }
  | { readonly kind: "unknown"; readonly detail: string };

/** What the carrier counts on an eSIM over its life. */
export interface EsimUsage {
  readonly totalBytes: bigint;
  readonly usedBytes: bigint;
  readonly expiresAt: Date | null;
  readonly networkState:
    | "not_active"
    | "active"
    | "depleted"
    | "expired"
    | "suspended"
    | "cancelled";
  /** The time the figures hold for, by the carrier; later than that is not known. */
  readonly asOf: Date;
}

/** An eSIM as the carrier lists it: every order on it that carries a reference, but not the one that made it. */
export interface ListedEsim extends EsimReference {
  readonly orders: readonly (CarrierOrder & { readonly ourReference: string })[];
}

/** A carrier's message. Unsigned ones are hints only: the carrier is asked before anything changes. */
export interface CarrierEvent {
  readonly eventId: string;
  readonly type: string;
  readonly iccid: string | null;
  readonly carrierEsimId: string | null;
}

export type ParsedCarrierWebhook =
  | { readonly kind: "event"; readonly event: CarrierEvent; readonly payload: unknown }
  | { readonly kind: "forged" | "malformed"; readonly reason: string };

export interface CarrierCapabilities {
  /** Repeating an order with the same reference does not act twice. */
  readonly idempotentOrders: boolean;
  /** Hours by which usage figures lag behind, as the carrier states. */
  readonly usageLagHours: number;
  readonly signedWebhooks: boolean;
}

/** The wholesale side that turns a paid item into data on an eSIM. */
export interface CarrierAdapter {
  readonly id: "esim_access";
  readonly capabilities: CarrierCapabilities;
  /** The packages that fit this eSIM now. Throws `CarrierUnavailableError` when the carrier cannot be asked. */
  listOffers(esim: EsimReference): Promise<readonly CarrierOffer[]>;
  activate(request: ActivateRequest): Promise<ActivateOutcome>;
  findByOurReference(esim: EsimReference, ourReference: string): Promise<FindOrderOutcome>;
  /** Usage of up to any number of eSIMs (the adapter batches), by carrierEsimId; what the carrier does not know is missing. */
  readUsage(esims: readonly EsimReference[]): Promise<ReadonlyMap<string, EsimUsage>>;
  /** Every order the carrier holds for these eSIMs that carries one of our references, for reconciliation. */
  listOrders(
    esim: EsimReference,
  ): Promise<readonly (CarrierOrder & { readonly ourReference: string })[]>;
  /**
   * Every eSIM that the carrier made for us, each once, for reconciliation. Throws `CarrierUnavailableError`
   * when the carrier cannot be asked, also half-way.
   */
  listEsims(): AsyncIterable<ListedEsim>;
  parseWebhook(headers: Headers, rawBody: string): ParsedCarrierWebhook;
}

/** The carrier could not be asked: time-out, connection lost, 429 or 5xx. Nothing is known; ask again. */
export class CarrierUnavailableError extends Error {
  override readonly name = "CarrierUnavailableError";
}
