import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";

export const NOTICE_TEMPLATES = [
  "order_live",
  "order_refunded",
  "order_paid_scheduled",
  "balance_topped_up",
  "topup_refunded",
] as const;

export type NoticeTemplate = (typeof NOTICE_TEMPLATES)[number];

/**
 * Has the customer of an order told, once per order, template and channel, in the language the order was
 * placed in. Part of the transaction that makes it true.
 */
export async function queueNotice(
  tx: Tx,
  order: { readonly id: string; readonly accountId: string; readonly locale: string },
  template: NoticeTemplate,
): Promise<void> {
  const notice = await tx.notice.createManyAndReturn({
    data: [
      {
        orderId: order.id,
        accountId: order.accountId,
        template,
        locale: order.locale,
        state: "queued",
        nextAttemptAt: await businessNow(tx),
      },
    ],
    skipDuplicates: true,
    select: { id: true },
  });
  for (const { id } of notice) await enqueue(tx, "notice.queued", { noticeId: id });
}
