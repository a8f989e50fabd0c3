import { SYSTEM } from "#lib/access/actor.ts";
import { env } from "#lib/config/env.ts";
import { businessNow, sqlNow } from "#lib/db/clock.ts";
import { db, type Prisma, type Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { documentNumber, documentSeries, numberDocument } from "#lib/domain/document.ts";
import { toJson } from "#lib/domain/json.ts";
import { recordAuditEvent } from "#lib/services/audit/record-audit-event.ts";
import { composeDocument } from "./compose-document.ts";

/** A document that cannot be issued is tried again this often. */
const RETRY_SECONDS = 60;

/**
 * Gives a document that is due its number and freezes what it says, in one transaction that holds the row
 * of its series: numbers are consecutive and have no gap, whoever else issues and whoever dies. A document
 * that is issued already stays as it is. A credit note has what it corrects issued first.
 */
export async function issueDocument(input: { readonly documentId: string }): Promise<void> {
  // A defect in one document must not keep the sweep busy with it.
  const waiting = await db().$executeRaw`
    UPDATE document SET next_attempt_at = ${sqlNow()} + make_interval(secs => ${RETRY_SECONDS})
      WHERE id = ${input.documentId}::uuid AND number IS NULL`;
  if (waiting === 0) return;
  await inTransaction(async (tx) => {
    await issue(tx, input.documentId);
  });
}

/** Returns the number, also of a document that was issued before. */
async function issue(tx: Tx, documentId: string): Promise<string> {
  await tx.$queryRaw`SELECT id FROM document WHERE id = ${documentId}::uuid FOR UPDATE`;
  const row = await tx.document.findUniqueOrThrow({
    where: { id: documentId },
    select: { number: true, kind: true, orderId: true, refundId: true },
  });
  if (row.number !== null) return row.number;
  const corrects = row.refundId === null ? null : await issueSale(tx, row.orderId);
  const content = await composeDocument(tx, { ...row, corrects });
  const { OPERATOR_TIME_ZONE: timeZone } = env();
  const series = documentSeries(row.kind, await businessNow(tx), timeZone);
  const number = documentNumber(series, await nextCount(tx, series));
  // After the wait for the series: dates follow the numbers.
  const issuedAt = await businessNow(tx);
  const document = numberDocument(content, { number, issuedAt, timeZone });
  await tx.document.update({
    where: { id: documentId },
    data: {
      number,
      issuedAt,
      data: toJson(document) as Prisma.InputJsonValue,
      nextAttemptAt: null,
    },
  });
  await recordAuditEvent(tx, SYSTEM, {
    action: "document.issued",
    subject: `document ${number}`,
    correlationId: row.orderId,
  });
  return number;
}

async function issueSale(tx: Tx, orderId: string): Promise<string> {
  const sale = await tx.document.findFirstOrThrow({
    where: { orderId, refundId: null },
    select: { id: true },
  });
  return await issue(tx, sale.id);
}

/** Counts a series up; its row stays locked until the transaction ends. */
async function nextCount(tx: Tx, series: string): Promise<number> {
  const rows = await tx.$queryRaw<{ count: number }[]>`
    INSERT INTO document_series (series, last_number) VALUES (${series}, 1)
      ON CONFLICT (series) DO UPDATE SET last_number = document_series.last_number + 1
      RETURNING last_number AS count`;
  const row = rows[0];
  if (row === undefined) throw new Error(`The series ${series} did not count`);
  return row.count;
}
