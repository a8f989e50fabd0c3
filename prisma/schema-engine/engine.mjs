#!/usr/bin/env node
/**
 * The Prisma CLI's schema engine, without the native one that the CLI would download from Prisma's
 * own host at its first command: the same engine as WebAssembly, from the npm registry. The CLI
 * starts this program (prisma.config.ts tells it to), sends one JSON-RPC request per line to its
 * standard input and reads the answers from its standard output.
 *
 * It answers what needs no database: `prisma generate`, `validate`, `format` and
 * `migrate diff --from-empty|--from-schema … --to-schema … --script`. Everything else is refused by
 * name; above all `migrate deploy`: the engine's PostgreSQL driver cuts a script at each semicolon,
 * and so cuts trigger functions in half. Migrations are applied by `npm run migrate`.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";

if (process.argv.includes("can-connect-to-database")) {
  // The CLI asks this before `migrate diff`, which then reads files only.
  process.exit(0);
}

/** Starts the WebAssembly module, which npm ships without a loader for Node. */
async function openEngine() {
  const folder = path.dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm"));
  const glue = await import(pathToFileURL(path.join(folder, "schema_engine_bg.js")).href);
  const bytes = await readFile(path.join(folder, "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const log = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);
  const connect = async () => connectionToNothing;
  const factory = bindMigrationAwareSqlAdapterFactory({
    provider: "postgres",
    adapterName: connectionToNothing.adapterName,
    connect,
    connectToShadowDb: connect,
  });
  return await glue.SchemaEngine.new({ datamodels: undefined }, log, factory);
}

const refuse = async () => {
  throw new Error("The schema engine of this project works on files, not on a database");
};

/**
 * The engine wants a connection even to compare two files, and asks it one thing only: whether the
 * schema exists and which PostgreSQL it writes SQL for.
 * @type {import("@prisma/driver-adapter-utils").SqlDriverAdapter}
 */
const connectionToNothing = {
  provider: "postgres",
  adapterName: "files-only",
  queryRaw: async ({ sql }) =>
    sql.includes("server_version_num")
      ? {
          columnNames: ["exists", "version", "numeric_version"],
          columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
          rows: [[true, "PostgreSQL 18.0", 180000]],
        }
      : await refuse(),
  executeRaw: refuse,
  executeScript: refuse,
  startTransaction: refuse,
  getConnectionInfo: () => ({ schemaName: "public", supportsRelationJoins: true }),
  dispose: async () => {},
};

/** @param {unknown} message */
function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** @param {{ id: number, method: string, params: unknown }} request */
async function answer({ id, method, params }) {
  try {
    if (method !== "diff") {
      throw new Error(
        `"${method}" is not available here: apply migrations with \`npm run migrate\`, ` +
          "write them with `npx prisma migrate diff` (see lib/cli/migrate.ts).",
      );
    }
    const engine = await openEngine();
    const { stdout, ...result } = await engine.diff(params);
    if (stdout) send({ jsonrpc: "2.0", id, method: "print", params: { content: stdout } });
    send({ jsonrpc: "2.0", id, result });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const data = { message, is_panic: false };
    send({ jsonrpc: "2.0", id, error: { code: 4466, message, data } });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  // The CLI also acknowledges our `print` notifications; those carry no method.
  if (message.method) await answer(message);
}
