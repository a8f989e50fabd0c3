import type { EsimOverview } from "#lib/domain/esim.ts";

/**
 * Whether a page is sent in light mode ("data saver"): the same page, with a policy that stops the
 * framework's scripts before they are fetched.
 */
export const LIGHT_COOKIE = "light";

/** What a choice in the address (`?light=1`, `?light=0`) means for the cookie; null without one. */
export function lightChoice(parameter: string | null): "on" | "off" | null {
  if (parameter === "1") return "on";
  return parameter === "0" ? "off" : null;
}

/**
 * Decides light mode from the cookie and the request's hints. The cookie is `on` or `off` when the
 * customer chose, and nothing overrules that; `auto` when an action saw that the customer's own eSIM is
 * out of data. The hints are `Save-Data` (WICG Save Data API) and `ECT` (WICG Network Information API:
 * slow-2g, 2g, 3g, 4g).
 */
export function isLight(request: {
  readonly cookie: string | undefined;
  readonly saveData: string | null;
  readonly effectiveConnection: string | null;
}): boolean {
  if (request.cookie === "on" || request.cookie === "auto") return true;
  if (request.cookie === "off") return false;
  return (
    request.saveData?.trim().toLowerCase() === "on" ||
    ["slow-2g", "2g", "3g"].includes(request.effectiveConnection ?? "")
  );
}

/**
 * Whether the customer is likely to be on the last kilobyte: an eSIM of theirs has used its data up,
 * or none has a plan that runs while one has expired.
 */
export function isOutOfData(esims: readonly Pick<EsimOverview, "condition">[]): boolean {
  const has = (...conditions: EsimOverview["condition"][]): boolean =>
    esims.some((esim) => conditions.includes(esim.condition));
  return has("used_up") || (has("expired") && !has("ok", "running_low", "ending_soon"));
}
