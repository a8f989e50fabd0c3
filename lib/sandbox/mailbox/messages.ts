import type { Store } from "../store.ts";

/** One mail as `GET /api/messages` gives it. */
export interface Message {
  id: string;
  /** The envelope's recipient; a mail to several is kept once for each. */
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string | null;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Real time, ISO 8601. */
  receivedAt: string;
}

/** What may be asked for. */
export interface MessageQuery {
  to?: string | null;
  /** Received after this ISO 8601 time. */
  since?: string | null;
  /** Part of the subject, whatever its case. */
  subject?: string | null;
}

/** The mails that were received, oldest first. */
export class Messages {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.index("message", "to");
  }

  keep(message: Message): void {
    this.#store.put("message", message.id, message);
  }

  find(id: string): Message | null {
    return this.#store.find<Message>("message", id);
  }

  list(query: MessageQuery = {}): Message[] {
    const to = query.to?.toLowerCase();
    const subject = query.subject?.toLowerCase();
    const since = query.since ? Date.parse(query.since) : Number.NEGATIVE_INFINITY;
    return this.#store
      .list<Message>("message", to ? { to } : {})
      .map(({ doc }) => doc)
      .filter((message) => Date.parse(message.receivedAt) >= since)
      .filter((message) => !subject || message.subject.toLowerCase().includes(subject))
      .toReversed();
  }

  clear(): void {
    for (const { id } of this.#store.list("message")) this.#store.remove("message", id);
  }
}
