import { z } from "zod";

/**
 * The queues: name (`noun.past_participle`), what a job carries, and how it is retried. A job is only a
 * hint to look at a row now: the row says what is due, and the worker's sweep finds it when a job was lost.
 */
export const QUEUES = {
  /** Ask the provider about a payment and settle, fail or expire it. */
  "payment.started": z.object({ paymentId: z.uuid() }),
  /** A provider's or carrier's message was stored; handle it. */
  "provider_event.received": z.object({ providerEventId: z.uuid() }),
  /** An order is paid (or its look-up or start is due); bring its item to the carrier. */
  "order.paid": z.object({ orderId: z.uuid() }),
  "refund.created": z.object({ refundId: z.uuid() }),
  "notice.queued": z.object({ noticeId: z.uuid() }),
  /** A receipt, invoice or credit note is due: number and freeze it. */
  "document.requested": z.object({ documentId: z.uuid() }),
  /** Book what of an order item has been earned. */
  "earning.scheduled": z.object({ orderItemId: z.uuid() }),
  /** Have the provider forget what its owner removed. */
  "saved_method.removed": z.object({ savedMethodId: z.uuid() }),
  /** Read an eSIM's usage from its carrier. */
  "usage.requested": z.object({ esimId: z.uuid() }),
  /** Compare the books with providers and carriers, when that is due. */
  "reconciliation.due": z.object({}),
} as const;

export type QueueName = keyof typeof QUEUES;
export type JobData<Q extends QueueName> = z.infer<(typeof QUEUES)[Q]>;

/**
 * How every queue behaves. The heartbeat (pg-boss's least is 10 s) lets the job of a killed worker run
 * again well within a minute; its default, 15 minutes of expiry, would not.
 */
export const QUEUE_OPTIONS = {
  retryLimit: 8,
  retryDelay: 2,
  retryBackoff: true,
  retryDelayMax: 60,
  expireInSeconds: 60,
  heartbeatSeconds: 10,
  retentionSeconds: 14 * 86_400,
  deleteAfterSeconds: 3 * 86_400,
  notify: true,
} as const;

/** Queues whose jobs may take longer than {@link QUEUE_OPTIONS} allows, in seconds. */
export const LONGEST_JOB_SECONDS: Partial<Record<QueueName, number>> = {
  "reconciliation.due": 6 * 3_600,
};
