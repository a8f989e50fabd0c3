import { createHash } from "node:crypto";
import type Stripe from "stripe";
import { feeOf } from "./currency.ts";
import { newId, randomText } from "./ids.ts";
import { testCard } from "./test-cards.ts";
import type { KeptPaymentMethod, StripeWorld } from "./world.ts";

/** New objects, complete with every field that Stripe's types require. */

/** A payment method of any type; `number` is the test card's, for cards. */
export function buildPaymentMethod(
  world: StripeWorld,
  type: string,
  options: { number?: string; email?: string | null; name?: string | null; id?: string },
): KeptPaymentMethod {
  const number = options.number?.replaceAll(/\s/g, "");
  return {
    id: options.id ?? newId("paymentMethod"),
    object: "payment_method",
    allow_redisplay: "limited",
    billing_details: billingDetails(options.email ?? null, options.name ?? null),
    ...(number ? { card: cardDetails(number, world.now()) } : { [type]: accounts[type] ?? {} }),
    created: world.now(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type,
    sandbox: { testCard: number ?? null, authenticated: false, used: false },
  };
}

/** What payment methods that are no cards show of themselves. */
const accounts: Record<string, object> = {
  sepa_debit: { bank_code: "37040044", branch_code: "", country: "DE", last4: "3000" },
  bacs_debit: { last4: "2345", sort_code: "108800" },
  us_bank_account: { account_type: "checking", bank_name: "STRIPE TEST BANK", last4: "6789" },
};

export function billingDetails(
  email: string | null,
  name: string | null,
): Stripe.PaymentMethod["billing_details"] {
  return {
    address: {
      city: null,
      country: null,
      line1: null,
      line2: null,
      postal_code: null,
      state: null,
    },
    email,
    name,
    phone: null,
    tax_id: null,
  };
}

function cardDetails(number: string, now: number): Stripe.PaymentMethod.Card {
  const card = testCard(number);
  const brand = card?.brand ?? "visa";
  return {
    brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
    country: card?.country ?? "US",
    display_brand: brand,
    exp_month: 12,
    exp_year: new Date(now * 1000).getUTCFullYear() + 3,
    fingerprint: fingerprint(number),
    funding: card?.funding ?? "credit",
    generated_from: null,
    last4: number.slice(-4),
    networks: { available: [brand], preferred: null },
    regulated_status: "unregulated",
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
}

/** The same for the same card, as Stripe's is, and no way back to the number. */
function fingerprint(number: string): string {
  return createHash("sha256").update(`stand-in ${number}`).digest("hex").slice(0, 16);
}

export function buildPaymentIntent(
  world: StripeWorld,
  given: Pick<Stripe.PaymentIntent, "amount" | "currency" | "payment_method_types"> &
    Partial<Stripe.PaymentIntent>,
): Stripe.PaymentIntent {
  const id = given.id ?? newId("paymentIntent");
  return {
    object: "payment_intent",
    allowed_payment_method_types: null,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: { allow_redirects: "always", enabled: true },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic_async",
    client_secret: `${id}_secret_${randomText(25)}`,
    confirmation_method: "automatic",
    created: world.now(),
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: "requires_payment_method",
    transfer_data: null,
    transfer_group: null,
    ...given,
    id,
  };
}

export function buildCharge(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: KeptPaymentMethod,
  given: Partial<Stripe.Charge>,
): Stripe.Charge {
  return {
    object: "charge",
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: {
      ...method.billing_details,
      tax_id: null,
    },
    calculated_statement_descriptor: "SANDBOX",
    captured: false,
    created: world.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: "approved_by_network",
      reason: null,
      risk_level: "normal",
      risk_score: 12,
      seller_message: "Payment complete.",
      type: "authorized",
    },
    paid: false,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: methodDetails(method),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: "pending",
    transfer_data: null,
    transfer_group: intent.transfer_group,
    ...given,
    id: given.id ?? newId("charge"),
  };
}

function methodDetails(method: KeptPaymentMethod): Stripe.Charge.PaymentMethodDetails {
  const card = method.card;
  if (!card) return { type: method.type, [method.type]: {} };
  const details: Partial<Stripe.Charge.PaymentMethodDetails.Card> = {
    brand: card.brand,
    country: card.country,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    ...(card.fingerprint ? { fingerprint: card.fingerprint } : {}),
    funding: card.funding,
    last4: card.last4,
    network: card.brand,
    three_d_secure: null,
    wallet: null,
  };
  return { type: "card", card: details as Stripe.Charge.PaymentMethodDetails.Card };
}

/** A movement of the balance; `fee` comes off a positive amount. */
export function buildBalanceTransaction(
  world: StripeWorld,
  given: Pick<
    Stripe.BalanceTransaction,
    "amount" | "currency" | "source" | "type" | "reporting_category"
  > &
    Partial<Stripe.BalanceTransaction>,
): Stripe.BalanceTransaction {
  const fee = given.fee ?? (given.type === "charge" ? feeOf(given.amount, given.currency) : 0);
  return {
    object: "balance_transaction",
    available_on: world.now() + 2 * 24 * 3600,
    balance_type: "payments",
    created: world.now(),
    description: null,
    exchange_rate: null,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency: given.currency,
              description: "Stripe processing fees",
              type: "stripe_fee",
            },
          ],
    status: "pending",
    ...given,
    fee,
    net: given.amount - fee,
    id: given.id ?? newId("balanceTransaction"),
  };
}

export function buildRefund(
  world: StripeWorld,
  charge: Stripe.Charge,
  given: Pick<Stripe.Refund, "amount"> & Partial<Stripe.Refund>,
): Stripe.Refund {
  return {
    object: "refund",
    balance_transaction: null,
    charge: charge.id,
    created: world.now(),
    currency: charge.currency,
    customer: null,
    customer_account: null,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: "succeeded",
    transfer_reversal: null,
    ...given,
    id: given.id ?? newId("refund"),
  };
}

/** A payout that has arrived. */
export function buildPayout(
  world: StripeWorld,
  given: Pick<Stripe.Payout, "amount" | "currency"> & Partial<Stripe.Payout>,
): Stripe.Payout {
  return {
    object: "payout",
    application_fee: null,
    application_fee_amount: null,
    arrival_date: world.now(),
    automatic: true,
    balance_transaction: null,
    created: world.now(),
    description: "STRIPE PAYOUT",
    destination: null,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: {},
    method: "standard",
    original_payout: null,
    payout_method: null,
    reconciliation_status: "completed",
    reversed_by: null,
    source_type: "card",
    statement_descriptor: null,
    status: "paid",
    trace_id: null,
    type: "bank_account",
    ...given,
    id: given.id ?? newId("payout"),
  };
}

export function buildCustomer(
  world: StripeWorld,
  given: Partial<Stripe.Customer>,
): Stripe.Customer {
  return {
    object: "customer",
    address: null,
    balance: 0,
    created: world.now(),
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
    ...given,
    id: given.id ?? newId("customer"),
  };
}

export function buildDispute(
  world: StripeWorld,
  charge: Stripe.Charge,
  given: Pick<Stripe.Dispute, "amount" | "reason"> & Partial<Stripe.Dispute>,
): Stripe.Dispute {
  return {
    object: "dispute",
    balance_transactions: [],
    charge: charge.id,
    created: world.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: {
      access_activity_log: null,
      billing_address: null,
      cancellation_policy: null,
      cancellation_policy_disclosure: null,
      cancellation_rebuttal: null,
      customer_communication: null,
      customer_email_address: null,
      customer_name: null,
      customer_purchase_ip: null,
      customer_signature: null,
      duplicate_charge_documentation: null,
      duplicate_charge_explanation: null,
      duplicate_charge_id: null,
      enhanced_evidence: {},
      product_description: null,
      receipt: null,
      refund_policy: null,
      refund_policy_disclosure: null,
      refund_refusal_explanation: null,
      service_date: null,
      service_documentation: null,
      shipping_address: null,
      shipping_carrier: null,
      shipping_date: null,
      shipping_documentation: null,
      shipping_tracking_number: null,
      uncategorized_file: null,
      uncategorized_text: null,
    },
    evidence_details: {
      due_by: world.now() + 9 * 24 * 3600,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "manual",
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    status: "needs_response",
    ...given,
    id: given.id ?? newId("dispute"),
  };
}

export function buildSetupIntent(
  world: StripeWorld,
  given: Partial<Stripe.SetupIntent>,
): Stripe.SetupIntent {
  const id = given.id ?? newId("setupIntent");
  return {
    object: "setup_intent",
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: { allow_redirects: "always", enabled: true },
    cancellation_reason: null,
    client_secret: `${id}_secret_${randomText(25)}`,
    created: world.now(),
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: null,
    mandate: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ["card"],
    single_use_mandate: null,
    status: "requires_payment_method",
    usage: "off_session",
    ...given,
    id,
  };
}
