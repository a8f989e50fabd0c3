import { expect, test } from "vitest";
import { exists, listFiles, readSourceFiles, readText } from "./source-files.ts";

/** Paths of this repository that a text names, as far as they can be told from other words. */
function citedPaths(text: string): string[] {
  const path = /(?<![\w./:@-])((?:app|components|docs|lib|prisma|public|tests)\/[\w@.()[\]/-]+)/g;
  return [...text.matchAll(path)]
    .map(([, cited = ""]) => cited.replace(/[.)\]]+$/, (end) => (end.includes("]") ? end : "")))
    .map((cited) => cited.replace(/\/$/, ""));
}

/** A path with a place left open, like `lib/services/<noun>` or `*.ts`, names no particular file. */
function withoutOpenPlaces(text: string): string {
  return text.replaceAll(/\S*[<>*…{}]\S*/g, "");
}

test("every path that the documents cite exists", () => {
  const documents = listFiles().filter(
    (file) => file.endsWith(".md") && !file.startsWith("node_modules/"),
  );
  const dead = documents.flatMap((file) =>
    citedPaths(withoutOpenPlaces(readText(file)))
      .filter((cited) => !exists(cited))
      .map((cited) => `${file}: ${cited}`),
  );
  expect(dead).toEqual([]);
});

test("every link between documents leads somewhere", () => {
  const dead = listFiles()
    .filter((file) => file.endsWith(".md"))
    .flatMap((file) =>
      [...readText(file).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
        .map(([, target = ""]) => new URL(target, `file:///${file}`).pathname.slice(1))
        .filter((target) => !exists(decodeURIComponent(target)))
        .map((target) => `${file}: ${target}`),
    );
  expect(dead).toEqual([]);
});

test("every path that a comment cites exists", () => {
  const dead = readSourceFiles().flatMap(({ path, parsed }) =>
    parsed.comments
      .flatMap(({ value }) => citedPaths(withoutOpenPlaces(value)))
      // In a comment only a file name with its ending is meant as a path for certain.
      .filter((cited) => /\.(tsx?|mjs|md|sql|json|prisma)$/.test(cited) && !exists(cited))
      .map((cited) => `${path}: ${cited}`),
  );
  expect(dead).toEqual([]);
});

test("paths are told from other words", () => {
  expect(
    citedPaths(
      "See lib/cli/stack.ts, (app/page.tsx) and `app/(portal)/esims/[iccid]/page.tsx`; not " +
        "https://host/docs/x or node_modules/lib/x or @scope/lib/y.",
    ),
  ).toEqual(["lib/cli/stack.ts", "app/page.tsx", "app/(portal)/esims/[iccid]/page.tsx"]);
});
