"use server";

import { env } from "#lib/config/env.ts";
import { cancelUnpaidOrder } from "#lib/services/order/cancel-unpaid-order.ts";
import { resumePayment } from "#lib/services/order/resume-payment.ts";
import { OrderNumberInput } from "#lib/services/order/schemas.ts";
import { requirePaymentPage } from "#lib/web/payment-origins.ts";
import { readFields, runAction } from "#lib/web/run-action.ts";
import { RESUME_FORM } from "./form.ts";

/** Goes on with the payment of an order that is not paid yet. */
export async function resume(data: FormData): Promise<void> {
  const page = `/orders/${encodeURIComponent(readFields(data)["number"] ?? "")}`;
  await runAction({
    form: RESUME_FORM,
    data,
    back: page,
    schema: OrderNumberInput,
    verb: resumePayment,
    keep: [],
    next: ({ redirectUrl }) =>
      redirectUrl === null ? `${page}?returned=1` : requirePaymentPage(redirectUrl, env()),
  });
}

/** The customer will not pay an order: it is closed. */
export async function giveUp(data: FormData): Promise<void> {
  await runAction({
    form: RESUME_FORM,
    data,
    back: `/orders/${encodeURIComponent(readFields(data)["number"] ?? "")}`,
    schema: OrderNumberInput,
    verb: cancelUnpaidOrder,
    keep: [],
    next: ({ orderNumber }) => `/orders/${orderNumber}`,
  });
}
