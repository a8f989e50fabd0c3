import { randomUUID } from "node:crypto";
import { RequestGate, type Urgency } from "./request-gate.ts";
import { signature } from "./signature.ts";
import { parseJsonKeepingDigits, readAnswer } from "./wire.ts";

/** Our account with eSIM Access, and how to reach it. */
export interface EsimAccessAccount {
  readonly accessCode: string;
  readonly secret: string;
  /** Where the API is, with or without the path under which the vendor has it; undefined: the vendor's own address. */
  readonly apiBase: string | undefined;
  readonly timeoutMs: number;
}

/** What became of one call. */
export type CallOutcome =
  | { readonly kind: "ok"; readonly obj: unknown }
  /** The carrier said no, in its own code. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** Certainly not acted upon; may be sent again after the pause. */
  | { readonly kind: "busy"; readonly retryAfterSeconds: number; readonly detail: string }
  /** Nobody knows whether it was acted upon. */
  | { readonly kind: "unknown"; readonly detail: string };

const DEFAULT_BASE = "https://api.esimaccess.com";
const API_PATH = "/api/v1/open";

/** "8 requests/s in all"; the window is a little longer than a second, for requests bunch up on their way. */
const GATE = { limit: 8, windowMs: 1_050, longestPauseMs: 3_000 };

/** When to come back where the carrier does not say. */
const RETRY_SECONDS = 10;
const LONGEST_RETRY_SECONDS = 3_600;

/** The connection never came about, so nothing was sent. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const STALE_TIMESTAMP = "101001";

/** Speaks eSIM Access's signed JSON over POST, within its rate. */
export class EsimAccessClient {
  readonly #settings: EsimAccessAccount;
  readonly #base: string;
  readonly #gate = new RequestGate(GATE);
  /** What the carrier's clock is ahead of ours by, once it refused ours. */
  #clockOffsetMs = 0;

  constructor(settings: EsimAccessAccount) {
    this.#settings = settings;
    const base = (settings.apiBase ?? DEFAULT_BASE).replace(/\/+$/, "");
    this.#base = new URL(base).pathname === "/" ? base + API_PATH : base;
  }

  /**
   * One call, e.g. `call("/esim/query", {…}, "reading")`. Never throws for what the network or the
   * carrier does. When the carrier refuses our clock, the call is sent once more by the carrier's,
   * which the refusal carries: nothing was acted upon.
   */
  async call(path: string, body: object, urgency: Urgency): Promise<CallOutcome> {
    const first = await this.#send(path, body, urgency);
    if (first.clockOffsetMs === null) return first.outcome;
    this.#clockOffsetMs = first.clockOffsetMs;
    return (await this.#send(path, body, urgency)).outcome;
  }

  async #send(
    path: string,
    body: object,
    urgency: Urgency,
  ): Promise<{ outcome: CallOutcome; clockOffsetMs: number | null }> {
    const refusal = await this.#gate.enter(urgency);
    if (refusal !== null) {
      return plain({
        kind: "busy",
        retryAfterSeconds: Math.ceil(refusal.pausedMs / 1000),
        detail: "not sent: the carrier asked for a pause",
      });
    }
    const timestamp = Date.now() + this.#clockOffsetMs;
    let response: Response;
    let text: string;
    try {
      response = await this.#post(path, JSON.stringify(body), String(timestamp));
      text = await response.text();
    } catch (error) {
      return plain(failure(error));
    }
    if (response.status === 429) {
      const retryAfterSeconds = retryAfter(response.headers);
      this.#gate.pause(retryAfterSeconds);
      return plain({ kind: "busy", retryAfterSeconds, detail: "HTTP 429" });
    }
    if (response.status >= 500) {
      return plain({ kind: "unknown", detail: `HTTP ${response.status}` });
    }
    const answer = readAnswer(parseJsonKeepingDigits(text));
    if (answer === null) {
      return plain({
        kind: "unknown",
        detail: `HTTP ${response.status} with a body that is no answer`,
      });
    }
    if (answer.success) return plain({ kind: "ok", obj: answer.obj });
    const outcome = { kind: "refused", code: answer.code, message: answer.message } as const;
    if (answer.code !== STALE_TIMESTAMP) return plain(outcome);
    const theirs = Date.parse(response.headers.get("date") ?? "");
    // A Date header has whole seconds: less than that is no correction. The offset is from our clock, not
    // from what was sent: several calls may have been refused for the same reason.
    const isOff = Math.abs(theirs - timestamp) > 2_000;
    return { outcome, clockOffsetMs: isOff ? theirs - Date.now() : null };
  }

  async #post(path: string, body: string, timestamp: string): Promise<Response> {
    const requestId = randomUUID();
    const { accessCode, secret, timeoutMs } = this.#settings;
    return fetch(this.#base + path, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        "RT-AccessCode": accessCode,
        "RT-Timestamp": timestamp,
        "RT-RequestID": requestId,
        "RT-Signature": signature({ timestamp, requestId, accessCode, body }, secret),
      },
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
  }
}

function plain(outcome: CallOutcome): { outcome: CallOutcome; clockOffsetMs: null } {
  return { outcome, clockOffsetMs: null };
}

/** What a failed fetch means; the texts of errors stay out, for they may hold addresses. */
function failure(error: unknown): CallOutcome {
  if (!(error instanceof Error)) throw error;
  if (error.name === "TimeoutError") return { kind: "unknown", detail: "no answer in time" };
  if (error.name !== "TypeError" && error.name !== "AbortError") throw error;
  const code = causeCode(error);
  return NEVER_SENT.has(code)
    ? { kind: "busy", retryAfterSeconds: RETRY_SECONDS, detail: `not sent: ${code}` }
    : { kind: "unknown", detail: `connection lost: ${code}` };
}

function causeCode(error: Error): string {
  const { cause } = error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return cause instanceof Error ? cause.name : error.name;
}

/** `Retry-After` in seconds, given as such or as a date (RFC 9110, 10.2.3). */
function retryAfter(headers: Headers): number {
  const value = headers.get("retry-after") ?? "";
  const seconds = /^\d+$/.test(value.trim())
    ? Number(value)
    : Math.ceil((Date.parse(value) - Date.now()) / 1000);
  if (Number.isNaN(seconds)) return RETRY_SECONDS;
  return Math.min(Math.max(seconds, 1), LONGEST_RETRY_SECONDS);
}
