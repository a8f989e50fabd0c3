import { PgBoss } from "pg-boss";
import pg from "pg";
import { LONGEST_JOB_SECONDS, QUEUES, QUEUE_OPTIONS, type QueueName } from "./queues.ts";

/**
 * Creates or upgrades pg-boss's schema and the queues, as the owner of the database; part of migrating.
 * The application's role may use them but not change them. Running it again changes nothing.
 */
export async function installQueues(url: string): Promise<void> {
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false, max: 2 });
  await boss.start();
  try {
    for (const name of Object.keys(QUEUES) as QueueName[]) {
      const expireInSeconds = LONGEST_JOB_SECONDS[name] ?? QUEUE_OPTIONS.expireInSeconds;
      await boss.createQueue(name, { ...QUEUE_OPTIONS, expireInSeconds });
      await boss.updateQueue(name, { ...QUEUE_OPTIONS, expireInSeconds });
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`
      GRANT USAGE ON SCHEMA pgboss TO portal_app;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgboss TO portal_app;
      GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA pgboss TO portal_app;
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO portal_app;`);
  } finally {
    await client.end();
  }
}
