import { log } from "#lib/observability/log.ts";
import {
  recordProviderEvent,
  type IncomingEvent,
} from "#lib/services/provider-event/record-provider-event.ts";
import { readRawBody } from "./read-body.ts";

/** A message that was checked, or why it is not believed. */
export type CheckedWebhook =
  | { readonly kind: "event"; readonly event: Omit<IncomingEvent, "adapter"> }
  | { readonly kind: "forged" | "malformed" | "unverifiable"; readonly reason: string };

/**
 * Answers a provider's message: 2xx once it is stored, 4xx when it is forged or malformed (sending it
 * again would not help), 5xx when it could not be verified now or stored (so that it is sent again).
 *
 * @param check verifies the signature over the raw body
 */
export async function receiveWebhook(
  request: Request,
  adapter: IncomingEvent["adapter"],
  check: (headers: Headers, rawBody: string) => Promise<CheckedWebhook>,
): Promise<Response> {
  const rawBody = await readRawBody(request);
  if (rawBody === null) return answer(413, "too large");
  let checked: CheckedWebhook;
  try {
    checked = await check(request.headers, rawBody);
  } catch (error) {
    log().error({ err: error, adapter }, "webhook not checked");
    return answer(503, "not checked");
  }
  if (checked.kind !== "event") {
    log().warn({ adapter, kind: checked.kind, reason: checked.reason }, "webhook refused");
    return answer(checked.kind === "unverifiable" ? 503 : 400, checked.kind);
  }
  try {
    await recordProviderEvent({ adapter, ...checked.event });
  } catch (error) {
    log().error({ err: error, adapter }, "webhook not stored");
    return answer(503, "not stored");
  }
  return answer(200, "stored");
}

function answer(status: number, result: string): Response {
  return Response.json({ result }, { status, headers: { "Cache-Control": "no-store" } });
}
