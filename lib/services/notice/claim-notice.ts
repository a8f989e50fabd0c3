import { LEASE_SECONDS } from "#lib/config/limits.ts";
import { sqlNow } from "#lib/db/clock.ts";
import { db, type Prisma } from "#lib/db/client.ts";
import type { Instruction } from "#lib/domain/bank-account.ts";
import { isLocale, type Locale, type LocalizedText } from "#lib/domain/locale.ts";
import { money, type Money } from "#lib/domain/money.ts";
import type { PaymentMethod } from "#lib/domain/payment-method.ts";
import { bankTransfers } from "#lib/payments/registry.ts";
import { SoldTermsSchema } from "#lib/services/plan/schemas.ts";
import { NOTICE_TEMPLATES, type NoticeTemplate } from "./queue-notice.ts";

/** A notice that is to be sent now, with everything its text says. */
export interface ClaimedNotice {
  readonly id: string;
  readonly orderId: string;
  readonly template: NoticeTemplate;
  readonly to: string;
  readonly locale: Locale;
  readonly timeZone: string;
  readonly customerName: string;
  readonly orderNumber: string;
  /** null: a top-up of the balance. */
  readonly service: { readonly planName: LocalizedText; readonly iccid: string } | null;
  readonly total: Money;
  /** What was given back, once for each place it goes to. */
  readonly refunds: readonly NoticedRefund[];
  readonly dataBytes: bigint | null;
  readonly dataFrom: Date | null;
  readonly dataUntil: Date | null;
  readonly endReason: string | null;
  /** null: nothing of the order is paid by bank transfer, or it is not begun. */
  readonly transfer: NoticedTransfer | null;
}

/** What a notice tells of money that goes back. */
interface NoticedRefund {
  readonly amount: Money;
  /** How it was paid, and goes back; null: it is on the balance. */
  readonly method: PaymentMethod | null;
  readonly at: Date;
}

/** What a notice tells of a bank transfer. */
export interface NoticedTransfer {
  readonly instructions: readonly Instruction[];
  readonly missing: Money;
  readonly payBy: Date;
  /** Arrived and kept for the order, or on the balance when it was over before it was complete. */
  readonly received: Money;
  /** What arrived last without being wanted for the order, and is on the balance. */
  readonly credited: Money;
}

/** Asks for money that is waited for; when none is any more, they are not sent. */
const ASKING: readonly NoticeTemplate[] = [
  "bank_transfer_instructions",
  "bank_transfer_reminder",
  "bank_transfer_short",
];

/**
 * Owns a queued notice for a lease, or returns null when it was sent, is not due, or another worker has it,
 * or when it would ask for money that is not waited for any more (it is then cancelled).
 * Should the worker die, the notice is due again when the lease is over.
 */
export async function claimNotice(input: {
  readonly noticeId: string;
}): Promise<ClaimedNotice | null> {
  const claimed = await db().$queryRaw<{ id: string }[]>`
    UPDATE notice SET attempts = attempts + 1, next_attempt_at = ${sqlNow()} + make_interval(secs => ${LEASE_SECONDS})
      WHERE id = ${input.noticeId}::uuid AND state = 'queued' AND next_attempt_at <= ${sqlNow()}
      RETURNING id`;
  if (claimed.length === 0) return null;
  const notice = await db().notice.findUniqueOrThrow({
    where: { id: input.noticeId },
    include: {
      account: true,
      order: {
        include: {
          esim: { select: { iccid: true } },
          items: { include: { bucket: true }, orderBy: { position: "asc" } },
          refunds: {
            // What failed was not sent; what is sent another way instead is a refund of its own.
            where: { state: { not: "failed" } },
            include: { payment: { select: { adapter: true } } },
            orderBy: { createdAt: "asc" },
          },
          payments: {
            where: { adapter: "bank_transfer" },
            include: { bankLines: { orderBy: { createdAt: "desc" } } },
          },
        },
      },
    },
  });
  const { order, account } = notice;
  const template = toTemplate(notice.template);
  const [payment] = order.payments;
  if (ASKING.includes(template) && payment?.state !== "pending") {
    await db().notice.updateMany({
      where: { id: notice.id, state: "queued" },
      data: { state: "cancelled", nextAttemptAt: null },
    });
    return null;
  }
  const item = order.items[0];
  const terms = item === undefined ? null : SoldTermsSchema.parse(item.terms);
  return {
    id: notice.id,
    orderId: order.id,
    template,
    to: order.contactEmail ?? account.email,
    locale: isLocale(notice.locale) ? notice.locale : "en",
    timeZone: account.timeZone,
    customerName: account.name,
    orderNumber: order.number,
    service:
      terms === null || order.esim === null
        ? null
        : { planName: terms.name, iccid: order.esim.iccid },
    total: money(order.totalMinor, order.currency),
    refunds: toRefunds(order.refunds),
    dataBytes: terms?.dataBytes ?? null,
    dataFrom: item?.bucket?.validFrom ?? null,
    dataUntil: item?.bucket?.validUntil ?? null,
    endReason: order.endReason,
    transfer: payment === undefined ? null : toTransfer(payment),
  };
}

type Refunds = Prisma.RefundGetPayload<{
  include: { payment: { select: { adapter: true } } };
}>[];

/** The sums by where they go, the balance first. */
function toRefunds(refunds: Refunds): readonly NoticedRefund[] {
  const sums = new Map<PaymentMethod | null, NoticedRefund>();
  for (const { toBalance, payment, amountMinor, currency, createdAt } of refunds) {
    const method = toBalance ? null : payment.adapter;
    const before = sums.get(method)?.amount.amountMinor ?? 0n;
    sums.set(method, { amount: money(before + amountMinor, currency), method, at: createdAt });
  }
  return [...sums.values()].toSorted(
    (a, b) => Number(a.method !== null) - Number(b.method !== null),
  );
}

function toTransfer(
  payment: Prisma.PaymentGetPayload<{ include: { bankLines: true } }>,
): NoticedTransfer | null {
  const { providerReference: reference, expiresAt, currency, bankLines } = payment;
  if (reference === null || expiresAt === null) return null;
  const keptMinor = bankLines.reduce((sum, line) => sum + line.keptMinor, 0n);
  const credited = bankLines.find((line) => CREDITED.includes(line.match));
  const missing = money(payment.amountMinor - keptMinor, currency);
  return {
    instructions: bankTransfers().instructions({ amount: missing, reference }) ?? [],
    missing,
    payBy: expiresAt,
    received: money(keptMinor, currency),
    credited: money(credited?.amountMinor ?? 0n, credited?.currency ?? currency),
  };
}

/** Matches of a line whose money went to the balance although a payment was meant. */
const CREDITED = ["late", "duplicate", "other_currency"];

function toTemplate(name: string): NoticeTemplate {
  const known = NOTICE_TEMPLATES.find((template) => template === name);
  if (known !== undefined) return known;
  throw new Error(`Unknown notice template ${name}`);
}
