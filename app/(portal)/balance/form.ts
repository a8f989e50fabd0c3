import type { RefusalCode } from "#lib/domain/refusal.ts";

export const TOP_UP_FORM = "top-up";

/** The field of the top-up that a refusal is about. */
export const TOP_UP_FIELDS: Partial<Record<RefusalCode, string>> = {
  method_not_available: "method",
  payment_rejected: "method",
};
