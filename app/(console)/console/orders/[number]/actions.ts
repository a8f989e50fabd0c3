"use server";

import { resolveAttention } from "#lib/services/console/resolve-attention.ts";
import { ResolveAttentionInput } from "#lib/services/console/schemas.ts";
import { redirectRefund } from "#lib/services/refund/redirect-refund.ts";
import { requestRefund } from "#lib/services/refund/request-refund.ts";
import { RedirectRefundInput, RequestRefundInput } from "#lib/services/refund/schemas.ts";
import { readFields, runAction } from "#lib/web/run-action.ts";
import { ATTENTION_FORM, REDIRECT_FORM, REFUND_FORM } from "./form.ts";

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
    keep: ["refundId", "reason"],
    next: ({ orderNumber }) => `/console/orders/${orderNumber}`,
  });
}

/** What needed a person is done. */
export async function resolve(data: FormData): Promise<void> {
  await runAction({
    form: ATTENTION_FORM,
    data,
    back: pageOf(data),
    schema: ResolveAttentionInput,
    verb: resolveAttention,
    keep: ["reason"],
    next: () => "/console/attention?done=1",
  });
}

function pageOf(data: FormData): string {
  return `/console/orders/${encodeURIComponent(readFields(data)["number"] ?? "")}`;
}
