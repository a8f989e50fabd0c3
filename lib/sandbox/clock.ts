/**
 * The time a stand-in lives in.
 *
 * `now()` is business time: creation dates, expiries, data usage. It may be shifted
 * (SANDBOX_CLOCK_OFFSET_SECONDS, or `POST /__sandbox/clock`) so that a test sees a package
 * run out. `wall()` is real time and rules what would really be measured in seconds: signature
 * timestamps, back-off, how long a look-up stays blind.
 */
export class Clock {
  #offsetMs: number;

  constructor(offsetSeconds = 0) {
    this.#offsetMs = offsetSeconds * 1000;
  }

  /** Shifts business time to real time plus `seconds` (may be negative). */
  shiftTo(seconds: number): void {
    this.#offsetMs = seconds * 1000;
  }

  /** Business time, milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Business time, whole seconds since the epoch. */
  nowSeconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Real time, milliseconds since the epoch. */
  wall(): number {
    return Date.now();
  }
}
