import { webhookFaultKinds } from "./faults.ts";
import type { Store } from "./store.ts";
import type { StandIn } from "./stand-in.ts";

/** One event on its way to one address. */
export interface Delivery {
  id: number;
  eventId: string;
  type: string;
  url: string;
  body: string;
  state: "waiting" | "delivered" | "dropped" | "given_up";
  attempts: number;
  /** Real time in ms at which it is sent next. */
  dueAt: number;
  /** Set when it waits for another event to be delivered first. */
  behindOthers: boolean;
  /** The last HTTP status, or the reason why there was none. */
  lastResult: string | null;
}

/** How a delivery is signed; the default adds nothing. */
export type HeadersFor = (delivery: Pick<Delivery, "body">) => Record<string, string>;

const backOffMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
const giveUpAfterMs = 3 * 24 * 3600 * 1000;
const answerWithinMs = 20_000;
const inFlightAtMost = 12;

/**
 * The durable queue of webhooks. An event is stored in the transaction of the change that it
 * tells of, sent soon after, and sent again until the other side says 2xx: at least once, in no
 * particular order, as the providers promise. Back-off starts at half a second, so that tests
 * need not wait, and gives up after three days.
 */
export class WebhookQueue {
  readonly #standIn: StandIn;
  readonly #headersFor: HeadersFor;
  readonly #onDelivered: (eventId: string) => void;
  readonly #inFlight = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    standIn: StandIn,
    headersFor: HeadersFor,
    onDelivered: (eventId: string) => void = () => {},
  ) {
    this.#standIn = standIn;
    this.#headersFor = headersFor;
    this.#onDelivered = onDelivered;
    createTable(standIn.store);
  }

  /** Puts an event into the queue, after the webhook faults had their say. */
  enqueue(event: { eventId: string; type: string; url: string; body: string }): void {
    const { faults, clock } = this.#standIn;
    const occurrence = { method: "POST", path: event.url, rawBody: event.body, type: event.type };
    const fault = faults.take(webhookFaultKinds, occurrence);
    const copies = fault?.kind === "webhook_duplicate" ? fault.count : 1;
    const wait =
      fault?.kind === "webhook_delay" || fault?.kind === "webhook_reorder" ? fault.ms : 0;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#insert({
        ...event,
        state: fault?.kind === "webhook_drop" ? "dropped" : "waiting",
        dueAt: clock.wall() + wait,
        behindOthers: fault?.kind === "webhook_reorder",
      });
    }
    this.wake();
  }

  /** Looks for due deliveries soon. */
  wake(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    // A turn later, so that the surrounding transaction is committed.
    this.#timer = setTimeout(() => this.#pump(), 1);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  list(): Delivery[] {
    return this.#standIn.store.database
      .prepare("SELECT * FROM deliveries ORDER BY id")
      .all()
      .map(readRow);
  }

  /** Sends everything that still waits now, whatever its back-off. */
  hurry(): void {
    this.#standIn.store.database.exec(
      "UPDATE deliveries SET due_at = 0, behind_others = 0 WHERE state = 'waiting'",
    );
    this.wake();
  }

  clear(): void {
    this.#standIn.store.database.exec("DELETE FROM deliveries");
  }

  #insert(delivery: Omit<Delivery, "id" | "attempts" | "lastResult">): void {
    this.#standIn.store.database
      .prepare(
        "INSERT INTO deliveries (event_id, type, url, body, state, due_at, behind_others, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      )
      .run(
        delivery.eventId,
        delivery.type,
        delivery.url,
        delivery.body,
        delivery.state,
        delivery.dueAt,
        Number(delivery.behindOthers),
        this.#standIn.clock.wall(),
      );
  }

  #pump(): void {
    if (this.#stopped) return;
    const now = this.#standIn.clock.wall();
    const waiting = this.#standIn.store.database
      .prepare("SELECT * FROM deliveries WHERE state = 'waiting' ORDER BY due_at, id LIMIT 200")
      .all()
      .map(readRow)
      .filter((delivery) => !this.#inFlight.has(delivery.id));
    let next: number | null = null;
    for (const delivery of waiting) {
      if (delivery.dueAt <= now && this.#inFlight.size < inFlightAtMost) {
        this.#inFlight.add(delivery.id);
        void this.#send(delivery);
      } else {
        next = Math.min(next ?? Number.POSITIVE_INFINITY, Math.max(delivery.dueAt, now + 20));
      }
    }
    if (next !== null) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#pump(), next - now);
    }
  }

  async #send(delivery: Delivery): Promise<void> {
    const result = await post(delivery, this.#headersFor(delivery));
    this.#inFlight.delete(delivery.id);
    if (this.#stopped) return;
    this.#standIn.store.transaction(() => this.#settle(delivery, result));
    this.wake();
  }

  #settle(delivery: Delivery, result: { ok: boolean; text: string }): void {
    const { clock, store } = this.#standIn;
    const attempts = delivery.attempts + 1;
    const row = store.database
      .prepare("SELECT created_at FROM deliveries WHERE id = ?")
      .get(delivery.id);
    if (!row) return;
    const givesUp = clock.wall() - Number(row["created_at"]) > giveUpAfterMs;
    const state = result.ok ? "delivered" : givesUp ? "given_up" : "waiting";
    const dueAt = clock.wall() + (backOffMs[Math.min(attempts, backOffMs.length) - 1] ?? 0);
    store.database
      .prepare(
        "UPDATE deliveries SET state = ?, attempts = ?, due_at = ?, last_result = ? WHERE id = ?",
      )
      .run(state, attempts, dueAt, result.text, delivery.id);
    if (!result.ok) return;
    store.database.exec(
      "UPDATE deliveries SET due_at = 0, behind_others = 0 WHERE state = 'waiting' AND behind_others = 1",
    );
    this.#onDelivered(delivery.eventId);
  }
}

/** Sends one webhook; never throws. */
export async function post(
  delivery: Pick<Delivery, "url" | "body">,
  headers: Record<string, string>,
): Promise<{ ok: boolean; text: string }> {
  try {
    const answer = await fetch(delivery.url, {
      method: "POST",
      body: delivery.body,
      headers: { "content-type": "application/json; charset=utf-8", ...headers },
      redirect: "manual",
      signal: AbortSignal.timeout(answerWithinMs),
    });
    await answer.arrayBuffer();
    return { ok: answer.ok, text: String(answer.status) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { ok: false, text: cause instanceof Error ? cause.message : String(cause) };
  }
}

function createTable(store: Store): void {
  store.database.exec(`
    CREATE TABLE IF NOT EXISTS deliveries (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      event_id TEXT NOT NULL,
      type TEXT NOT NULL,
      url TEXT NOT NULL,
      body TEXT NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      due_at INTEGER NOT NULL,
      behind_others INTEGER NOT NULL DEFAULT 0,
      last_result TEXT,
      created_at INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at) WHERE state = 'waiting';
  `);
}

function readRow(row: Record<string, unknown>): Delivery {
  return {
    id: Number(row["id"]),
    eventId: String(row["event_id"]),
    type: String(row["type"]),
    url: String(row["url"]),
    body: String(row["body"]),
    state: String(row["state"]) as Delivery["state"],
    attempts: Number(row["attempts"]),
    dueAt: Number(row["due_at"]),
    behindOthers: row["behind_others"] === 1,
    lastResult: row["last_result"] === null ? null : String(row["last_result"]),
  };
}
