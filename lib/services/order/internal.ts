import { createHash } from "node:crypto";
import type { Customer } from "#lib/access/actor.ts";
import { carrierAdapter } from "#lib/carriers/registry.ts";
import { CarrierUnavailableError } from "#lib/carriers/port.ts";
import { env } from "#lib/config/env.ts";
import { QUOTE_LIFETIME_MINUTES, REPEAT_ORDER_MINUTES } from "#lib/config/limits.ts";
import { db, type Tx } from "#lib/db/client.ts";
import { taxedBuyer } from "#lib/domain/billing.ts";
import { money, type Money } from "#lib/domain/money.ts";
import type { OrderQuote, RenewalPreview } from "#lib/domain/order.ts";
import { dayOf, startOfDay } from "#lib/domain/period.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import {
  allowedStarts,
  applyRenewal,
  decideRenewal,
  lastEnd,
  snapshot,
  type BookedService,
  type RenewalChange,
  type RenewalStart,
  type StartChoice,
} from "#lib/domain/renewal.ts";
import { findOwnEsim, type EsimRow } from "#lib/services/esim/internal.ts";
import { findSellablePlans, type Market, type SellablePlan } from "#lib/services/plan/internal.ts";
import { findBilled, type Billed } from "#lib/services/billing/internal.ts";
import { availableOptions, outsideOptions } from "#lib/services/payment/available-methods.ts";
import { digestTerms, signQuote, type QuoteClaims } from "./quote-token.ts";
import type { QuoteOrderInput } from "./schemas.ts";

/** An eSIM of the customer with the plans its carrier would put on it. */
export interface RenewableEsim {
  readonly now: Date;
  readonly esim: EsimRow;
  readonly plans: readonly SellablePlan[];
  readonly billed: Billed;
}

/**
 * The customer's eSIM and the plans that fit it: those sold in the customer's currency whose wholesale
 * package is on the carrier's top-up list for this ICCID. Refuses `not_found` and `carrier_unavailable`.
 *
 * @param typed decides the tax instead of what is kept of the customer
 */
export async function findRenewable(
  customer: Customer,
  iccid: string,
  planCode?: string,
  typed?: QuoteOrderInput["billing"],
): Promise<Result<RenewableEsim>> {
  const [found, billed] = await Promise.all([
    findOwnEsim(db(), customer, iccid),
    findBilled(db(), customer),
  ]);
  if (found === null) return refuse({ code: "not_found" });
  const { row: esim, now } = found;
  let codes: string[];
  try {
    const offers = await carrierAdapter(esim.carrier).listOffers(esim);
    codes = offers.map((offer) => offer.code);
  } catch (error) {
    if (error instanceof CarrierUnavailableError) return refuse({ code: "carrier_unavailable" });
    throw error;
  }
  const market = marketOf(customer, billed, typed);
  const plans = await findSellablePlans(db(), market, {
    carrier: esim.carrier,
    carrierOfferCode: { in: codes },
    ...(planCode === undefined ? {} : { code: planCode }),
  });
  return accept({ now, esim, plans, billed });
}

function marketOf(customer: Customer, billed: Billed, typed: QuoteOrderInput["billing"]): Market {
  const buyer = taxedBuyer(typed ?? billed.form.values, billed.account);
  return { currency: customer.currency, buyer };
}

/** Before → after of a change, as it is shown. */
export function toPreview(
  service: BookedService,
  change: RenewalChange,
  now: Date,
): RenewalPreview {
  return {
    before: snapshot(service, now),
    after: snapshot(applyRenewal(service, change, now), now),
    dataFrom: change.bucket.validFrom,
    period: change.period,
    lost: change.lost,
  };
}

/** Whether a plan covers the country in which the eSIM was last used. */
export function coversLastCountry(plan: SellablePlan, esim: EsimRow): boolean {
  return (
    esim.lastCountryCode === null ||
    plan.terms.coverage.some((country) => country.countryCode === esim.lastCountryCode)
  );
}

/** A quote and what placing the order needs besides. */
export interface BuiltQuote {
  readonly quote: OrderQuote;
  readonly claims: QuoteClaims;
  readonly plan: SellablePlan;
  readonly esim: EsimRow;
  readonly start: RenewalStart;
  readonly billed: Billed;
}

/**
 * Computes the quote of one plan for one eSIM. Refuses `not_found`, `carrier_unavailable`,
 * `plan_not_found`, `plan_not_compatible`, `start_not_possible` and `no_current_period`.
 */
export async function buildQuote(
  customer: Customer,
  input: QuoteOrderInput,
): Promise<Result<BuiltQuote>> {
  const renewable = await findRenewable(customer, input.iccid, input.planCode, input.billing);
  if (!renewable.ok) return renewable;
  const { esim, now, billed } = renewable.value;
  const plan = renewable.value.plans[0];
  if (plan === undefined) {
    const sold = await findSellablePlans(
      db(),
      { currency: customer.currency, buyer: null },
      { code: input.planCode },
    );
    return refuse({ code: sold.length === 0 ? "plan_not_found" : "plan_not_compatible" });
  }
  const starts = allowedStarts(esim, plan.terms, now);
  const choice = input.startChoice ?? starts[0] ?? "now";
  const start = toStart(choice, input.startsOn, customer.timeZone);
  if (start === null) return refuse({ code: "start_not_possible" });
  const change = decideRenewal(esim, plan.terms, start, now, customer.timeZone);
  if (!change.ok) return change;

  const [balance, latest] = await Promise.all([
    db().balance.findUnique({
      where: { accountId_currency: { accountId: customer.accountId, currency: customer.currency } },
      select: { balanceMinor: true },
    }),
    findLatestOrder(db(), esim.id),
  ]);
  const preview = toPreview(esim, change.value, now);
  const balanceMinor = balance?.balanceMinor ?? 0n;
  const rest = restAfterBalance(customer, plan.priced.price, balanceMinor);
  const claims: QuoteClaims = {
    terms: digestTerms({
      accountId: customer.accountId,
      iccid: esim.iccid,
      planCode: plan.terms.code,
      totalMinor: plan.priced.price.amountMinor,
      taxMinor: plan.priced.tax.amountMinor,
      currency: plan.priced.price.currency,
      dataBytes: plan.terms.dataBytes,
      loses: change.value.lost !== null,
    }),
    startsAt: change.value.period?.startsAt.getTime() ?? null,
    endsAt: change.value.bucket.validUntil.getTime(),
    restMinor: rest?.rest.amountMinor ?? null,
    quotedAt: now.getTime(),
  };
  const earliest = lastEnd(esim, now) ?? now;
  const quote: OrderQuote = {
    plan: plan.priced,
    preview,
    coversLastCountry: coversLastCountry(plan, esim),
    iccid: esim.iccid,
    esimLabel: esim.label,
    startChoice: choice,
    allowedStarts: starts,
    earliestDate: dayOf(new Date(earliest.getTime() + 86_399_999), customer.timeZone),
    chosenDate: choice === "on_date" ? (input.startsOn ?? null) : null,
    token: signQuote(claims),
    expiresAt: new Date(now.getTime() + QUOTE_LIFETIME_MINUTES * 60_000),
    balance: money(balanceMinor, customer.currency),
    methods: availableOptions(customer, plan.priced.price, balanceMinor),
    restAfterBalance: rest,
    billing: billed.form,
    attemptId: attemptId([
      customer.accountId,
      esim.id,
      plan.terms.code,
      choice,
      input.startsOn ?? "",
      latest?.id ?? "",
    ]),
    recent:
      latest !== null && isRecent(latest, now)
        ? {
            orderNumber: latest.number,
            minutesAgo: Math.floor((now.getTime() - latest.placedAt.getTime()) / 60_000),
            unpaid: latest.paidAt === null,
          }
        : null,
  };
  return accept({ quote, claims, plan, esim, start, billed });
}

/** The latest order of an eSIM. */
export async function findLatestOrder(
  reader: Pick<Tx, "order">,
  esimId: string,
): Promise<LatestOrder | null> {
  return await reader.order.findFirst({
    where: { esimId },
    orderBy: { placedAt: "desc" },
    select: { id: true, number: true, state: true, placedAt: true, paidAt: true },
  });
}

interface LatestOrder {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly placedAt: Date;
  readonly paidAt: Date | null;
}

/** Whether an order is so fresh, and not over, that a second one is probably a mistake. */
export function isRecent(order: LatestOrder, now: Date): boolean {
  return (
    order.state !== "failed" &&
    order.state !== "cancelled" &&
    now.getTime() - order.placedAt.getTime() < REPEAT_ORDER_MINUTES * 60_000
  );
}

function restAfterBalance(
  customer: Customer,
  price: Money,
  balanceMinor: bigint,
): OrderQuote["restAfterBalance"] {
  if (balanceMinor <= 0n || balanceMinor >= price.amountMinor) return null;
  if (!env().PAYMENT_METHODS.includes("balance")) return null;
  const rest = money(price.amountMinor - balanceMinor, price.currency);
  return { rest, methods: outsideOptions(customer, rest) };
}

function toStart(
  choice: StartChoice,
  startsOn: string | undefined,
  timeZone: string,
): RenewalStart | null {
  if (choice !== "on_date") return { choice };
  return startsOn === undefined ? null : { choice, startsAt: startOfDay(startsOn, timeZone) };
}

/** A UUID (version 8, RFC 9562) that is the same for the same parts. */
export function attemptId(parts: readonly string[]): string {
  const hex = createHash("sha256").update(parts.join("\n")).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
