import type { Prisma, Tx } from "#lib/db/client.ts";
import { money } from "#lib/domain/money.ts";
import { planTerm, type PricedPlan } from "#lib/domain/plan.ts";
import { decideTaxRule, taxLine, type TaxedBuyer, type TaxRule } from "#lib/domain/tax.ts";
import { LocalizedTextSchema, type PlanFilter, type SoldTerms } from "./schemas.ts";

type Reader = Pick<Tx, "plan" | "taxRate">;

/** A plan that is sold now, priced in one currency, with the carrier's package behind it. */
export interface SellablePlan {
  readonly id: string;
  readonly terms: SoldTerms;
  readonly priced: PricedPlan;
}

/** In what currency somebody buys, and who; decides price and tax. */
export interface Market {
  readonly currency: string;
  /** null: nobody knows yet, and prices are shown as they are in the catalogue. */
  readonly buyer: TaxedBuyer | null;
}

const planInclude = (currency: string) =>
  ({
    prices: { where: { currency } },
    coverages: { orderBy: { countryCode: "asc" } },
  }) satisfies Prisma.PlanInclude;

/**
 * The plans sold in a market, in the operator's order; those without a price in its currency are not.
 *
 * @param where narrows further, e.g. to a carrier's offer codes
 */
export async function findSellablePlans(
  reader: Reader,
  market: Market,
  where: Prisma.PlanWhereInput,
): Promise<readonly SellablePlan[]> {
  const [rows, rule] = await Promise.all([
    reader.plan.findMany({
      where: { ...where, withdrawnAt: null, prices: { some: { currency: market.currency } } },
      include: planInclude(market.currency),
      orderBy: [{ sort: "asc" }, { code: "asc" }],
    }),
    findTaxRule(reader, market.buyer),
  ]);
  return rows.map((row) => toSellablePlan(row, market.currency, rule));
}

async function findTaxRule(
  reader: Pick<Tx, "taxRate">,
  buyer: TaxedBuyer | null,
): Promise<TaxRule | null> {
  if (buyer === null) return null;
  const { countryCode } = buyer;
  return decideTaxRule(await reader.taxRate.findMany({ where: { countryCode } }), buyer);
}

/** Whether a plan passes a customer's filter. */
export function matchesFilter(plan: PricedPlan, filter: PlanFilter): boolean {
  return (
    (filter.term === undefined || planTerm(plan.validity) === filter.term) &&
    (filter.scope === undefined || plan.scope === filter.scope) &&
    (filter.countryCode === undefined ||
      plan.coverage.some((country) => country.countryCode === filter.countryCode))
  );
}

function toSellablePlan(
  row: Prisma.PlanGetPayload<{ include: ReturnType<typeof planInclude> }>,
  currency: string,
  taxRule: TaxRule | null,
): SellablePlan {
  const price = row.prices[0];
  if (price === undefined) throw new Error(`Plan ${row.code} has no price in ${currency}`);
  if (row.carrier !== "esim_access") throw new Error(`Plan ${row.code} has no adapter`);
  const terms: SoldTerms = {
    code: row.code,
    kind: row.kind,
    scope: row.scope,
    name: LocalizedTextSchema.parse(row.name),
    note: LocalizedTextSchema.parse(row.note),
    dataBytes: row.dataBytes,
    validity: { unit: row.validityUnit, count: row.validityCount },
    renewalPolicy: row.renewalPolicy,
    activationRule: row.activationRule,
    networkSpeed: row.networkSpeed,
    fairUseBytes: row.fairUseBytes,
    throttleKbps: row.throttleKbps,
    hotspot: row.hotspot,
    coverage: row.coverages.map(({ countryCode, networks }) => ({ countryCode, networks })),
    carrier: row.carrier,
    carrierOfferCode: row.carrierOfferCode,
  };
  const { carrier: _carrier, carrierOfferCode: _offer, ...shown } = terms;
  const { gross, net, tax } = taxLine(money(price.amountMinor, currency), taxRule);
  return { id: row.id, terms, priced: { ...shown, price: gross, net, tax, taxRule } };
}
