import { installQueues } from "#lib/jobs/install.ts";
import { applyMigrations } from "#prisma/apply-migrations.ts";

/**
 * Brings everything the portal keeps in the database behind `url` up to date: its own tables by the
 * migrations, and the job queues. Returns the names of the migrations that were applied. Any number
 * of hosts may call this at once; `url` must be the owner's, and no transaction pooler's.
 */
export async function migrateDatabase(url: string): Promise<string[]> {
  return await applyMigrations(url, { afterwards: async () => await installQueues(url) });
}
