import type { Tx } from "#lib/db/client.ts";

/** What bank transfers that fell short have brought for a payment, kept until it is complete or over; minor units. */
export async function keptFor(tx: Pick<Tx, "bankLine">, paymentId: string): Promise<bigint> {
  const { _sum } = await tx.bankLine.aggregate({
    where: { paymentId },
    _sum: { keptMinor: true },
  });
  return _sum.keptMinor ?? 0n;
}
