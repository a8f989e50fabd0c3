import { createHash } from "node:crypto";
import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { pool } from "#lib/db/client.ts";

/** What is limited: so many attempts in so many seconds. */
const LIMITS = {
  /** One account from one network: a guesser stops here, the owner elsewhere is not locked out. */
  signInAccount: { points: 8, duration: 900 },
  /**
   * One account from anywhere; successful sign-ins are given back. Beyond it only networks from which the
   * account was never signed in to are refused: many guessers together stop, the owner at home does not.
   */
  signInAnywhere: { points: 60, duration: 3600 },
  /** One network, whatever accounts it tries; successful sign-ins are given back. */
  signInNetwork: { points: 100, duration: 900 },
  /** Orders a customer may begin: card testing needs many. */
  placeOrder: { points: 30, duration: 3600 },
} as const;

export type LimitName = keyof typeof LIMITS;

const limiters = new Map<LimitName, RateLimiterPostgres>();

/**
 * Takes one attempt from a limit, counted in the database for all processes together. Returns the
 * seconds to wait when there is none left, else null.
 */
export async function takeAttempt(name: LimitName, key: string): Promise<number | null> {
  try {
    await limiter(name).consume(hashed(key), 1);
    return null;
  } catch (error) {
    if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
    throw error;
  }
}

/** Gives one attempt back: it turned out not to be one that the limit is for. */
export async function giveBackAttempt(name: LimitName, key: string): Promise<void> {
  await limiter(name).reward(hashed(key), 1);
}

/** Forgets the attempts under a key. */
export async function forgetAttempts(name: LimitName, key: string): Promise<void> {
  await limiter(name).delete(hashed(key));
}

function limiter(name: LimitName): RateLimiterPostgres {
  let known = limiters.get(name);
  if (known === undefined) {
    known = new RateLimiterPostgres({
      storeClient: pool(),
      tableName: "rate_limit",
      tableCreated: true,
      keyPrefix: name,
      clearExpiredByTimeout: false,
      ...LIMITS[name],
    });
    limiters.set(name, known);
  }
  return known;
}

/** Keys are hashed: the table holds no addresses of people. */
function hashed(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}
