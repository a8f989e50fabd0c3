import { databaseNow } from "#lib/db/clock.ts";

/**
 * The time by which the age of a webhook's signature is judged, in milliseconds: the database's clock, for
 * a server's own may be off, and never shifted, for providers sign by the real time.
 */
export async function signatureTime(): Promise<number> {
  return (await databaseNow()).getTime();
}
