"use server";

import { redirectRefund } from "#lib/services/refund/redirect-refund.ts";
import { requestRefund } from "#lib/services/refund/request-refund.ts";
import { RedirectRefundInput, RequestRefundInput } from "#lib/services/refund/schemas.ts";
import { readFields, runAction } from "#lib/web/run-action.ts";
import { REDIRECT_FORM, REFUND_FORM } from "./form.ts";

/** Gives money back for an order that is done. */
export async function giveBack(data: FormData): Promise<void> {
  await runAction({
    form: REFUND_FORM,
    data,
    back: pageOf(data),
    schema: RequestRefundInput,
    verb: requestRefund,
    keep: ["amount", "destination", "reason"],
    next: ({ orderNumber }) => `/console/orders/${orderNumber}`,
  });
}

/** Puts the money of a refund that failed on the balance. */
export async function putOnBalance(data: FormData): Promise<void> {
  await runAction({
    form: REDIRECT_FORM,
    data,
    back: pageOf(data),
    schema: RedirectRefundInput,
    verb: redirectRefund,
    keep: ["reason"],
    next: ({ orderNumber }) => `/console/orders/${orderNumber}`,
  });
}

function pageOf(data: FormData): string {
  return `/console/orders/${encodeURIComponent(readFields(data)["number"] ?? "")}`;
}
