/**
 * `npm run migrate`: brings the database up to date (see prisma/apply-migrations.ts and
 * lib/jobs/install.ts). Uses DATABASE_DIRECT_URL, or DATABASE_URL where there is no pooler in
 * between; ends with 1 when the database could not be brought up to date.
 *
 * To write a migration: change prisma/schema.prisma, then
 *
 *     git show HEAD:prisma/schema.prisma > .data/before.prisma
 *     mkdir prisma/migrations/<yyyymmddhhmmss>_<what_it_does>
 *     npx prisma migrate diff --from-schema .data/before.prisma --to-schema prisma/schema.prisma \
 *       --script > prisma/migrations/<that folder>/migration.sql
 *
 * and add by hand what the schema cannot say: CHECK, EXCLUDE, triggers, grants, audit views. The
 * version before and the version after run side by side during a deployment, so a migration only
 * adds; what nobody uses any more goes in a later one. A migration that was applied anywhere is
 * never edited.
 */
import { installQueues } from "#lib/jobs/install.ts";
import { migrateDatabase } from "./migrate-database.ts";

const url = process.env["DATABASE_DIRECT_URL"] ?? process.env["DATABASE_URL"];
if (!url) {
  console.error(
    "Set DATABASE_URL (or DATABASE_DIRECT_URL) to the database that is to be migrated.",
  );
  process.exit(1);
}
try {
  const applied = await migrateDatabase(url);
  await installQueues(url);
  for (const name of applied) console.log(`applied ${name}`);
  if (applied.length === 0) console.log("The database is up to date.");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
