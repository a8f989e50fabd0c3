import { createHash } from "node:crypto";

/**
 * The id under which something is booked that has no row of its own: made from what names it (a UUID of
 * version 8, RFC 9562), so that the ledger books it once whoever finds it.
 */
export function derivedId(parts: readonly string[]): string {
  const hash = createHash("sha256").update(parts.join(" ")).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString("hex", 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
