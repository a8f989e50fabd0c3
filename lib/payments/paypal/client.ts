import { z } from "zod";

/** What the adapter needs of the settings. */
export interface PayPalSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The id of our webhook, for which PayPal signs its messages. */
  readonly webhookId: string;
  /** Where the API is; undefined: PayPal's live address. No path. */
  readonly apiBase: string | undefined;
  /** The shop's name on PayPal's page. */
  readonly brandName: string;
  /** How long one act may take, its access token included. */
  readonly timeoutMs: number;
}

const LIVE_BASE = "https://api-m.paypal.com";
const LIVE_HOSTS = new Set(["api-m.paypal.com", "api.paypal.com"]);

/** A token is not used in the last minute of its life. */
const TOKEN_MARGIN_MS = 60_000;

/** What became of a request. */
export type PayPalAnswer =
  /** `body` is null where PayPal has nothing to say (204). */
  | { readonly kind: "answered"; readonly body: unknown }
  /** PayPal said no, in its own words; nothing happened. `code` is the issue, or else the error's name. */
  | { readonly kind: "refused"; readonly status: number; readonly code: string }
  /** Nobody knows whether it happened: no answer, an unreadable one, 408, 409, 429, 5xx. */
  | { readonly kind: "unknown"; readonly reason: string };

export interface PayPalRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** From the root, parameters encoded. */
  readonly path: string;
  /** JSON as it is to be sent. */
  readonly body?: string;
  /** `PayPal-Request-Id`, at most 108 characters. */
  readonly key?: string;
}

export interface PayPalClient {
  /** Whether the credentials belong to PayPal's live environment: each environment has its own. */
  readonly live: boolean;
  /** Sends one request; repeats it only after a 401, with a fresh token, for then nothing happened. */
  ask(request: PayPalRequest): Promise<PayPalAnswer>;
}

/** Whether PayPal refused because of our credentials: nothing was done, and right ones would do it. */
export function isAboutOurKey(answer: PayPalAnswer): boolean {
  return answer.kind === "refused" && (answer.status === 401 || answer.status === 403);
}

const TokenSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
});

/** PayPal's error body; the token endpoint has the one of OAuth 2 (RFC 6749, 5.2). */
const ErrorSchema = z.union([
  z
    .object({ name: z.string(), details: z.array(z.object({ issue: z.string() })).nullish() })
    .transform(({ name, details }) => details?.[0]?.issue ?? name),
  z.object({ error: z.string() }).transform(({ error }) => error),
]);

/**
 * Speaks to PayPal's REST API with an access token from our client credentials, which is kept until
 * shortly before its end and asked for once, however many wait for it. Redirects are refused:
 * requests go to the configured host or nowhere.
 */
export function createPayPalClient(settings: PayPalSettings): PayPalClient {
  const base = baseOf(settings.apiBase);
  let token: { readonly value: string; readonly until: number } | undefined;
  let asking: Promise<PayPalAnswer> | undefined;

  /** A token, or why there is none. */
  async function authorise(): Promise<string | Exclude<PayPalAnswer, { kind: "answered" }>> {
    if (token !== undefined && performance.now() < token.until) return token.value;
    asking ??= askForToken().finally(() => {
      asking = undefined;
    });
    const answer = await asking;
    if (answer.kind !== "answered") return answer;
    const read = TokenSchema.safeParse(answer.body);
    if (!read.success) return { kind: "unknown", reason: "unreadable access token" };
    const lifeMs = read.data.expires_in * 1000 - TOKEN_MARGIN_MS;
    token = { value: read.data.access_token, until: performance.now() + lifeMs };
    return token.value;
  }

  async function askForToken(): Promise<PayPalAnswer> {
    const credentials = `${settings.clientId}:${settings.clientSecret}`;
    return await send(new URL("/v1/oauth2/token", base), settings.timeoutMs, {
      method: "POST",
      headers: {
        accept: "application/json",
        authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    });
  }

  async function ask(request: PayPalRequest): Promise<PayPalAnswer> {
    const deadline = performance.now() + settings.timeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      const bearer = await authorise();
      if (typeof bearer !== "string") return bearer;
      const left = deadline - performance.now();
      if (left < 1) return { kind: "unknown", reason: "timeout" };
      const answer = await send(new URL(request.path, base), left, {
        method: request.method,
        headers: {
          accept: "application/json",
          authorization: `Bearer ${bearer}`,
          // Answers are to say how the object stands, not only that it exists.
          prefer: "return=representation",
          ...(request.method === "POST" ? { "content-type": "application/json" } : {}),
          ...(request.key === undefined ? {} : { "paypal-request-id": request.key }),
        },
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      if (answer.kind !== "refused" || answer.status !== 401) return answer;
      // Revoked, or the other side restarted: a token that others have renewed meanwhile stays.
      if (token?.value === bearer) token = undefined;
      if (attempt === 2) return answer;
    }
  }

  return { live: LIVE_HOSTS.has(base.hostname), ask };
}

async function send(url: URL, timeoutMs: number, init: RequestInit): Promise<PayPalAnswer> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      ...init,
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    return { kind: "unknown", reason: reasonOf(error) };
  }
  const body = status === 204 ? null : parse(text);
  if (status >= 200 && status < 300) {
    return body === undefined
      ? { kind: "unknown", reason: `${status} unreadable answer` }
      : { kind: "answered", body };
  }
  const error = ErrorSchema.safeParse(body);
  const code = error.success ? error.data : "unreadable error";
  // A refusal that is not in PayPal's words is somebody else's, on the way there.
  const isDecided =
    error.success && status < 500 && status !== 408 && status !== 409 && status !== 429;
  return isDecided
    ? { kind: "refused", status, code }
    : { kind: "unknown", reason: `${status} ${code}` };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Said by the caller: what is not JSON is no answer of PayPal's.
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  if (error.name === "TimeoutError") return "timeout";
  // fetch throws a TypeError when no answer came; anything else is a defect of ours.
  if (error.name !== "TypeError" && error.name !== "AbortError") throw error;
  const { cause } = error;
  return cause instanceof Error ? cause.message : error.message;
}

function baseOf(apiBase: string | undefined): URL {
  const url = new URL(apiBase ?? LIVE_BASE);
  if (url.pathname !== "/" || url.search !== "") {
    throw new Error("PAYPAL_API_BASE names a host and a port, without a path");
  }
  return url;
}
