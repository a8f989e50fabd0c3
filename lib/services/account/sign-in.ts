import type { Actor } from "#lib/access/actor.ts";
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

/**
 * Checks an address and a password. Unknown address, wrong password, unverified address and disabled
 * account are the same refusal, `credentials_wrong`, after the same work. Refuses `too_many_attempts` to
 * one network that tries one account too often, or too many accounts; the owner elsewhere is not locked out.
 */
export async function signIn(actor: Actor, input: SignInInput): Promise<Result<SignedIn>> {
  const address = actor.kind === "visitor" ? actor.address : "signed-in";
  const pair = `${input.email}\n${address}`;
  const wait =
    (await takeAttempt("signInNetwork", address)) ?? (await takeAttempt("signInAccount", pair));
  if (wait !== null) return refuse({ code: "too_many_attempts", retryAfterSeconds: wait });

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
    if (account !== null) {
      await recordAuditEvent(db(), actor, {
        action: "session.refused",
        subject: `account ${account.id}`,
      });
    }
    return refuse({ code: "credentials_wrong" });
  }
  await forgetAttempts("signInAccount", pair);
  await giveBackAttempt("signInNetwork", address);
  await recordAuditEvent(db(), actor, {
    action: "session.started",
    subject: `account ${account.id}`,
  });
  return accept({ accountId: account.id, role: account.role });
}
