import type { Instruction } from "./bank-account.ts";
import type { BillingForm } from "./billing.ts";
import type { DocumentLink } from "./document.ts";
import type { LocalizedText } from "./locale.ts";
import type { Money } from "./money.ts";
import type { MethodOption, PaymentMethod } from "./payment-method.ts";
import type { PricedPlan } from "./plan.ts";
import type { Snapshot, StartChoice } from "./renewal.ts";

/** TMF622 product order states. */
export type OrderState =
  | "acknowledged"
  | "pending"
  | "held"
  | "inProgress"
  | "completed"
  | "failed"
  | "partial"
  | "cancelled";

/** Before → after, as the customer sees and accepts it. */
export interface RenewalPreview {
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** When the new data is usable. */
  readonly dataFrom: Date;
  /** When the new dates begin and end; null for `data_only`. */
  readonly period: { readonly startsAt: Date; readonly endsAt: Date } | null;
  /** What `reset` or `replace` gives up; null when nothing is lost. */
  readonly lost: { readonly dataBytes: bigint | null; readonly seconds: number } | null;
}

/** One plan of the catalogue for an eSIM, with what it would change. */
export interface PlanOffer {
  readonly plan: PricedPlan;
  readonly preview: RenewalPreview;
  /** false: the plan does not cover the country where the eSIM was last used. */
  readonly coversLastCountry: boolean;
}

/** What a customer is asked to accept before paying. */
export interface OrderQuote extends PlanOffer {
  readonly iccid: string;
  readonly esimLabel: string;
  readonly startChoice: StartChoice;
  readonly allowedStarts: readonly StartChoice[];
  /** `YYYY-MM-DD` in the customer's zone: the earliest and the chosen day for `on_date`. */
  readonly earliestDate: string;
  readonly chosenDate: string | null;
  /** Signed; carried by the form and compared when the order is placed. */
  readonly token: string;
  readonly expiresAt: Date;
  readonly balance: Money;
  /** What can pay for all of it, the suggested one first. */
  readonly methods: readonly MethodOption[];
  /**
   * When the balance pays for a part only: what is left, and what can pay that; nothing can when it is too
   * little. null when the balance is empty or suffices.
   */
  readonly restAfterBalance: {
    readonly rest: Money;
    readonly methods: readonly MethodOption[];
  } | null;
  /** Billing, contact and delivery, as they are known. */
  readonly billing: BillingForm;
  /** The same for every showing of this quote until an order is placed for the eSIM: tabs and reloads share it. */
  readonly attemptId: string;
  /** An order placed for this eSIM moments ago; the customer confirms a second one. */
  readonly recent: {
    readonly orderNumber: string;
    readonly minutesAgo: number;
    /** Not paid yet: the customer will rather want to go on with it. */
    readonly unpaid: boolean;
  } | null;
}

/** One line of "what has happened", in the order in which it happens. */
export interface OrderStep {
  readonly kind:
    | "placed"
    | "paid"
    | "payment_failed"
    | "payment_expired"
    | "waiting_for_start"
    | "sent"
    | "accepted"
    | "live"
    | "credited"
    | "refund_started"
    | "refunded"
    | "refund_delayed";
  /** `done` has a time; `current` is what is waited for; `todo` comes after it. */
  readonly status: "done" | "current" | "todo" | "failed";
  readonly at: Date | null;
}

/** The situation of an order in words; each has its own heading, cause and next step. */
export type OrderPhase =
  | "awaiting_payment"
  | "payment_processing"
  | "payment_failed"
  | "payment_expired"
  | "activating"
  | "scheduled"
  | "outcome_unknown"
  | "being_checked"
  | "live"
  | "credited"
  | "refunding"
  | "refunded"
  | "refund_delayed";

/** How an order that waits is paid by bank transfer, and what has come of it so far. */
export interface TransferView {
  /** What goes into the bank's form, for the amount that is missing. */
  readonly instructions: readonly Instruction[];
  /** A QR code that fills in the transfer in banking apps; null where there is none for the currency. */
  readonly qrText: string | null;
  readonly missing: Money;
  /** Arrived and kept for this order; zero: nothing yet. */
  readonly received: Money;
}

/** An order as its page shows it. */
export interface OrderView {
  readonly number: string;
  readonly phase: OrderPhase;
  readonly steps: readonly OrderStep[];
  /** Changes whenever anything on the page would. */
  readonly version: string;
  /** Whether something may still change by itself. */
  readonly settled: boolean;
  readonly placedAt: Date;
  /** What was bought; null for a top-up of the balance. */
  readonly service: {
    readonly iccid: string;
    readonly esimLabel: string;
    readonly planCode: string;
    readonly planName: LocalizedText;
    readonly preview: RenewalPreview;
  } | null;
  readonly total: Money;
  readonly tax: Money;
  readonly refunded: Money | null;
  /** Whether all of that went to the balance, and nothing to where it came from. */
  readonly refundedToBalance: boolean;
  /** A booked period that has not begun can be given up. */
  readonly canCancel: boolean;
  /** How it is paid: from the balance, by another method, or both. */
  readonly parts: readonly {
    readonly method: PaymentMethod;
    /** The provider's own kind of payment, e.g. "alipay"; null where there is none, or it is not known. */
    readonly methodType: string | null;
    readonly amount: Money;
  }[];
  /** The provider's page, while the payment can still be made. */
  readonly payUrl: string | null;
  readonly payBy: Date | null;
  /** A bank transfer is waited for, and the customer may say that it will not come. */
  readonly canGiveUp: boolean;
  /** Set while a bank transfer to the operator's own account is waited for. */
  readonly transfer: TransferView | null;
  /** It ended because the customer did not want to pay it any more. */
  readonly givenUp: boolean;
  readonly startsAt: Date | null;
  /** Receipt or invoice and credit notes, as they were issued. */
  readonly documents: readonly DocumentLink[];
}

/** An order as one row of a list. */
export interface OrderSummary {
  readonly number: string;
  readonly phase: OrderPhase;
  readonly placedAt: Date;
  /** null for a top-up of the balance. */
  readonly planName: LocalizedText | null;
  readonly esimLabel: string | null;
  readonly total: Money;
}

/** Alphabet of order numbers: no characters that are mistaken for each other when read aloud or typed. */
const NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * An order number `AX-XXXX-XXXX` from seven random bytes: seven characters and a check character
 * (weighted sum modulo 30), so that a mistyped number is noticed.
 */
export function orderNumber(random: Uint8Array): string {
  if (random.length < 7) throw new RangeError("An order number needs seven random bytes");
  const body = Array.from(random.slice(0, 7), (byte) => NUMBER_ALPHABET.charAt(byte % 30)).join("");
  const text = body + checkCharacter(body);
  return `AX-${text.slice(0, 4)}-${text.slice(4)}`;
}

/** The canonical form of an order number as people type it, or null when it is none. */
export function parseOrderNumber(input: string): string | null {
  const text = input
    .toUpperCase()
    .replace(/^\s*AX/, "")
    .replace(/[\s-]/g, "");
  if (text.length !== 8 || [...text].some((c) => !NUMBER_ALPHABET.includes(c))) return null;
  if (checkCharacter(text.slice(0, 7)) !== text.charAt(7)) return null;
  return `AX-${text.slice(0, 4)}-${text.slice(4)}`;
}

/** Weights without a factor in common with 30, so that every single wrong character changes the sum. */
const WEIGHTS = [7, 11, 13, 17, 19, 23, 29];

function checkCharacter(body: string): string {
  const sum = [...body].reduce(
    (total, character, index) => total + NUMBER_ALPHABET.indexOf(character) * (WEIGHTS[index] ?? 1),
    0,
  );
  return NUMBER_ALPHABET.charAt(sum % 30);
}
