export const COMPARE_FORM = "reconcile";
export const RESOLVE_FORM = "resolve-difference";
