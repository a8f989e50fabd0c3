import type { Actor } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { paymentRefunded, proportionalTax, topUpRefunded } from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { getDeferred } from "#lib/services/ledger/get-deferred.ts";

/** What a refund of a payment needs to know of it. */
export interface RefundablePayment {
  readonly id: string;
  readonly orderId: string;
  readonly adapter: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly taxMinor: bigint;
  readonly refundedMinor: bigint;
  readonly refundedTaxMinor: bigint;
}

/**
 * Gives back a part or all of a settled payment, in the caller's transaction, which holds the order's row.
 * To a balance it is there at once; where it came from, the provider pays it out after the commit. The tax
 * in it is in proportion; the last part takes what is left. The database refuses more than was captured.
 *
 * @param input `attemptId` is of the person who asked, so that asking twice refunds once (unique violation)
 */
export async function createRefund(
  tx: Tx,
  actor: Actor,
  input: {
    readonly payment: RefundablePayment;
    readonly accountId: string;
    readonly isTopUp: boolean;
    readonly amountMinor: bigint;
    readonly toBalance: boolean;
    readonly reason: string;
    readonly attemptId?: string;
  },
): Promise<void> {
  const now = await businessNow(tx);
  const { payment, accountId } = input;
  const toBalance = input.toBalance || payment.adapter === "balance";
  const amount = money(input.amountMinor, payment.currency);
  const isRest = payment.refundedMinor + input.amountMinor === payment.amountMinor;
  const taxMinor = isRest
    ? payment.taxMinor - payment.refundedTaxMinor
    : proportionalTax(
        input.amountMinor,
        money(payment.amountMinor, payment.currency),
        payment.taxMinor,
      );
  const refund = await tx.refund.create({
    data: {
      orderId: payment.orderId,
      paymentId: payment.id,
      state: toBalance ? "succeeded" : "created",
      currency: amount.currency,
      amountMinor: amount.amountMinor,
      taxMinor,
      reason: input.reason,
      toBalance,
      attemptId: input.attemptId ?? null,
      createdAt: now,
      succeededAt: toBalance ? now : null,
      nextAttemptAt: toBalance ? null : now,
    },
    select: { id: true },
  });
  await bookJournal(
    tx,
    actor,
    {
      kind: "order.refunded",
      sourceId: refund.id,
      orderId: payment.orderId,
      reason: input.reason,
    },
    input.isTopUp
      ? topUpRefunded(accountId, amount)
      : paymentRefunded(
          toBalance ? { to: "balance", accountId } : { to: "origin" },
          amount,
          taxMinor,
          await getDeferred(tx, payment.orderId),
        ),
  );
  if (!toBalance) await enqueue(tx, "refund.created", { refundId: refund.id });
}
