import { lookupDelaySeconds } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { log } from "#lib/observability/log.ts";
import { flagOrder } from "#lib/services/order/flag-order.ts";

/**
 * Writes what became of sending a notice: sent, to be tried again, or refused by the mail server for good
 * (the order then needs a person's attention, for the customer was not told).
 */
export async function recordNotice(input: {
  readonly noticeId: string;
  readonly outcome: "sent" | "unavailable" | "rejected";
}): Promise<void> {
  await inTransaction(async (tx) => {
    const now = await businessNow(tx);
    const queued = { id: input.noticeId, state: "queued" as const };
    if (input.outcome === "sent") {
      await tx.notice.updateMany({
        where: queued,
        data: { state: "sent", sentAt: now, nextAttemptAt: null },
      });
      return;
    }
    const notice = await tx.notice.findUniqueOrThrow({ where: { id: input.noticeId } });
    log().warn({ orderId: notice.orderId, outcome: input.outcome }, "notice not sent");
    if (input.outcome === "rejected") {
      await tx.notice.updateMany({ where: queued, data: { state: "failed", nextAttemptAt: null } });
      await flagOrder(tx, notice.orderId, "notice_rejected");
      return;
    }
    const delay = lookupDelaySeconds(notice.attempts - 1);
    await tx.notice.updateMany({
      where: queued,
      data: { nextAttemptAt: new Date(now.getTime() + delay * 1000) },
    });
  });
}
