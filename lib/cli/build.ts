import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { guard } from "#prisma/embedded-postgres/guard.ts";
import { root } from "./root.ts";

/** What ends up in the build, or decides how it is made. */
const sources = [
  "app",
  "components",
  "lib",
  "public",
  "prisma/schema.prisma",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];
const rootFile = /^(next\.config|postcss\.config|proxy|instrumentation(-client)?)\.[a-z]+$/;
/** Beneath `lib`, but never part of the web application. */
const elsewhere = ["lib/cli", "lib/sandbox", "lib/worker", "lib/db/generated"];

const stamp = path.join(root, ".next", "sources.txt");

/**
 * Makes the production build unless the one in `.next` was made, to its end, from exactly the
 * sources as they are now. Rejects with the builder's output when it fails.
 */
export async function ensureBuild(report: (line: string) => void): Promise<void> {
  const wanted = hashSources();
  const isBuilt = existsSync(path.join(root, ".next", "BUILD_ID"));
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  report("Building …");
  rmSync(stamp, { force: true });
  await build();
  // Changed meanwhile: leave it unstamped, so that the next start builds again.
  if (hashSources() === wanted) writeFileSync(stamp, wanted);
}

async function build(): Promise<void> {
  const cli = path.join(root, "node_modules", "next", "dist", "bin", "next");
  const child = spawn(process.execPath, [cli, "build"], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  guard(child, "TERM");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`The build failed:\n${output}`);
}

function hashSources(): string {
  const hash = createHash("sha256");
  const files = [
    ...sources.flatMap((each) => filesUnder(each)),
    ...readdirSync(root).filter((name) => rootFile.test(name)),
  ];
  for (const file of files.toSorted()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

function filesUnder(relative: string): string[] {
  const absolute = path.join(root, relative);
  if (!existsSync(absolute) || elsewhere.includes(relative)) return [];
  if (/\.(unit|db|contract)\.test\.tsx?$/.test(relative)) return [];
  try {
    return readdirSync(absolute).flatMap((name) => filesUnder(`${relative}/${name}`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return [relative];
    throw error;
  }
}
