import { createHmac } from "node:crypto";

/** What eSIM Access signs: the parts are joined without a separator. */
export interface SignedRequest {
  /** Milliseconds since the epoch, as text. */
  readonly timestamp: string;
  readonly requestId: string;
  readonly accessCode: string;
  /** The body exactly as it is sent. */
  readonly body: string;
}

/**
 * The value of `RT-Signature`: lower-case hex of HMAC-SHA256 over timestamp, request id, access code
 * and body (eSIM Access API, "Authentication").
 */
export function signature(request: SignedRequest, secret: string): string {
  const { timestamp, requestId, accessCode, body } = request;
  return createHmac("sha256", secret)
    .update(timestamp + requestId + accessCode + body)
    .digest("hex");
}
