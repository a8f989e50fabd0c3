import { fromPrisma, PgBoss } from "pg-boss";
import { sidePool, type Tx } from "#lib/db/client.ts";
import { QUEUES, type JobData, type QueueName } from "./queues.ts";

const holder = globalThis as typeof globalThis & { portalJobSender?: PgBoss };

/** A sender only: it is never started, so it neither polls nor maintains; the worker does. */
function sender(): PgBoss {
  holder.portalJobSender ??= new PgBoss({
    db: { executeSql: async (text, values) => await sidePool().query(text, values) },
    supervise: false,
    schedule: false,
    migrate: false,
  });
  return holder.portalJobSender;
}

/**
 * Puts a job on a queue inside `tx`: rolled back with it, there once it commits.
 *
 * @param startAfter not before this time; at once when left out
 */
export async function enqueue<Q extends QueueName>(
  tx: Tx,
  queue: Q,
  data: JobData<Q>,
  startAfter?: Date,
): Promise<void> {
  await sender().send(queue, QUEUES[queue].parse(data), {
    db: fromPrisma(tx),
    ...(startAfter === undefined ? {} : { startAfter }),
  });
}

/**
 * Puts a job on a queue outside any transaction, at most once per `key` within `seconds`: for the sweep,
 * which finds the same due row until somebody has claimed it.
 */
export async function enqueueOnce<Q extends QueueName>(
  queue: Q,
  data: JobData<Q>,
  key: string,
  seconds: number,
): Promise<void> {
  await sender().send(queue, QUEUES[queue].parse(data), {
    singletonKey: key,
    singletonSeconds: seconds,
  });
}
