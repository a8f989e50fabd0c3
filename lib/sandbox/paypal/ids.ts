import { randomBytes } from "node:crypto";

const capitals = "ABCDEFGHJKLMNPRSTUVWXY0123456789";
const small = "abcdefghijkmnpqrstuvwxyz23456789";

function randomText(length: number, alphabet: string): string {
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join("");
}

/** An id of an order, a capture, a refund or another transaction: 17 capitals and digits. */
export function newTransactionId(): string {
  return randomText(17, capitals);
}

export function newEventId(): string {
  return `WH-${randomText(17, capitals)}-${randomText(17, capitals)}`;
}

export function newDisputeId(): string {
  return `PP-R-${randomText(3, capitals.slice(0, 20))}-${randomText(8, "0123456789")}`;
}

export function newTokenId(): string {
  return randomText(17, small);
}

export function newCustomerId(): string {
  return randomText(10, capitals);
}

/** What PayPal writes into `debug_id`. */
export function newDebugId(): string {
  return randomBytes(7).toString("hex").slice(0, 13);
}

export function newAccessToken(): string {
  return `A21AA${randomBytes(48).toString("base64url")}`;
}
