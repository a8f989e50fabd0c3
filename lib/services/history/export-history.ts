import type { Actor, Customer } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import type { HistoryEntry, HistoryFilter } from "#lib/domain/history.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { readHistory, type HistoryCursor } from "./internal.ts";

/** How many entries are held in memory at a time. */
const BATCH = 500;

/**
 * All of the customer's own history that the filter lets through, newest first, read in batches as it is
 * taken. What happens while it is read is not in it.
 */
export function exportHistory(
  actor: Actor,
  filter: HistoryFilter,
  batch = BATCH,
): Result<AsyncGenerator<readonly HistoryEntry[]>> {
  const customer = requireCustomerActor(actor);
  return customer.ok ? accept(readBatches(customer.value, filter, batch)) : customer;
}

async function* readBatches(
  customer: Customer,
  filter: HistoryFilter,
  batch: number,
): AsyncGenerator<readonly HistoryEntry[]> {
  let after: HistoryCursor | null = null;
  for (;;) {
    const entries: readonly HistoryEntry[] = await readHistory(customer, filter, {
      limit: batch,
      after,
    });
    if (entries.length > 0) yield entries;
    if (entries.length < batch) return;
    after = entries.at(-1) ?? null;
  }
}
