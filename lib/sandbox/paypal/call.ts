import type { PayPalWorld } from "./world.ts";

/** One API call that came with a good access token. */
export interface Call {
  world: PayPalWorld;
  /** Parsed and not yet checked. */
  body: unknown;
  rawBody: string;
  query: Record<string, string>;
  /** The id in the address, or "". */
  id: string;
  /** `PayPal-Request-Id`. */
  key: string | null;
  /** Whether `Prefer: return=representation` was sent. */
  prefersWhole: boolean;
  /** How far look-ups lag behind, in ms. */
  blindMs: number;
}

/** What a call led to. `made` is what a repetition under the same PayPal-Request-Id gives again, as it is then. */
export interface Result {
  status: number;
  body: unknown;
  made?: { kind: "order" | "refund"; id: string };
}

export type Handler = (call: Call) => Result;
