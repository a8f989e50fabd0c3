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
