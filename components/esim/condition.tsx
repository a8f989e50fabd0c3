import type { ReactNode } from "react";
import type { Tone } from "#components/ui/meter.tsx";
import type { EsimCondition } from "#lib/domain/esim.ts";
import type { Locale } from "#lib/domain/locale.ts";
import { translator } from "#lib/i18n/translator.ts";

const TONES: Readonly<Record<EsimCondition, Tone>> = {
  not_installed: "warn",
  no_plan: "warn",
  starts_later: "plain",
  ok: "good",
  running_low: "warn",
  ending_soon: "warn",
  used_up: "bad",
  expired: "bad",
  suspended: "bad",
  cancelled: "bad",
};

/** How urgent a condition is. */
export function toneOf(condition: EsimCondition): Tone {
  return TONES[condition];
}

/** What wants looking at first comes first. */
const URGENCY: readonly EsimCondition[] = [
  "used_up",
  "running_low",
  "ending_soon",
  "expired",
  "not_installed",
  "ok",
  "starts_later",
  "no_plan",
  "suspended",
  "cancelled",
];

/** eSIMs in the order in which they want attention; equals stay as they are. */
export function byUrgency<T extends { readonly condition: EsimCondition }>(
  esims: readonly T[],
): readonly T[] {
  return esims.toSorted((a, b) => URGENCY.indexOf(a.condition) - URGENCY.indexOf(b.condition));
}

/** Whether a new plan would help. */
export function isRenewable(condition: EsimCondition): boolean {
  return condition !== "suspended" && condition !== "cancelled";
}

/** The condition in a word or two. */
export function ConditionTag({
  condition,
  locale,
}: {
  readonly condition: EsimCondition;
  readonly locale: Locale;
}): ReactNode {
  return (
    <span className={`tag ${toneOf(condition)}`}>
      {translator(locale, "esim")(`condition.${condition}`)}
    </span>
  );
}
