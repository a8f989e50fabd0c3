import { ATTENTION_AFTER_MINUTES } from "#lib/config/limits.ts";
import { db } from "#lib/db/client.ts";
import { equalMoney, money } from "#lib/domain/money.ts";
import type { PaymentAdapter, ProviderDispute, ProviderRefund } from "#lib/payments/port.ts";
import type { BookedPayment } from "./booked-payment.ts";
import { amountText, type Finding, type Notebook } from "./notebook.ts";

/**
 * Holds one settled payment against what its provider says when asked about it: what was captured, every
 * refund and every dispute, both ways. Our side is read after the provider was asked; what began within the
 * last 15 minutes may be under way and is no difference. Throws `ProviderUnavailableError`.
 */
export async function comparePayment(
  adapter: PaymentAdapter,
  payment: BookedPayment,
  notebook: Notebook,
  now: Date,
): Promise<void> {
  const found = (facts: Pick<Finding, "kind" | "expected" | "actual"> & Partial<Finding>): void =>
    notebook.add({
      scope: adapter.id,
      about: payment.id,
      orderNumber: payment.orderNumber,
      ...facts,
    });
  const { providerReference, providerPaymentId, amount } = payment;
  const report = providerReference === null ? null : await adapter.find(providerReference);
  if (report?.state !== "settled" || report.captured === null) {
    const actual = report === null ? "nothing" : report.state;
    found({ kind: "payment_missing_there", expected: amountText(amount), actual });
    return;
  }
  if (!equalMoney(report.captured, amount)) {
    found({
      kind: "payment_amount_differs",
      expected: amountText(amount),
      actual: amountText(report.captured),
    });
  }
  const theirId = providerPaymentId ?? report.providerPaymentId;
  if (providerReference === null || theirId === null) return;
  const key = { providerReference, providerPaymentId: theirId };
  const theirs = {
    refunds: await adapter.listRefunds(key),
    disputes: await adapter.listDisputes(key),
  };
  const [refunds, disputes] = await Promise.all([
    db().refund.findMany({ where: { paymentId: payment.id, toBalance: false } }),
    db().dispute.findMany({ where: { paymentId: payment.id } }),
  ]);
  await notebook.count(Math.max(refunds.length, theirs.refunds.length));
  await notebook.count(Math.max(disputes.length, theirs.disputes.length));
  const facts = { payment, found, now };
  compareRefunds(facts, refunds, theirs.refunds);
  compareDisputes(facts, disputes, theirs.disputes);
}

interface Facts {
  readonly payment: BookedPayment;
  readonly found: (facts: Pick<Finding, "kind" | "expected" | "actual"> & Partial<Finding>) => void;
  readonly now: Date;
}

interface OurRefund {
  readonly id: string;
  readonly state: "created" | "pending" | "succeeded" | "failed";
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly providerReference: string | null;
  readonly createdAt: Date;
}

function compareRefunds(
  { payment, found, now }: Facts,
  ours: readonly OurRefund[],
  theirs: readonly ProviderRefund[],
): void {
  const repair = { act: "mirror", paymentId: payment.id } as const;
  const matched = new Set<string>();
  for (const there of theirs) {
    const here = ours.find(
      (refund) =>
        refund.providerReference === there.providerReference || refund.id === there.refundId,
    );
    const about = `${payment.id}/refund/${there.providerReference}`;
    const theyHave = `${amountText(there.amount)} ${there.state}`;
    if (here === undefined) {
      // What came to nothing there before we heard of it has moved no money.
      if (there.state === "failed") continue;
      found({ kind: "refund_missing_here", about, expected: "nothing", actual: theyHave, repair });
      continue;
    }
    matched.add(here.id);
    const amount = money(here.amountMinor, here.currency);
    const weHave = `${amountText(amount)} ${here.state}`;
    if (!equalMoney(amount, there.amount)) {
      found({ kind: "refund_amount_differs", about, expected: weHave, actual: theyHave });
    } else if (!sameState(here.state, there.state) && !isFresh(here, now)) {
      found({ kind: "refund_state_differs", about, expected: weHave, actual: theyHave, repair });
    }
  }
  for (const refund of ours) {
    // One that is open is sent, or asked about, at the time stored with it; one that failed moved nothing.
    if (refund.state !== "succeeded" || matched.has(refund.id)) continue;
    found({
      kind: "refund_missing_there",
      about: `${payment.id}/refund/${refund.id}`,
      expected: amountText(money(refund.amountMinor, refund.currency)),
      actual: "nothing",
    });
  }
}

/** `created` and `pending` are both on the way. */
function sameState(here: OurRefund["state"], there: ProviderRefund["state"]): boolean {
  return here === there || (here === "created" && there === "pending");
}

function isFresh(refund: OurRefund, now: Date): boolean {
  const isOpen = refund.state === "created" || refund.state === "pending";
  return isOpen && now.getTime() - refund.createdAt.getTime() < ATTENTION_AFTER_MINUTES * 60_000;
}

interface OurDispute {
  readonly providerReference: string;
  readonly state: ProviderDispute["state"];
  readonly currency: string;
  readonly amountMinor: bigint;
}

function compareDisputes(
  { payment, found }: Facts,
  ours: readonly OurDispute[],
  theirs: readonly ProviderDispute[],
): void {
  const repair = { act: "mirror", paymentId: payment.id } as const;
  for (const there of theirs) {
    const about = `${payment.id}/dispute/${there.providerReference}`;
    const actual = `${amountText(there.amount)} ${there.state}`;
    const here = ours.find((dispute) => dispute.providerReference === there.providerReference);
    if (here === undefined) {
      found({ kind: "dispute_missing_here", about, expected: "nothing", actual, repair });
    } else if (here.state !== there.state) {
      const expected = `${amountText(money(here.amountMinor, here.currency))} ${here.state}`;
      found({ kind: "dispute_state_differs", about, expected, actual, repair });
    }
  }
  for (const here of ours) {
    if (theirs.some((there) => there.providerReference === here.providerReference)) continue;
    found({
      kind: "dispute_missing_there",
      about: `${payment.id}/dispute/${here.providerReference}`,
      expected: `${amountText(money(here.amountMinor, here.currency))} ${here.state}`,
      actual: "nothing",
    });
  }
}
