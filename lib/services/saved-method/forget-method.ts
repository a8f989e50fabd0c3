import { lookupDelaySeconds } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { log } from "#lib/observability/log.ts";
import { ProviderUnavailableError } from "#lib/payments/port.ts";
import { requireProvider } from "#lib/services/payment/provider.ts";

/**
 * Has the provider forget a method that its owner removed. A provider that cannot be reached is told again,
 * later and later, until it has been done. Does nothing when that is so already, or not due yet.
 */
export async function forgetMethod(input: { readonly savedMethodId: string }): Promise<void> {
  const now = await businessNow();
  const method = await db().savedMethod.findUniqueOrThrow({ where: { id: input.savedMethodId } });
  if (method.nextAttemptAt === null || method.nextAttemptAt > now) return;
  const delay = lookupDelaySeconds(method.attempts);
  // Written before the call: who finds the row meanwhile has nothing to do.
  const claimed = await db().savedMethod.updateMany({
    where: { id: method.id, forgottenAt: null, attempts: method.attempts },
    data: {
      attempts: { increment: 1 },
      nextAttemptAt: new Date(now.getTime() + Math.max(delay, 30) * 1_000),
    },
  });
  if (claimed.count === 0) return;
  try {
    await requireProvider(method.adapter).adapter.forgetMethod(method.providerReference);
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    log().warn({ savedMethodId: method.id, detail: error.message }, "saved method not forgotten");
    return;
  }
  await db().savedMethod.update({
    where: { id: method.id },
    data: { forgottenAt: await businessNow(), nextAttemptAt: null },
  });
}
