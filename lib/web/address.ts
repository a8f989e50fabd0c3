/**
 * `candidate` when it is a path of this site, else `fallback`. Refuses what browsers would read as
 * another host: `//host`, `/\host`, control characters and whole addresses, and what becomes `//host`
 * only once its dots are resolved (`/.//host`).
 */
export function ownPath(candidate: string | null | undefined, fallback: string): string {
  if (candidate === null || candidate === undefined) return fallback;
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(candidate)) return fallback;
  const base = "http://own.invalid";
  const url = URL.parse(candidate, base);
  if (url === null || url.origin !== base || url.pathname.startsWith("//")) return fallback;
  return url.pathname + url.search;
}

/** `path` with the query parameter `name` set to `value`, or without it when null. */
export function withParameter(path: string, name: string, value: string | null): string {
  const url = new URL(path, "http://own.invalid");
  if (value === null) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  return url.pathname + url.search;
}

/**
 * Whether a request that changes something was sent by a page of ours. Browsers send Origin with
 * every form they post; `null` and absent come from elsewhere and are foreign.
 *
 * @param appUrl the portal's public address (APP_URL)
 * @param host the Host header
 */
export function isOwnOrigin(origin: string | null, host: string | null, appUrl: string): boolean {
  if (origin === null) return false;
  const url = URL.parse(origin);
  if (url === null || url.origin === "null") return false;
  return url.origin === new URL(appUrl).origin || (host !== null && url.host === host);
}
