import type { Actor } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import {
  paymentRefunded,
  taxInRefund,
  topUpRefunded,
  type RefundedSoFar,
} from "#lib/domain/ledger.ts";
import { money } from "#lib/domain/money.ts";
import type { PaymentMethod } from "#lib/domain/payment-method.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { lockAccount, lockBalance } from "#lib/services/balance/lock-balance.ts";
import { requestDocument } from "#lib/services/document/request-document.ts";
import { bookJournal } from "#lib/services/ledger/book-journal.ts";
import { getDeferred } from "#lib/services/ledger/get-deferred.ts";
import { providerOf } from "#lib/services/payment/provider.ts";

/** What a refund of a payment needs to know of it. */
export interface RefundablePayment extends RefundedSoFar {
  readonly id: string;
  readonly orderId: string;
  readonly adapter: PaymentMethod;
  readonly currency: string;
}

/** A refund that was made at the provider and is mirrored here. */
interface ProviderBegun {
  readonly providerReference: string;
  readonly state: "pending";
}

/**
 * Gives back a part or all of a settled payment, in the caller's transaction, which holds the order's row.
 * To a balance it is there at once; where it came from, the provider pays it out after the commit. The
 * database refuses more than was captured.
 * Returns the refund's id.
 *
 * @param input `attemptId` is of the person who asked, so that asking twice refunds once (unique
 * violation); `begun` is of a refund that is mirrored; `now` of several that are made together
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
    readonly attemptId?: string | undefined;
    readonly begun?: ProviderBegun;
    readonly now?: Date;
  },
): Promise<string> {
  const now = input.now ?? (await businessNow(tx));
  const { payment, accountId, begun } = input;
  const toBalance = input.toBalance || providerOf(payment.adapter) === null;
  const amount = money(input.amountMinor, payment.currency);
  const taxMinor = taxInRefund(input.amountMinor, payment);
  const refund = await tx.refund.create({
    data: {
      orderId: payment.orderId,
      paymentId: payment.id,
      state: toBalance ? "succeeded" : begun === undefined ? "created" : "pending",
      currency: amount.currency,
      amountMinor: amount.amountMinor,
      taxMinor,
      reason: input.reason,
      toBalance,
      attemptId: input.attemptId ?? null,
      createdAt: now,
      succeededAt: toBalance ? now : null,
      nextAttemptAt: toBalance ? null : now,
      byProvider: begun !== undefined,
      providerReference: begun?.providerReference ?? null,
    },
    select: { id: true },
  });
  if (toBalance) await lockAccount(tx, accountId);
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
      ? topUpRefunded(
          accountId,
          amount,
          (await lockBalance(tx, accountId, amount.currency)).availableMinor,
        )
      : paymentRefunded(
          toBalance ? { to: "balance", accountId } : { to: "origin" },
          amount,
          taxMinor,
          await getDeferred(tx, payment.orderId),
        ),
  );
  await requestDocument(tx, { orderId: payment.orderId, kind: "credit", refundId: refund.id });
  if (!toBalance) await enqueue(tx, "refund.created", { refundId: refund.id });
  return refund.id;
}
