import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { StatementPlace } from "#lib/domain/bank-statement.ts";
import { StatementRefusal } from "./statement-refusal.ts";

/** Deeper than any ISO 20022 message. */
const DEEPEST = 60;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  // Entities are never expanded by the library: the five of XML and characters by number are read below.
  processEntities: false,
  maxNestedTags: DEEPEST,
  ignorePiTags: true,
  ignoreDeclaration: true,
  jPath: false,
});

/**
 * Reads XML without a document type: entities of its own, and so external ones and those that multiply,
 * cannot be. Throws {@link StatementRefusal} when it is malformed, declares a type or is too deep.
 */
export function parseXml(text: string): XmlElement {
  if (/<!(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/i.test(text)) {
    throw new StatementRefusal({ code: "xml_declares_type" });
  }
  let parsed: unknown;
  try {
    // The depth is limited here, so this goes before what checks the form.
    parsed = parser.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    if (detail.includes("nested tags")) throw new StatementRefusal({ code: "xml_too_deep" });
    throw malformed(null, detail);
  }
  // The parser forgives tags that are not closed; a file that was cut off must not pass.
  const validity = XMLValidator.validate(text);
  if (validity !== true) throw malformed(validity.err.line, validity.err.msg);
  return new XmlElement(parsed, "");
}

function malformed(line: number | null, detail: string): StatementRefusal {
  return new StatementRefusal({ code: "xml_malformed", line, detail: detail.slice(0, 200) });
}

/** An element, with its path as a person would name it: `Stmt[1]/Ntry[3]/Amt`. */
export class XmlElement {
  readonly path: string;
  readonly #node: unknown;

  constructor(node: unknown, path: string) {
    this.#node = node;
    this.path = path;
  }

  /** The child elements of this name, in order. */
  all(name: string): XmlElement[] {
    const found = this.#own(name);
    if (found === undefined) return [];
    const path = this.path === "" ? name : `${this.path}/${name}`;
    return Array.isArray(found)
      ? found.map((node, index) => new XmlElement(node, `${path}[${index + 1}]`))
      : [new XmlElement(found, path)];
  }

  /** The first element down these names, or null. */
  find(...names: readonly string[]): XmlElement | null {
    const [first, ...rest] = names;
    return first === undefined ? this : (this.all(first)[0]?.find(...rest) ?? null);
  }

  /** The text of the first element down these names; null when there is none, or only blanks. */
  text(...names: readonly string[]): string | null {
    const node = this.find(...names);
    const text = node === null ? null : node.#text();
    return text === null || text.trim() === "" ? null : text;
  }

  /** As {@link find}; refuses the file when there is none. */
  need(...names: readonly string[]): XmlElement {
    const element = this.find(...names);
    if (element !== null) return element;
    throw new StatementRefusal({ code: "missing", place: this.place(...names) });
  }

  /** As {@link text}; refuses the file when there is none. */
  needText(...names: readonly string[]): string {
    const text = this.text(...names);
    if (text !== null) return text.trim();
    throw new StatementRefusal({ code: "missing", place: this.place(...names) });
  }

  attribute(name: string): string | null {
    const value = this.#own(`@${name}`);
    return typeof value === "string" ? decode(value) : null;
  }

  /** The names of the child elements. */
  names(): string[] {
    const node = this.#node;
    if (typeof node !== "object" || node === null) return [];
    return Object.keys(node).filter((name) => !/^[@#?]/.test(name));
  }

  place(...names: readonly string[]): StatementPlace {
    return { kind: "element", path: [this.path, ...names].filter((each) => each !== "").join("/") };
  }

  #text(): string | null {
    const node = this.#node;
    const text = typeof node === "string" ? node : this.#own("#text");
    return typeof text === "string" ? decode(text) : null;
  }

  #own(name: string): unknown {
    const node = this.#node;
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, name)) return undefined;
    return (node as Record<string, unknown>)[name];
  }
}

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** The five entities of XML and characters by number, once: what comes out is not read again. */
function decode(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/gi,
    (whole, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
    },
  );
}
