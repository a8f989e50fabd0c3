import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { env } from "#lib/config/env.ts";
import { refuse, accept, type Result } from "#lib/domain/refusal.ts";

/** What a customer was shown, as far as it must still hold when the order is placed. */
const QuoteClaims = z.object({
  accountId: z.string(),
  iccid: z.string(),
  planCode: z.string(),
  totalMinor: z.string(),
  taxMinor: z.string(),
  currency: z.string(),
  dataBytes: z.string().nullable(),
  startsAt: z.number().nullable(),
  endsAt: z.number(),
  loses: z.boolean(),
  /** What another method would pay after the balance; null when the balance is empty or suffices. */
  restMinor: z.string().nullable(),
  /** Milliseconds, business time. */
  quotedAt: z.number(),
});
export type QuoteClaims = z.infer<typeof QuoteClaims>;

/** Dates of a quote may drift by as long as it lives: "from now on" moves with the clock. */
const DRIFT_MS = 20 * 60_000;

/** A quote as text for a form field: readable by anybody, made by nobody else. */
export function signQuote(claims: QuoteClaims): string {
  const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${body}.${signature(body)}`;
}

/** Reads a quote. Refuses `quote_invalid` when it was not made here, or by a version that showed less. */
export function readQuote(token: string): Result<QuoteClaims> {
  const [body = "", given = "", ...rest] = token.split(".");
  const expected = Buffer.from(signature(body));
  const actual = Buffer.from(given);
  if (rest.length > 0 || expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    return refuse({ code: "quote_invalid" });
  }
  const json: unknown = JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
  const claims = QuoteClaims.safeParse(json);
  return claims.success ? accept(claims.data) : refuse({ code: "quote_invalid" });
}

/** Whether what would be sold now is still what was shown then. */
export function sameQuote(shown: QuoteClaims, now: QuoteClaims): boolean {
  return (
    shown.accountId === now.accountId &&
    shown.iccid === now.iccid &&
    shown.planCode === now.planCode &&
    shown.totalMinor === now.totalMinor &&
    shown.taxMinor === now.taxMinor &&
    shown.currency === now.currency &&
    shown.dataBytes === now.dataBytes &&
    shown.loses === now.loses &&
    near(shown.startsAt, now.startsAt) &&
    near(shown.endsAt, now.endsAt)
  );
}

function near(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= DRIFT_MS;
}

function signature(body: string): string {
  return createHmac("sha256", `${env().AUTH_SECRET}:quote`).update(body).digest("base64url");
}
