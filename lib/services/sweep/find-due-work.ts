import { sqlNow } from "#lib/db/clock.ts";
import { RECONCILE_HOURS } from "#lib/config/limits.ts";
import { db, Prisma } from "#lib/db/client.ts";
import type { JobData, QueueName } from "#lib/jobs/queues.ts";

/** A job that should be running by now. */
export type DueWork = {
  [Q in QueueName]: { readonly queue: Q; readonly data: JobData<Q>; readonly key: string };
}[QueueName];

/** How many rows of each kind one look brings up. */
const LIMIT = 50;

/**
 * Rows whose time has come: whoever waits has a time stored at which somebody looks again, so that a lost
 * job, a killed worker or a webhook that never came costs a delay and nothing else.
 */
export async function findDueWork(): Promise<readonly DueWork[]> {
  const rows = await db().$queryRaw<{ queue: QueueName; id: string }[]>`
    (SELECT 'order.paid' AS queue, id FROM "order"
      WHERE state IN ('inProgress', 'held') AND next_attempt_at <= ${sqlNow()} ORDER BY next_attempt_at LIMIT ${LIMIT})
    UNION ALL
    (SELECT 'payment.started', id FROM payment
      WHERE state IN ('created', 'pending') AND next_poll_at <= ${sqlNow()} ORDER BY next_poll_at LIMIT ${LIMIT})
    UNION ALL
    (SELECT 'refund.created', id FROM refund
      WHERE state IN ('created', 'pending') AND next_attempt_at <= ${sqlNow()} ORDER BY next_attempt_at LIMIT ${LIMIT})
    UNION ALL
    (SELECT 'notice.queued', id FROM notice
      WHERE state = 'queued' AND next_attempt_at <= ${sqlNow()} ORDER BY next_attempt_at LIMIT ${LIMIT})
    UNION ALL
    (SELECT 'document.requested', id FROM document
      WHERE number IS NULL AND next_attempt_at <= ${sqlNow()} ORDER BY next_attempt_at LIMIT ${LIMIT})
    UNION ALL
    (SELECT 'provider_event.received', id FROM provider_event
      WHERE next_attempt_at <= ${sqlNow()} ORDER BY next_attempt_at LIMIT ${LIMIT})
    UNION ALL
    (SELECT 'earning.scheduled', id FROM order_item
      WHERE next_earning_at <= ${sqlNow()} ORDER BY next_earning_at LIMIT ${LIMIT})
    UNION ALL
    (SELECT 'saved_method.removed', id FROM saved_method
      WHERE next_attempt_at <= ${sqlNow()} ORDER BY next_attempt_at LIMIT ${LIMIT})
    UNION ALL
    (SELECT 'usage.requested', id FROM esim WHERE next_usage_at <= ${sqlNow()} ORDER BY next_usage_at LIMIT ${LIMIT})
    UNION ALL
    (SELECT 'reconciliation.due', '00000000-0000-0000-0000-000000000000' WHERE ${reconciliationIsDue()})`;
  return rows.map(({ queue, id }): DueWork => {
    switch (queue) {
      case "order.paid":
        return { queue, data: { orderId: id }, key: id };
      case "payment.started":
        return { queue, data: { paymentId: id }, key: id };
      case "refund.created":
        return { queue, data: { refundId: id }, key: id };
      case "notice.queued":
        return { queue, data: { noticeId: id }, key: id };
      case "document.requested":
        return { queue, data: { documentId: id }, key: id };
      case "provider_event.received":
        return { queue, data: { providerEventId: id }, key: id };
      case "earning.scheduled":
        return { queue, data: { orderItemId: id }, key: id };
      case "saved_method.removed":
        return { queue, data: { savedMethodId: id }, key: id };
      case "usage.requested":
        return { queue, data: { esimId: id }, key: id };
      case "reconciliation.due":
        return { queue, data: {}, key: id };
    }
  });
}

/**
 * A run was asked for or cut short, or none has ended for a day; on the first day there is nothing to
 * compare yet.
 */
function reconciliationIsDue(): Prisma.Sql {
  const dayAgo = Prisma.sql`${sqlNow()} - make_interval(hours => ${RECONCILE_HOURS}::int)`;
  return Prisma.sql`EXISTS (SELECT 1 FROM reconciliation WHERE ended_at IS NULL)
    OR (NOT EXISTS (SELECT 1 FROM reconciliation WHERE ended_at > ${dayAgo})
      AND EXISTS (SELECT 1 FROM payment WHERE settled_at < ${dayAgo}))`;
}
