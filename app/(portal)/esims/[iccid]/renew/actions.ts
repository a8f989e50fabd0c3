"use server";

import { env } from "#lib/config/env.ts";
import { getDashboard } from "#lib/services/account/get-dashboard.ts";
import { placeOrder } from "#lib/services/order/place-order.ts";
import { PlaceOrderInput } from "#lib/services/order/schemas.ts";
import { isOutOfData } from "#lib/web/data-saver.ts";
import { requirePaymentPage } from "#lib/web/payment-origins.ts";
import { rememberDataSaver } from "#lib/web/remember-data-saver.ts";
import { readFields, runAction, showAgain } from "#lib/web/run-action.ts";
import { checkoutPath, RENEW_FORM, RENEW_KEPT } from "./form.ts";

/** Shows the checkout for another start, with billing details to fill in or for others, or places the order and goes to pay for it. */
export async function submitRenewal(data: FormData): Promise<void> {
  const fields = readFields(data);
  const back = checkoutPath(fields);
  if (fields["intent"] === "update" || fields["intent"] === "billing") {
    await showAgain({ form: RENEW_FORM, data, back, keep: [...RENEW_KEPT, "intent"] });
  }
  await runAction({
    form: RENEW_FORM,
    data,
    back,
    schema: PlaceOrderInput,
    // A day belongs to one of the starts only, and the form sends it with each.
    read: ({ startsOn, ...rest }) =>
      rest["startChoice"] === "on_date" ? { ...rest, startsOn } : rest,
    verb: placeOrder,
    keep: RENEW_KEPT,
    next: async ({ orderNumber, redirectUrl }, actor) => {
      const dashboard = await getDashboard(actor);
      if (dashboard.ok) await rememberDataSaver(isOutOfData(dashboard.value.esims));
      return redirectUrl === null
        ? `/orders/${orderNumber}?returned=1`
        : requirePaymentPage(redirectUrl, env());
    },
  });
}
