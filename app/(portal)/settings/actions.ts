"use server";

import { SaveBillingInput } from "#lib/services/billing/schemas.ts";
import { saveBilling } from "#lib/services/billing/save-billing.ts";
import { removeSavedMethod } from "#lib/services/saved-method/remove-saved-method.ts";
import { RemoveSavedMethodInput } from "#lib/services/saved-method/schemas.ts";
import { runAction } from "#lib/web/run-action.ts";
import { BILLING_FORM, BILLING_KEPT, SAVED_METHODS_FORM } from "./form.ts";

/** Keeps billing, contact and delivery details for the next orders. */
export async function submitBilling(data: FormData): Promise<void> {
  await runAction({
    form: BILLING_FORM,
    data,
    back: "/settings",
    schema: SaveBillingInput,
    verb: saveBilling,
    keep: BILLING_KEPT,
    next: () => "/settings?done=saved",
  });
}

/** Removes a saved way of paying. */
export async function submitRemoval(data: FormData): Promise<void> {
  await runAction({
    form: SAVED_METHODS_FORM,
    data,
    back: "/settings",
    schema: RemoveSavedMethodInput,
    verb: removeSavedMethod,
    keep: [],
    next: () => "/settings?done=removed",
  });
}
