import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseSync } from "oxc-parser";
import { root } from "#lib/cli/root.ts";

/** One import or re-export, as written and as resolved. */
export type Import = {
  /** As written, e.g. `#lib/domain/money.ts` or `react`. */
  specifier: string;
  /** Path from the root of the repository, or null for a package or a module of Node. */
  target: string | null;
  /** Nothing of it is left when the types are taken away. */
  isType: boolean;
};

/** A source file of the repository, read and parsed. */
export type SourceFile = {
  /** From the root of the repository, with forward slashes. */
  path: string;
  text: string;
  parsed: ReturnType<typeof parseSync>;
  imports: Import[];
};

/** Every file of the repository that is committed or could be, from its root. */
export function listFiles(): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const listed = execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\0");
  return [...new Set(listed)].filter((file) => file !== "" && existsSync(path.join(root, file)));
}

/** The text of a file, by its path from the root of the repository. */
export function readText(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** Whether there is such a file or folder in the repository. */
export function exists(file: string): boolean {
  return existsSync(path.join(root, file));
}

/** Every TypeScript and JavaScript file of the repository, parsed. */
export function readSourceFiles(): SourceFile[] {
  return listFiles()
    .filter((file) => /\.(ts|tsx|mjs|js)$/.test(file))
    .map((file) => parseSource(file, readText(file)));
}

/** Parses one source; `file` decides the language and what relative imports mean. */
export function parseSource(file: string, text: string): SourceFile {
  const parsed = parseSync(file, text);
  const { staticImports, staticExports, dynamicImports } = parsed.module;
  const found = [
    ...staticImports.map(({ moduleRequest, entries }) => ({
      specifier: moduleRequest.value,
      isType: entries.length > 0 && entries.every((entry) => entry.isType),
    })),
    ...staticExports
      .flatMap(({ entries }) => entries)
      .flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [{ specifier: moduleRequest.value, isType }] : [],
      ),
    ...dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
      const literal = /^["'](.*)["']$/.exec(text.slice(start, end));
      return literal?.[1] ? [{ specifier: literal[1], isType: false }] : [];
    }),
  ];
  const imports = found.map((each) => ({ ...each, target: resolve(file, each.specifier) }));
  return { path: file, text, parsed, imports };
}

function resolve(from: string, specifier: string): string | null {
  if (specifier.startsWith("#")) return specifier.slice(1);
  if (specifier.startsWith(".")) return path.posix.join(path.posix.dirname(from), specifier);
  return null;
}
