import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { applyMigrations } from "#prisma/apply-migrations.ts";
import { openTestDatabase, type TestDatabase } from "#tests/support/database.ts";

let database: TestDatabase;
let client: pg.Client;
let folder: string;

beforeAll(async () => {
  database = await openTestDatabase();
  client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.close();
});

beforeEach(async () => {
  await client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  folder = mkdtempSync(path.join(tmpdir(), "axis-migrations-"));
  return () => rmSync(folder, { recursive: true, force: true });
});

function write(name: string, sql: string): void {
  mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, name, "migration.sql"), sql);
}

const apply = async () => await applyMigrations(database.ownerUrl, { folder });

async function rows(sql: string): Promise<unknown[]> {
  return (await client.query<Record<string, unknown>>(sql)).rows;
}

test("migrations are applied in the order of their names, and a second run finds nothing to do", async () => {
  write("2_fill", "INSERT INTO word VALUES ('second')");
  write("1_create", "CREATE TABLE word (text text)");

  expect(await apply()).toEqual(["1_create", "2_fill"]);
  expect(await apply()).toEqual([]);
  expect(await rows("SELECT text FROM word")).toEqual([{ text: "second" }]);
});

test("several hosts that migrate at once apply each migration once between them", async () => {
  write("1_create", "CREATE TABLE word (text text); SELECT pg_sleep(0.1)");
  write("2_fill", "INSERT INTO word VALUES ('once')");

  const applied = await Promise.all([apply(), apply(), apply(), apply()]);

  expect(applied.flat().toSorted()).toEqual(["1_create", "2_fill"]);
  expect(await rows("SELECT text FROM word")).toEqual([{ text: "once" }]);
});

test("a migration that fails leaves nothing behind and can be corrected and applied", async () => {
  write("1_create", "CREATE TABLE word (text text);\nSELECT missing");
  await expect(apply()).rejects.toThrow(/1_create failed and was rolled back.*line 2/);
  expect(await rows("SELECT to_regclass('word') AS found")).toEqual([{ found: null }]);

  write("1_create", "CREATE TABLE word (text text)");
  expect(await apply()).toEqual(["1_create"]);
});

test("a trigger function with semicolons in its body arrives whole", async () => {
  write(
    "1_guard",
    `CREATE TABLE word (text text);
     CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'refused; always'; END; $$;
     CREATE TRIGGER guard BEFORE INSERT ON word FOR EACH ROW EXECUTE FUNCTION refuse();`,
  );
  await apply();
  await expect(client.query("INSERT INTO word VALUES ('x')")).rejects.toThrow("refused; always");
});

test("a migration edited after it was applied is refused by name", async () => {
  write("1_create", "CREATE TABLE word (text text)");
  await apply();
  write("1_create", "CREATE TABLE word (text text, more text)");
  write("2_fill", "INSERT INTO word VALUES ('never')");
  await expect(apply()).rejects.toThrow("1_create was edited");
  expect(await rows("SELECT * FROM word")).toEqual([]);
});

test("an unfinished migration in the history stops the run until somebody has looked", async () => {
  write("1_create", "CREATE TABLE word (text text)");
  await apply();
  await client.query('UPDATE "_prisma_migrations" SET finished_at = NULL');
  await expect(apply()).rejects.toThrow("1_create began here and never finished");
});
