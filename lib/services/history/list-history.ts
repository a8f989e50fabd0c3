import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import type { HistoryFilter, HistoryPage } from "#lib/domain/history.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { countHistory, readHistory } from "./internal.ts";

/** What fits a first view of 14 kB, with room to spare. */
const PAGE_SIZE = 20;

/**
 * A page of the customer's own history, newest first: orders, payments and refunds, periods, messages and
 * documents. `page` counts from 1; one beyond the last is the last.
 */
export async function listHistory(
  actor: Actor,
  input: HistoryFilter & { readonly page?: number },
): Promise<Result<HistoryPage>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const [count, esims] = await Promise.all([
    countHistory(customer.value, input),
    db().esim.findMany({
      where: { accountId: customer.value.accountId },
      orderBy: { createdAt: "asc" },
      select: { iccid: true, label: true },
    }),
  ]);
  const pages = Math.max(1, Math.ceil(count / PAGE_SIZE));
  const page = Math.min(Math.max(1, input.page ?? 1), pages);
  const entries = await readHistory(customer.value, input, {
    limit: PAGE_SIZE,
    offset: (page - 1) * PAGE_SIZE,
  });
  return accept({ entries, page, pages, count, esims });
}
