import type { Actor } from "#lib/access/actor.ts";
import { db, type Prisma } from "#lib/db/client.ts";
import { parseDocumentNumber, type DocumentView } from "#lib/domain/document.ts";
import { parseOrderNumber } from "#lib/domain/order.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { DocumentDataSchema, type DocumentInput } from "./schemas.ts";

/**
 * An issued document of one of the customer's own orders; staff see anybody's, which is written to the
 * audit. Refuses `not_found` for any other, `not_signed_in` to visitors.
 */
export async function getDocument(
  actor: Actor,
  input: DocumentInput,
): Promise<Result<DocumentView>> {
  if (actor.kind === "visitor") return refuse({ code: "not_signed_in" });
  if (actor.kind === "system") return refuse({ code: "not_allowed" });
  const orderNumber = parseOrderNumber(input.number);
  const number = parseDocumentNumber(input.documentNumber);
  if (orderNumber === null || number === null) return refuse({ code: "not_found" });
  const order: Prisma.OrderWhereInput =
    actor.kind === "staff"
      ? { number: orderNumber }
      : { number: orderNumber, accountId: actor.accountId };
  const document = await db().document.findFirst({
    where: { number, order },
    select: { data: true, orderId: true },
  });
  if (document === null) return refuse({ code: "not_found" });
  if (actor.kind === "staff") {
    await recordAuditEvent(db(), actor, {
      action: "document.viewed",
      subject: `document ${number}`,
      correlationId: document.orderId,
    });
  }
  return accept(DocumentDataSchema.parse(document.data));
}
