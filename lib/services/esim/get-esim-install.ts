import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import { db } from "#lib/db/client.ts";
import type { EsimInstall } from "#lib/domain/account.ts";
import { activationCode } from "#lib/domain/activation-code.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";

const ON_DEVICE = ["installed", "enabled", "disabled"];

/** What is needed to install one of the customer's own eSIMs. Refuses `not_found` for any other. */
export async function getEsimInstall(
  actor: Actor,
  input: { readonly iccid: string },
): Promise<Result<EsimInstall>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const esim = await db().esim.findFirst({
    where: { accountId: customer.value.accountId, iccid: input.iccid },
    select: {
      iccid: true,
      label: true,
      smdpAddress: true,
      matchingId: true,
      confirmationCodeRequired: true,
      apn: true,
      profileState: true,
    },
  });
  if (esim === null) return refuse({ code: "not_found" });
  const { profileState, ...facts } = esim;
  return accept({
    ...facts,
    activationCode: activationCode(esim),
    installed: ON_DEVICE.includes(profileState),
  });
}
