import type Stripe from "stripe";
import type { Call } from "./call.ts";
import { invalidParameter, missingParameter, notDoneHere, wrongState } from "./errors.ts";
import { page } from "./lists.ts";
import type { StripeList } from "./lists.ts";
import { checkParameters, integer, mergeMetadata, metadata, text, textList } from "./parameters.ts";
import type { Params } from "./parameters.ts";
import { refundCharge } from "./refunds.ts";
import type { KeptEvent, KeptKind, Objects, StripeWorld } from "./world.ts";

/** GET of one object by id. */
export function retrieve<K extends KeptKind>(
  kind: K,
  file: string,
  interfaceName: string,
  param = "id",
): (call: Call) => Objects[K] {
  return ({ world, form, id }) => {
    checkParameters(file, interfaceName, form);
    return world.get(kind, id, param);
  };
}

/** GET of a list whose text parameters in `by` are equalities. */
export function list<K extends KeptKind>(
  kind: K,
  url: string,
  file: string,
  interfaceName: string,
  by: string[],
): (call: Call) => StripeList {
  return ({ world, form }) => {
    const params = checkParameters(file, interfaceName, form);
    return page(world, kind, url, params, { where: equalities(params, by) });
  };
}

function equalities(params: Params, names: string[]): Record<string, string> {
  const where: Record<string, string> = {};
  for (const name of names) {
    const value = text(params, name);
    if (value !== null) where[name] = value;
  }
  return where;
}

/** POST /v1/refunds with `payment_intent` or `charge`. */
export function createRefund({ world, form, cause }: Call): Stripe.Refund {
  const params = checkParameters("Refunds.d.ts", "RefundCreateParams", form);
  for (const name of ["origin", "customer", "refund_application_fee", "reverse_transfer"]) {
    if (name in params) throw notDoneHere(name);
  }
  const charge = chargeToRefund(world, params);
  const amount = integer(params, "amount");
  return refundCharge(
    world,
    charge,
    { amount, reason: text(params, "reason"), metadata: metadata(params) },
    cause,
  );
}

function chargeToRefund(world: StripeWorld, params: Params): Stripe.Charge {
  const charge = text(params, "charge");
  const intentId = text(params, "payment_intent");
  if (charge !== null && intentId !== null) {
    throw invalidParameter(
      "payment_intent",
      "You may only specify one of these parameters: charge, payment_intent.",
    );
  }
  if (charge !== null) return world.get("charge", charge, "charge");
  if (intentId === null) {
    throw missingParameter("payment_intent");
  }
  const intent = world.get("paymentIntent", intentId, "payment_intent");
  const latest =
    typeof intent.latest_charge === "string" ? world.find("charge", intent.latest_charge) : null;
  if (!latest || latest.status !== "succeeded") {
    throw wrongState(
      "payment_intent_unexpected_state",
      `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
      "payment_intent",
    );
  }
  return latest;
}

/** POST /v1/refunds/:id — metadata only. */
export function updateRefund({ world, form, id, cause }: Call): Stripe.Refund {
  const params = checkParameters("Refunds.d.ts", "RefundUpdateParams", form);
  const refund = world.get("refund", id);
  const updated = { ...refund, metadata: mergeMetadata(refund.metadata ?? {}, params) };
  world.emit("refund.updated", updated, cause, { metadata: refund.metadata });
  return world.save("refund", updated);
}

/** GET /v1/events: by `type` (also "charge.*"), `types`, `delivery_success`. */
export function listEvents({ world, form }: Call): StripeList {
  const params = checkParameters("Events.d.ts", "EventListParams", form);
  const types = textList(params, "types");
  const type = text(params, "type");
  const delivered = params["delivery_success"];
  return page(world, "event", "/v1/events", params, {
    filter: (event) =>
      (types === null || types.some((wanted) => isOfType(event, wanted))) &&
      (type === null || isOfType(event, type)) &&
      (typeof delivered !== "boolean" || (event.pending_webhooks === 0) === delivered),
  });
}

function isOfType(event: KeptEvent, wanted: string): boolean {
  return wanted.endsWith("*") ? event.type.startsWith(wanted.slice(0, -1)) : event.type === wanted;
}
