import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { checkBilling, type TypedBilling } from "#lib/domain/billing.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { findBilled, keepProfile } from "./internal.ts";

/**
 * Keeps billing, contact and delivery details for the next orders; those that were placed keep theirs.
 * Refuses `input_invalid`, naming each field that its country's rules do not accept.
 */
export async function saveBilling(actor: Actor, input: TypedBilling): Promise<Result<null>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  return await inTransaction(async (tx) => {
    const billed = await findBilled(tx, customer.value);
    const checked = checkBilling(input, billed.account);
    if (!checked.ok) return refuse({ code: "input_invalid", fields: checked.fields });
    await keepProfile(tx, customer.value, billed, checked.profile);
    await recordAuditEvent(tx, customer.value, {
      action: "billing.saved",
      subject: `account ${customer.value.accountId}`,
    });
    return accept(null);
  });
}
