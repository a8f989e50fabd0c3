export const CANCEL_FORM = "cancel";
