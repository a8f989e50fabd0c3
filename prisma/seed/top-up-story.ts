import { money } from "#lib/domain/money.ts";
import { lettersOf, orderNumberOf, uuidOf } from "./ids.ts";
import type { Person } from "./person.ts";

const PAYING_MS = 52_000;

/** Tells of a top-up of the balance by card: the order, its payment, the journal and the notice. */
export function addTopUp(
  person: Person,
  story: { readonly key: string; readonly placedAt: Date; readonly amountMinor: bigint },
): void {
  const { rows, books } = person.setting;
  const orderId = uuidOf("order", story.key);
  const paymentId = uuidOf("payment", story.key);
  const amount = money(story.amountMinor, person.currency);
  const number = orderNumberOf(story.key);
  const paidAt = new Date(story.placedAt.getTime() + PAYING_MS);
  rows.orders.push({
    id: orderId,
    number,
    kind: "topup",
    accountId: person.accountId,
    attemptId: uuidOf("attempt", story.key),
    state: "completed",
    currency: amount.currency,
    totalMinor: amount.amountMinor,
    taxMinor: 0n,
    locale: person.locale,
    placedAt: story.placedAt,
    paidAt,
    completedAt: paidAt,
  });
  rows.phases.set(number, "credited");
  rows.payments.push({
    id: paymentId,
    orderId,
    adapter: "stripe",
    state: "settled",
    currency: amount.currency,
    amountMinor: amount.amountMinor,
    createdAt: story.placedAt,
    expiresAt: new Date(story.placedAt.getTime() + 3_600_000),
    settledAt: paidAt,
    polls: 1,
    providerReference: `cs_test_a1${lettersOf(56, "session", story.key)}`,
    providerPaymentId: `pi_3${lettersOf(23, "intent", story.key)}`,
  });
  books.topUp({ id: paymentId, orderId, at: paidAt }, person.accountId, amount);
  rows.notices.push({
    id: uuidOf("notice", story.key),
    orderId,
    accountId: person.accountId,
    template: "balance_topped_up",
    locale: person.locale,
    state: "sent",
    attempts: 1,
    createdAt: paidAt,
    sentAt: new Date(paidAt.getTime() + 900),
  });
  for (const [action, at] of [
    ["order.placed", story.placedAt],
    ["payment.settled", paidAt],
    ["order.completed", paidAt],
  ] as const) {
    rows.auditEvents.push({
      id: uuidOf("audit", action, orderId),
      at,
      actorKind: action === "order.placed" ? "customer" : "system",
      actorId: action === "order.placed" ? person.accountId : null,
      action,
      subject: `order ${number}`,
      correlationId: orderId,
    });
  }
}
