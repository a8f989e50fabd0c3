import type { JobData, QueueName } from "#lib/jobs/queues.ts";
import { issueDocument } from "#lib/services/document/issue-document.ts";
import { earnRevenue } from "#lib/services/earning/earn-revenue.ts";
import { syncUsage } from "#lib/services/esim/sync-usage.ts";
import { activateOrder } from "#lib/services/order/activate-order.ts";
import { pollPayment } from "#lib/services/payment/poll-payment.ts";
import { handleProviderEvent } from "#lib/services/provider-event/handle-provider-event.ts";
import { runDueReconciliation } from "#lib/services/reconciliation/run-due-reconciliation.ts";
import { sendRefund } from "#lib/services/refund/send-refund.ts";
import { forgetMethod } from "#lib/services/saved-method/forget-method.ts";
import { sendNotice } from "./handlers/send-notice.ts";

/** Who does the jobs of each queue. Each looks at the row itself and does nothing when it is not due. */
export const HANDLERS: {
  readonly [Q in QueueName]: (data: JobData<Q>) => Promise<void>;
} = {
  "payment.started": pollPayment,
  "provider_event.received": handleProviderEvent,
  "order.paid": activateOrder,
  "refund.created": sendRefund,
  "notice.queued": sendNotice,
  "document.requested": issueDocument,
  "earning.scheduled": earnRevenue,
  "saved_method.removed": forgetMethod,
  "usage.requested": syncUsage,
  "reconciliation.due": async () => await runDueReconciliation(),
};
