/**
 * `node lib/cli/launch.mjs <program> [arguments]` makes a bare clone ready and runs the program on
 * the project's own Node. Plain JavaScript without a dependency, because it is what a machine with
 * nothing but git and Node 20 starts: packages are installed when they are missing or are not those
 * of package-lock.json, the database client is generated when the schema changed, and the program,
 * TypeScript, runs under the Node 24 that came with the packages.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = path.join(root, "node_modules");
const node = path.join(modules, "node", "bin", "node");
const client = path.join(root, "lib", "db", "generated");

const [program, ...rest] = process.argv.slice(2);
if (!program) {
  console.error("Say which program to run, e.g. node lib/cli/launch.mjs lib/cli/demo.ts");
  process.exit(1);
}

try {
  if (!isInstalled()) install();
  if (!runsNode()) fetchNode();
  const version = clientVersion();
  if (!isGenerated(version)) generate(version);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  // What runs the tests promises to end with this line, whatever happens.
  if (path.basename(program) === "test.ts") console.log("0 passed, 1 failed");
  process.exit(1);
}
run();

/**
 * npm writes node_modules/.package-lock.json as the last step of an installation, so that file is
 * missing after an interrupted one; its packages must be those of the project's lock file.
 */
function isInstalled() {
  const hidden = path.join(modules, ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = readJson(path.join(root, "package-lock.json")).packages;
  const found = readJson(hidden).packages;
  const same = (/** @type {string} */ name) =>
    wanted[name]?.version === found[name]?.version &&
    wanted[name]?.integrity === found[name]?.integrity;
  return Object.entries(wanted).every(
    ([name, { optional, devOptional }]) =>
      // Optional ones are for other machines: listed, and not installed.
      name === "" || (name in found ? same(name) : optional || devOptional),
  );
}

function install() {
  console.log("Installing the packages of package-lock.json …");
  npm(["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"]);
  if (!isInstalled()) throw new Error("npm ci ended well, but node_modules is not complete.");
}

/**
 * The package `node` fetches its binary in an install script. Those are off (.npmrc), so the one of
 * this one package is asked for by name.
 */
function fetchNode() {
  console.log("Fetching the project's own Node …");
  npm(["rebuild", "node", "--ignore-scripts=false"]);
  if (!runsNode()) throw new Error(`The Node of the package "node" does not run: ${node}`);
}

function runsNode() {
  if (!existsSync(node)) return false;
  const wanted = readJson(path.join(modules, "node", "package.json")).version;
  return spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.trim() === `v${wanted}`;
}

/** What the generated client depends on: the schema and the version of Prisma. */
function clientVersion() {
  const prisma = readJson(path.join(modules, "prisma", "package.json")).version;
  const schema = readFileSync(path.join(root, "prisma", "schema.prisma"));
  return createHash("sha256").update(prisma).update(schema).digest("hex");
}

/** @param {string} version */
function isGenerated(version) {
  const stamp = path.join(client, "version.txt");
  return (
    existsSync(path.join(client, "client.ts")) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === version
  );
}

/** @param {string} version */
function generate(version) {
  const cli = path.join(modules, "prisma", "build", "index.js");
  const { status, stdout, stderr } = spawnSync(node, [cli, "generate"], {
    cwd: root,
    env: { ...process.env, PATH: withOwnTools() },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The database client was not generated:\n${stdout}${stderr}`);
  const stamp = path.join(client, "version.txt");
  writeFileSync(`${stamp}.new`, version);
  renameSync(`${stamp}.new`, stamp);
}

function run() {
  const launchers = findLaunchers();
  const child = spawn(node, [path.resolve(root, program ?? ""), ...rest], {
    cwd: root,
    env: { ...process.env, PATH: withOwnTools() },
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  // A Ctrl-C in a terminal reaches the child twice, from there and from here; other ways once.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  // npm killed outright cannot pass anything on: then nobody waits for us any more.
  if (process.env.npm_lifecycle_event) {
    setInterval(() => {
      if (findLaunchers() !== launchers) child.kill("SIGTERM");
    }, 500).unref();
  }
  child.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    process.exit(code ?? (signal === "SIGINT" ? 130 : 1));
  });
}

/** Who started us: npm, or the shell that npm runs its scripts in and npm. Changes when one is gone. */
function findLaunchers() {
  const parent = process.ppid;
  try {
    // "pid (name) state parent …"
    const stat = readFileSync(`/proc/${parent}/stat`, "utf8");
    const [, name, grandparent] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
    return name?.endsWith("sh") ? `${parent} ${grandparent}` : `${parent}`;
  } catch {
    // Not Linux, or gone a moment ago.
    return `${parent}`;
  }
}

/** @param {string[]} args */
function npm(args) {
  // The npm that started us, when one did, on the Node that it runs on: ours may be the one inside
  // node_modules, which an installation takes away from under us.
  const { npm_execpath: cli, npm_node_execpath: itsNode } = process.env;
  const [command, first] = cli?.endsWith(".js") && itsNode ? [itsNode, [cli]] : ["npm", []];
  const { status, error } = spawnSync(command, [...first, ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, NODE_ENV: "" },
  });
  if (status !== 0) {
    throw new Error(`npm ${args.join(" ")} failed${error ? `: ${error.message}` : ""}.`);
  }
}

function withOwnTools() {
  return [path.join(modules, ".bin"), process.env.PATH ?? ""].join(path.delimiter);
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}
