import { invalidParameter } from "./errors.ts";
import { integer, range, text } from "./parameters.ts";
import type { Params } from "./parameters.ts";
import type { KeptKind, Objects, StripeWorld } from "./world.ts";

/** Stripe's list object. */
export interface StripeList {
  object: "list";
  data: object[];
  has_more: boolean;
  url: string;
}

/**
 * A page of objects, newest first, by `limit` (1–100, default 10), `starting_after`,
 * `ending_before` and `created`; `filter` narrows further.
 */
export function page<K extends KeptKind>(
  world: StripeWorld,
  kind: K,
  url: string,
  params: Params,
  options: {
    where?: Record<string, string>;
    filter?: (object: Objects[K]) => boolean;
  } = {},
): StripeList {
  const limit = integer(params, "limit") ?? 10;
  if (limit < 1 || limit > 100) {
    throw invalidParameter(
      "limit",
      "This value must be between 1 and 100.",
      "parameter_invalid_integer",
    );
  }
  const createdWithin = range(params, "created");
  const rows = world
    .list(kind, options.where)
    .filter(({ doc }) => createdWithin(doc.created) && (options.filter?.(doc) ?? true));
  const cursor = (name: string): number | null => {
    const id = text(params, name);
    if (id === null) return null;
    world.get(kind, id, name);
    return rows.findIndex((row) => row.id === id);
  };
  const after = cursor("starting_after");
  const before = cursor("ending_before");
  if (before !== null) {
    const start = Math.max(0, before - limit);
    return wrap(url, rows.slice(start, before), start > 0);
  }
  const start = after === null ? 0 : after + 1;
  return wrap(url, rows.slice(start, start + limit), rows.length > start + limit);
}

function wrap(url: string, rows: { doc: object }[], hasMore: boolean): StripeList {
  return { object: "list", data: rows.map(({ doc }) => doc), has_more: hasMore, url };
}
