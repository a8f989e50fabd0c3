import { createPublicKey, createSign, createVerify, generateKeyPairSync } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Store } from "../store.ts";

/**
 * PayPal's webhook signature (developer.paypal.com/api/rest/webhooks): SHA256withRSA over
 * `transmission id|time|webhook id|CRC32 of the body`, the checksum as a decimal number. The key is
 * the stand-in's own, made once and kept.
 */

interface Keys {
  id: string;
  privateKey: string;
}

function keysOf(store: Store): Keys {
  const known = store.find<Keys>("keys", "webhooks");
  if (known) return known;
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const keys = { id: "webhooks", privateKey };
  store.put("keys", keys.id, keys);
  return keys;
}

/** What was signed: everything but the signature itself. */
export interface Transmission {
  id: string;
  time: string;
  webhookId: string;
  body: string;
}

function signedText({ id, time, webhookId, body }: Transmission): string {
  return [id, time, webhookId, crc32(body)].join("|");
}

/** The value of `PAYPAL-TRANSMISSION-SIG`. */
export function sign(store: Store, transmission: Transmission): string {
  const signer = createSign("RSA-SHA256").update(signedText(transmission));
  return signer.sign(keysOf(store).privateKey, "base64");
}

/** Whether this signature is ours, over exactly this. */
export function isOurs(store: Store, transmission: Transmission, signature: string): boolean {
  const publicKey = createPublicKey(keysOf(store).privateKey);
  return createVerify("RSA-SHA256")
    .update(signedText(transmission))
    .verify(publicKey, signature, "base64");
}
