import { SWEEP_SECONDS } from "#lib/config/limits.ts";
import { enqueueOnce } from "#lib/jobs/enqueue.ts";
import { log } from "#lib/observability/log.ts";
import { findDueWork } from "#lib/services/sweep/find-due-work.ts";

/** Looks for due rows every few seconds and enqueues them. Returns what stops it. */
export function startSweep(): () => void {
  let running = false;
  const timer = setInterval(() => {
    if (running) return;
    running = true;
    void sweep().finally(() => {
      running = false;
    });
  }, SWEEP_SECONDS * 1000);
  return () => clearInterval(timer);
}

async function sweep(): Promise<void> {
  try {
    for (const due of await findDueWork()) {
      await enqueueOnce(due.queue, due.data, due.key, SWEEP_SECONDS * 2);
    }
  } catch (error) {
    log().error({ err: error }, "sweep failed");
  }
}
