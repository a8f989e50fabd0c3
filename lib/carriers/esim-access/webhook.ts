import { createHash } from "node:crypto";
import { z } from "zod";
import type { ParsedCarrierWebhook } from "../port.ts";
import { parseJsonKeepingDigits } from "./wire.ts";

const shortText = z
  .union([z.string(), z.number().transform(String)])
  .transform((value) => value.trim())
  .pipe(z.string().min(1).max(200));

const MessageSchema = z.object({
  notifyType: shortText,
  notifyId: shortText.nullish().catch(null),
  content: z
    .object({
      iccid: shortText
        .pipe(z.string().regex(/^\d{18,20}$/))
        .nullish()
        .catch(null),
      esimTranNo: shortText.nullish().catch(null),
    })
    .nullish()
    .catch(null),
});

/**
 * Reads a message of eSIM Access. It carries no signature, so it is no more than a hint that
 * something may have changed; the carrier is asked before anything does. Repeats are told by
 * `notifyId`, and where there is none by the hash of the body. CHECK_HEALTH names no eSIM.
 */
export function parseEsimAccessWebhook(rawBody: string): ParsedCarrierWebhook {
  const payload = parseJsonKeepingDigits(rawBody);
  const result = MessageSchema.safeParse(payload);
  if (!result.success) return { kind: "malformed", reason: "not a notification" };
  const { notifyType, notifyId, content } = result.data;
  return {
    kind: "event",
    event: {
      eventId: notifyId ?? `sha256:${createHash("sha256").update(rawBody).digest("hex")}`,
      type: notifyType,
      iccid: content?.iccid ?? null,
      carrierEsimId: content?.esimTranNo ?? null,
    },
    payload,
  };
}
