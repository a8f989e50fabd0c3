import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";
import { BillingSchema } from "./schemas.ts";

/** What became due: the proof of a sale, or of one refund of it. */
export type DueDocument =
  | { readonly orderId: string; readonly kind: "sale" }
  | { readonly orderId: string; readonly kind: "credit"; readonly refundId: string };

/**
 * Notes that a document is due, in the transaction that makes it so; the worker numbers and freezes it. A
 * sale to a company is an invoice, any other a receipt. Asking again changes nothing.
 *
 * A refund of what was never proved (money that came after the order was over goes straight back) needs no
 * credit note, and neither does one that only sends a failed refund another way.
 */
export async function requestDocument(tx: Tx, due: DueDocument): Promise<void> {
  const kind = due.kind === "sale" ? await saleKind(tx, due.orderId) : "credit_note";
  if (due.kind === "credit" && !(await takesBack(tx, due))) return;
  const [added] = await tx.document.createManyAndReturn({
    data: {
      kind,
      orderId: due.orderId,
      refundId: due.kind === "credit" ? due.refundId : null,
      nextAttemptAt: await businessNow(tx),
    },
    skipDuplicates: true,
    select: { id: true },
  });
  if (added !== undefined) await enqueue(tx, "document.requested", { documentId: added.id });
}

async function saleKind(tx: Tx, orderId: string): Promise<"receipt" | "invoice"> {
  const { billing } = await tx.order.findUniqueOrThrow({
    where: { id: orderId },
    select: { billing: true },
  });
  return billing !== null && BillingSchema.parse(billing).kind === "company"
    ? "invoice"
    : "receipt";
}

async function takesBack(
  tx: Tx,
  due: { readonly orderId: string; readonly refundId: string },
): Promise<boolean> {
  const refund = await tx.refund.findUniqueOrThrow({
    where: { id: due.refundId },
    select: { redirects: true },
  });
  const sale = await tx.document.count({ where: { orderId: due.orderId, refundId: null } });
  return refund.redirects === null && sale > 0;
}
