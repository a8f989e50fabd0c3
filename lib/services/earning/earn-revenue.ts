import { SYSTEM } from "#lib/access/actor.ts";
import { env } from "#lib/config/env.ts";
import { businessNow } from "#lib/db/clock.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { decideEarning } from "#lib/domain/earning.ts";
import { revenueEarned } from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { getDeferred } from "#lib/services/ledger/get-deferred.ts";

/**
 * Books what of an order item has been earned by now, and says when more of it is due. Does nothing before
 * its time. Safe to run again: what was booked moves the time from which the next is counted.
 */
export async function earnRevenue(input: { readonly orderItemId: string }): Promise<void> {
  await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT o.id FROM "order" o JOIN order_item i ON i.order_id = o.id
      WHERE i.id = ${input.orderItemId}::uuid FOR UPDATE OF o`;
    const item = await tx.orderItem.findUniqueOrThrow({
      where: { id: input.orderItemId },
      include: {
        bucket: true,
        order: { select: { id: true, currency: true } },
        earnings: { orderBy: { through: "desc" }, take: 1 },
      },
    });
    const now = await businessNow(tx);
    if (item.nextEarningAt === null || item.nextEarningAt > now || item.bucket === null) return;
    const { bucket, order } = item;
    const decision = decideEarning(
      {
        from: item.earnings[0]?.through ?? bucket.validFrom,
        // What was given up is over: nothing more is owed for it.
        until: bucket.closedAt ?? bucket.validUntil,
        deferredMinor: await getDeferred(tx, order.id),
      },
      now,
      env().OPERATOR_TIME_ZONE,
    );
    await tx.orderItem.update({
      where: { id: item.id },
      data: { nextEarningAt: decision.nextAt },
    });
    if (decision.amountMinor <= 0n) return;
    const { id } = await tx.earning.create({
      data: {
        orderItemId: item.id,
        through: decision.through,
        amountMinor: decision.amountMinor,
        bookedAt: now,
      },
      select: { id: true },
    });
    await bookJournal(
      tx,
      SYSTEM,
      { kind: "revenue.earned", sourceId: id, orderId: order.id },
      revenueEarned(money(decision.amountMinor, order.currency)),
    );
  });
}
