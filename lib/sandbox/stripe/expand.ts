import { invalidParameter } from "./errors.ts";
import { kindOf } from "./ids.ts";
import { withoutSecrets } from "./world.ts";
import type { KeptKind, KeptSession, StripeWorld } from "./world.ts";

const keptKinds = new Set<string>([
  "session",
  "paymentIntent",
  "setupIntent",
  "charge",
  "refund",
  "customer",
  "paymentMethod",
  "balanceTransaction",
  "dispute",
  "payout",
] satisfies KeptKind[]);

/**
 * The object as answered: ids at the `expand` paths replaced by the objects themselves
 * ("payment_intent.latest_charge", in lists "data.payment_intent"); at most four levels.
 */
export function expand(world: StripeWorld, object: object, paths: string[]): object {
  let shown: object = structuredClone(object);
  for (const path of paths) {
    const names = path.split(".");
    if (names.length > 4) {
      throw invalidParameter("expand", `You cannot expand more than 4 levels of a property.`);
    }
    shown = expandAt(world, shown, names, path);
  }
  return strip(shown);
}

function expandAt(world: StripeWorld, object: object, names: string[], path: string): object {
  const [name, ...rest] = names;
  if (name === undefined) return object;
  const value = included(world, object, name) ?? (object as Record<string, unknown>)[name];
  if (value === undefined) {
    throw invalidParameter("expand", `This property cannot be expanded (${path}).`);
  }
  return { ...object, [name]: expandValue(world, value, rest, path) };
}

function expandValue(world: StripeWorld, value: unknown, rest: string[], path: string): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((item) => expandValue(world, item, rest, path));
  if (typeof value === "object") return expandAt(world, value, rest, path);
  const kind = typeof value === "string" ? kindOf(value) : null;
  if (!kind || !keptKinds.has(kind)) {
    throw invalidParameter("expand", `This property cannot be expanded (${path}).`);
  }
  const found = world.find(kind as KeptKind, String(value));
  return found ? expandAt(world, found, rest, path) : value;
}

/** Properties that are only there when asked for. */
function included(world: StripeWorld, object: object, name: string): object | undefined {
  const kind = (object as { object?: unknown }).object;
  if (kind === "checkout.session" && name === "line_items") {
    const session = object as KeptSession;
    return listOf(session.sandbox.lineItems, `/v1/checkout/sessions/${session.id}/line_items`);
  }
  if (kind === "charge" && name === "refunds") {
    const { id } = object as { id: string };
    const refunds = world.list("refund", { charge: id }).map(({ doc }) => doc);
    return listOf(refunds, `/v1/charges/${id}/refunds`);
  }
  return undefined;
}

function listOf(data: object[], url: string): object {
  return { object: "list", data, has_more: false, url };
}

/** Without what the stand-in keeps to itself, at any depth. */
function strip<T>(value: T): T {
  if (Array.isArray(value)) return value.map(strip) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(withoutSecrets(value)).map(([name, inner]) => [name, strip(inner)]),
  ) as T;
}
