import type { Actor } from "#lib/access/actor.ts";
import type { CarrierAdapter } from "#lib/carriers/port.ts";
import { CarrierUnavailableError } from "#lib/carriers/port.ts";
import { carrierAdapter } from "#lib/carriers/registry.ts";
import { env } from "#lib/config/env.ts";
import { RECONCILE_DAYS } from "#lib/config/limits.ts";
import { businessNow } from "#lib/db/clock.ts";
import { db } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import type { Money } from "#lib/domain/money.ts";
import type { DifferenceKind } from "#lib/domain/reconciliation.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { log } from "#lib/observability/log.ts";
import { ProviderUnavailableError, type PaymentAdapter } from "#lib/payments/port.ts";
import { paymentAdapter } from "#lib/payments/registry.ts";
import { bookFee } from "#lib/services/payment/book-fee.ts";
import { lockPayment } from "#lib/services/payment/book-settled-payment.ts";
import { compareBooks } from "./compare-books.ts";
import { compareCarrier } from "./compare-carrier.ts";
import { compareOrders } from "./compare-orders.ts";
import { comparePayments } from "./compare-payments.ts";
import { comparePayouts } from "./compare-payouts.ts";
import { CouldNotTellError, Notebook, subjectOf, type Finding, type Scope } from "./notebook.ts";
import { recordFindings } from "./record-findings.ts";
import { repairFindings } from "./repair-findings.ts";

/** A difference, as monitors are told of it. */
export interface ReportedDifference {
  readonly kind: DifferenceKind;
  readonly order: string | null;
  readonly expected: string;
  readonly actual: string;
}

export interface ReconciliationReport {
  /** How many facts were held against each other. */
  readonly checked: number;
  /** false: somebody could not be asked about everything; `untold` says who, and why. */
  readonly couldTell: boolean;
  readonly untold: readonly { readonly scope: string; readonly why: string }[];
  readonly differences: readonly ReportedDifference[];
}

/** Who is asked. */
export interface Outside {
  readonly payments: (id: PaymentAdapter["id"]) => PaymentAdapter;
  readonly carriers: (id: CarrierAdapter["id"]) => CarrierAdapter;
}

const OUTSIDE: Outside = { payments: paymentAdapter, carriers: carrierAdapter };
/** One repair may bring to light the next: a payment is settled, then its item is found at the carrier. */
const MOST_ROUNDS = 3;

/**
 * Compares the books with the payment providers and carriers, both ways, and with themselves, and writes
 * down what differs. Somebody who cannot be asked leaves the others compared. With `repair`, what is safe is
 * put right, and everything is compared again. Doing it again, or twice at once, changes nothing more.
 *
 * Only the system may; staff ask for a run by `requestReconciliation`.
 *
 * @param input `since`: payments begun, and orders placed, from then on; 180 days back unless told. `reconciliationId`:
 *   the run that was asked for; one is written at the end without it
 */
export async function reconcile(
  actor: Actor,
  input: {
    readonly since?: Date | undefined;
    readonly repair: boolean;
    readonly reconciliationId?: string;
  },
  outside: Outside = OUTSIDE,
): Promise<Result<ReconciliationReport>> {
  if (actor.kind !== "system") return refuse({ code: "not_allowed" });
  const startedAt = await businessNow();
  const usual = new Date(startedAt.getTime() - RECONCILE_DAYS * 86_400_000);
  const since = input.since ?? usual;
  const run = { ...input, since, outside };

  let notebook = await compareAll(run);
  const seen = new Map(notebook.findings.map((finding) => [keyOf(finding), finding]));
  for (let round = 1; input.repair && round <= MOST_ROUNDS; round += 1) {
    const before = notebook.findings.map(keyOf).join("\n");
    if ((await repairFindings(notebook.findings)) === 0) break;
    notebook = await compareAll(run);
    for (const finding of notebook.findings) seen.set(keyOf(finding), finding);
    if (notebook.findings.map(keyOf).join("\n") === before) break;
  }

  const open = new Set(notebook.findings.map(keyOf));
  const compared = new Set(notebook.compared);
  const repaired = [...seen.values()].filter(
    (finding) => !open.has(keyOf(finding)) && compared.has(finding.scope),
  );
  const couldTell = notebook.untold.size === 0;
  const reconciliationId = input.reconciliationId ?? (await writeRun(startedAt));
  const differences = await recordFindings({
    reconciliationId,
    startedAt,
    open: notebook.findings,
    repaired,
    // A shorter look does not see what lies further back.
    compared:
      since <= usual ? notebook.compared : notebook.compared.filter((each) => each === "books"),
  });
  await db().reconciliation.update({
    where: { id: reconciliationId },
    data: { endedAt: await businessNow(), checked: notebook.checked, couldTell },
  });
  const untold = [...notebook.untold].map(([scope, why]) => ({ scope, why }));
  log().info(
    { checked: notebook.checked, open: differences.length, repaired: repaired.length, untold },
    "reconciled",
  );
  return accept({
    checked: notebook.checked,
    couldTell,
    untold,
    differences: differences.map(({ kind, orderNumber, expected, actual }) => ({
      kind,
      order: orderNumber,
      expected,
      actual,
    })),
  });
}

function keyOf(finding: Finding): string {
  return `${finding.kind} ${subjectOf(finding)}`;
}

/** A run that nobody asked for beforehand is there once it has something to show. */
async function writeRun(startedAt: Date): Promise<string> {
  const { id } = await db().reconciliation.create({
    data: { startedAt, endedAt: await businessNow() },
    select: { id: true },
  });
  return id;
}

interface Run {
  readonly since: Date;
  readonly repair: boolean;
  readonly reconciliationId?: string;
  readonly outside: Outside;
}

async function compareAll(run: Run): Promise<Notebook> {
  const notebook = new Notebook(async (checked) => {
    if (run.reconciliationId === undefined) return;
    await db().reconciliation.update({ where: { id: run.reconciliationId }, data: { checked } });
  });
  const { since, outside } = run;
  const now = await businessNow();
  for (const id of await providersToAsk(since)) {
    await within(notebook, id, async () => {
      const adapter = configured(() => outside.payments(id));
      await comparePayments({
        adapter,
        since,
        now,
        notebook,
        onFee: async (paymentId, fee) => {
          if (run.repair) await catchUpFee(paymentId, fee);
        },
      });
      await comparePayouts(adapter, since, notebook);
    });
  }
  for (const id of env().CARRIERS) {
    await within(notebook, id, async () => {
      const adapter = configured(() => outside.carriers(id));
      await compareCarrier(adapter, since, now, notebook);
    });
  }
  await within(notebook, "orders", async () => await compareOrders(since, notebook));
  await within(notebook, "books", async () => await compareBooks(notebook));
  return notebook;
}

/** The providers that payments are offered by, and those that were. */
async function providersToAsk(since: Date): Promise<readonly PaymentAdapter["id"][]> {
  const providers = ["stripe", "paypal"] as const;
  const used = await db().payment.findMany({
    where: { adapter: { in: [...providers] }, createdAt: { gte: since } },
    distinct: ["adapter"],
    select: { adapter: true },
  });
  return providers.filter(
    (id) => env().PAYMENT_METHODS.includes(id) || used.some((payment) => payment.adapter === id),
  );
}

/** Somebody who was done business with, and whose settings were taken away since, cannot be asked. */
function configured<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    throw new CouldNotTellError(error instanceof Error ? error.message : "not configured", {
      cause: error,
    });
  }
}

/** Compares one scope; that its other side cannot be asked is written down. */
async function within(
  notebook: Notebook,
  scope: Scope,
  compare: () => Promise<void>,
): Promise<void> {
  try {
    await compare();
    notebook.finish(scope);
  } catch (error) {
    const isUntold =
      error instanceof ProviderUnavailableError ||
      error instanceof CarrierUnavailableError ||
      error instanceof CouldNotTellError;
    if (!isUntold) throw error;
    log().warn({ scope, detail: error.message }, "not compared to the end");
    notebook.couldNotTell(scope, error.message);
  }
}

/** What a provider kept, and named only after the payment had been booked. */
async function catchUpFee(paymentId: string, fee: Money): Promise<void> {
  await inTransaction(async (tx) => {
    const payment = await lockPayment(tx, paymentId);
    if (payment.state === "settled") await bookFee(tx, payment, fee);
  });
}
