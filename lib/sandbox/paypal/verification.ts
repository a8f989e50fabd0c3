import type { Call } from "./call.ts";
import { read, verifyRequest } from "./requests.ts";
import { isOurs } from "./signature.ts";

/**
 * Says whether an event was signed by PayPal for this webhook. The event counts as it stands in the
 * request, character for character: written anew, its checksum is another one.
 */
export function verifySignature({ world, body, rawBody }: Call) {
  const given = read(verifyRequest, body);
  const transmission = {
    id: given.transmission_id,
    time: given.transmission_time,
    webhookId: given.webhook_id,
    body: rawMember(rawBody, "webhook_event"),
  };
  const isGood =
    given.auth_algo === "SHA256withRSA" &&
    isOurs(world.standIn.store, transmission, given.transmission_sig);
  return { status: 200, body: { verification_status: isGood ? "SUCCESS" : "FAILURE" } };
}

/** The text of one member of a JSON object, exactly as it was written; "" when there is none. */
export function rawMember(json: string, name: string): string {
  let place = json.indexOf("{") + 1;
  while (place > 0 && place < json.length) {
    place = skip(json, place, /[\s,]/);
    const keyEnd = valueEnd(json, place);
    const key = json.slice(place, keyEnd);
    const start = skip(json, json.indexOf(":", keyEnd) + 1, /\s/);
    const end = valueEnd(json, start);
    if (key === JSON.stringify(name)) return json.slice(start, end);
    if (end <= place) return "";
    place = end;
  }
  return "";
}

function skip(json: string, from: number, what: RegExp): number {
  let place = from;
  while (what.test(json.charAt(place))) place += 1;
  return place;
}

/** Where the JSON value that begins at `start` ends. */
function valueEnd(json: string, start: number): number {
  let depth = 0;
  for (let place = start; place < json.length; place += 1) {
    const character = json.charAt(place);
    if (character === '"') place = stringEnd(json, place);
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    else if (depth === 0 && /[\s,:]/.test(character)) return place;
    if (depth === 0 && /["}\]]/.test(json.charAt(place))) return place + 1;
    if (depth < 0) return place;
  }
  return json.length;
}

/** The place of the quotation mark that closes the string which opens at `start`. */
function stringEnd(json: string, start: number): number {
  let place = start + 1;
  while (place < json.length && json.charAt(place) !== '"') {
    place += json.charAt(place) === "\\" ? 2 : 1;
  }
  return place;
}
