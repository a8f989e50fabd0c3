import { createHash } from "node:crypto";
import { orderNumber } from "#lib/domain/order.ts";

/**
 * Ids that are the same whenever the demo is seeded: each is derived from a name, so that two
 * databases seeded on the same day can be compared row by row.
 */
function digest(...name: readonly string[]): Buffer {
  return createHash("sha256")
    .update(["axis demo", ...name].join("\n"))
    .digest();
}

/** A UUID of version 8 (RFC 9562, section 5.8). */
export function uuidOf(...name: readonly string[]): string {
  const bytes = digest("uuid", ...name).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

/** An order number with its check character. */
export function orderNumberOf(name: string): string {
  return orderNumber(digest("order", name));
}

/** `count` decimal digits. */
export function digitsOf(count: number, ...name: readonly string[]): string {
  const number = BigInt(`0x${digest("digits", ...name).toString("hex")}`);
  return number.toString().slice(-count).padStart(count, "0");
}

/** `count` letters and digits, as providers write their ids. */
export function lettersOf(count: number, ...name: readonly string[]): string {
  let text = "";
  for (let part = 0; text.length < count; part += 1) {
    text += digest("letters", String(part), ...name)
      .toString("base64")
      .replaceAll(/[^A-Za-z0-9]/g, "");
  }
  return text.slice(0, count);
}

/** An ICCID of 20 digits: telecom (89), an issuer, a serial number and the Luhn digit (ITU-T E.118). */
export function iccidOf(name: string): string {
  const body = `8985223${digitsOf(12, "iccid", name)}`;
  return body + luhnDigit(body);
}

/** The digit that completes `body` by the Luhn formula (ISO/IEC 7812-1, annex B). */
export function luhnDigit(body: string): string {
  const sum = [...body].toReversed().reduce((total, character, index) => {
    const digit = Number(character);
    const weighted = index % 2 === 0 ? digit * 2 : digit;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}
