import { expect, test } from "vitest";
import { listFiles, readSourceFiles } from "./source-files.ts";

const all = listFiles();
const sources = readSourceFiles();

test("the repository has only the folders of the plan", () => {
  const allowed = ["app", "components", "docs", "lib", "prisma", "public", "tests"];
  const folders = new Set(
    all.filter((file) => file.includes("/")).map((file) => file.split("/")[0]),
  );
  const more = [...folders].filter(
    (name) => name && !allowed.includes(name) && !/^\.(ci|github)$/.test(name),
  );
  expect(more).toEqual([]);
});

test("no file or folder has a name that says nothing", () => {
  const empty = /(^|\/)(utils?|helpers?|common|misc|shared)(\/|\.[a-z.]+$)/;
  expect(all.filter((file) => empty.test(file))).toEqual([]);
});

test("names are in kebab-case", () => {
  // The framework's own marks for routes: (group), [parameter], @slot, _private.
  const name = /^([a-z0-9.]+(-[a-z0-9.]+)*|\([a-z-]+\)|\[\.{0,3}[A-Za-z]+\]|@[a-z-]+|_[a-z0-9-]+)$/;
  const watched = all.filter(
    (file) => /^(app|components|lib|tests)\//.test(file) && !file.startsWith("lib/i18n/messages/"),
  );
  // The path of an address that a standard prescribes is spelled as the standard spells it.
  const prescribed = /^app\/gsma\//;
  const wrong = watched.filter(
    (file) => !prescribed.test(file) && !file.split("/").every((part) => name.test(part)),
  );
  expect(wrong).toEqual([]);
});

test("no file only passes on what others export", () => {
  const barrels = sources.filter(({ path, parsed }) => {
    const { body } = parsed.program;
    const passesOn = body.filter(
      (node) =>
        node.type === "ExportAllDeclaration" ||
        (node.type === "ExportNamedDeclaration" && node.source !== null),
    );
    // next-auth and Next want some files to exist that only name where the work is done.
    return !path.startsWith("app/") && body.length > 0 && passesOn.length === body.length;
  });
  expect(barrels.map(({ path }) => path)).toEqual([]);
});

test("the suffix of a test says which tier it belongs to", () => {
  const wrong = sources
    .filter(({ imports }) => imports.some(({ specifier }) => specifier === "vitest"))
    .filter(({ parsed, text }) => {
      const calls = parsed.program.body.some(
        (node) =>
          node.type === "ExpressionStatement" &&
          /^(test|it|describe)\b/.test(text.slice(node.start, node.end)),
      );
      return calls;
    })
    .map(({ path }) => path)
    .filter((path) => !/(\.(unit|db|contract)\.test\.tsx?|^tests\/e2e\/.*\.e2e\.ts)$/.test(path));
  expect(wrong).toEqual([]);
});

test("no test is skipped, preferred, retried or waits for time to pass", () => {
  const forbidden =
    /\b(test|it|describe|suite)(\.\w+)*\.(skip|only|todo|skipIf|runIf|fails)\b|\bretry:|\bsetTimeout\(|\bwaitForTimeout\(|"node:timers/;
  const wrong = sources
    .filter(
      ({ path }) => /(\.test\.tsx?|\.e2e\.ts)$/.test(path) && !path.includes("/architecture/"),
    )
    .filter(({ text }) => forbidden.test(text))
    .map(({ path }) => path);
  expect(wrong).toEqual([]);
});

test("only lib/config/env.ts reads the environment, besides tools and the stand-ins", () => {
  const tools =
    /^(lib\/(config\/env\.ts$|cli\/|sandbox\/)|prisma\/|tests\/|[^/]+\.config\.(ts|mjs)$)/;
  const readers = sources
    .filter(({ path, text }) => !tools.test(path) && /\bprocess\s*\.\s*env\b/.test(text))
    // The framework itself asks which runtime it starts in.
    .filter(
      ({ path, text }) =>
        !(
          path === "instrumentation.ts" &&
          !/process\.env(?!\.NEXT_RUNTIME|\["NEXT_RUNTIME"\])/.test(text)
        ),
    )
    .map(({ path }) => path);
  expect(readers).toEqual([]);
});

test("the rules of the domain neither look at the clock nor roll dice", () => {
  const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bTemporal\.Now\b|\brandomUUID\(/;
  const wrong = sources
    .filter(({ path }) => path.startsWith("lib/domain/") && !/\.test\.ts$/.test(path))
    .filter(({ text }) => impure.test(text))
    .map(({ path }) => path);
  expect(wrong).toEqual([]);
});
