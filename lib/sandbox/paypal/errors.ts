/** One entry of `details` in PayPal's error body. */
export interface ErrorDetail {
  issue: string;
  description: string;
  /** JSON pointer of the field. */
  field?: string;
  value?: string;
  location?: "body" | "path" | "query" | "header";
}

/** PayPal's error names with their messages, as its OpenAPI files word them, and the HTTP status of each. */
const errors = {
  INVALID_REQUEST: [
    400,
    "Request is not well-formed, syntactically incorrect, or violates schema.",
  ],
  AUTHENTICATION_FAILURE: [
    401,
    "Authentication failed due to missing authorization header, or invalid authentication credentials.",
  ],
  NOT_AUTHORIZED: [403, "Authorization failed due to insufficient permissions."],
  RESOURCE_NOT_FOUND: [404, "The specified resource does not exist."],
  RESOURCE_CONFLICT: [409, "The server has detected a conflict while processing this request."],
  UNSUPPORTED_MEDIA_TYPE: [415, "The server does not support the request payload's media type."],
  UNPROCESSABLE_ENTITY: [
    422,
    "The requested action could not be performed, semantically incorrect, or failed business validation.",
  ],
  RATE_LIMIT_REACHED: [429, "Too many requests. Blocked due to rate limiting."],
  INTERNAL_SERVER_ERROR: [500, "An internal server error occurred."],
  SERVICE_UNAVAILABLE: [503, "Service Unavailable."],
} as const satisfies Record<string, readonly [number, string]>;

export type ErrorName = keyof typeof errors;

/** A link of PayPal's answers. */
export interface Link {
  href: string;
  rel: string;
  method?: string;
}

/** A refusal in PayPal's words. */
export class PayPalRefusal extends Error {
  readonly status: number;
  readonly errorName: string;
  readonly details: ErrorDetail[];
  readonly links: Link[];

  constructor(name: ErrorName, details: ErrorDetail[] = [], links: Link[] = [], status?: number) {
    super(details[0]?.description ?? errors[name][1]);
    this.status = status ?? errors[name][0];
    this.errorName = name;
    this.details = details;
    this.links = links;
  }

  /** Whether this is how a charge went, which stays written, rather than a call that was not done. */
  get isOutcome(): boolean {
    return this.code === "INSTRUMENT_DECLINED" || this.code === "TRANSACTION_REFUSED";
  }

  /** The code the log shows. */
  get code(): string {
    return this.details[0]?.issue ?? this.errorName;
  }

  body(debugId: string): object {
    const message = errors[this.errorName as ErrorName][1];
    const href = `https://developer.paypal.com/docs/api/orders/v2/#error-${this.code}`;
    return {
      name: this.errorName,
      message,
      debug_id: debugId,
      ...(this.details.length > 0 ? { details: this.details } : {}),
      links: [{ href, rel: "information_link", method: "GET" }, ...this.links],
    };
  }
}

/** The refusal that goes with an HTTP status, for injected outages. */
export function outage(status: number, issue: string | undefined): PayPalRefusal {
  const found = (Object.keys(errors) as ErrorName[]).find((name) => errors[name][0] === status);
  const name = found ?? (status >= 500 ? "INTERNAL_SERVER_ERROR" : "INVALID_REQUEST");
  const given = issue ?? (status === 409 ? "PREVIOUS_REQUEST_IN_PROGRESS" : undefined);
  return new PayPalRefusal(name, given ? [{ issue: given, description: given }] : [], [], status);
}

/** 400: the request breaks the schema at `field`. */
export function badField(
  issue: string,
  field: string,
  description: string,
  location: "body" | "query" | "path" | "header" = "body",
): PayPalRefusal {
  return new PayPalRefusal("INVALID_REQUEST", [{ field, location, issue, description }]);
}

/** 422: the request is well-formed and cannot be done. */
export function unprocessable(issue: keyof typeof issues, field?: string): PayPalRefusal {
  const description = issues[issue];
  return new PayPalRefusal("UNPROCESSABLE_ENTITY", [
    field === undefined ? { issue, description } : { field, issue, description },
  ]);
}

/** 422 with the address at which the payer can do something about it. */
export function payerMust(
  issue: "INSTRUMENT_DECLINED" | "PAYER_ACTION_REQUIRED",
  payerAddress: string,
): PayPalRefusal {
  const rel = issue === "INSTRUMENT_DECLINED" ? "redirect" : "payer-action";
  return new PayPalRefusal(
    "UNPROCESSABLE_ENTITY",
    [{ issue, description: issues[issue] }],
    [{ href: payerAddress, rel, method: "GET" }],
  );
}

/** 404. */
export function noSuch(): PayPalRefusal {
  return new PayPalRefusal("RESOURCE_NOT_FOUND", [
    {
      issue: "INVALID_RESOURCE_ID",
      description:
        "Specified resource ID does not exist. Please check the resource ID and try again.",
    },
  ]);
}

/** Something PayPal has and this stand-in does not. */
export function notDoneHere(field: string): PayPalRefusal {
  return badField(
    "SANDBOX_NOT_IMPLEMENTED",
    field,
    `The PayPal stand-in does not implement "${field}". Real PayPal might accept it.`,
  );
}

/** The issues this stand-in raises with 422, as PayPal describes them. */
const issues = {
  AMOUNT_MISMATCH:
    "Should equal item_total + tax_total + shipping + handling + insurance - shipping_discount - discount.",
  CANCEL_URL_REQUIRED: "The cancel url is required when attempting to vault this source.",
  CANNOT_BE_ZERO_OR_NEGATIVE:
    "Must be greater than zero. If the currency supports decimals, only two decimal place precision is supported.",
  CAPTURE_FULLY_REFUNDED: "The capture has already been fully refunded",
  CURRENCY_NOT_SUPPORTED: "Currency code is not supported.",
  DECIMALS_NOT_SUPPORTED: "Currency does not support decimals.",
  DECIMAL_PRECISION:
    "If the currency supports decimals, only two decimal place precision is supported.",
  DUPLICATE_INVOICE_ID:
    "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account setting requires that Invoice Id be unique for each transaction.",
  INSTRUMENT_DECLINED:
    "The instrument presented was either declined by the processor or bank, or it can't be used for this payment.",
  INVALID_JSON_POINTER_FORMAT:
    "Path should be a valid JSON Pointer that references a location within the request where the operation is performed.",
  MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED:
    "You have exceeded the maximum number of payment attempts.",
  MAX_VALUE_EXCEEDED: "Should be less than or equal to 999999999999999.99.",
  NOT_PATCHABLE: "Cannot be patched.",
  ORDER_ALREADY_CAPTURED:
    "Order already captured. If 'intent=CAPTURE' only one capture per order is allowed.",
  ORDER_ALREADY_COMPLETED: "The order cannot be patched after it is completed.",
  ORDER_COMPLETED_OR_VOIDED: "Order is voided or completed and hence cannot be captured.",
  ORDER_COMPLETION_IN_PROGRESS:
    "The order was created with processing_instruction of ORDER_COMPLETE_ON_PAYMENT_APPROVAL. The customer has approved the payment and PayPal is still in the process of capturing the order on your behalf as instructed. Please try your request again.",
  ORDER_NOT_APPROVED:
    "Payer has not yet approved the Order for payment. Please redirect the payer to the 'rel':'approve' url returned as part of the HATEOAS links within the Create Order call.",
  PAYER_ACTION_REQUIRED:
    "Payer needs to perform the following action before proceeding with payment.",
  PENDING_CAPTURE:
    "Cannot initiate a refund as the capture is pending. Capture is typically pending when the payer has funded the transaction using e-check/bank funded.",
  REFUND_AMOUNT_EXCEEDED:
    "The refund amount must be less than or equal to the capture amount that has not yet been refunded.",
  REFUND_CAPTURE_CURRENCY_MISMATCH: "Refund must be in the same currency as the capture",
  REFUND_NOT_ALLOWED: "Capture cannot be refunded.",
  RETURN_URL_REQUIRED: "The return url is required when attempting to vault this source.",
  TOKEN_ID_NOT_FOUND: "Specified token was not found. Verify the token and try the request again.",
  TRANSACTION_DISPUTED:
    "Partial refunds cannot be offered at this time because there is an open case on this transaction. Visit the PayPal Resolution Center to review this case.",
  TRANSACTION_REFUSED: "The request was refused.",
} as const;
