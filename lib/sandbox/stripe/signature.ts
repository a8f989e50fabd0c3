import { createHmac } from "node:crypto";

/**
 * Stripe's webhook signature: `t=<seconds>,v1=<hex HMAC-SHA256 of "t.body">`
 * (docs.stripe.com/webhooks, "Verify webhook signatures manually"). Several secrets give several
 * `v1` parts, as during a rotation.
 */
export function signatureHeader(body: string, secrets: string[], atSeconds: number): string {
  const parts = secrets.map(
    (secret) => `v1=${createHmac("sha256", secret).update(`${atSeconds}.${body}`).digest("hex")}`,
  );
  return [`t=${atSeconds}`, ...parts].join(",");
}
