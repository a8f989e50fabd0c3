import type { FormObject } from "./form.ts";
import type { Cause, StripeWorld } from "./world.ts";

/** One API call that passed the key check. */
export interface Call {
  world: StripeWorld;
  /** Body or query, not yet checked. */
  form: FormObject;
  /** The id in the address, or "". */
  id: string;
  cause: Cause;
}

/** Where an object comes from that the customer, not an API call, changed. */
export type Handler = (call: Call) => object;
