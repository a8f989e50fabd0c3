export const REFUND_FORM = "refund";
export const REDIRECT_FORM = "redirect-refund";
export const ATTENTION_FORM = "resolve-attention";
