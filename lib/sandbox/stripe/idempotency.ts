import { createHash } from "node:crypto";
import type { Store } from "../store.ts";
import { StripeRefusal } from "./errors.ts";

/** A first result, kept under its idempotency key for 24 hours. */
export interface Remembered {
  /** What the key was used for: method, path and parameters, hashed. */
  fingerprint: string;
  status: number;
  body: unknown;
  requestId: string;
  at: number;
}

const keptSeconds = 24 * 3600;

/** What a request asks for, regardless of the order of its parameters. */
export function fingerprintOf(method: string, path: string, rawBody: string): string {
  const parameters = [...new URLSearchParams(rawBody)].map(([name, value]) => `${name}=${value}`);
  return createHash("sha256")
    .update([method, path, ...parameters.toSorted()].join("\n"))
    .digest("hex");
}

/** The first result under this key, or null; refuses a key that was used for something else. */
export function recall(
  store: Store,
  key: string,
  fingerprint: string,
  now: number,
): Remembered | null {
  const known = store.find<Remembered>("idempotency", key);
  if (!known || now - known.at > keptSeconds) return null;
  if (known.fingerprint === fingerprint) return known;
  throw new StripeRefusal(
    400,
    {
      type: "idempotency_error",
      message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    },
    false,
  );
}

/** Keeps a first result. */
export function remember(store: Store, key: string, result: Remembered): void {
  store.put("idempotency", key, result);
}
