import { z } from "zod";
import type { Store } from "./store.ts";

/** How a bank's statement can be wrong; what each does is in bank/statement-faults.ts. */
export const statementFaults = [
  "repeat_lines",
  "same_file",
  "split_lines",
  "break_text",
  "mangle_reference",
  "wrong_digit",
  "wrong_decimals",
  "wrong_total",
  "no_reference",
] as const;

/**
 * Faults, injected through `POST /__sandbox/faults`.
 *
 * Of the faults that match a request, the oldest one is used; each use takes one off `times`
 * (default 1, null = until removed). Faults survive a restart of the stand-in.
 */

const match = z
  .strictObject({
    /** HTTP method; "SMTP" in the mailbox. */
    method: z.string().optional(),
    /** A prefix of the path, or a regular expression. In the mailbox the recipient's address. */
    path: z.string().optional(),
    /** Text that the raw body contains. */
    bodyIncludes: z.string().optional(),
    /** For webhook faults: the event's type (Stripe `type`, eSIM Access `notifyType`); a prefix or a regular expression. */
    type: z.string().optional(),
  })
  .default({});

const times = z.number().int().positive().nullable().default(1);
const ms = z.number().int().nonnegative();

export const faultSchema = z.discriminatedUnion("kind", [
  /** Answers properly, `ms` later. */
  z.strictObject({ kind: z.literal("delay"), match, times, ms }),
  /** Never acts: hangs for `ms`, then drops the connection. */
  z.strictObject({ kind: z.literal("timeout_before"), match, times, ms: ms.default(30_000) }),
  /** Acts, then hangs for `ms` and drops the connection without an answer. */
  z.strictObject({ kind: z.literal("timeout_after"), match, times, ms: ms.default(30_000) }),
  /**
   * Answers with this HTTP status without acting. `remembered`: whether the answer is kept under
   * the request's idempotency key; by default so for 500 only, as Stripe does once it began.
   */
  z.strictObject({
    kind: z.literal("status"),
    match,
    times,
    status: z.number().int().min(400).max(599),
    retryAfterSeconds: z.number().int().nonnegative().optional(),
    errorCode: z.string().optional(),
    remembered: z.boolean().optional(),
  }),
  /**
   * Acts (unless `acts` is false) and then answers well-formed nonsense. `set` writes values at
   * dotted paths of the answer ("obj.iccid"); without it the stand-in's own nonsense is used:
   * wrong ICCID, totals and dates, or wrong amount, currency and id.
   */
  z.strictObject({
    kind: z.literal("nonsense"),
    match,
    times,
    acts: z.boolean().default(true),
    set: z.record(z.string(), z.unknown()).optional(),
  }),
  /** Parks the request before it acts, until released. */
  z.strictObject({ kind: z.literal("hold_before"), match, times }),
  /** Acts, then parks the answer until released. */
  z.strictObject({ kind: z.literal("hold_after"), match, times }),
  /** Refuses for good, in the provider's own words, without acting. */
  z.strictObject({
    kind: z.literal("refuse"),
    match,
    times,
    errorCode: z.string(),
    errorMessage: z.string().optional(),
  }),
  /** The event is never delivered. */
  z.strictObject({ kind: z.literal("webhook_drop"), match, times }),
  /** The event is delivered `count` times, all at once. */
  z.strictObject({
    kind: z.literal("webhook_duplicate"),
    match,
    times,
    count: z.number().int().min(2).default(2),
  }),
  /** The event is delivered `ms` later. */
  z.strictObject({ kind: z.literal("webhook_delay"), match, times, ms }),
  /** The event waits until another one was delivered, at most `ms`. */
  z.strictObject({ kind: z.literal("webhook_reorder"), match, times, ms: ms.default(3_000) }),
  /** Look-ups know a change only `ms` after it happened. */
  z.strictObject({
    kind: z.literal("lookup_blind"),
    match,
    times: z.number().int().positive().nullable().default(null),
    ms,
  }),
  /** The next statement that the bank gives out is wrong in this way. */
  z.strictObject({ kind: z.literal("statement"), match, times, how: z.enum(statementFaults) }),
]);

export type FaultInput = z.input<typeof faultSchema>;
export type FaultRule = z.output<typeof faultSchema>;
export type FaultKind = FaultRule["kind"];
export type Fault<K extends FaultKind = FaultKind> = Extract<FaultRule, { kind: K }> & {
  id: string;
  /** How often it has been applied. */
  used: number;
};

/** What a fault is matched against. */
export interface Occurrence {
  method: string;
  path: string;
  rawBody: string;
  type?: string;
}

export const requestFaultKinds = [
  "delay",
  "timeout_before",
  "timeout_after",
  "status",
  "nonsense",
  "hold_before",
  "hold_after",
  "refuse",
] as const satisfies readonly FaultKind[];

export const webhookFaultKinds = [
  "webhook_drop",
  "webhook_duplicate",
  "webhook_delay",
  "webhook_reorder",
] as const satisfies readonly FaultKind[];

/** The faults that are waiting to happen. */
export class Faults {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  add(rule: FaultRule): Fault {
    const id = `fault_${crypto.randomUUID().slice(0, 8)}`;
    const fault = { ...rule, id, used: 0 } as Fault;
    this.#store.put("fault", id, fault);
    return fault;
  }

  list(): Fault[] {
    return this.#store
      .list<Fault>("fault")
      .map((row) => row.doc)
      .toReversed();
  }

  remove(id: string): boolean {
    return this.#store.remove("fault", id);
  }

  clear(): void {
    for (const fault of this.list()) this.remove(fault.id);
  }

  /** The oldest fault of one of `kinds` that matches, with one use taken off; null if none. */
  take<K extends FaultKind>(kinds: readonly K[], occurrence: Occurrence): Fault<K> | null {
    for (const fault of this.list()) {
      if (!(kinds as readonly FaultKind[]).includes(fault.kind)) continue;
      if (!matches(fault, occurrence)) continue;
      const used = { ...fault, used: fault.used + 1 };
      if (fault.times !== null && used.used >= fault.times) this.remove(fault.id);
      else this.#store.put("fault", fault.id, used);
      return fault as Fault<K>;
    }
    return null;
  }
}

function matches(fault: Fault, occurrence: Occurrence): boolean {
  const wanted = fault.match;
  if (wanted.method && wanted.method.toUpperCase() !== occurrence.method) return false;
  if (wanted.path && !startsOrMatches(occurrence.path, wanted.path)) return false;
  if (wanted.bodyIncludes && !occurrence.rawBody.includes(wanted.bodyIncludes)) return false;
  if (wanted.type && !startsOrMatches(occurrence.type ?? "", wanted.type)) return false;
  return true;
}

function startsOrMatches(text: string, wanted: string): boolean {
  if (text.startsWith(wanted)) return true;
  try {
    return new RegExp(wanted).test(text);
  } catch {
    return false;
  }
}

/** Writes `values` at dotted paths of a copy of `body` ("obj.iccid", "data.0.amount"). */
export function overwrite(body: unknown, values: Record<string, unknown>): unknown {
  const copy = structuredClone(body);
  for (const [path, value] of Object.entries(values)) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let place: unknown = copy;
    for (const name of names) {
      place = isRecord(place) ? place[name] : undefined;
    }
    if (isRecord(place)) place[last] = value;
  }
  return copy;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
