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
