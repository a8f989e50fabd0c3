import { createHash } from "node:crypto";

/** Entries of the table; a power of two. */
const PLACES = 65_536;

/**
 * Finds out which of our rows a provider did not list, in memory that does not grow with their number: each
 * id is mixed (XOR of 64 bits of its hash) into one of 65,536 places when it is ours and again when it was
 * listed, so that a place is zero when its ids are the same on both sides. What lies in another place is
 * suspect: the missing one, and the few that share its place, which the provider is then asked about singly.
 */
export class Tally {
  readonly #places = new BigUint64Array(PLACES);

  /** Counts an id once for our side, or once for theirs: it is the same. Each side may count it once only. */
  mix(id: string): void {
    const { place, bits } = markOf(id);
    this.#places[place] = (this.#places[place] ?? 0n) ^ bits;
  }

  /** Whether no id at all is suspect. */
  isEven(): boolean {
    return this.#places.every((bits) => bits === 0n);
  }

  /** Whether an id may be on one side only. */
  isSuspect(id: string): boolean {
    return this.#places[markOf(id).place] !== 0n;
  }
}

function markOf(id: string): { place: number; bits: bigint } {
  const hash = createHash("sha256").update(id).digest();
  return { place: hash.readUInt16BE(0), bits: hash.readBigUInt64BE(8) };
}
