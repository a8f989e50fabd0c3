import type { Actor } from "#lib/access/actor.ts";
import { networkOf } from "#lib/access/address.ts";
import { forgetAttempts, giveBackAttempt, takeAttempt } from "#lib/access/limits.ts";
import { verifyPassword } from "#lib/access/password.ts";
import { db } from "#lib/db/client.ts";
import type { AccountRole } from "#lib/domain/account.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import type { SignInInput } from "./schemas.ts";

export interface SignedIn {
  readonly accountId: string;
  readonly role: AccountRole;
}

/** So many of an account's latest sessions tell the networks that it is known from. */
const SESSIONS_REMEMBERED = 100;

/**
 * Checks an address and a password. Unknown address, wrong password, unverified address and disabled
 * account are the same refusal, `credentials_wrong`, after the same work. Refuses `too_many_attempts` to
 * one network that tries one account too often, or too many accounts; when many networks together try one
 * account, to every network from which it was never signed in to. The owner elsewhere is not locked out.
 */
export async function signIn(actor: Actor, input: SignInInput): Promise<Result<SignedIn>> {
  const network = whereFrom(actor);
  const pair = `${input.email}\n${network}`;
  const wait =
    (await takeAttempt("signInNetwork", network)) ?? (await takeAttempt("signInAccount", pair));
  if (wait !== null) return refuse({ code: "too_many_attempts", retryAfterSeconds: wait });
  const crowded = await takeAttempt("signInAnywhere", input.email);
  if (crowded !== null && !(await isKnownFrom(input.email, network))) {
    return refuse({ code: "too_many_attempts", retryAfterSeconds: crowded });
  }

  const account = await db().account.findUnique({
    where: { email: input.email },
    select: { id: true, role: true, passwordHash: true, emailVerifiedAt: true, disabledAt: true },
  });
  const matches = await verifyPassword(account?.passwordHash ?? null, input.password);
  if (
    account === null ||
    !matches ||
    account.disabledAt !== null ||
    account.emailVerifiedAt === null
  ) {
    // Written for unknown addresses too, without the address: it may be somebody's, and takes as long.
    await recordAuditEvent(db(), actor, {
      action: "session.refused",
      subject: account === null ? "no account" : `account ${account.id}`,
    });
    return refuse({ code: "credentials_wrong" });
  }
  await forgetAttempts("signInAccount", pair);
  await giveBackAttempt("signInAnywhere", input.email);
  await giveBackAttempt("signInNetwork", network);
  await recordAuditEvent(db(), actor, {
    action: "session.started",
    subject: `account ${account.id}`,
  });
  return accept({ accountId: account.id, role: account.role });
}

/** Whose attempts count together: a network's, or those of whoever is signed in already. */
function whereFrom(actor: Actor): string {
  switch (actor.kind) {
    case "visitor":
      return networkOf(actor.address);
    case "customer":
    case "staff":
      return `account ${actor.accountId}`;
    case "system":
      return actor.kind;
  }
}

async function isKnownFrom(email: string, network: string): Promise<boolean> {
  const sessions = await db().session.findMany({
    where: { account: { email }, address: { not: null } },
    orderBy: { createdAt: "desc" },
    take: SESSIONS_REMEMBERED,
    select: { address: true },
  });
  return sessions.some(({ address }) => address !== null && networkOf(address) === network);
}
