import Stripe from "stripe";
import { z } from "zod";
import type { ParsedPaymentWebhook, PaymentEvent } from "../port.ts";
import { ourId } from "./answer.ts";

/** How far a signature's time may lie from ours, in seconds, either way. */
const TOLERANCE_SECONDS = 300;

const id = z.string().min(1).max(255);
/** Stripe writes related objects as their id, or whole when they were expanded. */
const reference = z.union([id, z.object({ id }).transform((object) => object.id)]).nullish();

const EventSchema = z.object({
  id,
  type: z.string().min(1).max(255),
  livemode: z.boolean(),
  data: z.object({
    object: z.object({
      id: id.nullish(),
      object: z.string().nullish(),
      payment_intent: reference.catch(null),
      client_reference_id: z.string().nullish().catch(null),
      metadata: z.record(z.string(), z.unknown()).nullish().catch(null),
    }),
  }),
});

/**
 * Checks `Stripe-Signature` over the raw body, against each secret, and reads the event.
 *
 * The time in the signature may be 300 seconds away from `now` in either direction: stripe-node
 * looks at the past only, so the future is checked here. `forged`: the signature is missing, wrong
 * or out of time. `malformed`: well signed, but no event.
 *
 * @param now milliseconds
 */
export function parseStripeWebhook(
  headers: Headers,
  rawBody: string,
  secrets: readonly string[],
  now: number,
): ParsedPaymentWebhook {
  const header = headers.get("stripe-signature");
  if (header === null || header === "") return { kind: "forged", reason: "no signature" };
  const signedAt = timeOf(header);
  if (signedAt === null) return { kind: "forged", reason: "signature without a time" };
  if (signedAt - Math.floor(now / 1000) > TOLERANCE_SECONDS) {
    return { kind: "forged", reason: "signed in the future" };
  }

  let refusal = "no secret is set";
  for (const secret of secrets) {
    let payload: unknown;
    try {
      payload = Stripe.webhooks.constructEvent(
        rawBody,
        header,
        secret,
        TOLERANCE_SECONDS,
        undefined,
        now,
      );
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) {
        refusal = error.message.split("\n")[0] ?? "wrong signature";
        continue;
      }
      // The signature was right and what follows it is no event.
      return { kind: "malformed", reason: "the body is not an event" };
    }
    const event = readEvent(payload);
    return event === null
      ? { kind: "malformed", reason: "the body is not an event" }
      : { kind: "event", event, payload };
  }
  return { kind: "forged", reason: refusal };
}

/** What an event is about; an object of an unknown kind names nothing. */
function readEvent(payload: unknown): PaymentEvent | null {
  const result = EventSchema.safeParse(payload);
  if (!result.success) return null;
  const { id: eventId, type, livemode: live, data } = result.data;
  const subject = data.object;
  const fact = { eventId, type, live };
  const intentId = subject.payment_intent ?? null;
  const paymentId = ourId(text(subject.metadata?.["payment_id"]));
  switch (subject.object) {
    case "checkout.session":
      return {
        ...fact,
        providerReference: subject.id ?? null,
        providerPaymentId: intentId,
        paymentId: paymentId ?? ourId(subject.client_reference_id),
      };
    case "payment_intent":
      return {
        ...fact,
        providerReference: null,
        providerPaymentId: subject.id ?? null,
        paymentId,
      };
    case "charge":
    case "refund":
    case "dispute":
      return { ...fact, providerReference: null, providerPaymentId: intentId, paymentId };
    default:
      return { ...fact, providerReference: null, providerPaymentId: null, paymentId: null };
  }
}

/** The time of the signature in seconds, read as stripe-node reads it: the last `t` counts. */
function timeOf(header: string): number | null {
  const times = header
    .split(",")
    .map((part) => part.split("="))
    .filter(([name]) => name === "t");
  const time = Number.parseInt(times.at(-1)?.[1] ?? "", 10);
  return Number.isNaN(time) ? null : time;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
