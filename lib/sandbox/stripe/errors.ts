import type Stripe from "stripe";

/** The error object of Stripe's API. */
export interface StripeErrorBody {
  type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  message: string;
  code?: string;
  decline_code?: string;
  param?: string;
  charge?: string;
  payment_intent?: Stripe.PaymentIntent;
  payment_method?: Stripe.PaymentMethod;
  doc_url?: string;
}

/** A refusal in Stripe's words. */
export class StripeRefusal extends Error {
  readonly status: number;
  readonly error: StripeErrorBody;
  /**
   * Whether the refusal is kept under the idempotency key: refusals of malformed requests are
   * not, since the call never began.
   */
  readonly remembered: boolean;

  constructor(status: number, error: StripeErrorBody, remembered = true) {
    super(error.message);
    this.status = status;
    this.error = error;
    this.remembered = remembered;
  }
}

function refuse(
  message: string,
  details: { status?: number; code?: string; param?: string; remembered?: boolean } = {},
): StripeRefusal {
  const { status = 400, remembered = true, ...rest } = details;
  const docs = rest.code
    ? { doc_url: `https://docs.stripe.com/error-codes/${slug(rest.code)}` }
    : {};
  return new StripeRefusal(
    status,
    { type: "invalid_request_error", message, ...rest, ...docs },
    remembered,
  );
}

const slug = (code: string): string => code.replaceAll("_", "-");

/** A parameter that Stripe's API does not have. */
export function unknownParameter(param: string): StripeRefusal {
  const message = `Received unknown parameter: ${param}`;
  return refuse(message, { code: "parameter_unknown", param, remembered: false });
}

/** A required parameter that is missing. */
export function missingParameter(param: string): StripeRefusal {
  const message = `Missing required param: ${param}.`;
  return refuse(message, { code: "parameter_missing", param, remembered: false });
}

/** A parameter that is there and wrong. */
export function invalidParameter(param: string, message: string, code?: string): StripeRefusal {
  return refuse(message, { param, remembered: false, ...(code ? { code } : {}) });
}

/** A parameter that Stripe has and this stand-in does not do. */
export function notDoneHere(param: string): StripeRefusal {
  const message = `The Stripe stand-in does not implement "${param}". Real Stripe might accept it.`;
  return refuse(message, { code: "sandbox_not_implemented", param, remembered: false });
}

/** An object that does not exist: 404 for the object of the address, 400 for one in a parameter. */
export function noSuch(kind: string, id: string, param = "id"): StripeRefusal {
  return refuse(`No such ${kind}: '${id}'`, {
    status: param === "id" || param === "intent" ? 404 : 400,
    code: "resource_missing",
    param,
  });
}

/** Something the object's state does not allow. */
export function wrongState(code: string, message: string, param?: string): StripeRefusal {
  return refuse(message, { code, ...(param ? { param } : {}) });
}
