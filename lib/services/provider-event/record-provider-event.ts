import { businessNow } from "#lib/db/clock.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { enqueue } from "#lib/jobs/enqueue.ts";

/** A message of a provider or carrier whose signature, where it has one, was checked. */
export interface IncomingEvent {
  readonly adapter: "stripe" | "paypal" | "esim_access";
  readonly eventId: string;
  readonly type: string;
  /** What the message is about, as the adapter read it. */
  readonly reference: EventReference;
}

/** Ids by which the row is found that the message is about. */
export interface EventReference {
  readonly paymentId?: string | null;
  readonly providerReference?: string | null;
  readonly providerPaymentId?: string | null;
  readonly iccid?: string | null;
  readonly carrierEsimId?: string | null;
}

/** How long its job has before the sweep looks for it. */
const JOB_SECONDS = 15;

/**
 * Stores a message and has it handled, in one transaction; the same message again changes nothing. Only
 * the ids in it are kept: it is a hint, and the sender is asked before anything is believed.
 */
export async function recordProviderEvent(event: IncomingEvent): Promise<void> {
  await inTransaction(async (tx) => {
    const nextAttemptAt = new Date((await businessNow(tx)).getTime() + JOB_SECONDS * 1000);
    const stored = await tx.providerEvent.createManyAndReturn({
      data: [
        {
          adapter: event.adapter,
          eventId: event.eventId,
          type: event.type,
          payload: { ...event.reference },
          nextAttemptAt,
        },
      ],
      skipDuplicates: true,
      select: { id: true },
    });
    for (const { id } of stored) {
      await enqueue(tx, "provider_event.received", { providerEventId: id });
    }
  });
}
