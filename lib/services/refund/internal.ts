import type { Tx } from "#lib/db/client.ts";
import { currencyExponent, money, type Money } from "#lib/domain/money.ts";
import type { RefundablePart } from "#lib/domain/refund.ts";
import { providerOf } from "#lib/services/payment/provider.ts";
import { SUPPORT_REFUND_MOST } from "#lib/config/limits.ts";
import type { RefundablePayment } from "./create-refund.ts";

/** A settled payment of an order, as far as refunds need it. */
export interface SettledPart {
  readonly part: RefundablePart;
  readonly payment: RefundablePayment;
}

/**
 * The settled payments of an order with what was given back of each. A refund that failed counts: its money
 * is owed to the customer already, until a person sends it another way. The caller holds the order's row.
 */
export async function findSettledParts(tx: Tx, orderId: string): Promise<readonly SettledPart[]> {
  const payments = await tx.payment.findMany({
    where: { orderId, state: "settled" },
    include: {
      // One that was sent another way is the same money as the failed one before it.
      refunds: { where: { redirects: null } },
      disputes: { where: { state: { in: ["open", "lost"] } } },
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  return payments.map((payment) => {
    const refundedMinor = payment.refunds.reduce((sum, each) => sum + each.amountMinor, 0n);
    return {
      part: {
        paymentId: payment.id,
        toOrigin: providerOf(payment.adapter) !== null,
        amountMinor: payment.amountMinor,
        refundedMinor,
        disputedMinor: payment.disputes.reduce((sum, each) => sum + each.amountMinor, 0n),
      },
      payment: {
        ...payment,
        refundedMinor,
        refundedTaxMinor: payment.refunds.reduce((sum, each) => sum + each.taxMinor, 0n),
      },
    };
  });
}

/** What support may give back of an order in a currency without a lead; nothing where no limit is set. */
export function supportLimit(currency: string): Money {
  const most = SUPPORT_REFUND_MOST[currency] ?? 0;
  return money(BigInt(most) * 10n ** BigInt(currencyExponent(currency)), currency);
}
