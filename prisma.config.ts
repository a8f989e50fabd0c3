import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";

// Set before the CLI looks for its engine; see the file for what it can do.
process.env["PRISMA_SCHEMA_ENGINE_BINARY"] = fileURLToPath(
  new URL("prisma/schema-engine/engine.mjs", import.meta.url),
);
// No question to Prisma's own host about newer versions.
process.env["CHECKPOINT_DISABLE"] = "1";

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: {
    url:
      process.env["DATABASE_DIRECT_URL"] ??
      process.env["DATABASE_URL"] ??
      // `migrate diff` wants a datasource to be named, but does not connect to it.
      "postgresql://127.0.0.1:1/unused",
  },
});
