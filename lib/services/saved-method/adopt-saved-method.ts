import { SYSTEM } from "#lib/access/actor.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { lockPayment } from "#lib/services/payment/book-settled-payment.ts";
import { requireProvider } from "#lib/services/payment/provider.ts";
import { saveMethod } from "./save-method.ts";

/**
 * Takes over the way of paying that a provider began to keep only after its payment had settled, as PayPal
 * may. Once, however often this is called; does nothing while there is none, or where none was wanted.
 * Throws `ProviderUnavailableError` when the provider cannot be asked now.
 */
export async function adoptSavedMethod(input: { readonly paymentId: string }): Promise<void> {
  const payment = await db().payment.findUniqueOrThrow({
    where: { id: input.paymentId },
    select: { state: true, adapter: true, providerReference: true, saveMethod: true },
  });
  const { providerReference } = payment;
  if (payment.state !== "settled" || !payment.saveMethod || providerReference === null) return;
  const report = await requireProvider(payment.adapter).adapter.find(providerReference);
  const saved = report?.savedMethod ?? null;
  if (saved === null) return;
  await inTransaction(async (tx) => {
    await saveMethod(tx, SYSTEM, await lockPayment(tx, input.paymentId), saved);
  });
}
