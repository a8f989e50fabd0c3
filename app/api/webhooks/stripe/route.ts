import { paymentAdapter } from "#lib/payments/registry.ts";
import { signatureTime } from "#lib/services/provider-event/signature-time.ts";
import { receiveWebhook } from "../receive-webhook.ts";

/** Stripe's events, signed over the raw body (docs.stripe.com/webhooks). */
export async function POST(request: Request): Promise<Response> {
  return await receiveWebhook(request, "stripe", async (headers, rawBody) => {
    const now = await signatureTime();
    const parsed = await paymentAdapter("stripe").parseWebhook(headers, rawBody, now);
    if (parsed.kind !== "event") return parsed;
    const { eventId, type, paymentId, providerReference, providerPaymentId } = parsed.event;
    return {
      kind: "event",
      event: { eventId, type, reference: { paymentId, providerReference, providerPaymentId } },
    };
  });
}
