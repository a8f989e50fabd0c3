import type Stripe from "stripe";
import type { Locale } from "#lib/domain/locale.ts";
import type { StartPaymentRequest } from "../port.ts";
import { renewsByItself } from "./method-types.ts";

/** Stripe's names of our languages. */
const CHECKOUT_LOCALES: Readonly<Record<Locale, "zh" | "en">> = { "zh-CN": "zh", en: "en" };

/** The kinds of bank transfer, by the currency of the account that Stripe opens for the customer. */
const BANK_TRANSFERS: Readonly<Record<string, string>> = {
  EUR: "eu_bank_transfer",
  GBP: "gb_bank_transfer",
  JPY: "jp_bank_transfer",
  MXN: "mx_bank_transfer",
  USD: "us_bank_transfer",
};

/** Where the account for transfers in euros is: DE, FR, IE or NL. Every bank in SEPA reaches each of them. */
const EURO_ACCOUNT_COUNTRY = "DE";

/** Longest text Stripe takes as a product name. */
const LONGEST_NAME = 250;

/**
 * The Checkout session for a payment: one line, in exactly the currency and amount that our books
 * wait for (no adaptive pricing, no promotion codes of Stripe's), our payment id wherever Stripe
 * hands it back.
 */
export function toSessionParams(
  request: StartPaymentRequest,
  amount: number,
): Stripe.Checkout.SessionCreateParams {
  const ours = { payment_id: request.paymentId, order_number: request.orderNumber };
  return {
    mode: "payment",
    client_reference_id: request.paymentId,
    metadata: ours,
    payment_intent_data: {
      metadata: ours,
      ...(isToBeKept(request) ? { setup_future_usage: "off_session" } : {}),
    },
    ...payer(request),
    ...methods(request),
    locale: CHECKOUT_LOCALES[request.locale],
    adaptive_pricing: { enabled: false },
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: request.amount.currency.toLowerCase(),
          unit_amount: amount,
          product_data: { name: shorten(request.description) },
        },
      },
    ],
    success_url: request.successUrl,
    cancel_url: request.cancelUrl,
    expires_at: Math.floor(request.expiresAt.getTime() / 1000),
  };
}

/** What is kept belongs to a customer of Stripe's; of a kind that cannot be charged again nothing is kept. */
function isToBeKept({ saveMethod, customerReference, methodType }: StartPaymentRequest): boolean {
  if (!saveMethod || customerReference === null) return false;
  return methodType === null || renewsByItself(methodType);
}

/** Who pays; a customer of Stripe's is shown the cards that were kept, which the page leaves out otherwise. */
function payer({
  customerReference,
  customerEmail,
}: StartPaymentRequest): Pick<
  Stripe.Checkout.SessionCreateParams,
  "customer" | "customer_email" | "saved_payment_method_options"
> {
  if (customerReference === null) return { customer_email: customerEmail };
  return {
    customer: customerReference,
    saved_payment_method_options: { allow_redisplay_filters: ["always", "limited"] },
  };
}

/**
 * The one kind of payment that the page shall offer, and what Stripe must be told about it. Since API
 * version 2026-09-30 the list narrows what the account has switched on; the page of a kind that is not
 * switched on is refused.
 */
function methods({
  methodType,
  amount: { currency },
}: StartPaymentRequest): Pick<
  Stripe.Checkout.SessionCreateParams,
  "allowed_payment_method_types" | "payment_method_options"
> {
  if (methodType === null) return {};
  const allowed = { allowed_payment_method_types: [methodType] };
  if (methodType === "wechat_pay") {
    return { ...allowed, payment_method_options: { wechat_pay: { client: "web" } } };
  }
  const transfer = methodType === "customer_balance" ? BANK_TRANSFERS[currency] : undefined;
  if (transfer === undefined) return allowed;
  return {
    ...allowed,
    payment_method_options: {
      customer_balance: {
        funding_type: "bank_transfer",
        bank_transfer: {
          type: transfer,
          ...(currency === "EUR" ? { eu_bank_transfer: { country: EURO_ACCOUNT_COUNTRY } } : {}),
        },
      },
    },
  };
}

/** Cut at whole characters, so that no half of a surrogate pair is sent. */
function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST_NAME
    ? text
    : `${characters.slice(0, LONGEST_NAME - 1).join("")}…`;
}
