/** A bucket as usage is drawn from it. */
export interface DrawableBucket {
  readonly id: string;
  /** null: unlimited, nothing is drawn. */
  readonly remainingBytes: bigint | null;
  readonly validUntil: Date;
}

/** Clocks differ a little; figures from further ahead are about no time that was. */
const MOST_AHEAD_MS = 5 * 60_000;

/** Why figures of a carrier cannot be, or null when they can. */
export function whyImplausible(
  usage: { readonly usedBytes: bigint; readonly totalBytes: bigint; readonly asOf: Date },
  now: Date,
): string | null {
  if (usage.usedBytes < 0n || usage.totalBytes < 0n) return "less than nothing";
  if (usage.usedBytes > usage.totalBytes) return "more used than there is";
  if (usage.asOf.getTime() > now.getTime() + MOST_AHEAD_MS) return "from the future";
  return null;
}

/**
 * Spreads `usedBytes` of new usage over the buckets that were usable, the one that ends first first, so
 * that the customer loses as little as possible to expiry. What no bucket can hold is left over (the
 * carrier let more through than was sold). Returns the new remainders of the buckets that change.
 *
 * @param usedBytes not negative
 */
export function drawUsage(
  buckets: readonly DrawableBucket[],
  usedBytes: bigint,
): { readonly remaining: ReadonlyMap<string, bigint>; readonly leftOverBytes: bigint } {
  const remaining = new Map<string, bigint>();
  let left = usedBytes;
  for (const bucket of buckets.toSorted(
    (a, b) => a.validUntil.getTime() - b.validUntil.getTime(),
  )) {
    if (left === 0n || bucket.remainingBytes === null) continue;
    const drawn = left < bucket.remainingBytes ? left : bucket.remainingBytes;
    if (drawn === 0n) continue;
    remaining.set(bucket.id, bucket.remainingBytes - drawn);
    left -= drawn;
  }
  return { remaining, leftOverBytes: left };
}
