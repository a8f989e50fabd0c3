import type { RefusalCode } from "#lib/domain/refusal.ts";
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

/** The checkout with what was chosen so far, in an address that can be opened again. */
export function checkoutPath(fields: Fields): string {
  const { iccid = "", planCode = "", startChoice, startsOn } = fields;
  const query = new URLSearchParams({ plan: planCode });
  if (startChoice !== undefined) query.set("start", startChoice);
  if (startChoice === "on_date" && startsOn !== undefined) query.set("on", startsOn);
  return `/esims/${encodeURIComponent(iccid)}/renew?${query.toString()}`;
}
