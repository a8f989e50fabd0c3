"use server";

import {
  cancelQueuedOrder,
  CancelQueuedOrderInput,
} from "#lib/services/order/cancel-queued-order.ts";
import { readFields, runAction } from "#lib/web/run-action.ts";
import { CANCEL_FORM } from "./form.ts";

/** Gives up a period that was booked for later. */
export async function cancel(data: FormData): Promise<void> {
  const number = encodeURIComponent(readFields(data)["number"] ?? "");
  await runAction({
    form: CANCEL_FORM,
    data,
    back: `/orders/${number}/cancel`,
    schema: CancelQueuedOrderInput,
    verb: cancelQueuedOrder,
    keep: ["destination"],
    next: ({ orderNumber }) => `/orders/${orderNumber}`,
  });
}
