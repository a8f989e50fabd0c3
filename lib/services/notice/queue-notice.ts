import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";

export const NOTICE_TEMPLATES = [
  "order_live",
  "order_refunded",
  "order_cancelled",
  "refund_given",
  "order_paid_scheduled",
  "balance_topped_up",
  "topup_refunded",
  "bank_transfer_instructions",
  "bank_transfer_reminder",
  "bank_transfer_short",
  "bank_transfer_credited",
  "payment_expired",
] as const;

export type NoticeTemplate = (typeof NOTICE_TEMPLATES)[number];

/**
 * Has the customer of an order told, once per order, template and channel, in the language the order was
 * placed in. Part of the transaction that makes it true.
 *
 * @param at not before this time; at once when left out
 */
export async function queueNotice(
  tx: Tx,
  order: { readonly id: string; readonly accountId: string; readonly locale: string },
  template: NoticeTemplate,
  at?: Date,
): Promise<void> {
  const notice = await tx.notice.createManyAndReturn({
    data: [
      {
        orderId: order.id,
        accountId: order.accountId,
        template,
        locale: order.locale,
        state: "queued",
        nextAttemptAt: at ?? (await businessNow(tx)),
      },
    ],
    skipDuplicates: true,
    select: { id: true },
  });
  for (const { id } of notice) await enqueue(tx, "notice.queued", { noticeId: id }, at);
}
