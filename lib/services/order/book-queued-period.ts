import type { Tx } from "#lib/db/client.ts";
import { decideRenewal, lastEnd, type RenewalStart } from "#lib/domain/renewal.ts";
import { loadBookedService } from "#lib/services/esim/internal.ts";
import { SoldTermsSchema } from "#lib/services/plan/schemas.ts";
import { saveRenewal } from "./save-renewal.ts";

/**
 * Books the period of a paid item that begins later, so that whatever is bought next queues up behind it.
 * The carrier gets it shortly before it begins. Returns when it begins.
 */
export async function bookQueuedPeriod(
  tx: Tx,
  order: { readonly esimId: string; readonly accountId: string },
  item: {
    readonly id: string;
    readonly planId: string;
    readonly terms: unknown;
    readonly startChoice: RenewalStart["choice"];
    readonly startsAt: Date | null;
  },
  now: Date,
): Promise<Date> {
  await tx.$queryRaw`SELECT id FROM esim WHERE id = ${order.esimId}::uuid FOR UPDATE`;
  const service = await loadBookedService(tx, order.esimId, now);
  const account = await tx.account.findUniqueOrThrow({
    where: { id: order.accountId },
    select: { timeZone: true },
  });
  const terms = SoldTermsSchema.parse(item.terms);
  // What was booked may have changed since the order was placed: behind it all, or on the chosen date.
  const start: RenewalStart =
    lastEnd(service, now) === null
      ? {
          choice: "on_date",
          startsAt: new Date(Math.max(item.startsAt?.getTime() ?? 0, now.getTime())),
        }
      : { choice: "period_end" };
  const change = decideRenewal(service, terms, start, now, account.timeZone);
  if (!change.ok) throw new Error(`A queued period could not be booked: ${change.refusal.code}`);
  await saveRenewal(tx, {
    esimId: order.esimId,
    orderItemId: item.id,
    planId: item.planId,
    service,
    change: change.value,
    state: "pendingActive",
    now,
  });
  return change.value.bucket.validFrom;
}
