import { z } from "zod";
import { equalMoney, type Money } from "#lib/domain/money.ts";
import type { PaymentAdapter, ProviderPayment } from "#lib/payments/port.ts";
import {
  findBookedPayments,
  idsOfDisputed,
  pageOfSettled,
  type BookedPayment,
} from "./booked-payment.ts";
import { comparePayment } from "./compare-payment.ts";
import { inBatches } from "./in-batches.ts";
import { amountText, Questions, type Notebook } from "./notebook.ts";
import { Tally } from "./tally.ts";

/** How many payments are looked up at a time. */
const BATCH = 200;

/** What of a provider is compared, and what is done with what it tells by the way. */
export interface PaymentComparison {
  readonly adapter: PaymentAdapter;
  readonly since: Date;
  readonly now: Date;
  readonly notebook: Notebook;
  /** Told of each settled payment whose fee the provider names and the books do not have. */
  readonly onFee: (paymentId: string, fee: Money) => Promise<void>;
}

/**
 * Holds every payment that a provider captured since `since` against our books, and every settled one of
 * ours against what it lists. The provider is asked for lists; about single payments only where something
 * differs, or may still change. Memory does not grow with their number. Throws `ProviderUnavailableError`,
 * and `CouldNotTellError` when more differs than can be asked about.
 */
export async function comparePayments(comparison: PaymentComparison): Promise<void> {
  const { adapter, since, now } = comparison;
  // What was settled later than this, the provider may not list yet.
  const until = new Date(now.getTime() - adapter.listingLagMinutes * 60_000);
  const run = new Run(comparison, { since, until });
  for await (const batch of inBatches(adapter.listPayments(since), BATCH))
    await run.takeListed(batch);
  await run.takeOurs();
  await run.takeDisputed();
}

class Run {
  readonly #comparison: PaymentComparison;
  readonly #window: { readonly since: Date; readonly until: Date };
  readonly #tally = new Tally();
  readonly #questions = new Questions();
  /** Payments that the provider was asked about already. */
  readonly #asked = new Set<string>();

  constructor(comparison: PaymentComparison, window: Run["window"]) {
    this.#comparison = comparison;
    this.#window = window;
  }

  get window(): { readonly since: Date; readonly until: Date } {
    return this.#window;
  }

  async takeListed(batch: readonly ProviderPayment[]): Promise<void> {
    const { adapter, notebook, onFee } = this.#comparison;
    const find = await findTheirs(adapter, batch);
    for (const listed of batch) {
      const ours = find(listed);
      if (ours === null) this.#noteNobodys(listed);
      else if (ours.state !== "settled") this.#noteOpen(listed, ours);
      else if (isOther(listed, ours)) this.#noteSecond(listed, ours);
      else {
        if (this.#isInWindow(ours)) this.#tally.mix(ours.id);
        if (differs(listed, ours)) await this.#ask(ours);
        if (listed.fee !== null && !ours.feeBooked) await onFee(ours.id, listed.fee);
      }
    }
    await notebook.count(batch.length);
  }

  /** Each settled payment of ours must have been listed. */
  async takeOurs(): Promise<void> {
    for await (const payment of this.#ourSettled()) this.#tally.mix(payment.id);
    if (this.#tally.isEven()) return;
    for await (const payment of this.#ourSettled()) {
      if (this.#tally.isSuspect(payment.id)) await this.#ask(payment);
    }
  }

  /** Disputes are in no list of payments: those opened lately, and those not decided yet. */
  async takeDisputed(): Promise<void> {
    const { adapter, since } = this.#comparison;
    const ids = [...(await idsOfDisputed(adapter.id))];
    const known = new Set(ids);
    if (adapter.listDisputedPayments !== undefined) {
      for await (const batch of inBatches(adapter.listDisputedPayments(since), BATCH)) {
        const found = await findBookedPayments(adapter.id, { providerPaymentIds: batch });
        ids.push(...found.map((payment) => payment.id).filter((id) => !known.has(id)));
        for (const { id } of found) known.add(id);
      }
    }
    for (let start = 0; start < ids.length; start += BATCH) {
      const payments = await findBookedPayments(adapter.id, {
        ids: ids.slice(start, start + BATCH),
      });
      for (const payment of payments) if (payment.state === "settled") await this.#ask(payment);
    }
  }

  async *#ourSettled(): AsyncGenerator<BookedPayment> {
    const { adapter, notebook } = this.#comparison;
    for (let after: string | null = null; ;) {
      const page: readonly BookedPayment[] = await pageOfSettled(
        adapter.id,
        this.#window,
        after,
        BATCH,
      );
      yield* page;
      await notebook.count(0);
      after = page.at(-1)?.id ?? null;
      if (page.length < BATCH) return;
    }
  }

  #isInWindow(payment: BookedPayment): boolean {
    const { since, until } = this.#window;
    return payment.createdAt >= since && payment.settledAt !== null && payment.settledAt <= until;
  }

  async #ask(payment: BookedPayment): Promise<void> {
    if (this.#asked.has(payment.id)) return;
    this.#questions.ask();
    this.#asked.add(payment.id);
    const { adapter, notebook, now } = this.#comparison;
    await comparePayment(adapter, payment, notebook, now);
  }

  /** Money that nobody here asked for; given back in full it is nobody's business any more. */
  #noteNobodys(listed: ProviderPayment): void {
    if (isGivenBack(listed)) return;
    const { adapter, notebook } = this.#comparison;
    notebook.add({
      kind: "payment_of_nobody",
      scope: adapter.id,
      about: theirName(listed),
      orderNumber: null,
      expected: "nothing",
      actual: amountText(listed.captured),
    });
  }

  /** Captured there and not settled here. */
  #noteOpen(listed: ProviderPayment, ours: BookedPayment): void {
    const { adapter, notebook } = this.#comparison;
    // Where captures only are listed, the page that was paid is not named.
    const namesPage = listed.providerReference !== listed.providerPaymentId;
    notebook.add({
      kind: "payment_missing_here",
      scope: adapter.id,
      about: ours.id,
      orderNumber: ours.orderNumber,
      expected: `${amountText(ours.amount)} ${ours.state}`,
      actual: amountText(listed.captured),
      repair: {
        act: "settle",
        paymentId: ours.id,
        providerReference: namesPage ? listed.providerReference : null,
      },
    });
  }

  /** The same payment was captured under another id, too. */
  #noteSecond(listed: ProviderPayment, ours: BookedPayment): void {
    if (isGivenBack(listed)) return;
    const { adapter, notebook } = this.#comparison;
    notebook.add({
      kind: "payment_captured_twice",
      scope: adapter.id,
      about: `${ours.id}/${theirName(listed)}`,
      orderNumber: ours.orderNumber,
      expected: `${amountText(ours.amount)} as ${ours.providerPaymentId}`,
      actual: `${amountText(listed.captured)} as ${theirName(listed)}, too`,
    });
  }
}

/** Our payment for each that is listed: by the provider's references, or by our id that it carries. */
async function findTheirs(
  adapter: PaymentAdapter,
  batch: readonly ProviderPayment[],
): Promise<(listed: ProviderPayment) => BookedPayment | null> {
  const ids = batch.flatMap(({ paymentId }) =>
    paymentId !== null && z.uuid().safeParse(paymentId).success ? [paymentId] : [],
  );
  const found = await findBookedPayments(adapter.id, {
    ids,
    references: batch.map((listed) => listed.providerReference),
  });
  const match = (payments: readonly BookedPayment[], listed: ProviderPayment) =>
    payments.find((ours) => ours.providerReference === listed.providerReference) ??
    payments.find((ours) => ours.id === listed.paymentId) ??
    payments.find(
      (ours) =>
        ours.providerPaymentId !== null && ours.providerPaymentId === listed.providerPaymentId,
    ) ??
    null;
  // What carries none of our ids is rare: it may be ours all the same.
  const strange = batch.filter((listed) => match(found, listed) === null);
  const more =
    strange.length === 0
      ? []
      : await findBookedPayments(adapter.id, {
          providerPaymentIds: strange.flatMap((listed) => listed.providerPaymentId ?? []),
        });
  const all = [...found, ...more];
  return (listed) => match(all, listed);
}

function isOther(listed: ProviderPayment, ours: BookedPayment): boolean {
  return (
    listed.providerPaymentId !== null &&
    ours.providerPaymentId !== null &&
    listed.providerPaymentId !== ours.providerPaymentId
  );
}

function differs(listed: ProviderPayment, ours: BookedPayment): boolean {
  return (
    ours.isMoving ||
    listed.captured === null ||
    !equalMoney(listed.captured, ours.amount) ||
    listed.refundedMinor !== ours.refundedMinor
  );
}

function isGivenBack(listed: ProviderPayment): boolean {
  return listed.captured !== null && listed.refundedMinor >= listed.captured.amountMinor;
}

function theirName(listed: ProviderPayment): string {
  return listed.providerPaymentId ?? listed.providerReference;
}
