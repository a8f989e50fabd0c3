import { randomBytes } from "node:crypto";

let lastMs = 0;
let inMs = 0;

/**
 * An id for a row that is inserted by SQL: a UUID of version 7 (RFC 9562), so that ids made one after the
 * other in this process are in order, as those that Prisma makes are.
 */
export function newRowId(): string {
  const now = Date.now();
  // Within a millisecond (or when the clock was set back) the 12 bits of rand_a count.
  inMs = now > lastMs ? 0 : inMs + 1;
  if (inMs > 0xfff) {
    inMs = 0;
    lastMs += 1;
  }
  lastMs = Math.max(lastMs, now);
  const bytes = randomBytes(16);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | inMs, 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
