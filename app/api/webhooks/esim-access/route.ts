import { carrierAdapter } from "#lib/carriers/registry.ts";
import { receiveWebhook } from "../receive-webhook.ts";

/** eSIM Access's messages are not signed: each is a hint to ask the carrier, never a fact. */
export async function POST(request: Request): Promise<Response> {
  return await receiveWebhook(request, "esim_access", async (headers, rawBody) => {
    const parsed = carrierAdapter("esim_access").parseWebhook(headers, rawBody);
    if (parsed.kind !== "event") return parsed;
    const { eventId, type, iccid, carrierEsimId } = parsed.event;
    return { kind: "event", event: { eventId, type, reference: { iccid, carrierEsimId } } };
  });
}
