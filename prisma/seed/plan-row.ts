import type { LocalizedText } from "#lib/domain/locale.ts";
import type { PlanTerms, RenewalPolicy, Validity } from "#lib/domain/plan.ts";
import { type Area, coverageOf, scopeOf } from "./networks.ts";

/** The currencies that every seeded plan is priced in. */
export const PRICE_CURRENCIES = ["CNY", "USD", "EUR", "GBP", "JPY"] as const;

export type PriceCurrency = (typeof PRICE_CURRENCIES)[number];

/** Minor units, tax included. */
type Prices = Readonly<Record<PriceCurrency, bigint>>;

/** The carrier's package behind a plan. */
interface WholesalePackage {
  /** What is put on an eSIM that exists. */
  readonly topUpCode: string;
  /** What a new eSIM is ordered with. */
  readonly baseCode: string;
  readonly slug: string;
  /** Ten-thousandths of a US dollar, as eSIM Access counts. */
  readonly costUsdTenThousandths: bigint;
  /** What the carrier grants; of an unlimited plan, what may be used at full speed. */
  readonly volumeBytes: bigint;
  readonly durationDays: number;
}

/** A plan of the demo with its prices and the package that is bought for it. */
export interface PlanRow extends PlanTerms {
  readonly area: Area;
  readonly prices: Prices;
  readonly wholesale: WholesalePackage;
}

/** One gigabyte as carriers grant it: 1,073,741,824 bytes. */
const GIGABYTE = 1_073_741_824n;
/** What a carrier lets through a day where it names no limit. */
const UNLIMITED_DAILY_GB = 20n;

/** `count` gigabytes in bytes. */
export function gigabytes(count: bigint): bigint {
  return count * GIGABYTE;
}

/** Prices in minor units, in the order of {@link PRICE_CURRENCIES}; JPY in whole yen. */
export function prices(cny: bigint, usd: bigint, eur: bigint, gbp: bigint, jpy: bigint): Prices {
  return { CNY: cny, USD: usd, EUR: eur, GBP: gbp, JPY: jpy };
}

/** What a row says of its plan; the rest follows from area and policy. */
interface PlanInput {
  readonly code: string;
  readonly area: Area;
  readonly zh: string;
  readonly en: string;
  readonly note: readonly [zh: string, en: string];
  /** null: unlimited. */
  readonly gb: bigint | null;
  readonly days: number;
  /** Sold by the calendar instead of by `days`, which the carrier grants. */
  readonly validity?: Validity;
  readonly policy: RenewalPolicy;
  readonly firstUse?: true;
  readonly speed?: "4G";
  /** Gigabytes a day at full speed, and kbit/s after that. */
  readonly fairUse?: { readonly gb: bigint; readonly kbps: number };
  /** Speed when the allowance is used up; without it data stops. */
  readonly throttleKbps?: number;
  readonly hotspot?: false;
  readonly prices: Prices;
  /** Code, slug and cost of the carrier's package. */
  readonly buys: readonly [baseCode: string, slug: string, costUsdTenThousandths: bigint];
}

/** A plan of the demo from its row. A `data_only` plan is an add-on. */
export function definePlan(row: PlanInput): PlanRow {
  const [baseCode, slug, costUsdTenThousandths] = row.buys;
  const [noteZh, noteEn] = row.note;
  const text = (zh: string, en: string): LocalizedText => ({ "zh-CN": zh, en });
  return {
    code: row.code,
    area: row.area,
    kind: row.policy === "data_only" ? "addon" : "base",
    scope: scopeOf(row.area),
    name: text(row.zh, row.en),
    note: text(noteZh, noteEn),
    dataBytes: row.gb === null ? null : gigabytes(row.gb),
    validity: row.validity ?? { unit: "day", count: row.days },
    renewalPolicy: row.policy,
    activationRule: row.firstUse ? "first_use" : "at_once",
    networkSpeed: row.speed ?? "5G",
    fairUseBytes: row.fairUse ? gigabytes(row.fairUse.gb) : null,
    throttleKbps: row.fairUse?.kbps ?? row.throttleKbps ?? null,
    hotspot: row.hotspot ?? true,
    coverage: coverageOf(row.area),
    prices: row.prices,
    wholesale: {
      topUpCode: `TOPUP_${baseCode}`,
      baseCode,
      slug,
      costUsdTenThousandths,
      volumeBytes: gigabytes(row.gb ?? (row.fairUse?.gb ?? UNLIMITED_DAILY_GB) * BigInt(row.days)),
      durationDays: row.days,
    },
  };
}
