/** A request that is parked by a `hold_before` or `hold_after` fault. */
export interface HeldRequest {
  /** The request's id in the log. */
  id: number;
  stage: "before" | "after";
  at: string;
  method: string;
  path: string;
  params: unknown;
}

/** The parked requests of one stand-in; they live in memory, a restart drops their connections. */
export class HeldRequests {
  readonly #parked = new Map<number, { request: HeldRequest; release: () => void }>();

  /** Resolves once the request is released. */
  park(request: HeldRequest): Promise<void> {
    return new Promise((resolve) => {
      this.#parked.set(request.id, { request, release: resolve });
    });
  }

  list(): HeldRequest[] {
    return [...this.#parked.values()].map((entry) => entry.request);
  }

  /** Lets one request go on, or all of them; returns the ids. */
  release(id?: number): number[] {
    const ids = id === undefined ? [...this.#parked.keys()] : [id];
    return ids.filter((each) => {
      const entry = this.#parked.get(each);
      this.#parked.delete(each);
      entry?.release();
      return entry !== undefined;
    });
  }
}
