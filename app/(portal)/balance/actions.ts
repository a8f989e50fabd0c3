"use server";

import { env } from "#lib/config/env.ts";
import { placeTopUp } from "#lib/services/balance/place-top-up.ts";
import { PlaceTopUpInput } from "#lib/services/balance/schemas.ts";
import { requirePaymentPage } from "#lib/web/payment-origins.ts";
import { runAction } from "#lib/web/run-action.ts";
import { TOP_UP_FORM } from "./form.ts";

/** Begins a top-up and goes to pay for it. */
export async function topUp(data: FormData): Promise<void> {
  await runAction({
    form: TOP_UP_FORM,
    data,
    back: "/balance",
    schema: PlaceTopUpInput,
    verb: placeTopUp,
    keep: ["amount", "method", "saveMethod"],
    next: ({ orderNumber, redirectUrl }) =>
      redirectUrl === null
        ? `/orders/${orderNumber}?returned=1`
        : requirePaymentPage(redirectUrl, env()),
  });
}
