import { money, toDecimal, type Money } from "#lib/domain/money.ts";
import { paypalAdapter } from "#lib/payments/paypal/adapter.ts";
import { fromPayPalAmount, toPayPalAmount } from "#lib/payments/paypal/wire.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import { feeOf } from "#lib/sandbox/paypal/amounts.ts";
import type { AdapterChange, PaymentProvider } from "./payment-providers.ts";
import { sandboxSecrets, type StandIns } from "./stand-ins.ts";

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
  const pay = async (reference: string, funding: "balance" | "slow_refunds"): Promise<string> => {
    await paypal.approve(reference, { funding });
    const found = await adapter().find(reference);
    const report = await adapter().capture?.(reference, found?.paymentId ?? "");
    if (report?.state !== "settled" || report.providerPaymentId === null) {
      throw new Error(`not paid: ${report?.state} ${report?.reason}`);
    }
    return report.providerPaymentId;
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
      "listRefunds",
      "listDisputes",
      "forgetMethod",
      "listPayments",
      "listDisputedPayments",
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
    methodType: "paypal",
    keptLabel: /^[^•]*•+[^•]*@[^@]+$/,
    paidMessage: "PAYMENT.CAPTURE.COMPLETED",
    refundMessage: "PAYMENT.CAPTURE.REFUNDED",
    disputeMessage: "CUSTOMER.DISPUTE.CREATED",
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
    pay: (reference, how = "at once") =>
      pay(reference, how === "at once" ? "balance" : "slow_refunds"),
    payAndKeep: (reference) => pay(reference, "balance"),
    customer: async () => null,
    async kept() {
      const { tokens } = await paypal.state();
      return tokens.map(({ id }) => id);
    },
    async feeOf(payment) {
      const { captures } = await paypal.state();
      const found = captures.find(({ capture }) => capture === payment);
      if (!found) throw new Error(`PayPal has no ${payment}`);
      return fromPayPalAmount(feeOf({ currency_code: found.currency, value: found.amount }));
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
    async contest(payment, how) {
      return paypal.dispute(payment, { stage: how === "inquiry" ? "INQUIRY" : "CHARGEBACK" });
    },
    async endDispute(dispute, outcome) {
      await paypal.closeDispute(dispute, outcome);
    },
    payOut: null,
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
