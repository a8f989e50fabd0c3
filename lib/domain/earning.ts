import { startOfNextMonth } from "./period.ts";

/** What of an order's revenue is to be booked as earned now, and when more of it will be. */
export interface EarningDecision {
  /** Minor units; may be 0. */
  readonly amountMinor: bigint;
  /** Up to when service is counted as given. */
  readonly through: Date;
  /** null: all of it is earned. */
  readonly nextAt: Date | null;
}

/**
 * Revenue is earned as service is given, evenly over its time (IFRS 15, 35a and B18: output measured by time
 * elapsed), and booked at each month's end of the operator and at the end of the service. What is still
 * deferred is spread over what is left, so that refunds in between need no correction, and the last booking
 * takes the rest.
 *
 * @param service `from` is the end of what was earned before, or the beginning of the service
 */
export function decideEarning(
  service: { readonly from: Date; readonly until: Date; readonly deferredMinor: bigint },
  now: Date,
  timeZone: string,
): EarningDecision {
  const { from, until, deferredMinor } = service;
  if (now >= until || until <= from) {
    return { amountMinor: deferredMinor, through: until, nextAt: null };
  }
  const elapsed = BigInt(Math.max(0, now.getTime() - from.getTime()));
  const whole = BigInt(until.getTime() - from.getTime());
  return {
    amountMinor: (deferredMinor * elapsed) / whole,
    through: now,
    nextAt: nextEarning(until, now, timeZone),
  };
}

/** When revenue of a service that ends at `until` is booked next. */
export function nextEarning(until: Date, now: Date, timeZone: string): Date {
  const month = startOfNextMonth(now, timeZone);
  return month < until ? month : until;
}
