import { businessNow } from "#lib/db/clock.ts";
import type { Tx } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { flagOrder } from "#lib/services/order/flag-order.ts";
import { subjectOf, type Finding, type Scope } from "./notebook.ts";

/** Why an order with a difference is before a person, unless it is for another reason already. */
const ATTENTION = "books_differ";

/** What one run found. */
interface RunResult {
  readonly reconciliationId: string;
  readonly startedAt: Date;
  /** Still different at the end. */
  readonly open: readonly Finding[];
  /** Different at first, and not any more. */
  readonly repaired: readonly Finding[];
  /** What was compared to the end, so that what was not found there is gone. */
  readonly compared: readonly Scope[];
}

/**
 * Writes down what a run found: the same difference is the same row, its order is put before a person, and
 * what is different no more is resolved. What a person has resolved stays so for as long as both sides say
 * the same as then. Returns the differences that are open.
 */
export async function recordFindings(run: RunResult): Promise<readonly Finding[]> {
  const open: Finding[] = [];
  for (const finding of run.open) {
    if (await inTransaction((tx) => record(tx, run.reconciliationId, finding))) open.push(finding);
  }
  for (const finding of run.repaired) {
    await inTransaction((tx) => recordRepaired(tx, run.reconciliationId, finding));
  }
  await inTransaction(async (tx) => {
    const now = await businessNow(tx);
    const gone = await tx.$queryRaw<{ order_number: string | null }[]>`
      UPDATE difference SET resolved_at = ${now}, resolution = 'gone'
        WHERE resolved_at IS NULL AND last_seen_at < ${run.startedAt}
          AND split_part(subject, '/', 1) = ANY (${[...run.compared]})
        RETURNING order_number`;
    await releaseOrders(tx, [
      ...gone.map((row) => row.order_number),
      ...run.repaired.map((finding) => finding.orderNumber),
    ]);
  });
  return open;
}

/** Whether it is open, which it is not when a person has explained just this. */
async function record(tx: Tx, reconciliationId: string, finding: Finding): Promise<boolean> {
  const now = await businessNow(tx);
  const { kind, orderNumber, expected, actual } = finding;
  const subject = subjectOf(finding);
  const key = { kind_subject: { kind, subject } };
  await tx.$executeRaw`
    INSERT INTO difference (id, reconciliation_id, kind, subject, order_number, expected, actual, first_seen_at, last_seen_at)
      VALUES (gen_random_uuid(), ${reconciliationId}::uuid, ${kind}, ${subject}, ${orderNumber}, ${expected}, ${actual}, ${now}, ${now})
      ON CONFLICT (kind, subject) DO NOTHING`;
  await tx.$queryRaw`SELECT id FROM difference WHERE kind = ${kind} AND subject = ${subject} FOR UPDATE`;
  const known = await tx.difference.findUniqueOrThrow({ where: key });
  const isExplained =
    known.resolution !== null &&
    !isOurs(known.resolution) &&
    known.expected === expected &&
    known.actual === actual;
  await tx.difference.update({
    where: key,
    data: {
      reconciliationId,
      orderNumber,
      expected,
      actual,
      lastSeenAt: now,
      ...(isExplained ? {} : { resolvedAt: null, resolution: null }),
      ...(known.resolvedAt === null || isExplained ? {} : { firstSeenAt: now }),
    },
  });
  if (isExplained) return false;
  if (orderNumber !== null) {
    const order = await tx.order.findUnique({
      where: { number: orderNumber },
      select: { id: true },
    });
    if (order !== null) await flagOrder(tx, order.id, ATTENTION);
  }
  return true;
}

async function recordRepaired(tx: Tx, reconciliationId: string, finding: Finding): Promise<void> {
  const now = await businessNow(tx);
  const facts = {
    reconciliationId,
    orderNumber: finding.orderNumber,
    expected: finding.expected,
    actual: finding.actual,
    lastSeenAt: now,
    resolvedAt: now,
    resolution: "repaired",
  };
  const key = { kind: finding.kind, subject: subjectOf(finding) };
  await tx.difference.upsert({
    where: { kind_subject: key },
    create: { ...key, ...facts, firstSeenAt: now },
    update: facts,
  });
}

/** Whether a resolution is one of those that runs write. */
function isOurs(resolution: string): boolean {
  return resolution === "repaired" || resolution === "gone";
}

/** Orders without an open difference need nobody for it any more. */
export async function releaseOrders(
  tx: Tx,
  orderNumbers: readonly (string | null)[],
): Promise<void> {
  const numbers = [...new Set(orderNumbers)].filter((number) => number !== null);
  if (numbers.length === 0) return;
  await tx.$executeRaw`
    UPDATE "order" SET needs_attention = NULL
      WHERE number = ANY (${numbers}) AND needs_attention = ${ATTENTION}
        AND NOT EXISTS (SELECT 1 FROM difference d WHERE d.order_number = "order".number AND d.resolved_at IS NULL)`;
}
