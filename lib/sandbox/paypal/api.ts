import { timingSafeEqual } from "node:crypto";
import { overwrite } from "../faults.ts";
import type { Fault } from "../faults.ts";
import type { Incoming } from "../http.ts";
import type { ApiAnswer, Dialect, RequestSummary } from "../exchange.ts";
import type { Result } from "./call.ts";
import { badField, noSuch, outage, PayPalRefusal } from "./errors.ts";
import { recall, remember } from "./idempotency.ts";
import { newAccessToken, newDebugId } from "./ids.ts";
import { route } from "./routes.ts";
import { showRefund, wholeOrder } from "./show.ts";
import type { PayPalWorld } from "./world.ts";

const tokenLivesSeconds = 32_400;
const longestKey = 108;

/** How PayPal's REST API speaks: JSON both ways, a bearer token from client credentials, PayPal-Request-Id. */
export class PayPalDialect implements Dialect {
  readonly #world: PayPalWorld;
  readonly #clientId: string;
  readonly #clientSecret: string;

  constructor(world: PayPalWorld, clientId: string, clientSecret: string) {
    this.#world = world;
    this.#clientId = clientId;
    this.#clientSecret = clientSecret;
  }

  summarise(request: Incoming): RequestSummary {
    return {
      params: request.method === "GET" ? Object.fromEntries(request.query) : paramsOf(request),
      idempotencyKey: keyOf(request),
      transactionId: null,
    };
  }

  handle(request: Incoming): ApiAnswer {
    const debugId = newDebugId();
    try {
      if (request.path === "/v1/oauth2/token") return this.#token(request, debugId);
      this.#checkToken(request);
      return this.#once(request, debugId);
    } catch (error) {
      if (error instanceof PayPalRefusal) return refusalAnswer(error, debugId);
      throw error;
    }
  }

  failure(request: Incoming, fault: Fault<"status" | "refuse">): ApiAnswer {
    const debugId = newDebugId();
    if (fault.kind === "refuse") {
      const description = fault.errorMessage ?? "Refused by a fault of the stand-in.";
      const detail = { issue: fault.errorCode, description };
      const refusal = new PayPalRefusal("UNPROCESSABLE_ENTITY", [detail]);
      return refusalAnswer(refusal, debugId);
    }
    const answer = refusalAnswer(outage(fault.status, fault.errorCode), debugId);
    if (fault.retryAfterSeconds !== undefined) {
      answer.headers = { ...answer.headers, "retry-after": String(fault.retryAfterSeconds) };
    }
    const key = keyOf(request);
    // PayPal keeps no outage under a request id, unless a test wants to know what then.
    if (fault.remembered && key !== null) {
      const { status, body, errorCode } = answer;
      const refusal = { status, body, code: errorCode ?? "" };
      remember(this.#world.standIn.store, request.path, key, { refusal, at: this.#world.now() });
    }
    return answer;
  }

  distort(_request: Incoming, answer: ApiAnswer, fault: Fault<"nonsense">): ApiAnswer {
    const body = answer.body as object;
    const usual = Object.entries(standardNonsense).filter(([name]) => name in body);
    return { ...answer, body: overwrite(body, fault.set ?? Object.fromEntries(usual)) };
  }

  #token(request: Incoming, debugId: string): ApiAnswer {
    const [scheme = "", credentials = ""] = (request.headers.authorization ?? "").split(" ");
    const given = Buffer.from(credentials, "base64").toString("utf8");
    const isOurs =
      scheme.toLowerCase() === "basic" && isSame(given, `${this.#clientId}:${this.#clientSecret}`);
    const refuse = (status: number, error: string, error_description: string): ApiAnswer => ({
      status,
      body: { error, error_description },
      headers: { "paypal-debug-id": debugId },
      acted: false,
      errorCode: error,
    });
    if (request.method !== "POST") return refuse(405, "invalid_request", "Method not allowed");
    if (!isOurs) return refuse(401, "invalid_client", "Client Authentication failed");
    if (new URLSearchParams(request.rawBody).get("grant_type") !== "client_credentials") {
      return refuse(400, "unsupported_grant_type", "Grant Type is NULL");
    }
    const id = newAccessToken();
    const expiresAt = this.#world.now() + tokenLivesSeconds * 1000;
    this.#world.save("access", { id, expiresAt });
    return {
      status: 200,
      body: {
        scope: scopes.join(" "),
        access_token: id,
        token_type: "Bearer",
        app_id: "APP-80W284485P519543T",
        expires_in: tokenLivesSeconds,
        nonce: `${new Date(this.#world.now()).toISOString()}${debugId}`,
      },
      headers: { "paypal-debug-id": debugId },
      acted: false,
    };
  }

  #checkToken(request: Incoming): void {
    const [scheme = "", token = ""] = (request.headers.authorization ?? "").split(" ");
    const known = scheme.toLowerCase() === "bearer" ? this.#world.find("access", token) : null;
    if (!known || known.expiresAt <= this.#world.now()) {
      throw new PayPalRefusal("AUTHENTICATION_FAILURE");
    }
  }

  /** What was made under the request's PayPal-Request-Id, as it is now, or the outcome of the call. */
  #once(request: Incoming, debugId: string): ApiAnswer {
    const { standIn } = this.#world;
    const key = request.method === "POST" ? keyOf(request) : null;
    if (key !== null && key.length > longestKey) {
      const why = "The value of a field is either too short or too long.";
      throw badField("INVALID_STRING_LENGTH", "PayPal-Request-Id", why, "header");
    }
    const known = key === null ? null : recall(standIn.store, request.path, key, this.#world.now());
    if (known) {
      const again = this.#again(known);
      const headers = { "paypal-debug-id": debugId };
      return { ...again, headers, acted: false, replayed: true };
    }
    const { answer, result } = this.#run(request, debugId, key);
    const at = this.#world.now();
    if (key !== null && result instanceof PayPalRefusal) {
      const refusal = { status: answer.status, body: answer.body, code: result.code };
      remember(standIn.store, request.path, key, { refusal, at });
    } else if (key !== null && !(result instanceof PayPalRefusal) && result.made) {
      remember(standIn.store, request.path, key, { made: result.made, at });
    }
    return answer;
  }

  #again({ made, refusal }: NonNullable<ReturnType<typeof recall>>) {
    if (refusal) return { status: refusal.status, body: refusal.body, errorCode: refusal.code };
    const body =
      made?.kind === "refund"
        ? showRefund(this.#world, this.#world.get("refund", made.id))
        : wholeOrder(this.#world, this.#world.get("order", made?.id ?? ""));
    return { status: 200, body };
  }

  /** Carries the call out. How a charge failed stays written; any other refusal undoes what was begun. */
  #run(
    request: Incoming,
    debugId: string,
    key: string | null,
  ): { answer: ApiAnswer; result: Result | PayPalRefusal } {
    const { standIn } = this.#world;
    const found = route(request.method, request.path);
    if (!found) throw noSuch();
    const body = bodyOf(request);
    const prefer = request.headers["prefer"];
    const blind = standIn.faults.take(["lookup_blind"], request);
    const result = standIn.store.attempt(() => {
      try {
        return found.handler({
          world: this.#world,
          body,
          rawBody: request.rawBody,
          query: Object.fromEntries(request.query),
          id: found.id,
          key,
          prefersWhole: prefer === "return=representation",
          blindMs: blind?.ms ?? 0,
        });
      } catch (error) {
        if (error instanceof PayPalRefusal && error.isOutcome) return error;
        throw error;
      }
    });
    if (result instanceof PayPalRefusal) {
      return { answer: { ...refusalAnswer(result, debugId), acted: true }, result };
    }
    const headers = { "paypal-debug-id": debugId };
    const acted = request.method !== "GET" && !request.path.startsWith("/v1/notifications/");
    return { answer: { status: result.status, body: result.body, headers, acted }, result };
  }
}

function paramsOf(request: Incoming): unknown {
  if (request.path === "/v1/oauth2/token") {
    return Object.fromEntries(new URLSearchParams(request.rawBody));
  }
  try {
    return request.rawBody === "" ? {} : (JSON.parse(request.rawBody) as unknown);
  } catch {
    return { unreadable: request.rawBody };
  }
}

function bodyOf(request: Incoming): unknown {
  if (request.method === "GET" || request.method === "DELETE") return {};
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    throw new PayPalRefusal("UNSUPPORTED_MEDIA_TYPE");
  }
  if (request.rawBody.trim() === "") return {};
  try {
    return JSON.parse(request.rawBody) as unknown;
  } catch {
    throw badField("MALFORMED_REQUEST_JSON", "/", "The request JSON is not well formed.");
  }
}

function keyOf(request: Incoming): string | null {
  const key = request.headers["paypal-request-id"];
  return typeof key === "string" && key !== "" ? key : null;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function refusalAnswer(refusal: PayPalRefusal, debugId: string): ApiAnswer {
  return {
    status: refusal.status,
    body: refusal.body(debugId),
    headers: { "paypal-debug-id": debugId },
    acted: false,
    errorCode: refusal.code,
  };
}

const scopes = [
  "https://uri.paypal.com/services/payments/payment",
  "https://uri.paypal.com/services/payments/refund",
  "https://uri.paypal.com/services/applications/webhooks",
  "https://uri.paypal.com/services/reporting/search/read",
  "https://uri.paypal.com/services/disputes/read-seller",
  "https://uri.paypal.com/services/vault/payment-tokens/read",
  "https://uri.paypal.com/services/vault/payment-tokens/readwrite",
];

const standardNonsense = {
  id: "N0NSENSE000000000",
  status: "SIDEWAYS",
  purchase_units: [],
  amount: { currency_code: "XTS", value: "0.01" },
};
