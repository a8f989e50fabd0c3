import { env } from "#lib/config/env.ts";
import { paymentAdapter } from "#lib/payments/registry.ts";
import { signatureTime } from "#lib/services/provider-event/signature-time.ts";
import { receiveWebhook } from "../receive-webhook.ts";

/** PayPal's events, whose signature PayPal itself checks (developer.paypal.com/api/rest/webhooks). */
export async function POST(request: Request): Promise<Response> {
  if (env().PAYPAL_WEBHOOK_ID === undefined) return new Response(null, { status: 404 });
  return await receiveWebhook(request, "paypal", async (headers, rawBody) => {
    const now = await signatureTime();
    const parsed = await paymentAdapter("paypal").parseWebhook(headers, rawBody, now);
    if (parsed.kind !== "event") return parsed;
    const { eventId, type, paymentId, providerReference, providerPaymentId } = parsed.event;
    return {
      kind: "event",
      event: { eventId, type, reference: { paymentId, providerReference, providerPaymentId } },
    };
  });
}
