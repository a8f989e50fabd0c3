/**
 * `npm run worker`: does the jobs and sweeps for rows whose time has come. Any number may run. On SIGTERM
 * it takes no more jobs and finishes those it has.
 */
import { PgBoss } from "pg-boss";
import { env, SettingsError } from "#lib/config/env.ts";
import { QUEUES, type JobData, type QueueName } from "#lib/jobs/queues.ts";
import { log } from "#lib/observability/log.ts";
import { HANDLERS } from "./handlers.ts";
import { startSweep } from "./sweep.ts";

try {
  env();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

/** Jobs of one queue that this worker does at the same time. */
const CONCURRENCY = 4;
/** How long running jobs may take to finish after SIGTERM. */
const DRAIN_MS = 25_000;

const boss = new PgBoss({
  // LISTEN needs a connection of its own, which a transaction pooler does not give.
  connectionString: env().DATABASE_DIRECT_URL ?? env().DATABASE_URL,
  application_name: "worker",
  max: 4,
  migrate: false,
  schedule: false,
  useListenNotify: true,
  superviseIntervalSeconds: 5,
  monitorIntervalSeconds: 5,
  maintenanceIntervalSeconds: 300,
});
boss.on("error", (error) => log().error({ err: error }, "job queue"));

await boss.start();
for (const queue of Object.keys(QUEUES) as QueueName[]) {
  for (let place = 0; place < CONCURRENCY; place += 1) await work(queue);
}
const stopSweep = startSweep();
log().info("worker started");

async function work<Q extends QueueName>(queue: Q): Promise<void> {
  const handle: (data: JobData<Q>) => Promise<void> = HANDLERS[queue];
  let worker = "";
  worker = await boss.work<JobData<Q>>(
    queue,
    {
      batchSize: 1,
      pollingIntervalSeconds: 1,
      notifyPollingIntervalSeconds: 5,
      heartbeatRefreshSeconds: 4,
    },
    async ([job]) => {
      if (job === undefined) return;
      try {
        await handle(QUEUES[queue].parse(job.data) as JobData<Q>);
      } catch (error) {
        log().error({ err: error, queue, job: job.id }, "job failed");
        throw error;
      } finally {
        // Looks for the next job at once; left alone it would look when its interval is over.
        boss.notifyWorker(worker);
      }
    },
  );
}

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  stopSweep();
  await boss.stop({ graceful: true, timeout: DRAIN_MS });
  process.exit(0);
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
