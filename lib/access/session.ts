import { cookies, headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { decode, encode } from "next-auth/jwt";
import { cache } from "react";
import { z } from "zod";
import { env } from "#lib/config/env.ts";
import { SESSION_IDLE_DAYS } from "#lib/config/limits.ts";
import { databaseNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { isLocale, type Locale } from "#lib/domain/locale.ts";
import type { Actor, Customer, Staff } from "./actor.ts";
import { clientAddress } from "./address.ts";

const SESSION_SECONDS = SESSION_IDLE_DAYS * 86_400;
const TokenSchema = z.object({ sid: z.uuid() });

/** The row a session id stands for, as long as it is neither ended nor expired and the account is enabled. */
interface SessionRow {
  readonly session_id: string;
  readonly account_id: string;
  readonly role: "customer" | "support" | "lead" | "administrator";
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  readonly time_zone: string;
  readonly currency: string;
  readonly country_code: string;
}

/**
 * Who sends this request. The cookie carries no more than a session id; the row behind it is read on
 * every request, so an ended session is dead at once wherever its cookie was copied to.
 */
export const currentActor = cache(async (): Promise<Actor> => {
  const sessionId = await readSessionId();
  const row = sessionId === null ? null : await findSession(sessionId);
  if (row === null) return await visitor();
  const person = {
    accountId: row.account_id,
    sessionId: row.session_id,
    name: row.name,
    email: row.email,
    locale: isLocale(row.locale) ? row.locale : env().DEFAULT_LOCALE,
    timeZone: row.time_zone,
  };
  return row.role === "customer"
    ? { kind: "customer", ...person, currency: row.currency, countryCode: row.country_code }
    : { kind: "staff", ...person, role: row.role };
});

/** The signed-in customer. Sends visitors to sign in and back; everybody else gets 404. */
export async function requireCustomer(): Promise<Customer> {
  const actor = await currentActor();
  if (actor.kind === "customer") return actor;
  if (actor.kind === "visitor") redirect(await signInAddress());
  notFound();
}

/** The signed-in member of staff. Sends visitors to sign in and back; everybody else gets 404. */
export async function requireStaff(): Promise<Staff> {
  const actor = await currentActor();
  if (actor.kind === "staff") return actor;
  if (actor.kind === "visitor") redirect(await signInAddress());
  notFound();
}

/**
 * Begins a session of `accountId` with a new id and sets its cookie; a session this browser had ends.
 * Only in server actions and route handlers.
 */
export async function startSession(accountId: string): Promise<void> {
  await endSession();
  const requestHeaders = await headers();
  const session = await db().session.create({
    data: {
      accountId,
      expiresAt: new Date((await databaseNow()).getTime() + SESSION_SECONDS * 1000),
      userAgent: requestHeaders.get("user-agent")?.slice(0, 300) ?? null,
      address: clientAddress(requestHeaders),
    },
    select: { id: true },
  });
  const token = await encode({
    token: { sid: session.id },
    secret: env().AUTH_SECRET,
    maxAge: SESSION_SECONDS,
  });
  (await cookies()).set(cookieName(), token, { ...cookieAttributes(), maxAge: SESSION_SECONDS });
}

/** Ends this browser's session, if it has one, and removes its cookie. */
export async function endSession(): Promise<void> {
  const sessionId = await readSessionId();
  if (sessionId !== null) {
    await db().session.updateMany({
      where: { id: sessionId, endedAt: null },
      data: { endedAt: await databaseNow() },
    });
  }
  (await cookies()).set(cookieName(), "", { ...cookieAttributes(), maxAge: 0 });
}

async function readSessionId(): Promise<string | null> {
  const value = (await cookies()).get(cookieName())?.value;
  if (value === undefined) return null;
  try {
    const token = TokenSchema.safeParse(await decode({ token: value, secret: env().AUTH_SECRET }));
    return token.success ? token.data.sid : null;
  } catch {
    // A cookie that was not made with our secret, or was cut short, is no session.
    return null;
  }
}

/** One round trip: reads the session with its account and notes, at most every five minutes, that it was used. */
async function findSession(sessionId: string): Promise<SessionRow | null> {
  const rows = await db().$queryRaw<SessionRow[]>`
    WITH live AS (
      SELECT s.id AS session_id, a.id AS account_id, a.role::text AS role, a.name, a.email, a.locale,
             a.time_zone, a.currency::text AS currency, a.country_code::text AS country_code, s.last_seen_at
        FROM session s JOIN account a ON a.id = s.account_id
        WHERE s.id = ${sessionId}::uuid AND s.ended_at IS NULL AND s.expires_at > now() AND a.disabled_at IS NULL
    ), seen AS (
      UPDATE session SET last_seen_at = now() FROM live
        WHERE session.id = live.session_id AND live.last_seen_at < now() - interval '5 minutes'
    )
    SELECT * FROM live`;
  return rows[0] ?? null;
}

async function visitor(): Promise<Actor> {
  const requestHeaders = await headers();
  const asked = requestHeaders.get("x-locale");
  const locale: Locale = isLocale(asked) ? asked : env().DEFAULT_LOCALE;
  return { kind: "visitor", locale, address: clientAddress(requestHeaders) };
}

async function signInAddress(): Promise<string> {
  const path = (await headers()).get("x-path");
  return path === null || path === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(path)}`;
}

function isHttps(): boolean {
  return env().APP_URL.startsWith("https://");
}

/** A browser removes a `__Host-` cookie only when told so with the attributes it demands of one. */
function cookieAttributes() {
  return { httpOnly: true, sameSite: "lax", secure: isHttps(), path: "/" } as const;
}

/** `__Host-` binds the cookie to this host and to https; browsers refuse the prefix over plain http. */
function cookieName(): string {
  return isHttps() ? "__Host-session" : "session";
}
