import { env } from "#lib/config/env.ts";

/** Business time, for showing how long something lasts; what is decided by time is decided elsewhere. */
export function businessTime(): Date {
  return new Date(Date.now() + (env().CLOCK_OFFSET_SECONDS ?? 0) * 1_000);
}
