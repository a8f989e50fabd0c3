import { createHash } from "node:crypto";
import type { Prisma } from "#lib/db/client.ts";
import { money } from "#lib/domain/money.ts";
import {
  isSettledPhase,
  leadingRefund,
  orderPhase,
  orderSteps,
  type OrderFacts,
} from "#lib/domain/order-progress.ts";
import type { OrderView, TransferView } from "#lib/domain/order.ts";
import { bankTransfers } from "#lib/payments/registry.ts";
import { ABANDONED, isTransferred } from "#lib/services/payment/payment-state.ts";
import { SoldTermsSchema } from "#lib/services/plan/schemas.ts";
import { PreviewSchema } from "./schemas.ts";
import { startedPart } from "./started-part.ts";

/** What an order's views are made from; one query. */
export const ORDER_PARTS = {
  esim: { select: { iccid: true, label: true } },
  items: { orderBy: { position: "asc" }, include: { activation: true, period: true } },
  payments: {
    orderBy: { createdAt: "desc" },
    include: { bankLines: { where: { keptMinor: { gt: 0 } }, select: { keptMinor: true } } },
  },
  refunds: { orderBy: { createdAt: "desc" } },
  documents: {
    where: { number: { not: null } },
    orderBy: { issuedAt: "asc" },
    select: { number: true, kind: true },
  },
} satisfies Prisma.OrderInclude;

export type OrderParts = Prisma.OrderGetPayload<{ include: typeof ORDER_PARTS }>;

/** An order as its page shows it. */
export function toOrderView(order: OrderParts): OrderView {
  const { item, payment, facts } = read(order);
  const phase = orderPhase(facts);
  const terms = SoldTermsSchema.nullable().parse(item?.terms ?? null);
  const given = order.refunds.filter((refund) => refund.state !== "failed");
  const refunded = given.reduce((sum, refund) => sum + refund.amountMinor, 0n);
  const payable = phase === "awaiting_payment";
  const transfer = payable ? transferOf(payment) : null;
  const awaited = phase === "payment_processing" && isTransferred(payment);
  return {
    number: order.number,
    phase,
    steps: orderSteps(facts),
    version: versionOf(facts, keptOf(payment)),
    settled: isSettledPhase(phase),
    placedAt: order.placedAt,
    service:
      terms === null || order.esim === null
        ? null
        : {
            iccid: order.esim.iccid,
            esimLabel: order.esim.label,
            planCode: terms.code,
            planName: terms.name,
            preview: PreviewSchema.parse(order.preview),
          },
    total: money(order.totalMinor, order.currency),
    tax: money(order.taxMinor, order.currency),
    refunded: refunded === 0n ? null : money(refunded, order.currency),
    refundedToBalance: given.length > 0 && given.every((refund) => refund.toBalance),
    canCancel: order.state === "held" && item?.activation?.requestedAt === null,
    parts: order.payments.map((part) => ({
      method: part.adapter,
      methodType: part.methodType,
      amount: money(part.amountMinor, part.currency),
    })),
    payUrl: payable ? payment.redirectUrl : null,
    payBy: payable || awaited ? payment.expiresAt : null,
    transfer,
    canGiveUp: transfer !== null || awaited,
    givenUp: payment.reason === ABANDONED,
    startsAt: facts.startsAt,
    documents: order.documents.flatMap(({ number, kind }) =>
      number === null ? [] : [{ number, kind }],
    ),
  };
}

type PaymentPart = OrderParts["payments"][number];

/** What transfers that fell short have brought, minor units. */
function keptOf({ bankLines }: PaymentPart): bigint {
  return bankLines.reduce((sum, line) => sum + line.keptMinor, 0n);
}

/** The instructions for what is missing; null for what is not paid by bank transfer, or not begun yet. */
function transferOf(payment: PaymentPart): TransferView | null {
  const { adapter, providerReference: reference, amountMinor, currency } = payment;
  if (adapter !== "bank_transfer" || reference === null) return null;
  const keptMinor = keptOf(payment);
  const missing = money(amountMinor - keptMinor, currency);
  const { instructions, qrText } = bankTransfers();
  const asked = { amount: missing, reference };
  return {
    // An account that was closed since is not shown: its money would be hard to find.
    instructions: instructions(asked) ?? [],
    qrText: qrText(asked),
    missing,
    received: money(keptMinor, currency),
  };
}

/** Changes whenever the phase or a step of an order does, or money for it arrives. */
function versionOf(facts: OrderFacts, keptMinor: bigint): string {
  const told = JSON.stringify([orderPhase(facts), orderSteps(facts), keptMinor.toString()]);
  return createHash("sha256").update(told).digest("base64url").slice(0, 12);
}

function read(order: OrderParts): {
  readonly item: OrderParts["items"][number] | null;
  readonly payment: OrderParts["payments"][number];
  readonly facts: OrderFacts;
} {
  const item = order.items[0] ?? null;
  const payment = startedPart(order.payments);
  return {
    item,
    payment,
    facts: {
      state: order.state,
      placedAt: order.placedAt,
      paidAt: order.paidAt,
      completedAt: order.completedAt,
      endedAt: order.endedAt,
      startsAt:
        item === null || item.startChoice === "now"
          ? null
          : (item.period?.startsAt ?? item.startsAt),
      payment: { state: payment.state, processing: payment.processing },
      activation: item?.activation ?? null,
      isTopUp: order.kind === "topup",
      refund: leadingRefund(order.refunds),
    },
  };
}
