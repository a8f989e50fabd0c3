export const BILLING_FORM = "billing";
export const SAVED_METHODS_FORM = "saved-methods";

/** What of billing details is shown again as it was typed. */
export const BILLING_KEPT: readonly string[] = [
  "billingKind",
  "billingName",
  "companyName",
  "taxNumber",
  "line1",
  "line2",
  "city",
  "region",
  "postalCode",
  "countryCode",
  "deliveryEmail",
  "deliveryPhone",
];
