import { z } from "zod";
import { SYSTEM } from "#lib/access/actor.ts";
import { businessNow, sqlNow } from "#lib/db/clock.ts";
import { db, type Prisma } from "#lib/db/client.ts";
import { log } from "#lib/observability/log.ts";
import { syncUsage } from "#lib/services/esim/sync-usage.ts";
import { mirrorPayment } from "#lib/services/payment/mirror-payment.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { adoptSavedMethod } from "#lib/services/saved-method/adopt-saved-method.ts";
import { sendRefund } from "#lib/services/refund/send-refund.ts";

const Reference = z.object({
  paymentId: z.string().nullish(),
  providerReference: z.string().nullish(),
  providerPaymentId: z.string().nullish(),
  iccid: z.string().nullish(),
  carrierEsimId: z.string().nullish(),
});

/** After this many attempts a message is left to people. */
const MOST_ATTEMPTS = 8;
/** The pause after the first attempt; each next one is twice as long. */
const FIRST_PAUSE_SECONDS = 30;

/**
 * Does what a stored message hints at, by asking its sender: payments are settled through the one path,
 * open refunds are asked about, usage is read. Safe to run again. What a message is about may be unknown
 * here (another shop on the same account): it is then only marked as handled.
 *
 * Its next attempt is stored before it is worked on, so that two never work on it at once and one that
 * always fails comes up ever more rarely. After {@link MOST_ATTEMPTS} it is "set aside": not handled, not
 * tried again. Until its time comes, nothing is done.
 */
export async function handleProviderEvent(input: {
  readonly providerEventId: string;
}): Promise<void> {
  const event = await claim(input.providerEventId);
  if (event === null) return;
  try {
    const result = await work(event);
    log().info({ adapter: event.adapter, type: event.type, result }, "provider event handled");
    await db().providerEvent.update({
      where: { id: event.id },
      data: { processedAt: await businessNow(), nextAttemptAt: null, result },
    });
  } catch (error) {
    if (event.attempts >= MOST_ATTEMPTS) await setAside(event);
    throw error;
  }
}

interface ClaimedEvent {
  readonly id: string;
  readonly adapter: string;
  readonly type: string;
  readonly payload: unknown;
  /** This one included. */
  readonly attempts: number;
}

/** Takes one attempt of a message whose time has come, its first one at once; null when it is not due. */
async function claim(id: string): Promise<ClaimedEvent | null> {
  const claimed = await db().$queryRaw<ClaimedEvent[]>`
    UPDATE provider_event
      SET attempts = attempts + 1,
          next_attempt_at = ${sqlNow()} + make_interval(secs => ${FIRST_PAUSE_SECONDS}::int * power(2, attempts))
      WHERE id = ${id}::uuid AND processed_at IS NULL AND (attempts = 0 OR next_attempt_at <= ${sqlNow()})
      RETURNING id, adapter, type, payload, attempts`;
  const event = claimed[0];
  if (event === undefined) return null;
  if (event.attempts <= MOST_ATTEMPTS) return event;
  // Its last attempt ended with its worker.
  await setAside(event);
  return null;
}

async function setAside(event: ClaimedEvent): Promise<void> {
  await db().providerEvent.update({
    where: { id: event.id },
    data: { nextAttemptAt: null, result: "set aside" },
  });
  log().error({ providerEventId: event.id, adapter: event.adapter }, "provider event set aside");
}

async function work(event: ClaimedEvent): Promise<string> {
  const reference = Reference.parse(event.payload);
  return event.adapter === "stripe" || event.adapter === "paypal"
    ? await handlePaymentEvent(event.adapter, event.type, reference)
    : await handleCarrierEvent(reference);
}

/** Stripe: charge.refunded, refund.…, charge.dispute.…; PayPal: PAYMENT.CAPTURE.REFUNDED, CUSTOMER.DISPUTE.… */
const ABOUT_MONEY_BACK = /refund|dispute|reversed/i;
/** PayPal may keep a wallet some time after it has paid. */
const KEPT_LATER = "VAULT.PAYMENT-TOKEN.CREATED";

async function handlePaymentEvent(
  adapter: "stripe" | "paypal",
  type: string,
  reference: z.infer<typeof Reference>,
): Promise<string> {
  const known: Prisma.PaymentWhereInput[] = [];
  if (z.uuid().safeParse(reference.paymentId).success && reference.paymentId) {
    known.push({ id: reference.paymentId });
  }
  if (reference.providerReference) known.push({ providerReference: reference.providerReference });
  if (reference.providerPaymentId) known.push({ providerPaymentId: reference.providerPaymentId });
  if (known.length === 0) return "about nothing of ours";
  const payment = await db().payment.findFirst({
    where: { adapter, OR: known },
    include: { refunds: { where: { state: { in: ["created", "pending"] } } } },
  });
  if (payment === null) return "about nothing of ours";
  const settled = await settlePayment(SYSTEM, { paymentId: payment.id });
  for (const refund of payment.refunds) {
    await db().refund.updateMany({
      where: { id: refund.id, state: "pending" },
      data: { nextAttemptAt: await businessNow() },
    });
    await sendRefund({ refundId: refund.id });
  }
  if (ABOUT_MONEY_BACK.test(type)) await mirrorPayment({ paymentId: payment.id });
  if (type === KEPT_LATER) await adoptSavedMethod({ paymentId: payment.id });
  return settled.ok ? `payment ${settled.value.state}` : settled.refusal.code;
}

async function handleCarrierEvent(reference: z.infer<typeof Reference>): Promise<string> {
  const known: Prisma.EsimWhereInput[] = [];
  if (reference.carrierEsimId) known.push({ carrierEsimId: reference.carrierEsimId });
  if (reference.iccid) known.push({ iccid: reference.iccid });
  if (known.length === 0) return "about nothing of ours";
  const esim = await db().esim.findFirst({ where: { carrier: "esim_access", OR: known } });
  if (esim === null) return "about nothing of ours";
  await syncUsage({ esimId: esim.id });
  return "usage read";
}
