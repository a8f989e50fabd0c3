import { db, type Prisma } from "#lib/db/client.ts";
import { money, type Money } from "#lib/domain/money.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import type { PaymentState } from "#lib/services/payment/payment-state.ts";

/** A payment as our books have it, with what hangs on it at its provider. */
export interface BookedPayment {
  readonly id: string;
  readonly orderNumber: string;
  readonly state: PaymentState;
  readonly amount: Money;
  readonly providerReference: string | null;
  readonly providerPaymentId: string | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
  /** What was paid back to where it came from. */
  readonly refundedMinor: bigint;
  /** Whether a refund or a dispute of it may still change at the provider. */
  readonly isMoving: boolean;
  readonly feeBooked: boolean;
}

/** Payments of a provider by any of our ids or its references. */
export async function findBookedPayments(
  adapter: PaymentAdapter["id"],
  by: {
    readonly ids?: readonly string[];
    readonly references?: readonly string[];
    readonly providerPaymentIds?: readonly string[];
  },
): Promise<readonly BookedPayment[]> {
  const rows = await db().payment.findMany({
    where: {
      adapter,
      OR: [
        { id: { in: [...(by.ids ?? [])] } },
        { providerReference: { in: [...(by.references ?? [])] } },
        ...(by.providerPaymentIds === undefined
          ? []
          : [{ providerPaymentId: { in: [...by.providerPaymentIds] } }]),
      ],
    },
    include: PARTS,
  });
  return await toBooked(rows);
}

/** Settled payments of a provider that began in a stretch of time, after `after`, by their ids. */
export async function pageOfSettled(
  adapter: PaymentAdapter["id"],
  window: { readonly since: Date; readonly until: Date },
  after: string | null,
  size: number,
): Promise<readonly BookedPayment[]> {
  const rows = await db().payment.findMany({
    where: {
      adapter,
      state: "settled",
      createdAt: { gte: window.since },
      settledAt: { lte: window.until },
      ...(after === null ? {} : { id: { gt: after } }),
    },
    include: PARTS,
    orderBy: { id: "asc" },
    take: size,
  });
  return await toBooked(rows);
}

/** Payments with a dispute that is not decided: nothing that is listed says how it stands. */
export async function idsOfDisputed(adapter: PaymentAdapter["id"]): Promise<readonly string[]> {
  const rows = await db().dispute.findMany({
    where: { state: { in: ["inquiry", "open"] }, payment: { adapter } },
    select: { paymentId: true },
    distinct: ["paymentId"],
  });
  return rows.map((row) => row.paymentId);
}

const PARTS = {
  order: { select: { number: true } },
  refunds: {
    where: { toBalance: false, state: { in: ["created", "pending", "succeeded"] } },
    select: { state: true, amountMinor: true },
  },
  disputes: { where: { state: { in: ["inquiry", "open"] } }, select: { id: true } },
} satisfies Prisma.PaymentInclude;

interface PaymentRow {
  readonly id: string;
  readonly order: { readonly number: string };
  readonly state: PaymentState;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly providerReference: string | null;
  readonly providerPaymentId: string | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
  readonly refunds: readonly { readonly state: string; readonly amountMinor: bigint }[];
  readonly disputes: readonly unknown[];
}

async function toBooked(rows: readonly PaymentRow[]): Promise<readonly BookedPayment[]> {
  if (rows.length === 0) return [];
  const fees = await db().journal.findMany({
    where: { kind: "fee.charged", sourceId: { in: rows.map((row) => row.id) } },
    select: { sourceId: true },
  });
  const withFee = new Set(fees.map((journal) => journal.sourceId));
  return rows.map((row) => ({
    id: row.id,
    orderNumber: row.order.number,
    state: row.state,
    amount: money(row.amountMinor, row.currency),
    providerReference: row.providerReference,
    providerPaymentId: row.providerPaymentId,
    createdAt: row.createdAt,
    settledAt: row.settledAt,
    refundedMinor: row.refunds
      .filter((refund) => refund.state === "succeeded")
      .reduce((sum, refund) => sum + refund.amountMinor, 0n),
    isMoving: row.disputes.length > 0 || row.refunds.some((each) => each.state !== "succeeded"),
    feeBooked: withFee.has(row.id),
  }));
}
