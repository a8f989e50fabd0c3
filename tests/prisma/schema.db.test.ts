import { execFileSync } from "node:child_process";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "#lib/cli/root.ts";
import { openTestDatabase, type TestDatabase } from "#tests/support/database.ts";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await openTestDatabase();
  client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  // The schema, as Prisma itself would make it, beside what the migrations made.
  await client.query("CREATE SCHEMA expected; SET search_path TO expected");
  await client.query(schemaAsSql());
});

afterAll(async () => {
  await client.end();
  await database.close();
});

function schemaAsSql(): string {
  const cli = path.join(root, "node_modules/prisma/build/index.js");
  const args = [
    "migrate",
    "diff",
    "--from-empty",
    "--to-schema",
    "prisma/schema.prisma",
    "--script",
  ];
  const sql = execFileSync(process.execPath, [cli, ...args], { cwd: root, encoding: "utf8" });
  return sql.replaceAll('"public".', "").replace(/CREATE SCHEMA .*;/, "");
}

/** What both schemas have, one line each; `sql` selects `schema` and `line`. */
async function compare(sql: string): Promise<{ expected: string[]; migrated: string[] }> {
  const { rows } = await client.query<{ schema: string; line: string }>(sql);
  const of = (schema: string) =>
    rows
      .filter((row) => row.schema === schema)
      .map(({ line }) => line.replaceAll(/\b(expected|public)\./g, ""))
      .toSorted();
  return { expected: of("expected"), migrated: of("public") };
}

test("the migrations make exactly the columns that the schema describes", async () => {
  const { expected, migrated } = await compare(`
    SELECT table_schema AS schema,
           concat_ws(' ', table_name || '.' || column_name, udt_name, numeric_precision,
                     datetime_precision, 'null: ' || is_nullable, 'default: ' || column_default) AS line
    FROM information_schema.columns
    WHERE table_schema IN ('public', 'expected') AND table_name <> '_prisma_migrations'`);
  expect(migrated).toEqual(expected);
});

test("the migrations make the enums that the schema describes", async () => {
  const { expected, migrated } = await compare(`
    SELECT nspname AS schema, typname || ': ' || string_agg(enumlabel, ', ' ORDER BY enumlabel) AS line
    FROM pg_enum JOIN pg_type t ON t.oid = enumtypid JOIN pg_namespace n ON n.oid = typnamespace
    WHERE nspname IN ('public', 'expected') GROUP BY nspname, typname`);
  expect(migrated).toEqual(expected);
});

test("the migrations make at least the indexes and references that the schema describes", async () => {
  const indexes = await compare(`
    SELECT schemaname AS schema, indexdef AS line FROM pg_indexes
    WHERE schemaname IN ('public', 'expected') AND tablename <> '_prisma_migrations'`);
  expect(indexes.migrated).toEqual(expect.arrayContaining(indexes.expected));
  const references = await compare(`
    SELECT nspname AS schema, conname || ': ' || pg_get_constraintdef(c.oid) AS line
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace
    WHERE contype = 'f' AND nspname IN ('public', 'expected')`);
  expect(references.migrated).toEqual(expect.arrayContaining(references.expected));
});
