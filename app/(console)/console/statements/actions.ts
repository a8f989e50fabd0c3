"use server";

import { assignLine } from "#lib/services/bank/assign-line.ts";
import { AssignLineInput } from "#lib/services/bank/schemas.ts";
import { runAction } from "#lib/web/run-action.ts";
import { DECIDE_FORM } from "./form.ts";

/** A person decides about a movement at the bank. */
export async function decide(data: FormData): Promise<void> {
  await runAction({
    form: DECIDE_FORM,
    data,
    back: "/console/statements",
    schema: AssignLineInput,
    verb: assignLine,
    keep: ["lineId", "decision", "customer", "reason"],
    next: () => "/console/statements?decided=1",
  });
}
