import type { Instruction } from "#lib/domain/bank-account.ts";
import type { LocalizedText } from "#lib/domain/locale.ts";
import type { Money } from "#lib/domain/money.ts";
import type { PaymentMethod } from "#lib/domain/payment-method.ts";

/** Absolute addresses of ours that a notice leads to. */
export interface NoticeLinks {
  readonly order: string;
  readonly esim: string;
  readonly support: string;
}

/** What every notice about an order says. Names and texts are hostile; the renderer makes them harmless. */
export interface NoticeFacts {
  readonly brand: string;
  readonly supportEmail: string | null;
  /** null: addressed without a name. */
  readonly customerName: string | null;
  readonly orderNumber: string;
  readonly total: Money;
  readonly links: NoticeLinks;
}

/** What a notice about a plan on an eSIM says besides. */
export interface ServiceFacts extends NoticeFacts {
  readonly planName: LocalizedText;
  /** Last four digits: a mail is read by more eyes than one. */
  readonly iccidLast4: string;
}

/** A top-up of the balance has arrived, or went back. */
export type TopUpFacts = NoticeFacts;

/** The plan is on. */
export interface OrderLiveFacts extends ServiceFacts {
  /** Data the order added; null: unlimited. */
  readonly dataBytes: bigint | null;
  readonly usableFrom: Date;
  readonly validUntil: Date;
}

/** Paid, to begin later. */
export interface OrderPaidScheduledFacts extends ServiceFacts {
  readonly dataBytes: bigint | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** Why an order is refunded, in as much detail as is the customer's business. */
export type RefundCause =
  | "not_in_time"
  | "network_refused"
  | "esim_expired"
  | "esim_unavailable"
  | "plan_unavailable"
  | "limit_reached"
  | "paid_too_late"
  | "payment_mismatch"
  | "staff_decision";

/** The order could not be carried out and the money goes back. */
export interface OrderRefundedFacts extends OrderCancelledFacts {
  readonly cause: RefundCause;
}

/** The customer cancelled the order before its service began, and the money goes back. */
export interface OrderCancelledFacts extends ServiceFacts {
  /** What was sent, by where it goes; empty when nothing could be. */
  readonly refunds: readonly RefundFacts[];
}

/** Money that goes back; what was paid from elsewhere is there by `arrivesBy` at the latest. */
export interface RefundFacts {
  readonly amount: Money;
  readonly destination:
    | { readonly kind: "balance" }
    | {
        readonly kind: "original_method";
        readonly method: PaymentMethod;
        readonly arrivesBy: Date;
      };
}

/** What an order waits for at the bank; its plan, null for a top-up. */
export interface TransferFacts extends NoticeFacts {
  readonly planName: LocalizedText | null;
  readonly instructions: readonly Instruction[];
  readonly missing: Money;
  readonly payBy: Date;
}

/** Less than what was asked for has arrived. */
export interface TransferShortFacts extends TransferFacts {
  readonly received: Money;
}

/** A transfer arrived that no order waited for. */
export interface TransferCreditedFacts extends NoticeFacts {
  readonly credited: Money;
}

/** Nothing, or not all of it, arrived in time. */
export interface PaymentExpiredFacts extends NoticeFacts {
  readonly planName: LocalizedText | null;
  /** What had arrived and is on the balance; zero: nothing. */
  readonly received: Money;
}

/** The notices there are, with what each is made from. */
export interface NoticeData {
  readonly order_live: OrderLiveFacts;
  readonly order_refunded: OrderRefundedFacts;
  readonly order_cancelled: OrderCancelledFacts;
  readonly refund_given: NoticeFacts;
  readonly order_paid_scheduled: OrderPaidScheduledFacts;
  readonly balance_topped_up: TopUpFacts;
  readonly topup_refunded: TopUpFacts;
  readonly bank_transfer_instructions: TransferFacts;
  readonly bank_transfer_reminder: TransferFacts;
  readonly bank_transfer_short: TransferShortFacts;
  readonly bank_transfer_credited: TransferCreditedFacts;
  readonly payment_expired: PaymentExpiredFacts;
}

export type NoticeTemplate = keyof NoticeData;

/** The addresses for a notice, below `appUrl`. */
export function noticeLinks(
  appUrl: string,
  orderNumber: string,
  iccid: string | null,
): NoticeLinks {
  const at = (path: string): string => `${appUrl.replace(/\/+$/, "")}${path}`;
  return {
    order: at(`/orders/${encodeURIComponent(orderNumber)}`),
    esim: at(iccid === null ? "/dashboard" : `/esims/${encodeURIComponent(iccid)}`),
    support: at("/help"),
  };
}
