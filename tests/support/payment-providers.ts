import { money, toDecimal, type Money } from "#lib/domain/money.ts";
import { paypalAdapter } from "#lib/payments/paypal/adapter.ts";
import { fromPayPalAmount, toPayPalAmount } from "#lib/payments/paypal/wire.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import { stripeAdapter } from "#lib/payments/stripe/adapter.ts";
import { fromStripeAmount, toStripeAmount } from "#lib/payments/stripe/wire.ts";
import { sandboxSecrets, type StandInAdmin, type StandIns } from "./stand-ins.ts";

/** How an adapter is built differently from usual. */
export interface AdapterChange {
  timeoutMs?: number;
  apiBase?: string;
  /** With credentials that the provider does not take. */
  stranger?: boolean;
}

/** A payment that a seed puts into a provider's books. */
export interface SeededPayment {
  number: number;
  minor: bigint;
  createdAt: Date;
}

/**
 * A payment provider as the common contract needs it: its adapter, the customer's side of it, and what
 * is promised of it. What is written down here is expected; nothing is left out because it is missing.
 */
export interface PaymentProvider {
  id: PaymentAdapter["id"];
  admin: StandInAdmin;
  /** Everything the adapter has promised to do. */
  verbs: readonly (keyof PaymentAdapter)[];
  adapter(change?: AdapterChange): PaymentAdapter;
  /** One with credentials of the provider's live mode; it is asked nothing. */
  liveAdapter(): PaymentAdapter;
  currency: string;
  takes: readonly Money[];
  refuses: readonly Money[];
  /** Where a payment is begun and asked about, and where it is refunded. */
  paths: { payments: string; refunds: string };
  /** Well-formed nonsense, written over good answers. */
  nonsense: {
    start: Record<string, unknown>;
    find: Record<string, unknown>;
    /** One hundredth of a dollar instead of what was paid. */
    cent: Record<string, unknown>;
  };
  /** Ids that the provider does not know. */
  nobody: { reference: string; payment: string; refund: string };
  codes: {
    wholeRefunded: string;
    tooMuchRefunded: string;
    unknownRefund: string;
    unknownPayment: string;
  };
  /** The message that says that a payment was made. */
  paidMessage: string;
  /** How long the provider remembers the key of a refund, in seconds. */
  refundKeySeconds: number;
  /** What a payment is listed under. */
  listedUnder: "providerReference" | "providerPaymentId";
  /** Every payment that was begun, oldest first. */
  begun(): Promise<{ reference: string; paymentId: string | null; amount: Money }[]>;
  /** The customer pays on the provider's page, and the money is taken; the provider's id of the payment. */
  pay(reference: string, how?: "at once" | "with slow refunds"): Promise<string>;
  refundedMinor(payment: string): Promise<bigint>;
  /** A refund made on the provider's own site; of everything unless told. */
  refundByHand(payment: string, amount?: Money): Promise<void>;
  endRefund(refund: string, outcome: "succeeded" | "failed"): Promise<void>;
  seed(payments: readonly SeededPayment[]): Promise<void>;
}

export function stripeProvider(standIns: StandIns): PaymentProvider {
  const { stripe } = standIns;
  const currency = "CNY";
  return {
    id: "stripe",
    admin: stripe,
    verbs: ["start", "find", "expire", "refund", "findRefund", "listPayments", "parseWebhook"],
    adapter: (change = {}) =>
      stripeAdapter({
        secretKey: change.stranger ? "sk_test_wrong" : sandboxSecrets.stripeSecretKey,
        webhookSecrets: ["whsec_being_replaced", sandboxSecrets.stripeWebhookSecret],
        apiBase: change.apiBase ?? standIns.addresses.stripe,
        timeoutMs: change.timeoutMs ?? 5_000,
      }),
    liveAdapter: () =>
      stripeAdapter({
        secretKey: "sk_live_x",
        webhookSecrets: [],
        apiBase: undefined,
        timeoutMs: 1_000,
      }),
    currency,
    takes: [
      money(5_900n, "CNY"),
      money(1_280n, "JPY"),
      money(5_120n, "KWD"),
      money(1_500n, "ISK"),
      money(829n, "EUR"),
    ],
    refuses: [money(5_124n, "KWD"), money(2n ** 60n, "CNY"), money(0n, "CNY")],
    paths: { payments: "/v1/checkout/sessions", refunds: "/v1/refunds" },
    nonsense: {
      start: { url: null },
      find: { payment_intent: "pi_unexpanded" },
      cent: { "payment_intent.amount_received": 1, "payment_intent.currency": "usd" },
    },
    nobody: { reference: "cs_test_nobody", payment: "pi_nobody", refund: "re_nobody" },
    codes: {
      wholeRefunded: "charge_already_refunded",
      tooMuchRefunded: "amount_too_large",
      unknownRefund: "resource_missing",
      unknownPayment: "resource_missing",
    },
    paidMessage: "checkout.session.completed",
    refundKeySeconds: 24 * 3_600,
    listedUnder: "providerReference",
    async begun() {
      const { sessions } = await stripe.state();
      return sessions.map((session) => ({
        reference: session.id,
        paymentId: session.clientReferenceId,
        amount: fromStripeAmount(session.amountTotal ?? 0, session.currency ?? ""),
      }));
    },
    async pay(reference, how = "at once") {
      const card = how === "at once" ? {} : { card: "4000000000007726" };
      const { paymentIntent } = await stripe.pay(reference, card);
      if (paymentIntent === null) throw new Error("not paid");
      return paymentIntent;
    },
    async refundedMinor(payment) {
      const { payments } = await stripe.state();
      const found = payments.find(({ paymentIntent }) => paymentIntent === payment);
      if (!found) throw new Error(`Stripe has no ${payment}`);
      return fromStripeAmount(found.refunded, found.currency).amountMinor;
    },
    async refundByHand(payment, amount) {
      const units = amount && toStripeAmount(amount);
      await stripe.refund(payment, units?.ok ? units.amount : undefined);
    },
    async endRefund(refund, outcome) {
      await stripe.settleRefund(refund, outcome);
    },
    async seed(payments) {
      await stripe.seed({
        payments: payments.map(({ number, minor, createdAt }) => ({
          paymentIntent: `pi_${String(number).padStart(4, "0")}`,
          session: `cs_${String(number).padStart(4, "0")}`,
          amount: Number(minor),
          currency: currency.toLowerCase(),
          createdAt: createdAt.toISOString(),
        })),
      });
    },
  };
}

export function paypalProvider(standIns: StandIns): PaymentProvider {
  const { paypal } = standIns;
  const currency = "EUR";
  const adapter = (change: AdapterChange = {}): PaymentAdapter =>
    paypalAdapter({
      clientId: sandboxSecrets.paypalClientId,
      clientSecret: change.stranger ? "wrong" : sandboxSecrets.paypalClientSecret,
      webhookId: sandboxSecrets.paypalWebhookId,
      apiBase: change.apiBase ?? standIns.addresses.paypal,
      brandName: "Axis",
      timeoutMs: change.timeoutMs ?? 5_000,
    });
  const valueOf = (amount: Money) => {
    const converted = toPayPalAmount(amount);
    if (!converted.ok) throw new Error(converted.code);
    return converted.amount;
  };
  return {
    id: "paypal",
    admin: paypal,
    verbs: [
      "start",
      "find",
      "capture",
      "expire",
      "refund",
      "findRefund",
      "listPayments",
      "parseWebhook",
    ],
    adapter,
    liveAdapter: () =>
      paypalAdapter({
        clientId: "live",
        clientSecret: "live",
        webhookId: "LIVE",
        apiBase: undefined,
        brandName: "Axis",
        timeoutMs: 1_000,
      }),
    currency,
    takes: [
      money(829n, "EUR"),
      money(5_900n, "USD"),
      money(1_280n, "JPY"),
      money(150_000n, "HUF"),
      money(30_000n, "TWD"),
    ],
    refuses: [
      money(5_120n, "KWD"),
      money(5_900n, "CNY"),
      money(150_050n, "HUF"),
      money(2n ** 60n, "EUR"),
      money(0n, "EUR"),
    ],
    paths: { payments: "/v2/checkout/orders", refunds: "/v2/payments/captures/[^/]+/refund" },
    nonsense: {
      start: { links: [] },
      find: { status: "SIDEWAYS", purchase_units: [] },
      cent: {
        "purchase_units.0.payments.captures.0.amount": { currency_code: "USD", value: "0.01" },
      },
    },
    nobody: {
      reference: "N0B0DYS0RDER00000",
      payment: "N0B0DYSCAPTURE000",
      refund: "N0B0DYSREFUND0000",
    },
    codes: {
      wholeRefunded: "CAPTURE_FULLY_REFUNDED",
      tooMuchRefunded: "REFUND_AMOUNT_EXCEEDED",
      unknownRefund: "INVALID_RESOURCE_ID",
      unknownPayment: "INVALID_RESOURCE_ID",
    },
    paidMessage: "PAYMENT.CAPTURE.COMPLETED",
    refundKeySeconds: 45 * 24 * 3_600,
    listedUnder: "providerPaymentId",
    async begun() {
      const { orders } = await paypal.state();
      return orders.map((order) => ({
        reference: order.id,
        paymentId: order.customId,
        amount: fromPayPalAmount({ currency_code: order.currency, value: order.amount }),
      }));
    },
    async pay(reference, how = "at once") {
      await paypal.approve(reference, how === "at once" ? {} : { funding: "slow_refunds" });
      const found = await adapter().find(reference);
      const report = await adapter().capture?.(reference, found?.paymentId ?? "");
      if (report?.state !== "settled" || report.providerPaymentId === null) {
        throw new Error(`not paid: ${report?.state} ${report?.reason}`);
      }
      return report.providerPaymentId;
    },
    async refundedMinor(payment) {
      const { captures } = await paypal.state();
      const found = captures.find(({ capture }) => capture === payment);
      if (!found) throw new Error(`PayPal has no ${payment}`);
      const refunded = { currency_code: found.currency, value: found.refunded };
      return fromPayPalAmount(refunded).amountMinor;
    },
    async refundByHand(payment, amount) {
      await paypal.refund(payment, amount && valueOf(amount));
    },
    async endRefund(refund, outcome) {
      await paypal.settleRefund(refund, outcome === "succeeded" ? "completed" : "failed");
    },
    async seed(payments) {
      await paypal.seed({
        payments: payments.map(({ number, minor, createdAt }) => ({
          capture: `CAPTURE${String(number).padStart(10, "0")}`,
          amount: toDecimal(money(minor, currency)),
          currency,
          createdAt: createdAt.toISOString(),
        })),
      });
    },
  };
}
