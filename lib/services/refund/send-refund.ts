import { LEASE_SECONDS } from "#lib/config/limits.ts";
import { sqlNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { money } from "#lib/domain/money.ts";
import { log } from "#lib/observability/log.ts";
import { requireProvider } from "#lib/services/payment/provider.ts";
import { recordRefundOutcome } from "./record-refund-outcome.ts";

/**
 * Has the provider pay a refund out, or asks what became of it. The refund's id is the idempotency key,
 * so that sending it again pays nothing twice. Does nothing when it is not due or another worker has it.
 */
export async function sendRefund(input: { readonly refundId: string }): Promise<void> {
  const claimed = await db().$queryRaw<{ id: string }[]>`
    UPDATE refund SET attempts = attempts + 1, next_attempt_at = ${sqlNow()} + make_interval(secs => ${LEASE_SECONDS})
      WHERE id = ${input.refundId}::uuid AND state IN ('created', 'pending') AND next_attempt_at <= ${sqlNow()}
      RETURNING id`;
  if (claimed.length === 0) return;
  const refund = await db().refund.findUniqueOrThrow({
    where: { id: input.refundId },
    include: { payment: true },
  });
  const { adapter, cash } = requireProvider(refund.payment.adapter);
  const { providerPaymentId } = refund.payment;
  if (providerPaymentId === null) throw new Error(`Payment ${refund.paymentId} has no provider id`);

  const outcome =
    refund.providerReference === null
      ? await adapter.refund({
          refundId: refund.id,
          providerPaymentId,
          amount: money(refund.amountMinor, refund.currency),
        })
      : await adapter.findRefund(refund.providerReference);
  log().info({ orderId: refund.orderId, outcome: outcome.kind }, "refund outcome");
  await inTransaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "order" WHERE id = ${refund.orderId}::uuid FOR UPDATE`;
    await recordRefundOutcome(tx, refund, outcome, cash);
  });
}
