/** How soon a request is let through: orders and their look-ups before everything that can wait. */
export type Urgency = "order" | "reading";

/** The carrier wants a longer pause than is worth waiting for; the request must not be sent. */
interface Refused {
  readonly pausedMs: number;
}

interface Waiting {
  readonly urgency: Urgency;
  readonly answer: (refused: Refused | null) => void;
}

/**
 * Lets requests through at the rate a carrier allows, per process: at most `limit` within any
 * `windowMs`, none while the carrier has asked us to wait, orders before readings.
 */
export class RequestGate {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #longestPauseMs: number;
  readonly #starts: number[] = [];
  readonly #waiting: Waiting[] = [];
  #pausedUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { limit: number; windowMs: number; longestPauseMs: number }) {
    this.#limit = options.limit;
    this.#windowMs = options.windowMs;
    this.#longestPauseMs = options.longestPauseMs;
  }

  /**
   * Waits for the turn of one request. When the carrier wants a longer pause than is worth waiting
   * for, before or while the request waits, the answer is that pause in milliseconds, at once, and the
   * request must not be sent.
   */
  async enter(urgency: Urgency): Promise<Refused | null> {
    const refused = this.#refusal();
    if (refused !== null) return refused;
    return await new Promise((resolve) => {
      this.#waiting.push({ urgency, answer: resolve });
      this.#pump();
    });
  }

  /** The carrier asked for a pause. */
  pause(seconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, Date.now() + seconds * 1000);
    const refused = this.#refusal();
    if (refused === null) return;
    clearTimeout(this.#timer);
    for (const request of this.#waiting.splice(0)) request.answer(refused);
  }

  #refusal(): Refused | null {
    const pausedMs = this.#pausedUntil - Date.now();
    return pausedMs > this.#longestPauseMs ? { pausedMs } : null;
  }

  #pump(): void {
    clearTimeout(this.#timer);
    for (;;) {
      if (this.#waiting.length === 0) return;
      const now = Date.now();
      const wait = Math.max(this.#nextSlot(), this.#pausedUntil) - now;
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#pump(), wait);
        return;
      }
      const urgent = this.#waiting.findIndex((request) => request.urgency === "order");
      const [next] = this.#waiting.splice(Math.max(urgent, 0), 1);
      this.#starts.push(now);
      if (this.#starts.length > this.#limit) this.#starts.shift();
      next?.answer(null);
    }
  }

  #nextSlot(): number {
    const oldest = this.#starts[0];
    return this.#starts.length < this.#limit || oldest === undefined ? 0 : oldest + this.#windowMs;
  }
}
