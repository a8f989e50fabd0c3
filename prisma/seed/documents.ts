import type { Prisma } from "#lib/db/generated/client.ts";
import { uuidOf } from "./ids.ts";
import type { SeedRows } from "./rows.ts";

/** What was paid is owed a receipt, and each refund a credit note; the worker numbers them. */
export function dueDocuments({
  orders,
  refunds,
}: Pick<SeedRows, "orders" | "refunds">): Prisma.DocumentCreateManyInput[] {
  const paid = orders.flatMap(({ id, paidAt }): Prisma.DocumentCreateManyInput[] =>
    id === undefined || paidAt === undefined || paidAt === null
      ? []
      : [
          {
            id: uuidOf("receipt", id),
            kind: "receipt",
            orderId: id,
            createdAt: paidAt,
            nextAttemptAt: paidAt,
          },
        ],
  );
  const receipts = new Set(paid.map(({ orderId }) => orderId));
  const credited = refunds.flatMap(({ id, orderId, createdAt }): Prisma.DocumentCreateManyInput[] =>
    id === undefined || createdAt === undefined || !receipts.has(orderId)
      ? []
      : [
          {
            id: uuidOf("credit note", id),
            kind: "credit_note",
            orderId,
            refundId: id,
            createdAt,
            nextAttemptAt: createdAt,
          },
        ],
  );
  return [...paid, ...credited];
}
