import type { Import, SourceFile } from "./source-files.ts";

/**
 * Who may import whom. A room is a folder, or a file pattern within one; the first that matches a
 * path is its room. Within a room everything may import everything, except where `apart` says that
 * its subfolders are strangers to each other.
 */
export type Room = {
  name: string;
  files: RegExp;
  /** Rooms it may import. */
  may: readonly string[];
  /** Rooms of which it may import types, nothing that runs. */
  mayTypes?: readonly string[];
  apart?: true;
};

const product = ["components", "ui", "services", "access", "web", "i18n", "config"];
const adapters = ["payments-registry", "carriers-registry"];
// A port says what goes in and out of an adapter; it does nothing by itself.
const ports = ["payments-port", "carriers-port", "notifications-port"];
const anything = ["anything"];

/** Nobody else's business, whatever a room may import. */
const closed = ["app", "webhook-routes", "tests", "sandbox"];

export const rooms: readonly Room[] = [
  // What comes in from providers is verified by their adapters before anything else sees it.
  {
    name: "webhook-routes",
    files: /^app\/(api\/webhooks|gsma)\//,
    may: [...product, ...adapters, ...ports, "payments", "carriers", "observability"],
    mayTypes: ["domain"],
  },
  {
    name: "app",
    files: /^(app\/|proxy\.ts$|instrumentation(-client)?\.ts$)/,
    may: [...product, "documents", "observability", "webhook-routes"],
    mayTypes: ["domain"],
  },
  // Primitives have words of their own (a label for closing, say), but none of the domain.
  { name: "ui", files: /^components\/ui\//, may: ["i18n"] },
  { name: "components", files: /^components\//, may: ["ui", "i18n"], mayTypes: ["domain", "web"] },
  {
    name: "services",
    files: /^lib\/services\//,
    may: ["domain", "db", "access", "jobs", ...adapters, ...ports, "observability", "config"],
  },
  {
    name: "worker",
    files: /^lib\/worker\//,
    may: ["services", "jobs", ...adapters, ...ports, "notifications", "config", "observability"],
    mayTypes: ["domain"],
  },
  ...(["payments", "carriers"] as const).flatMap((name): Room[] => [
    { name: `${name}-port`, files: new RegExp(`^lib/${name}/port\\.ts$`), may: ["domain"] },
    {
      name: `${name}-registry`,
      files: new RegExp(`^lib/${name}/registry\\.ts$`),
      may: [`${name}-port`, name, "domain", "config"],
    },
    {
      name,
      files: new RegExp(`^lib/${name}/`),
      may: [`${name}-port`, "domain", "config", "observability"],
      apart: true,
    },
  ]),
  { name: "notifications-port", files: /^lib\/notifications\/port\.ts$/, may: ["domain"] },
  {
    name: "notifications",
    files: /^lib\/notifications\//,
    may: ["notifications-port", "domain", "i18n", "config", "observability"],
  },
  { name: "jobs", files: /^lib\/jobs\//, may: ["db", "domain"] },
  { name: "generated-client", files: /^lib\/db\/generated\//, may: [] },
  { name: "db", files: /^lib\/db\//, may: ["generated-client", "domain", "config"] },
  { name: "access", files: /^lib\/access\//, may: ["domain", "db", "config"] },
  {
    name: "web",
    files: /^lib\/web\//,
    may: ["domain", "access", "i18n", "config", "observability"],
    mayTypes: ["services"],
  },
  { name: "i18n", files: /^lib\/i18n\//, may: ["domain"] },
  // Receipts and invoices as files.
  { name: "documents", files: /^lib\/documents\//, may: ["domain", "i18n", "config"] },
  // Which languages there are: the domain says it, and it is all that the interface's texts need.
  { name: "locale", files: /^lib\/domain\/locale\.ts$/, may: [] },
  { name: "domain", files: /^lib\/domain\//, may: [] },
  { name: "config", files: /^lib\/config\//, may: ["domain"] },
  { name: "observability", files: /^lib\/observability\//, may: ["config"] },
  { name: "sandbox", files: /^lib\/sandbox\//, may: [] },
  { name: "cli", files: /^lib\/cli\//, may: anything },
  { name: "prisma", files: /^prisma\//, may: anything },
  {
    name: "tests",
    files: /^tests\//,
    may: [...anything, "app", "webhook-routes", "tests", "sandbox"],
  },
  { name: "configuration", files: /^[^/]+\.config\.(ts|mjs|js)$/, may: anything },
];

/** The room of a path from the root of the repository. */
export function roomOf(file: string): Room {
  const room = rooms.find(({ files }) => files.test(file));
  if (!room)
    throw new Error(`${file} lies in no room: add its folder to tests/architecture/rooms.ts`);
  return room;
}

/** What is wrong with an import, in a sentence, or null. */
export function judgeImport(
  from: SourceFile,
  { specifier, target, isType }: Import,
): string | null {
  const room = roomOf(from.path);
  if (target === null) return judgePackage(room.name, specifier, isType);
  // A test that lies beside what it tests is one of that room, with the tools of the tests.
  if (/\.test\.tsx?$/.test(from.path) && target.startsWith("tests/")) return null;
  const to = roomOf(target);
  if (to.name === "locale" && ["domain", "i18n"].some((each) => room.may.includes(each)))
    return null;
  if (to.name === "locale" && ["domain", "i18n"].includes(room.name)) return null;
  if (room.name === to.name) {
    return room.apart && subfolder(from.path) !== subfolder(target)
      ? `${subfolder(from.path)} may not import its neighbour ${target}`
      : null;
  }
  if (room.may.includes(to.name)) return null;
  if (room.may.includes("anything") && !closed.includes(to.name)) return null;
  if (room.mayTypes?.includes(to.name)) {
    return isType ? null : `${room.name} may import only types of ${to.name}: ${target}`;
  }
  return `${room.name} may not import ${to.name}: ${target}`;
}

const withoutFramework = [
  "domain",
  "services",
  "db",
  "worker",
  "payments",
  "payments-port",
  "payments-registry",
  "carriers",
  "carriers-port",
  "carriers-registry",
  "notifications",
  "notifications-port",
  "jobs",
];

function judgePackage(room: string, specifier: string, isType: boolean): string | null {
  if (withoutFramework.includes(room) && /^(next|react|react-dom)(\/|$)/.test(specifier)) {
    return `${room} knows no framework: ${specifier}`;
  }
  if (room === "domain" && specifier.startsWith("node:")) {
    return `domain does no input or output: ${specifier}`;
  }
  if (
    /^@prisma\/(client|adapter-pg)/.test(specifier) &&
    !isType &&
    !["db", "prisma"].includes(room)
  ) {
    return `only lib/db and the seed use the Prisma client: ${specifier}`;
  }
  return null;
}

function subfolder(file: string): string {
  return file.split("/").slice(0, 3).join("/");
}

/** Import cycles among `files`, each as the list of paths that leads back to its first. */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const edges = new Map(files.map((file) => [file.path, valueTargets(file)]));
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const seenAt = path.indexOf(file);
    if (seenAt >= 0) {
      cycles.push([...path.slice(seenAt), file]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of edges.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return cycles;
}

/** The way from `start` to the first file that `isGoal`, along imports that run, or null. */
export function findWay(
  files: ReadonlyMap<string, SourceFile>,
  start: string,
  isGoal: (file: string) => boolean,
): string[] | null {
  const cameFrom = new Map<string, string | null>([[start, null]]);
  const queue = [start];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (isGoal(file)) {
      const way = [file];
      for (let at = cameFrom.get(file); at; at = cameFrom.get(at)) way.unshift(at);
      return way;
    }
    const source = files.get(file);
    for (const target of source ? valueTargets(source) : []) {
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, file);
      queue.push(target);
    }
  }
  return null;
}

function valueTargets(file: SourceFile): string[] {
  return file.imports.flatMap(({ target, isType }) => (target && !isType ? [target] : []));
}
