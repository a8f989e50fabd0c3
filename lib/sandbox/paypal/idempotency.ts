import type { Store } from "../store.ts";
import type { Result } from "./call.ts";

/**
 * What PayPal remembers under a PayPal-Request-Id: which object the first request made, given again
 * as it is by then, or how the charge failed. The content of a repetition is not compared.
 */
export interface Remembered {
  made?: Result["made"];
  refusal?: { status: number; body: unknown; code: string };
  at: number;
}

const hour = 3_600_000;

/** Orders are remembered for 6 hours, refunds for 45 days (OpenAPI of orders v2 and payments v2). */
function keptMs(path: string): number {
  return path.startsWith("/v2/payments/") ? 45 * 24 * hour : 6 * hour;
}

export function recall(store: Store, path: string, key: string, now: number): Remembered | null {
  const known = store.find<Remembered>("idempotency", `${path} ${key}`);
  return known && now - known.at < keptMs(path) ? known : null;
}

export function remember(store: Store, path: string, key: string, what: Remembered): void {
  store.put("idempotency", `${path} ${key}`, what);
}
