import { invalidParameter, missingParameter, unknownParameter } from "./errors.ts";
import type { FormObject, FormValue } from "./form.ts";
import { readParameters } from "./vendor-types.ts";
import type { Field, Shape } from "./vendor-types.ts";

/** Parameters after checking: numbers are numbers, flags booleans, lists arrays, empty is null. */
export type Params = { [name: string]: unknown };

const read = new Map<string, Map<string, Field>>();

/**
 * Checks `form` against a parameter interface that Stripe publishes and converts its values.
 * Refuses unknown, missing and malformed parameters as Stripe does.
 */
export function checkParameters(file: string, name: string, form: FormObject): Params {
  const key = `${file} ${name}`;
  const fields = read.get(key) ?? readParameters(file, name);
  read.set(key, fields);
  return checkObject(fields, form, "");
}

function checkObject(fields: Map<string, Field>, form: FormObject, path: string): Params {
  const checked: Params = {};
  for (const name of Object.keys(form)) {
    if (!fields.has(name)) throw unknownParameter(join(path, name));
  }
  for (const [name, field] of fields) {
    const value = form[name];
    if (value === undefined) {
      if (field.required) throw missingParameter(join(path, name));
      continue;
    }
    if (field.required && value === "") throw missingParameter(join(path, name));
    checked[name] = check(field.shape, value, join(path, name));
  }
  return checked;
}

function check(shape: Shape, value: FormValue, path: string): unknown {
  if (value === "") return shape.kind === "map" ? {} : null;
  if (shape.kind === "either") return checkEither(shape.of, value, path);
  if (shape.kind === "anything") return value;
  if (shape.kind === "object") {
    if (typeof value === "string") throw invalidParameter(path, "Invalid object");
    return checkObject(shape.fields, value, path);
  }
  if (shape.kind === "list") {
    if (typeof value === "string") throw invalidParameter(path, "Invalid array");
    return Object.entries(value).map(([index, item]) => check(shape.of, item, join(path, index)));
  }
  if (shape.kind === "map") {
    if (typeof value === "string") throw invalidParameter(path, "Invalid object");
    return checkMap(value, path);
  }
  if (typeof value !== "string") throw invalidParameter(path, "Invalid string");
  return checkScalar(shape, value, path);
}

function checkScalar(shape: Shape, value: string, path: string): unknown {
  switch (shape.kind) {
    case "integer":
      if (!/^-?\d{1,15}$/.test(value)) {
        throw invalidParameter(path, `Invalid integer: ${value}`, "parameter_invalid_integer");
      }
      return Number(value);
    case "flag":
      if (value !== "true" && value !== "false") {
        throw invalidParameter(path, `Invalid boolean: ${value}`);
      }
      return value === "true";
    case "choice":
      if (!shape.values.includes(value)) {
        const last = shape.values.at(-1) ?? "";
        const others = shape.values.slice(0, -1).join(", ");
        throw invalidParameter(path, `Invalid ${path}: must be one of ${others}, or ${last}`);
      }
      return value;
    case "decimal":
      if (!/^-?\d+(\.\d{1,12})?$/.test(value)) {
        throw invalidParameter(path, `Invalid decimal: ${value}`);
      }
      return value;
    default:
      if (value.length > 5000) {
        throw invalidParameter(path, "Invalid string: must be at most 5000 characters");
      }
      return value;
  }
}

function checkEither(shapes: Shape[], value: FormValue, path: string): unknown {
  let refusal: unknown;
  for (const shape of shapes) {
    try {
      return check(shape, value, path);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/** Metadata: at most 50 keys of 40 characters, values of 500. */
function checkMap(value: FormObject, path: string): Record<string, string> {
  const entries = Object.entries(value);
  if (entries.length > 50) throw invalidParameter(path, "You can set at most 50 metadata keys.");
  return Object.fromEntries(
    entries.map(([name, inner]) => {
      if (typeof inner !== "string") {
        throw invalidParameter(join(path, name), "Metadata values must be strings.");
      }
      if (name.length > 40) {
        throw invalidParameter(join(path, name), "Metadata keys can be up to 40 characters.");
      }
      if (inner.length > 500) {
        throw invalidParameter(join(path, name), "Metadata values can have up to 500 characters.");
      }
      return [name, inner];
    }),
  );
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}[${name}]`;
}

/** A text parameter, or null. */
export function text(params: Params, name: string): string | null {
  const value = params[name];
  return typeof value === "string" ? value : null;
}

/** A whole-number parameter, or null. */
export function integer(params: Params, name: string): number | null {
  const value = params[name];
  return typeof value === "number" ? value : null;
}

/** A boolean parameter; false when absent. */
export function flag(params: Params, name: string): boolean {
  return params[name] === true;
}

/** A nested parameter; empty when absent. */
export function nested(params: Params, name: string): Params {
  const value = params[name];
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Params)
    : {};
}

/** Whether a moment is the one, or in the range (`gt`, `gte`, `lt`, `lte`), that a parameter names. */
export function range(params: Params, name: string): (moment: number) => boolean {
  const exact = integer(params, name);
  if (exact !== null) return (moment) => moment === exact;
  const limits = nested(params, name);
  const [gt, gte, lt, lte] = ["gt", "gte", "lt", "lte"].map((limit) => integer(limits, limit));
  return (moment) =>
    moment > (gt ?? -1) &&
    moment >= (gte ?? 0) &&
    moment < (lt ?? Number.MAX_SAFE_INTEGER) &&
    moment <= (lte ?? Number.MAX_SAFE_INTEGER);
}

/** A list of nested parameters; empty when absent. */
export function listOf(params: Params, name: string): Params[] {
  const value = params[name];
  return Array.isArray(value) ? (value as Params[]) : [];
}

/** A list of texts, or null when absent. */
export function textList(params: Params, name: string): string[] | null {
  const value = params[name];
  return Array.isArray(value) ? value.map(String) : null;
}

/** Metadata for a new object: empty values are left out. */
export function metadata(params: Params, name = "metadata"): Record<string, string> {
  return mergeMetadata({}, params, name);
}

/** Metadata after an update: an empty value unsets its key, an empty `metadata` unsets all. */
export function mergeMetadata(
  before: Record<string, string>,
  params: Params,
  name = "metadata",
): Record<string, string> {
  if (!(name in params)) return before;
  const given = nested(params, name) as Record<string, string>;
  if (Object.keys(given).length === 0) return {};
  const merged = { ...before, ...given };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ""));
}
