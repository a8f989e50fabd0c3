import { env } from "#lib/config/env.ts";
import { OUTSIDE_CALL_TIMEOUT_MS } from "#lib/config/limits.ts";
import { esimAccessAdapter } from "./esim-access/adapter.ts";
import type { CarrierAdapter } from "./port.ts";

const built = new Map<CarrierAdapter["id"], CarrierAdapter>();

/** The adapter of a carrier, built once from the settings. Throws when it is not configured. */
export function carrierAdapter(id: CarrierAdapter["id"]): CarrierAdapter {
  const known = built.get(id);
  if (known !== undefined) return known;
  const settings = env();
  if (settings.ESIM_ACCESS_CODE === undefined || settings.ESIM_ACCESS_SECRET === undefined) {
    throw new Error("eSIM Access is not configured: ESIM_ACCESS_CODE and ESIM_ACCESS_SECRET");
  }
  const adapter = esimAccessAdapter({
    accessCode: settings.ESIM_ACCESS_CODE,
    secret: settings.ESIM_ACCESS_SECRET,
    apiBase: settings.ESIM_ACCESS_API_BASE,
    timeoutMs: OUTSIDE_CALL_TIMEOUT_MS,
    now: () => new Date(Date.now() + (settings.CLOCK_OFFSET_SECONDS ?? 0) * 1000),
  });
  built.set(id, adapter);
  return adapter;
}
