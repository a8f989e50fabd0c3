import type { Actor } from "#lib/access/actor.ts";
import { requireCustomerActor } from "#lib/access/policy.ts";
import type { PlanOffer } from "#lib/domain/order.ts";
import { accept, type Result } from "#lib/domain/refusal.ts";
import { allowedStarts, decideRenewal } from "#lib/domain/renewal.ts";
import { matchesFilter } from "#lib/services/plan/internal.ts";
import type { PlanFilter } from "#lib/services/plan/schemas.ts";
import { coversLastCountry, findRenewable, toPreview } from "./internal.ts";

/** The plans that fit an eSIM, each with what it would change. */
export interface PlanOffers {
  readonly iccid: string;
  readonly esimLabel: string;
  readonly lastCountryCode: string | null;
  readonly offers: readonly PlanOffer[];
  /** Countries that any fitting plan covers, ISO 3166-1 alpha-2, sorted. */
  readonly countries: readonly string[];
}

/**
 * The catalogue for one of the customer's eSIMs, narrowed by term, scope and country. Plans that cannot
 * begin now in any way their policy allows are left out. Refuses `not_found` and `carrier_unavailable`.
 */
export async function listPlanOffers(
  actor: Actor,
  input: { readonly iccid: string } & PlanFilter,
): Promise<Result<PlanOffers>> {
  const customer = requireCustomerActor(actor);
  if (!customer.ok) return customer;
  const renewable = await findRenewable(customer.value, input.iccid);
  if (!renewable.ok) return renewable;
  const { esim, plans, now } = renewable.value;

  const offers = plans
    .filter((plan) => matchesFilter(plan.priced, input))
    .flatMap((plan): PlanOffer[] => {
      const choice = allowedStarts(esim, plan.terms, now)[0];
      if (choice === undefined || choice === "on_date") return [];
      const change = decideRenewal(esim, plan.terms, { choice }, now, customer.value.timeZone);
      if (!change.ok) return [];
      return [
        {
          plan: plan.priced,
          preview: toPreview(esim, change.value, now),
          coversLastCountry: coversLastCountry(plan, esim),
        },
      ];
    });
  const countries = new Set(
    plans.flatMap((plan) => plan.terms.coverage.map((country) => country.countryCode)),
  );
  return accept({
    iccid: esim.iccid,
    esimLabel: esim.label,
    lastCountryCode: esim.lastCountryCode,
    offers,
    countries: [...countries].toSorted(),
  });
}
