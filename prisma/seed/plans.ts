import type { PlanRow } from "./plan-row.ts";
import { AMERICAS_AND_OCEANIA_PLANS } from "./plans/americas.ts";
import { ASIA_PLANS } from "./plans/asia.ts";
import { CHINA_PLANS } from "./plans/china.ts";
import { EUROPE_PLANS } from "./plans/europe.ts";
import { GLOBAL_PLANS } from "./plans/global.ts";
import { GULF_PLANS } from "./plans/gulf.ts";

/** The catalogue of the demo, in the order in which it is shown. */
export const PLANS: readonly PlanRow[] = [
  ...CHINA_PLANS,
  ...ASIA_PLANS,
  ...EUROPE_PLANS,
  ...GULF_PLANS,
  ...AMERICAS_AND_OCEANIA_PLANS,
  ...GLOBAL_PLANS,
];

const BY_CODE = new Map(PLANS.map((plan) => [plan.code, plan]));

/** The plan of that code. Throws when the demo has none: a mistake in the seed. */
export function planByCode(code: string): PlanRow {
  const plan = BY_CODE.get(code);
  if (plan === undefined) throw new Error(`The seed has no plan ${code}`);
  return plan;
}
