import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * eSIM Access Partner API (docs.esimaccess.com), version 1 with its updates to April 2026:
 * envelope, error codes, signature, times.
 */

/** Messages of the error codes this stand-in uses, as the vendor's table words them. */
export const errorMessages: Record<string, string> = {
  "000001": "Server error",
  "000101": "Request header (mandatory) is null",
  "000102": "Wrong request header format",
  "000103": "This https request method (get/post ) is not supported",
  "000104": "Request in invalid JSON format",
  "000105": "Request parameters (mandatory) are not contained",
  "000106": "Request parameter (mandatory) is null",
  "000107": "The length of the request parameter does not meet the requirement.",
  "101001": "The timestamp of the request has expired.",
  "101002": "This IP is in the blocklist.",
  "101003": "Request signature mismatch.",
  "200002": "This operation is not allowed due to the order status.",
  "200005": "Package price error. Check price.",
  "200006": "Total order price amount is wrong. Check prices.",
  "200007": "Insufficient account balance",
  "200008": "Order parameters error, please contact customer service.",
  "200009": "Abnormal order status",
  "200010": "Profile is being downloaded for the order.",
  "200011": "Insufficient available Profiles for the package, please contact the customer service.",
  "310241": "The packageCode does not exist.",
  "310243": "The package does not exist.",
  "310272": "The orderNo does not exist.",
  "310403": "The ICCID does not exist in the order.",
  "900001": "The system is busy, please try again later.",
};

/** A refusal in the vendor's words; answered with HTTP 200 and `success: false`. */
export class EsimAccessRefusal extends Error {
  readonly code: string;

  constructor(code: string, detail?: string) {
    const message = errorMessages[code] ?? "Refused";
    super(detail ? `${message} (${detail})` : message);
    this.code = code;
  }
}

/** The envelope of every answer. */
export interface Envelope {
  success: boolean | "true" | "false";
  errorCode: string | null;
  errorMsg: string | null;
  obj: unknown;
}

/** `RT-Signature`: hex HMAC-SHA256 of timestamp + request id + access code + body. */
export function sign(
  secret: string,
  parts: { timestamp: string; requestId: string; accessCode: string; body: string },
): string {
  return createHmac("sha256", secret)
    .update(parts.timestamp + parts.requestId + parts.accessCode + parts.body)
    .digest("hex");
}

/** Compares two texts in constant time. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** "2026-11-22T14:40:00+0000", the vendor's way to write UTC in answers. */
export function vendorTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "+0000");
}

/** "2026-11-22T14:40:00Z", its way in notifications. */
export function notificationTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
