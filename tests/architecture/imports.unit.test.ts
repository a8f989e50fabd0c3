import { describe, expect, test } from "vitest";
import { findCycles, findWay, judgeImport } from "./rooms.ts";
import { exists, parseSource, readSourceFiles } from "./source-files.ts";

const files = readSourceFiles();
const byPath = new Map(files.map((file) => [file.path, file]));

describe("the house as it stands", () => {
  test("each room imports only what it may", () => {
    const wrong = files.flatMap((file) =>
      file.imports.flatMap((each) => {
        const verdict = judgeImport(file, each);
        return verdict ? [`${file.path}: ${verdict}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("every import of our own leads to a file", () => {
    const broken = files.flatMap((file) =>
      file.imports.flatMap(({ target }) =>
        // The database client is generated; next-env and friends are written by the framework.
        target && !target.startsWith("lib/db/generated/") && !exists(target)
          ? [`${file.path}: ${target}`]
          : [],
      ),
    );
    expect(broken).toEqual([]);
  });

  test("no file imports itself by way of others", () => {
    expect(findCycles(files).map((cycle) => cycle.join(" → "))).toEqual([]);
  });

  test("no component reaches the database, however far the way", () => {
    const ways = files
      .filter(({ path }) => path.startsWith("components/"))
      .flatMap(({ path }) => {
        const way = findWay(byPath, path, (file) => file.startsWith("lib/db/"));
        return way ? [way.join(" → ")] : [];
      });
    expect(ways).toEqual([]);
  });
});

describe("the rules themselves", () => {
  const judge = (path: string, code: string) => {
    const file = parseSource(path, code);
    return file.imports.map((each) => judgeImport(file, each));
  };
  const refused = [expect.any(String)];
  const fine = [null];

  test.each([
    ["a page uses a service", "app/page.tsx", "#lib/services/order/quote-order.ts", fine],
    ["a page queries the database", "app/page.tsx", "#lib/db/client.ts", refused],
    ["a page calls an adapter", "app/page.tsx", "#lib/payments/stripe/client.ts", refused],
    [
      "a webhook checks a signature",
      "app/api/webhooks/stripe/route.ts",
      "#lib/payments/stripe/webhook.ts",
      fine,
    ],
    ["a component runs a rule", "components/order/form.tsx", "#lib/domain/money.ts", refused],
    ["a primitive knows a noun", "components/ui/button.tsx", "#components/plan/row.tsx", refused],
    [
      "a service calls an adapter",
      "lib/services/a/b.ts",
      "#lib/carriers/airalo/client.ts",
      refused,
    ],
    ["a service uses the registry", "lib/services/a/b.ts", "#lib/carriers/registry.ts", fine],
    ["an adapter calls a service", "lib/payments/stripe/x.ts", "#lib/services/a/b.ts", refused],
    [
      "an adapter uses its neighbour",
      "lib/payments/stripe/x.ts",
      "#lib/payments/paypal/wire.ts",
      refused,
    ],
    ["an adapter uses its own folder", "lib/payments/stripe/x.ts", "./wire.ts", fine],
    ["a rule uses the settings", "lib/domain/money.ts", "#lib/config/env.ts", refused],
    ["a rule reads a file", "lib/domain/money.ts", "node:fs", refused],
    ["a service knows the framework", "lib/services/a/b.ts", "next/headers", refused],
    ["the product uses the stand-ins", "lib/worker/main.ts", "#lib/sandbox/main.ts", refused],
    ["a stand-in uses the product", "lib/sandbox/main.ts", "#lib/domain/money.ts", refused],
    ["a launcher uses a test", "lib/cli/demo.ts", "#tests/support/database.ts", refused],
    ["a service holds the Prisma client", "lib/services/a/b.ts", "@prisma/client", refused],
    [
      "a service holds the generated client",
      "lib/services/a/b.ts",
      "#lib/db/generated/client.ts",
      refused,
    ],
  ])("%s", (_what, path, specifier, verdict) => {
    expect(judge(path, `import { x } from "${specifier}";`)).toEqual(verdict);
    expect(judge(path, `export { x } from "${specifier}";`)).toEqual(verdict);
    expect(judge(path, `await import("${specifier}");`)).toEqual(verdict);
  });

  test("types pass where only types may", () => {
    expect(judge("components/a.tsx", 'import type { M } from "#lib/domain/money.ts";')).toEqual(
      fine,
    );
    expect(judge("components/a.tsx", 'import { type M } from "#lib/domain/money.ts";')).toEqual(
      fine,
    );
    expect(judge("components/a.tsx", 'import { type M, m } from "#lib/domain/money.ts";')).toEqual(
      refused,
    );
  });

  test("a cycle is found, and a long way to the database", () => {
    const house = [
      parseSource("lib/a.ts", 'import { b } from "./b.ts";'),
      parseSource("lib/b.ts", 'import { c } from "./c.ts"; import type { d } from "./d.ts";'),
      parseSource("lib/c.ts", 'import { a } from "./a.ts"; import "./db/client.ts";'),
    ];
    const known = new Map(house.map((file) => [file.path, file]));
    expect(findCycles(house)).toEqual([["lib/a.ts", "lib/b.ts", "lib/c.ts", "lib/a.ts"]]);
    expect(findWay(known, "lib/a.ts", (file) => file.startsWith("lib/db/"))).toEqual([
      "lib/a.ts",
      "lib/b.ts",
      "lib/c.ts",
      "lib/db/client.ts",
    ]);
    expect(findWay(known, "lib/a.ts", (file) => file === "lib/d.ts")).toBeNull();
  });
});
