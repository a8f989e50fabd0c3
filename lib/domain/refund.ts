/** A settled payment with what was given back of it, or is contested, in minor units. */
export interface RefundablePart {
  readonly paymentId: string;
  /** Whether its provider can pay money back to where it came from. */
  readonly toOrigin: boolean;
  readonly amountMinor: bigint;
  readonly refundedMinor: bigint;
  /** Taken back by the provider because of a dispute that is open or lost. */
  readonly disputedMinor: bigint;
}

/** What can still be given back of a payment. */
export function refundableMinor(part: Omit<RefundablePart, "paymentId" | "toOrigin">): bigint {
  const left = part.amountMinor - part.refundedMinor - part.disputedMinor;
  return left > 0n ? left : 0n;
}

/**
 * Which payments an amount is given back from: those whose provider can pay it back first, so that money
 * goes to where it came from as far as possible. Null when there is not that much left.
 */
export function splitRefund(
  parts: readonly RefundablePart[],
  amountMinor: bigint,
): readonly { readonly paymentId: string; readonly amountMinor: bigint }[] | null {
  let left = amountMinor;
  const taken = [];
  for (const part of parts.toSorted((a, b) => Number(b.toOrigin) - Number(a.toOrigin))) {
    const most = refundableMinor(part);
    const take = most < left ? most : left;
    if (take > 0n) taken.push({ paymentId: part.paymentId, amountMinor: take });
    left -= take;
  }
  return left === 0n ? taken : null;
}

/** A refund that failed and is owed still. */
export interface OwedRefund {
  readonly id: string;
  readonly amountMinor: bigint;
}

/** How a refund that somebody made at the provider is taken into the books; the parts make it up. */
export interface MirroredRefund<R extends OwedRefund> {
  /** Given back anew. */
  readonly freshMinor: bigint;
  /** Refunds of ours that had failed, and that it pays instead. */
  readonly repeats: readonly R[];
  /** More than there was to give back. */
  readonly excessMinor: bigint;
}

/**
 * What a refund made at the provider is: a failed one of ours made again when it is just as much; else given
 * back anew as far as something is left, then what is owed of failed ones, and what remains is too much.
 *
 * @param leftMinor of the payment, what is owed counted as given back
 */
export function decideMirrored<R extends OwedRefund>(
  amountMinor: bigint,
  leftMinor: bigint,
  owed: readonly R[],
): MirroredRefund<R> {
  const same = owed.find((each) => each.amountMinor === amountMinor);
  if (same !== undefined) return { freshMinor: 0n, repeats: [same], excessMinor: 0n };
  const freshMinor = amountMinor < leftMinor ? amountMinor : leftMinor;
  let rest = amountMinor - freshMinor;
  const repeats: R[] = [];
  for (const each of owed) {
    if (each.amountMinor > rest) continue;
    repeats.push(each);
    rest -= each.amountMinor;
  }
  return { freshMinor, repeats, excessMinor: rest };
}
