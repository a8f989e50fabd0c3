import { encode } from "next-auth/jwt";
import { db } from "#lib/db/client.ts";

const A_DAY = 86_400;

/**
 * Begins a session as lib/access/session.ts does, without the form, and returns the value of its cookie.
 *
 * @param secret AUTH_SECRET of the portal
 */
export async function beginSession(accountId: string, secret: string): Promise<string> {
  const session = await db().session.create({
    data: { accountId, expiresAt: new Date(Date.now() + A_DAY * 1_000) },
    select: { id: true },
  });
  return await encode({ token: { sid: session.id }, secret, maxAge: A_DAY });
}
