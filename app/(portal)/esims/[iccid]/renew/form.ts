import type { TypedBilling } from "#lib/domain/billing.ts";
import type { RefusalCode } from "#lib/domain/refusal.ts";
import { BILLING_KEPT } from "#app/(portal)/settings/form.ts";
import type { Fields } from "#lib/web/run-action.ts";

export const RENEW_FORM = "renew";

/** The field of the checkout that a refusal is about. */
export const RENEW_FIELDS: Partial<Record<RefusalCode, string>> = {
  loss_not_accepted: "acceptLoss",
  recently_renewed: "repeat",
  start_not_possible: "startChoice",
  balance_insufficient: "method",
  method_not_available: "method",
  payment_provider_unavailable: "method",
  payment_rejected: "method",
};

/** What is shown again as it was typed. */
export const RENEW_KEPT: readonly string[] = [
  "method",
  "useBalance",
  "saveMethod",
  "startsOn",
  "acceptLoss",
  "repeat",
  ...BILLING_KEPT,
];

/** What of the typed billing details decides the tax; undefined when none came. */
export function typedBilling(
  values: Fields,
): Pick<TypedBilling, "billingKind" | "countryCode" | "taxNumber"> | undefined {
  const { billingKind, countryCode = "", taxNumber = "" } = values;
  if (billingKind === undefined) return undefined;
  return { billingKind: billingKind === "company" ? "company" : "private", countryCode, taxNumber };
}

/** The checkout with what was chosen so far, in an address that can be opened again. */
export function checkoutPath(fields: Fields): string {
  const { iccid = "", planCode = "", startChoice, startsOn } = fields;
  const query = new URLSearchParams({ plan: planCode });
  if (startChoice !== undefined) query.set("start", startChoice);
  if (startChoice === "on_date" && startsOn !== undefined) query.set("on", startsOn);
  return `/esims/${encodeURIComponent(iccid)}/renew?${query.toString()}`;
}
