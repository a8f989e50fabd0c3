import { money } from "#lib/domain/money.ts";
import type { PaymentAdapter, PaymentReport } from "#lib/payments/port.ts";

/** What each payment of the measurement costs, all of it captured. */
export const SETTLED = money(6_800n, "CNY");

/** A provider that has everything, without a network in between. */
export function settlementAdapter(): PaymentAdapter {
  const refuse = (): never => {
    throw new Error("Not part of the measurement");
  };
  return {
    id: "stripe",
    live: false,
    listingLagMinutes: 0,
    canTake: () => true,
    async find(providerReference): Promise<PaymentReport> {
      return {
        paymentId: providerReference.slice("cs_".length),
        state: "settled",
        captured: SETTLED,
        refundedMinor: 0n,
        fee: null,
        methodType: "card",
        savedMethod: null,
        providerPaymentId: providerReference.replace("cs_", "pi_"),
        live: false,
        reason: null,
      };
    },
    start: refuse,
    expire: refuse,
    refund: refuse,
    findRefund: refuse,
    listRefunds: async () => [],
    listDisputes: async () => [],
    forgetMethod: refuse,
    listPayments: refuse,
    parseWebhook: refuse,
  };
}
