import { z } from "zod";
import type { ParsedPaymentWebhook, PaymentEvent } from "../port.ts";
import type { PayPalClient } from "./client.ts";
import { ourId } from "./wire.ts";

/** The headers of a message, as long as PayPal's schema of the verification request lets them be. */
const HeadersSchema = z.object({
  auth_algo: z
    .string()
    .max(100)
    .regex(/^[a-zA-Z0-9]+$/),
  cert_url: z.url({ protocol: /^https?$/ }).max(500),
  transmission_id: z
    .string()
    .max(50)
    .regex(/^[\w-]+$/),
  transmission_sig: z
    .string()
    .max(500)
    .regex(/^[A-Za-z0-9+/]+=*$/),
  transmission_time: z.iso.datetime({ offset: true }).max(100),
});

const VerdictSchema = z.object({ verification_status: z.enum(["SUCCESS", "FAILURE"]) });

const id = z.string().min(1).max(255);
const link = z.object({ rel: z.string(), href: z.string() });

const EventSchema = z.object({
  id,
  event_type: id,
  resource: z.object({
    id: id.nullish().catch(null),
    custom_id: z.string().nullish().catch(null),
    order_id: id.nullish().catch(null),
    purchase_units: z
      .array(z.object({ custom_id: z.string().nullish().catch(null) }))
      .nullish()
      .catch(null),
    supplementary_data: z
      .object({ related_ids: z.object({ order_id: id.nullish() }).nullish() })
      .nullish()
      .catch(null),
    disputed_transactions: z
      .array(z.object({ seller_transaction_id: id.nullish(), custom: z.string().nullish() }))
      .nullish()
      .catch(null),
    metadata: z.object({ order_id: id.nullish() }).nullish().catch(null),
    links: z.array(link).nullish().catch(null),
  }),
});

/**
 * Has PayPal check its signature and reads the event. PayPal is given the body character for
 * character: it signs a checksum of it. The age of a message is not looked at, for PayPal does not
 * say whether one that is sent again for three days keeps its first time.
 *
 * `forged`: a header is missing or misshapen, or PayPal says that it did not sign this.
 * `unverifiable`: PayPal could not be asked. `malformed`: no JSON object, or well signed and no event.
 */
export async function parsePayPalWebhook(
  client: PayPalClient,
  webhookId: string,
  headers: Headers,
  rawBody: string,
): Promise<ParsedPaymentWebhook> {
  const signature = HeadersSchema.safeParse({
    auth_algo: headers.get("paypal-auth-algo"),
    cert_url: headers.get("paypal-cert-url"),
    transmission_id: headers.get("paypal-transmission-id"),
    transmission_sig: headers.get("paypal-transmission-sig"),
    transmission_time: headers.get("paypal-transmission-time"),
  });
  if (!signature.success) {
    const field = String(signature.error.issues[0]?.path[0] ?? "signature");
    return { kind: "forged", reason: `no readable ${field}` };
  }
  const payload = parseObject(rawBody);
  if (payload === null) return { kind: "malformed", reason: "the body is not a JSON object" };

  const asked = JSON.stringify({ ...signature.data, webhook_id: webhookId });
  const answer = await client.ask({
    method: "POST",
    path: "/v1/notifications/verify-webhook-signature",
    body: `${asked.slice(0, -1)},"webhook_event":${rawBody}}`,
  });
  if (answer.kind !== "answered") {
    // Also when PayPal refuses the question: that is about our credentials, not about the message.
    const reason = answer.kind === "refused" ? answer.code : answer.reason;
    return { kind: "unverifiable", reason };
  }
  const verdict = VerdictSchema.safeParse(answer.body);
  if (!verdict.success) return { kind: "unverifiable", reason: "unreadable verdict" };
  if (verdict.data.verification_status !== "SUCCESS") {
    return { kind: "forged", reason: "PayPal did not sign this" };
  }
  const event = readPayPalEvent(payload, client.live);
  return event === null
    ? { kind: "malformed", reason: "the body is not an event" }
    : { kind: "event", event, payload };
}

/** What an event is about; null when it is none. An event of an unknown kind names nothing. */
export function readPayPalEvent(payload: unknown, live: boolean): PaymentEvent | null {
  const result = EventSchema.safeParse(payload);
  if (!result.success) return null;
  const { id: eventId, event_type: type, resource } = result.data;
  const fact = { eventId, type, live };
  const paymentId = ourId(resource.custom_id ?? resource.purchase_units?.[0]?.custom_id);
  if (type.startsWith("CHECKOUT.ORDER.")) {
    const providerReference = resource.id ?? null;
    return { ...fact, providerReference, providerPaymentId: null, paymentId };
  }
  if (type === "CHECKOUT.PAYMENT-APPROVAL.REVERSED") {
    const providerReference = resource.order_id ?? null;
    return { ...fact, providerReference, providerPaymentId: null, paymentId };
  }
  if (type === "PAYMENT.CAPTURE.REFUNDED" || type === "PAYMENT.CAPTURE.REVERSED") {
    // The resource is the refund, whose own id is none of a payment's; it points up to its capture.
    const up = resource.links?.find(({ rel }) => rel === "up")?.href;
    const providerPaymentId = /\/v2\/payments\/captures\/([A-Z0-9]+)$/.exec(up ?? "")?.[1] ?? null;
    return { ...fact, providerReference: null, providerPaymentId, paymentId: null };
  }
  if (type.startsWith("PAYMENT.CAPTURE.")) {
    const providerReference = resource.supplementary_data?.related_ids?.order_id ?? null;
    return { ...fact, providerReference, providerPaymentId: resource.id ?? null, paymentId };
  }
  if (type.startsWith("CUSTOMER.DISPUTE.")) {
    const disputed = resource.disputed_transactions?.[0];
    return {
      ...fact,
      providerReference: null,
      providerPaymentId: disputed?.seller_transaction_id ?? null,
      paymentId: ourId(disputed?.custom),
    };
  }
  if (type === "VAULT.PAYMENT-TOKEN.CREATED") {
    // A wallet may be kept only some time after it has paid: the order then says so.
    const providerReference = resource.metadata?.order_id ?? null;
    return { ...fact, providerReference, providerPaymentId: null, paymentId: null };
  }
  return { ...fact, providerReference: null, providerPaymentId: null, paymentId: null };
}

function parseObject(rawBody: string): object | null {
  try {
    const value: unknown = JSON.parse(rawBody);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    // Said by the caller: it is no message of PayPal's.
    return null;
  }
}
