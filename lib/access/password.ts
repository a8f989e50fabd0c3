import { hash, verify } from "@node-rs/argon2";

/** OWASP's password storage cheat sheet: argon2id (the library's default) with 19 MiB, two passes, one lane. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

let decoy: Promise<string> | undefined;

/** The argon2id hash of a password as a PHC string. */
export async function hashPassword(password: string): Promise<string> {
  return await hash(password, OPTIONS);
}

/**
 * Whether a password belongs to a hash. Without a hash (unknown address) the same work is done for
 * nothing, so that the time taken tells nobody which addresses exist.
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword("nobody has this password");
  const matches = await verify(stored ?? (await decoy), password);
  return stored !== null && matches;
}
