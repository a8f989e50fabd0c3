import { SYSTEM } from "#lib/access/actor.ts";
import type { Tx } from "#lib/db/client.ts";
import { feeCharged } from "#lib/domain/ledger.ts";
import type { Money } from "#lib/domain/money.ts";
import type { PaymentMethod } from "#lib/domain/payment-method.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { requireProvider } from "./provider.ts";

/**
 * Books what a provider kept of a payment, once, in the caller's transaction, which holds the payment's row.
 * A provider may name it later than the payment, and in the currency it settles in.
 */
export async function bookFee(
  tx: Tx,
  payment: {
    readonly id: string;
    readonly orderId: string;
    readonly adapter: PaymentMethod;
  },
  fee: Money,
): Promise<void> {
  const source = { kind: "fee.charged", sourceId: payment.id } as const;
  if (fee.amountMinor <= 0n) return;
  const booked = await tx.journal.findUnique({ where: { kind_sourceId: source } });
  if (booked !== null) return;
  const { cash } = requireProvider(payment.adapter);
  await bookJournal(tx, SYSTEM, { ...source, orderId: payment.orderId }, feeCharged(cash, fee));
}
