import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Reads parameter lists out of the type declarations that Stripe publishes with stripe-node, so
 * that the stand-in accepts exactly the parameters of the installed version's API and no others.
 * The declarations are generated and regular: namespaces, interfaces, one property per line.
 */

/** The form one parameter may take. */
export type Shape =
  | { kind: "text" | "integer" | "decimal" | "flag" | "map" | "anything" }
  | { kind: "choice"; values: string[] }
  | { kind: "object"; fields: Map<string, Field> }
  | { kind: "list"; of: Shape }
  | { kind: "either"; of: Shape[] };

/** One parameter of an object. */
export interface Field {
  required: boolean;
  shape: Shape;
}

interface Declaration {
  scope: string[];
  /** Property lines of an interface, by name. */
  properties?: Map<string, { type: string; required: boolean }>;
  parents?: string[];
  /** The right side of a type alias. */
  alias?: string;
}

const typesFolder = dirname(fileURLToPath(import.meta.resolve("stripe")));

/** The API version that the installed stripe-node speaks; events carry it. */
export const apiVersion = readApiVersion();

function readApiVersion(): string {
  const source = readFileSync(join(typesFolder, "apiVersion.js"), "utf8");
  const version = /ApiVersion = '([^']+)'/.exec(source)?.[1];
  if (!version) throw new Error("stripe-node's API version was not found");
  return version;
}

/**
 * The shape of one parameter interface, such as `SessionCreateParams` in
 * `Checkout/Sessions.d.ts`.
 */
export function readParameters(file: string, name: string): Map<string, Field> {
  const declarations = [...load("shared.d.ts"), ...load(join("resources", file))];
  const byName = new Map(declarations);
  const start = [...byName.keys()].find((full) => full === name || full.endsWith(`.${name}`));
  if (!start) throw new Error(`${name} is not declared in stripe-node's ${file}`);
  return new Reader(byName).fieldsOf(start);
}

const loaded = new Map<string, [string, Declaration][]>();

function load(file: string): [string, Declaration][] {
  const known = loaded.get(file);
  if (known) return known;
  const declarations = parse(readFileSync(join(typesFolder, file), "utf8"));
  loaded.set(file, declarations);
  return declarations;
}

function parse(source: string): [string, Declaration][] {
  const found: [string, Declaration][] = [];
  const blocks: { name: string; properties?: Map<string, { type: string; required: boolean }> }[] =
    [];
  const scope = (): string[] =>
    blocks.filter((block) => block.name !== "").map((block) => block.name);

  for (const line of source
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .map((l) => l.trim())) {
    const namespace = /^(?:export )?(?:declare )?namespace (\w+) \{$/.exec(line);
    const declared = /^(?:export )?interface (\w+)(?:<.*>)?(?: extends ([^{]+))? \{(\})?$/.exec(
      line,
    );
    const alias = /^(?:export )?type (\w+) = (.*);$/.exec(line);
    const property = /^(?:'([^']+)'|(\w+))(\?)?: (.*[^{]);$/.exec(line);
    const top = blocks.at(-1);
    if (namespace?.[1]) blocks.push({ name: namespace[1] });
    else if (declared?.[1]) {
      const properties = new Map<string, { type: string; required: boolean }>();
      const parents = declared[2]?.split(",").map((parent) => parent.trim()) ?? [];
      found.push([[...scope(), declared[1]].join("."), { scope: scope(), properties, parents }]);
      if (!declared[3]) blocks.push({ name: "", properties });
    } else if (alias?.[1] && alias[2]) {
      found.push([[...scope(), alias[1]].join("."), { scope: scope(), alias: alias[2] }]);
    } else if (line.endsWith("{")) {
      // An inline object or a class: its lines are of no interest.
      const name = /^(\w+)\??: \{$/.exec(line)?.[1];
      if (name) top?.properties?.set(name, { type: "anything", required: false });
      blocks.push({ name: "" });
    } else if (/^\}[;,]?$/.test(line)) blocks.pop();
    else if (property && top?.properties) {
      const name = property[1] ?? property[2] ?? "";
      top.properties.set(name, { type: property[4] ?? "", required: !property[3] });
    }
  }
  return found;
}

class Reader {
  readonly #declarations: Map<string, Declaration>;

  constructor(declarations: Map<string, Declaration>) {
    this.#declarations = declarations;
  }

  fieldsOf(name: string): Map<string, Field> {
    const declaration = this.#declarations.get(name);
    const fields = new Map<string, Field>();
    const inner = [...(declaration?.scope ?? []), name.split(".").at(-1) ?? ""];
    for (const parent of declaration?.parents ?? []) {
      const found = this.#resolve(parent, inner);
      if (!found) continue;
      for (const [key, field] of this.fieldsOf(found)) fields.set(key, field);
    }
    for (const [key, { type, required }] of declaration?.properties ?? []) {
      fields.set(key, { required, shape: this.#shapeOf(type, declaration?.scope ?? []) });
    }
    return fields;
  }

  #shapeOf(type: string, scope: string[]): Shape {
    const parts = splitUnion(type).filter(
      (part) => !["null", "OtherString", "undefined"].includes(part),
    );
    const literals = parts.filter((part) => /^'.*'$/.test(part));
    const shapes = parts
      .filter((part) => !literals.includes(part))
      .map((part) => this.#single(part, scope));
    if (literals.length > 0) {
      shapes.push({ kind: "choice", values: literals.map((literal) => literal.slice(1, -1)) });
    }
    const only = shapes[0];
    return shapes.length === 1 && only ? only : { kind: "either", of: shapes };
  }

  #single(type: string, scope: string[]): Shape {
    const generic = /^(Array|Emptyable|Set)<(.*)>$/.exec(type);
    if (generic?.[1] === "Array" && generic[2]) {
      return { kind: "list", of: this.#shapeOf(generic[2], scope) };
    }
    if (generic?.[2]) return this.#shapeOf(generic[2], scope);
    if (type === "string") return { kind: "text" };
    if (type === "number") return { kind: "integer" };
    if (type === "Decimal") return { kind: "decimal" };
    if (type === "boolean") return { kind: "flag" };
    if (type === "MetadataParam" || type.startsWith("{")) return { kind: "map" };
    const found = this.#resolve(type, scope);
    const declaration = found ? this.#declarations.get(found) : undefined;
    if (!found || !declaration) return { kind: "anything" };
    if (declaration.alias !== undefined) {
      return this.#shapeOf(declaration.alias, declaration.scope);
    }
    return { kind: "object", fields: this.fieldsOf(found) };
  }

  /** The full name that `name` means when used inside `scope`. */
  #resolve(name: string, scope: string[]): string | null {
    for (let depth = scope.length; depth >= 0; depth -= 1) {
      const full = [...scope.slice(0, depth), name].join(".");
      if (this.#declarations.has(full)) return full;
    }
    return null;
  }
}

/** Splits at the `|` that are not inside brackets or quotes. */
function splitUnion(type: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let part = "";
  for (const letter of type) {
    if (letter === "'") quoted = !quoted;
    if (!quoted && "<{(".includes(letter)) depth += 1;
    if (!quoted && ">})".includes(letter)) depth -= 1;
    if (letter === "|" && depth === 0 && !quoted) {
      parts.push(part.trim());
      part = "";
    } else part += letter;
  }
  parts.push(part.trim());
  return parts.filter((each) => each !== "");
}
