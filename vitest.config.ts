import { defineConfig } from "vitest/config";

const everywhere = ["node_modules/**", ".next/**", ".data/**"];
const crash = "tests/e2e/crash.e2e.ts";
const model = "tests/services/money-model.db.test.ts";

/**
 * The tier of a test is the suffix of its file: `npx vitest run --project unit`, and so on. Nothing
 * is retried, and a tier without tests fails rather than passing in silence.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.unit.test.ts", "**/*.unit.test.tsx"],
          exclude: everywhere,
          // Some read the whole tree, on machines that do other things as well.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "db",
          include: ["**/*.db.test.ts"],
          exclude: [...everywhere, model],
          globalSetup: ["tests/support/database-setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "contract",
          include: ["**/*.contract.test.ts"],
          exclude: everywhere,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.e2e.ts"],
          exclude: [...everywhere, crash],
          globalSetup: ["tests/support/stack-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // One browser and one application on two cores: one file after another.
          maxWorkers: 1,
        },
      },
      {
        // Ten thousand acts take minutes: not part of what is run before every commit.
        test: {
          name: "model",
          include: [model],
          exclude: everywhere,
          globalSetup: ["tests/support/database-setup.ts"],
          hookTimeout: 120_000,
        },
      },
      {
        // A portal of its own, whose processes it kills.
        test: { name: "crash", include: [crash], exclude: everywhere },
      },
    ],
    retry: 0,
  },
});
