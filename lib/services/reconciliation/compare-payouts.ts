import { db } from "#lib/db/client.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import { inBatches } from "./in-batches.ts";
import { amountText, type Notebook } from "./notebook.ts";
import { payoutId } from "./payout-id.ts";

const BATCH = 200;

/**
 * Holds what a provider sent to the bank since `since` against the ledger, where the provider lists it.
 * Throws `ProviderUnavailableError`.
 */
export async function comparePayouts(
  adapter: PaymentAdapter,
  since: Date,
  notebook: Notebook,
): Promise<void> {
  if (adapter.listPayouts === undefined) return;
  for await (const batch of inBatches(adapter.listPayouts(since), BATCH)) {
    const ids = batch.map((payout) => payoutId(adapter.id, payout.providerReference));
    const booked = await db().journal.findMany({
      where: { kind: "payout.sent", sourceId: { in: ids } },
      select: { sourceId: true },
    });
    const known = new Set(booked.map((journal) => journal.sourceId));
    batch.forEach((payout, index) => {
      if (known.has(ids[index] ?? "") || payout.amount.amountMinor === 0n) return;
      notebook.add({
        kind: "payout_missing_here",
        scope: adapter.id,
        about: `payout/${payout.providerReference}`,
        orderNumber: null,
        expected: "nothing",
        actual: amountText(payout.amount),
        repair: { act: "book_payout", adapter: adapter.id, payout },
      });
    });
    await notebook.count(batch.length);
  }
}
