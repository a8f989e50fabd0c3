import { timingSafeEqual } from "node:crypto";
import { overwrite } from "../faults.ts";
import type { Fault } from "../faults.ts";
import type { Incoming } from "../http.ts";
import type { ApiAnswer, Dialect, RequestSummary } from "../exchange.ts";
import { StripeRefusal } from "./errors.ts";
import type { StripeErrorBody } from "./errors.ts";
import { expand } from "./expand.ts";
import { parseForm } from "./form.ts";
import type { FormObject } from "./form.ts";
import { fingerprintOf, recall, remember } from "./idempotency.ts";
import { newId } from "./ids.ts";
import { route } from "./routes.ts";
import type { StripeWorld } from "./world.ts";

/** How Stripe's API speaks: form in, JSON out, bearer key, idempotency keys. */
export class StripeDialect implements Dialect {
  readonly #world: StripeWorld;
  readonly #secretKey: string;

  constructor(world: StripeWorld, secretKey: string) {
    this.#world = world;
    this.#secretKey = secretKey;
  }

  summarise(request: Incoming): RequestSummary {
    return { params: formOf(request), idempotencyKey: keyOf(request), transactionId: null };
  }

  handle(request: Incoming): ApiAnswer {
    const requestId = newId("request");
    try {
      checkKey(request, this.#secretKey);
      return this.#once(request, requestId, () => this.#run(request, requestId));
    } catch (error) {
      if (error instanceof StripeRefusal) return refusalAnswer(error, request, requestId);
      throw error;
    }
  }

  failure(request: Incoming, fault: Fault<"status" | "refuse">): ApiAnswer {
    const requestId = newId("request");
    const refusal = fault.kind === "refuse" ? refusalOf(fault) : outageOf(fault);
    const answer = refusalAnswer(refusal, request, requestId);
    if (fault.kind === "status" && fault.retryAfterSeconds !== undefined) {
      answer.headers = { ...answer.headers, "retry-after": String(fault.retryAfterSeconds) };
    }
    if (refusal.remembered) this.#keep(request, requestId, answer);
    return answer;
  }

  distort(_request: Incoming, answer: ApiAnswer, fault: Fault<"nonsense">): ApiAnswer {
    const body = answer.body as object;
    const usual = Object.entries(standardNonsense).filter(([name]) => name in body);
    return { ...answer, body: overwrite(body, fault.set ?? Object.fromEntries(usual)) };
  }

  /** The first result under the request's idempotency key, or the outcome of `run`. */
  #once(request: Incoming, requestId: string, run: () => ApiAnswer): ApiAnswer {
    const key = request.method === "POST" ? keyOf(request) : null;
    if (key === null) return run();
    if (key.length > 255) {
      throw new StripeRefusal(
        400,
        {
          type: "invalid_request_error",
          message: "Idempotency key is too long (at most 255 characters).",
        },
        false,
      );
    }
    const { store } = this.#world.standIn;
    const fingerprint = fingerprintOf(request.method, request.path, request.rawBody);
    const known = recall(store, key, fingerprint, this.#world.now());
    if (known) {
      return {
        status: known.status,
        body: known.body,
        headers: {
          ...commonHeaders(request, requestId),
          "idempotent-replayed": "true",
          "original-request": known.requestId,
        },
        acted: false,
        replayed: true,
        errorCode: codeOf(known.body),
      };
    }
    const answer = run();
    this.#keep(request, requestId, answer);
    return answer;
  }

  #keep(request: Incoming, requestId: string, answer: ApiAnswer): void {
    const key = request.method === "POST" ? keyOf(request) : null;
    if (key === null || key.length > 255) return;
    remember(this.#world.standIn.store, key, {
      fingerprint: fingerprintOf(request.method, request.path, request.rawBody),
      status: answer.status,
      body: answer.body,
      requestId,
      at: this.#world.now(),
    });
  }

  /** Carries the call out. Refusals after the call began are results like any other. */
  #run(request: Incoming, requestId: string): ApiAnswer {
    const form = formOf(request);
    const found = route(request.method, request.path);
    if (!found) throw unknownAddress(request);
    const cause = { requestId, idempotencyKey: keyOf(request) };
    const call = { world: this.#world, form, id: found.id, cause };
    const headers = commonHeaders(request, requestId);
    try {
      return this.#world.standIn.store.attempt(() => {
        const result = withDeclines(() => found.handler(call));
        if (result instanceof StripeRefusal) return refusalAnswer(result, request, requestId, true);
        const body = expand(this.#world, result, expandPaths(form));
        return { status: 200, body, headers, acted: request.method !== "GET" };
      });
    } catch (error) {
      if (error instanceof StripeRefusal && error.remembered) {
        return refusalAnswer(error, request, requestId);
      }
      throw error;
    }
  }
}

/** A declined card is an outcome that stays written, so it must not undo the attempt. */
function withDeclines(run: () => object): object {
  try {
    return run();
  } catch (error) {
    if (error instanceof StripeRefusal && error.status === 402) return error;
    throw error;
  }
}

function formOf(request: Incoming): FormObject {
  return parseForm(request.method === "POST" ? request.rawBody : request.query.toString());
}

function expandPaths(form: FormObject): string[] {
  const given = form["expand"];
  if (given === undefined) return [];
  return typeof given === "string" ? [given] : Object.values(given).map(String);
}

function keyOf(request: Incoming): string | null {
  const key = request.headers["idempotency-key"];
  return typeof key === "string" && key !== "" ? key : null;
}

function checkKey(request: Incoming, secretKey: string): void {
  const given = request.headers.authorization ?? "";
  const [scheme = "", credentials = ""] = given.split(" ");
  const key =
    scheme.toLowerCase() === "basic"
      ? Buffer.from(credentials, "base64").toString("utf8").replace(/:$/, "")
      : credentials;
  if (key === "") {
    throw new StripeRefusal(
      401,
      {
        type: "invalid_request_error",
        message:
          "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
      },
      false,
    );
  }
  if (!isSame(key, secretKey)) {
    const masked = `${key.slice(0, 8)}${"*".repeat(Math.max(0, key.length - 12))}${key.slice(-4)}`;
    throw new StripeRefusal(
      401,
      { type: "invalid_request_error", message: `Invalid API Key provided: ${masked}` },
      false,
    );
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function commonHeaders(request: Incoming, requestId: string): Record<string, string> {
  const version = request.headers["stripe-version"];
  const key = keyOf(request);
  return {
    "request-id": requestId,
    ...(typeof version === "string" ? { "stripe-version": version } : {}),
    ...(key !== null && request.method === "POST" ? { "idempotency-key": key } : {}),
  };
}

function refusalAnswer(
  refusal: StripeRefusal,
  request: Incoming,
  requestId: string,
  acted = false,
): ApiAnswer {
  return {
    status: refusal.status,
    body: { error: refusal.error },
    headers: commonHeaders(request, requestId),
    acted,
    errorCode: refusal.error.code ?? refusal.error.type,
  };
}

function codeOf(body: unknown): string | null {
  const error = (body as { error?: StripeErrorBody }).error;
  return error ? (error.code ?? error.type) : null;
}

function unknownAddress(request: Incoming): StripeRefusal {
  const message = `Unrecognized request URL (${request.method}: ${request.path}). The Stripe stand-in has no such address.`;
  return new StripeRefusal(404, { type: "invalid_request_error", message }, false);
}

function refusalOf(fault: Fault<"refuse">): StripeRefusal {
  const isDecline = ["card_declined", "expired_card", "authentication_required"].includes(
    fault.errorCode,
  );
  return new StripeRefusal(isDecline ? 402 : 400, {
    type: isDecline ? "card_error" : "invalid_request_error",
    code: fault.errorCode,
    message: fault.errorMessage ?? "Refused by a fault of the stand-in.",
  });
}

function outageOf(fault: Fault<"status">): StripeRefusal {
  const { status } = fault;
  const isRate = status === 429;
  return new StripeRefusal(
    status,
    {
      type: status >= 500 ? "api_error" : "invalid_request_error",
      message: isRate
        ? "Request rate limit exceeded."
        : "An error occurred internally with Stripe's API (a fault of the stand-in).",
      ...(fault.errorCode || isRate ? { code: fault.errorCode ?? "rate_limit" } : {}),
    },
    fault.remembered ?? status === 500,
  );
}

const standardNonsense = {
  id: "nonsense_000000000000000000000000",
  amount: 1,
  amount_total: 1,
  amount_received: 1,
  currency: "xts",
  client_reference_id: "somebody-else",
  metadata: { nonsense: "true" },
};
