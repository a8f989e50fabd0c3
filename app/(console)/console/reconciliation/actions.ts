"use server";

import { requestReconciliation } from "#lib/services/reconciliation/request-reconciliation.ts";
import { resolveDifference } from "#lib/services/reconciliation/resolve-difference.ts";
import { NothingInput, ResolveDifferenceInput } from "#lib/services/reconciliation/schemas.ts";
import { runAction } from "#lib/web/run-action.ts";
import { COMPARE_FORM, RESOLVE_FORM } from "./form.ts";

const PAGE = "/console/reconciliation";

/** Has everything compared now. */
export async function compareNow(data: FormData): Promise<void> {
  await runAction({
    form: COMPARE_FORM,
    data,
    back: PAGE,
    schema: NothingInput,
    verb: requestReconciliation,
    keep: [],
    next: () => PAGE,
  });
}

/** A person says why a difference is none, or how it was put right. */
export async function resolve(data: FormData): Promise<void> {
  await runAction({
    form: RESOLVE_FORM,
    data,
    back: PAGE,
    schema: ResolveDifferenceInput,
    verb: resolveDifference,
    keep: ["differenceId", "reason"],
    next: () => `${PAGE}?resolved=1`,
  });
}
