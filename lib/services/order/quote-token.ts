import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { env } from "#lib/config/env.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";

/** What a customer was shown and what must be exactly so when the order is placed. */
export interface QuoteTerms {
  readonly accountId: string;
  readonly iccid: string;
  readonly planCode: string;
  readonly totalMinor: bigint;
  readonly taxMinor: bigint;
  readonly currency: string;
  readonly dataBytes: bigint | null;
  readonly loses: boolean;
}

/** What a quote carries. Every byte of it is sent to customers whose data is nearly gone, and back. */
export interface QuoteClaims {
  /** {@link digestTerms} of what must be exactly so. */
  readonly terms: string;
  /** Dates may move with the clock: milliseconds, business time. */
  readonly startsAt: number | null;
  readonly endsAt: number;
  /** What another method would pay after the balance; null when the balance is empty or suffices. */
  readonly restMinor: bigint | null;
  /** Milliseconds, business time. */
  readonly quotedAt: number;
}

/** Dates of a quote may drift by as long as it lives: "from now on" moves with the clock. */
const DRIFT_MS = 20 * 60_000;

/** Terms as 22 characters that other terms do not have. */
export function digestTerms(terms: QuoteTerms): string {
  const { accountId, iccid, planCode, totalMinor, taxMinor, currency, dataBytes, loses } = terms;
  const parts = [accountId, iccid, planCode, totalMinor, taxMinor, currency, dataBytes, loses];
  const text = JSON.stringify(parts.map(String));
  return createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");
}

/** A quote as text for a form field: made by nobody else. */
export function signQuote({ terms, startsAt, endsAt, restMinor, quotedAt }: QuoteClaims): string {
  const times = [startsAt, endsAt, quotedAt].map((time) => time?.toString(36) ?? "");
  const body = [terms, ...times, restMinor?.toString() ?? ""].join(".");
  return `${body}.${signature(body)}`;
}

/** Reads a quote. Refuses `quote_invalid` when it was not made here. */
export function readQuote(token: string): Result<QuoteClaims> {
  const end = token.lastIndexOf(".");
  const body = token.slice(0, Math.max(end, 0));
  const expected = Buffer.from(signature(body));
  const actual = Buffer.from(token.slice(end + 1));
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    return refuse({ code: "quote_invalid" });
  }
  const [terms = "", startsAt = "", endsAt = "", quotedAt = "", restMinor = ""] = body.split(".");
  return accept({
    terms,
    startsAt: startsAt === "" ? null : parseInt(startsAt, 36),
    endsAt: parseInt(endsAt, 36),
    quotedAt: parseInt(quotedAt, 36),
    restMinor: restMinor === "" ? null : BigInt(restMinor),
  });
}

/** Whether what would be sold now is still what was shown then. */
export function sameQuote(shown: QuoteClaims, now: QuoteClaims): boolean {
  return (
    shown.terms === now.terms &&
    near(shown.startsAt, now.startsAt) &&
    near(shown.endsAt, now.endsAt)
  );
}

function near(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= DRIFT_MS;
}

/** 128 bits of HMAC-SHA256 (RFC 2104, section 5). */
function signature(body: string): string {
  const key = `${env().AUTH_SECRET}:quote`;
  return createHmac("sha256", key).update(body).digest().subarray(0, 16).toString("base64url");
}
