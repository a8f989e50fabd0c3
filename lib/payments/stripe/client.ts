import Stripe from "stripe";
import type { StripeMethodType } from "#lib/config/stripe-method-types.ts";

/** What the adapter needs of the settings. */
export interface StripeSettings {
  readonly secretKey: string;
  /** Signing secrets of the webhook endpoint; several while one is being replaced. */
  readonly webhookSecrets: readonly string[];
  /** The kinds of payment that the operator offers. */
  readonly methodTypes: readonly StripeMethodType[];
  /** Where the API is; undefined: Stripe's own address. No path. */
  readonly apiBase: string | undefined;
  readonly timeoutMs: number;
}

/**
 * The real SDK, at the API version it was built for. It repeats nothing by itself, for the caller
 * decides that, and the time-out covers a whole call: that is why it goes through `fetch`, the
 * SDK's own Node client counts idle time only and silently repeats after a lost connection.
 * Redirects are refused: requests go to the configured host or nowhere.
 */
export function createStripeClient(settings: StripeSettings): Stripe {
  return new Stripe(settings.secretKey, {
    apiVersion: Stripe.API_VERSION,
    httpClient: Stripe.createFetchHttpClient((input: RequestInfo | URL, init?: RequestInit) =>
      fetch(input, { ...init, cache: "no-store", redirect: "error" }),
    ),
    maxNetworkRetries: 0,
    timeout: settings.timeoutMs,
    telemetry: false,
    ...address(settings.apiBase),
  });
}

/** Whether the key belongs to Stripe's live mode; `sk_test_…` and `rk_test_…` do not. */
export function isLiveKey(secretKey: string): boolean {
  return /^(sk|rk)_live_/.test(secretKey);
}

/** What an error of the SDK means for the act it interrupted. */
export type StripeFailure =
  /** Stripe said no; nothing happened. `code` is Stripe's. */
  | { readonly kind: "refused"; readonly code: string; readonly status: number }
  /**
   * Nobody knows whether it happened: no answer, an unreadable one, 5xx, 409, 429, a reused key.
   * `replayed`: Stripe repeats a failure of its own that it keeps under the idempotency key.
   */
  | { readonly kind: "unknown"; readonly reason: string; readonly replayed: boolean };

/**
 * Reads an error thrown by the SDK. Anything the SDK does not throw is a defect of ours and is
 * thrown on.
 *
 * A 409 says that a request with the same idempotency key is still being worked on, 429 that Stripe
 * is busy. An `idempotency_error` says that the key was used with other parameters, so an earlier
 * request did arrive: its outcome is not known either.
 */
export function readStripeFailure(error: unknown): StripeFailure {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const status = error.statusCode;
  const code = error.code ?? error.rawType ?? error.type;
  const undecided =
    status === undefined ||
    status < 400 ||
    status === 408 ||
    status === 409 ||
    status === 429 ||
    status >= 500 ||
    error.rawType === "idempotency_error" ||
    code === "rate_limit" ||
    code === "lock_timeout";
  if (undecided) {
    return {
      kind: "unknown",
      reason: status === undefined ? code : `${status} ${code}`,
      replayed:
        status !== undefined && status >= 500 && error.headers?.["idempotent-replayed"] === "true",
    };
  }
  return { kind: "refused", code, status };
}

/** How many idempotency keys one act may use up. */
const MOST_KEYS = 3;

/**
 * Does something under an idempotency key made from `id`. Stripe keeps a 500 under the key like any
 * result, so repeating it would only repeat the failure, for a day. Once Stripe does that, the next key
 * is taken, in a fixed order, so that whoever repeats the act meets the same keys. `act` must make sure
 * that what failed under an earlier key is not done twice.
 */
export async function underKeys<T>(id: string, act: (key: string) => Promise<T>): Promise<T> {
  for (let used = 1; ; used += 1) {
    try {
      return await act(used === 1 ? id : `${id}.${used}`);
    } catch (error) {
      if (used === MOST_KEYS || !isReplayedFailure(error)) throw error;
    }
  }
}

function isReplayedFailure(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  const failure = readStripeFailure(error);
  return failure.kind === "unknown" && failure.replayed;
}

/** Whether Stripe refused because of our key: nothing was done, and a right key would do it. */
export function isAboutOurKey(failure: StripeFailure): boolean {
  return failure.kind === "refused" && (failure.status === 401 || failure.status === 403);
}

function address(
  apiBase: string | undefined,
): Pick<Stripe.StripeConfig, "host" | "port" | "protocol"> {
  if (apiBase === undefined) return {};
  const url = new URL(apiBase);
  if (url.pathname !== "/" || url.search !== "") {
    throw new Error("STRIPE_API_BASE names a host and a port, without a path");
  }
  const protocol = url.protocol === "http:" ? "http" : "https";
  return {
    host: url.hostname,
    port: url.port === "" ? (protocol === "http" ? 80 : 443) : Number(url.port),
    protocol,
  };
}
