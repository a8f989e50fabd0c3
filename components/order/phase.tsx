import type { ReactNode } from "react";
import type { Tone } from "#components/ui/meter.tsx";
import type { Locale } from "#lib/domain/locale.ts";
import type { OrderPhase } from "#lib/domain/order.ts";
import { translator } from "#lib/i18n/translator.ts";

const TONES: Readonly<Record<OrderPhase, Tone>> = {
  awaiting_payment: "warn",
  payment_processing: "plain",
  payment_failed: "bad",
  payment_expired: "plain",
  activating: "good",
  scheduled: "good",
  outcome_unknown: "warn",
  being_checked: "warn",
  live: "good",
  credited: "good",
  refunding: "plain",
  refunded: "plain",
  refund_delayed: "warn",
};

/** How an order stands, in a word or two. */
export function PhaseTag({
  phase,
  locale,
}: {
  readonly phase: OrderPhase;
  readonly locale: Locale;
}): ReactNode {
  return (
    <span className={`tag ${TONES[phase]}`}>
      {translator(locale, "order")(`shortPhase.${phase}`)}
    </span>
  );
}
