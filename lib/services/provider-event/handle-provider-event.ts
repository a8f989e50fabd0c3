import { z } from "zod";
import { SYSTEM } from "#lib/access/actor.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db, type Prisma } from "#lib/db/client.ts";
import { log } from "#lib/observability/log.ts";
import { syncUsage } from "#lib/services/esim/sync-usage.ts";
import { settlePayment } from "#lib/services/payment/settle-payment.ts";
import { sendRefund } from "#lib/services/refund/send-refund.ts";

const Reference = z.object({
  paymentId: z.string().nullish(),
  providerReference: z.string().nullish(),
  providerPaymentId: z.string().nullish(),
  iccid: z.string().nullish(),
  carrierEsimId: z.string().nullish(),
});

/**
 * Does what a stored message hints at, by asking its sender: payments are settled through the one path,
 * open refunds are asked about, usage is read. Safe to run again. What a message is about may be unknown
 * here (another shop on the same account): it is then only marked as handled.
 */
export async function handleProviderEvent(input: {
  readonly providerEventId: string;
}): Promise<void> {
  const event = await db().providerEvent.findUniqueOrThrow({
    where: { id: input.providerEventId },
  });
  if (event.processedAt !== null) return;
  const reference = Reference.parse(event.payload);
  const result =
    event.adapter === "stripe" || event.adapter === "paypal"
      ? await handlePaymentEvent(event.adapter, reference)
      : await handleCarrierEvent(reference);
  log().info({ adapter: event.adapter, type: event.type, result }, "provider event handled");
  await db().providerEvent.update({
    where: { id: event.id },
    data: { processedAt: await businessNow(), result },
  });
}

async function handlePaymentEvent(
  adapter: "stripe" | "paypal",
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
