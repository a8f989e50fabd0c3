import { randomInt } from "node:crypto";

function digits(length: number): string {
  return Array.from({ length }, () => String(randomInt(10))).join("");
}

/** A 19-digit ICCID with a valid check digit. */
export function newIccid(): string {
  const body = `8988247${digits(11)}`;
  let sum = 0;
  for (const [place, digit] of [...body].toReversed().entries()) {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return body + String((10 - (sum % 10)) % 10);
}

/** The vendor's transaction numbers: date, time and four more digits. */
export function newTranNo(now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(/\D/g, "").slice(2, 12);
  return stamp + digits(6);
}

export function newOrderNo(now: number): string {
  return `B${newTranNo(now)}`;
}

/** An activation code of an SM-DP+ that does not exist. */
export function newActivationCode(): string {
  const matchingId = crypto.randomUUID().replaceAll("-", "").toUpperCase();
  return `LPA:1$smdp.sandbox.example$${matchingId}`;
}

export function newImsi(): string {
  return `23210${digits(10)}`;
}
