import { createHash } from "node:crypto";
import type { PaymentAdapter } from "#lib/payments/port.ts";

/**
 * The id under which a payout is booked: made from the provider's own reference (a UUID of version 8,
 * RFC 9562), so that the ledger books it once whoever finds it.
 */
export function payoutId(adapter: PaymentAdapter["id"], providerReference: string): string {
  const hash = createHash("sha256").update(`payout ${adapter} ${providerReference}`).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString("hex", 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
