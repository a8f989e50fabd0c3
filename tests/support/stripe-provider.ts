import { randomUUID } from "node:crypto";
import { money } from "#lib/domain/money.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import { stripeAdapter } from "#lib/payments/stripe/adapter.ts";
import { fromStripeAmount, toStripeAmount } from "#lib/payments/stripe/amounts.ts";
import type { AdapterChange, PaymentProvider } from "./payment-providers.ts";
import { sandboxSecrets, type StandIns } from "./stand-ins.ts";

export function stripeProvider(standIns: StandIns): PaymentProvider {
  const { stripe } = standIns;
  const currency = "CNY";
  const adapter = (change: AdapterChange = {}): PaymentAdapter =>
    stripeAdapter({
      secretKey: change.stranger ? "sk_test_wrong" : sandboxSecrets.stripeSecretKey,
      webhookSecrets: ["whsec_being_replaced", sandboxSecrets.stripeWebhookSecret],
      methodTypes: ["card", "alipay", "wechat_pay", "grabpay", "customer_balance"],
      apiBase: change.apiBase ?? standIns.addresses.stripe,
      timeoutMs: change.timeoutMs ?? 5_000,
    });
  const pay = async (reference: string, card: string): Promise<string> => {
    const { paymentIntent } = await stripe.pay(reference, { card });
    if (paymentIntent === null) throw new Error("not paid");
    return paymentIntent;
  };
  return {
    id: "stripe",
    admin: stripe,
    verbs: [
      "methodTypesFor",
      "start",
      "find",
      "expire",
      "refund",
      "findRefund",
      "listRefunds",
      "listDisputes",
      "createCustomer",
      "forgetMethod",
      "listPayouts",
      "listPayments",
      "listDisputedPayments",
      "parseWebhook",
    ],
    adapter,
    liveAdapter: () =>
      stripeAdapter({
        secretKey: "sk_live_x",
        webhookSecrets: [],
        methodTypes: ["card"],
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
    methodType: "card",
    keptLabel: /^Visa •••• 4242$/,
    paidMessage: "checkout.session.completed",
    refundMessage: "refund.created",
    disputeMessage: "charge.dispute.created",
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
    pay: (reference, how = "at once") =>
      pay(reference, how === "at once" ? "4242424242424242" : "4000000000007726"),
    payAndKeep: (reference) => pay(reference, "4242424242424242"),
    async customer() {
      const created = await adapter().createCustomer?.({
        accountId: randomUUID(),
        email: "lin@axis.example",
      });
      if (created === undefined) throw new Error("Stripe's adapter makes customers");
      return created;
    },
    async kept() {
      const { customers } = await stripe.state();
      return customers.flatMap(({ paymentMethods }) => paymentMethods);
    },
    async feeOf(payment) {
      const { payments } = await stripe.state();
      const found = payments.find(({ paymentIntent }) => paymentIntent === payment);
      if (!found) throw new Error(`Stripe has no ${payment}`);
      return fromStripeAmount(found.fee, found.currency);
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
    async contest(payment, how) {
      return how === "inquiry" ? stripe.inquire(payment) : stripe.dispute(payment);
    },
    async endDispute(dispute, outcome) {
      await stripe.closeDispute(dispute, outcome);
    },
    async payOut(amount, sentAt) {
      const units = toStripeAmount(amount);
      if (!units.ok) throw new Error(units.code);
      return stripe.payOut({
        amount: units.amount,
        currency: amount.currency.toLowerCase(),
        arrivesAt: sentAt.toISOString(),
      });
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
