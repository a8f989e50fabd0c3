import { z } from "zod";
import { badField, notDoneHere, type PayPalRefusal } from "./errors.ts";

/**
 * The requests, restated from PayPal's published OpenAPI files (orders v2 2.13, payments v2 2.6,
 * vault v3 3.1, disputes v1 1.10, webhooks v1 1.11, transaction search v1 1.9). PayPal lets unknown fields pass; here they
 * are refused, so that a misspelt one shows. Fields it has and the stand-in does not do are refused
 * as such, never ignored.
 */

/** A field PayPal has and the stand-in does not do. */
const elsewhere = z.unknown().optional().meta({ elsewhere: true });

const text = (greatest: number, least = 1) => z.string().min(least).max(greatest);
const flag = <const T extends [string, ...string[]]>(...values: T) => z.enum(values);
const id = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[0-9a-zA-Z_-]+$/);
const locale = z.string().regex(/^[a-z]{2}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?$/);
const address = z.url({ protocol: /^https?$/ });

const money = z.strictObject({
  currency_code: z.string().length(3),
  value: z
    .string()
    .max(32)
    .regex(/^((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))$/),
});

const usagePattern = flag(
  "IMMEDIATE",
  "DEFERRED",
  "RECURRING_PREPAID",
  "RECURRING_POSTPAID",
  "THRESHOLD_PREPAID",
  "THRESHOLD_POSTPAID",
  "SUBSCRIPTION_PREPAID",
  "SUBSCRIPTION_POSTPAID",
  "UNSCHEDULED_PREPAID",
  "UNSCHEDULED_POSTPAID",
  "INSTALLMENT_PREPAID",
  "INSTALLMENT_POSTPAID",
);

const experienceContext = z.strictObject({
  brand_name: text(127).optional(),
  locale: locale.optional(),
  shipping_preference: flag("GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS").default(
    "GET_FROM_FILE",
  ),
  return_url: address.optional(),
  cancel_url: address.optional(),
  landing_page: flag("LOGIN", "GUEST_CHECKOUT", "NO_PREFERENCE").default("NO_PREFERENCE"),
  user_action: flag("CONTINUE", "PAY_NOW").default("CONTINUE"),
  payment_method_preference: flag("UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED").default(
    "UNRESTRICTED",
  ),
  contact_preference: elsewhere,
  app_switch_context: elsewhere,
  order_update_callback_config: elsewhere,
});

const vault = z.strictObject({
  store_in_vault: flag("ON_SUCCESS"),
  usage_type: flag("MERCHANT", "PLATFORM"),
  usage_pattern: usagePattern.optional(),
  customer_type: flag("CONSUMER", "BUSINESS").default("CONSUMER"),
  permit_multiple_payment_tokens: z.boolean().default(false),
  description: text(128).optional(),
});

const paypal = z.strictObject({
  vault_id: id.optional(),
  email_address: z.email().max(254).optional(),
  experience_context: experienceContext.optional(),
  attributes: z
    .strictObject({
      customer: z
        .strictObject({
          id: text(22).optional(),
          merchant_customer_id: text(64).optional(),
          email_address: elsewhere,
          phone: elsewhere,
          name: elsewhere,
        })
        .optional(),
      vault: vault.optional(),
    })
    .optional(),
  stored_credential: z
    .strictObject({
      payment_initiator: flag("CUSTOMER", "MERCHANT"),
      usage_pattern: usagePattern.optional(),
      usage: flag("FIRST", "SUBSEQUENT", "DERIVED").default("DERIVED"),
      charge_pattern: elsewhere,
    })
    .optional(),
  name: elsewhere,
  phone: elsewhere,
  birth_date: elsewhere,
  tax_info: elsewhere,
  address: elsewhere,
  billing_agreement_id: elsewhere,
});

const purchaseUnit = z.strictObject({
  reference_id: text(256).default("default"),
  amount: money.extend({
    breakdown: z
      .strictObject({
        item_total: money.optional(),
        shipping: money.optional(),
        handling: money.optional(),
        tax_total: money.optional(),
        insurance: money.optional(),
        shipping_discount: money.optional(),
        discount: money.optional(),
      })
      .optional(),
  }),
  description: text(127).optional(),
  custom_id: text(255).optional(),
  invoice_id: text(127).optional(),
  soft_descriptor: text(22).optional(),
  payee: elsewhere,
  payment_instruction: elsewhere,
  items: elsewhere,
  shipping: elsewhere,
  supplementary_data: elsewhere,
});

export const orderRequest = z.strictObject({
  intent: flag("CAPTURE", "AUTHORIZE"),
  purchase_units: z.array(purchaseUnit).min(1).max(10),
  payment_source: z
    .strictObject({
      paypal: paypal.optional(),
      card: elsewhere,
      token: elsewhere,
      apple_pay: elsewhere,
      google_pay: elsewhere,
      venmo: elsewhere,
      bancontact: elsewhere,
      blik: elsewhere,
      eps: elsewhere,
      giropay: elsewhere,
      ideal: elsewhere,
      mybank: elsewhere,
      p24: elsewhere,
      sofort: elsewhere,
      trustly: elsewhere,
    })
    .optional(),
  processing_instruction: elsewhere,
  payer: elsewhere,
  application_context: elsewhere,
});
export type OrderRequest = z.output<typeof orderRequest>;

export const captureRequest = z.strictObject({ payment_source: elsewhere });

export const patchRequest = z
  .array(
    z.strictObject({
      op: flag("add", "remove", "replace", "move", "copy", "test"),
      path: z.string().optional(),
      value: z.unknown().optional(),
      from: z.string().optional(),
    }),
  )
  .min(1);

/** What may be put in place of a purchase unit's field. */
export const patchable: Readonly<Record<string, z.ZodType>> = purchaseUnit.pick({
  amount: true,
  description: true,
  custom_id: true,
  invoice_id: true,
  soft_descriptor: true,
}).shape;

export const refundRequest = z.strictObject({
  amount: money.optional(),
  custom_id: text(127).optional(),
  invoice_id: text(127).optional(),
  note_to_payer: text(255).optional(),
  payment_instruction: elsewhere,
});
export type RefundRequest = z.output<typeof refundRequest>;

const word = /^(?!\d+$)\w+\S+/;
export const verifyRequest = z.strictObject({
  auth_algo: z
    .string()
    .max(100)
    .regex(/^[a-zA-Z0-9]+$/),
  cert_url: z.url().max(500),
  transmission_id: z.string().max(50).regex(word),
  transmission_sig: z.string().max(500).regex(word),
  transmission_time: z.iso.datetime({ offset: true }).max(100),
  webhook_id: z
    .string()
    .max(50)
    .regex(/^[a-zA-Z0-9]+$/),
  webhook_event: z.record(z.string(), z.unknown()),
});

const whole = (least: number, greatest: number) =>
  z
    .string()
    .regex(/^[0-9]+$/)
    .transform(Number)
    .pipe(z.number().min(least).max(greatest));
const moment = z
  .string()
  .min(20)
  .max(64)
  .pipe(z.iso.datetime({ offset: true }));

export const transactionQuery = z.strictObject({
  start_date: moment,
  end_date: moment,
  transaction_id: text(19, 17).optional(),
  transaction_type: z.string().optional(),
  transaction_status: flag("D", "P", "S", "V").optional(),
  transaction_currency: z.string().length(3).optional(),
  fields: z.string().default("transaction_info"),
  balance_affecting_records_only: flag("Y", "N").default("Y"),
  page_size: whole(1, 500).default(100),
  page: whole(1, 2_147_483_647).default(1),
  transaction_amount: elsewhere,
  payment_instrument_type: elsewhere,
  store_id: elsewhere,
  terminal_id: elsewhere,
});

export const tokenQuery = z.strictObject({
  customer_id: z
    .string()
    .min(7)
    .max(36)
    .regex(/^[0-9a-zA-Z_-]+$/),
  page_size: whole(1, 100).default(5),
  page: whole(1, 1_000_000).default(1),
  total_required: flag("true", "false").default("false"),
});

export const disputeQuery = z.strictObject({
  disputed_transaction_id: z
    .string()
    .max(255)
    .regex(/^[0-9A-Z_]+$/)
    .optional(),
  page_size: whole(1, 50).default(10),
  next_page_token: z
    .string()
    .max(255)
    .regex(/^[A-Za-z0-9+/=]+$/)
    .optional(),
  start_time: elsewhere,
  dispute_state: elsewhere,
  dispute_flows: elsewhere,
  create_time_before: elsewhere,
  create_time_after: elsewhere,
  update_time_before: elsewhere,
  update_time_after: elsewhere,
  search_text: elsewhere,
});

/** For addresses that take nothing beside what is in their path. */
export const noQuery = z.strictObject({});

/** Reads a request, or refuses it as PayPal does: the first fault, with a JSON pointer to it. */
export function read<T>(
  schema: z.ZodType<T>,
  given: unknown,
  location: "body" | "query" = "body",
): T {
  const result = schema.safeParse(given);
  if (!result.success) throw refusalOf(result.error.issues[0], given, location);
  const path = firstElsewhere(schema, result.data, "");
  if (path !== null) throw notDoneHere(path);
  return result.data;
}

function refusalOf(
  issue: z.core.$ZodIssue | undefined,
  given: unknown,
  location: "body" | "query",
): PayPalRefusal {
  const field = `/${(issue?.path ?? []).map(String).join("/")}`;
  const refuse = (code: string, description: string, at = field): PayPalRefusal =>
    badField(code, at, description, location);
  switch (issue?.code) {
    case "unrecognized_keys":
      return refuse(
        "INVALID_PARAMETER",
        "PayPal's schema has no such field.",
        `${field === "/" ? "" : field}/${issue.keys[0]}`,
      );
    case "too_small":
    case "too_big":
      return refuse(
        "INVALID_STRING_LENGTH",
        "The value of a field is either too short or too long.",
      );
    case "invalid_format":
      return refuse(
        "INVALID_PARAMETER_SYNTAX",
        "The value of a field does not conform to the expected format.",
      );
    default: {
      const isMissing = issue !== undefined && valueAt(given, issue.path) === undefined;
      return isMissing
        ? refuse("MISSING_REQUIRED_PARAMETER", "A required field / parameter is missing.")
        : refuse("INVALID_PARAMETER_VALUE", "The value of a field is invalid.");
    }
  }
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null
        ? (value as Record<PropertyKey, unknown>)[name]
        : undefined,
    given,
  );
}

/** The pointer to the first given field that is not done here. */
function firstElsewhere(schema: z.ZodType, value: unknown, path: string): string | null {
  if (value === undefined) return null;
  if (schema.meta()?.["elsewhere"] === true) return path;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return firstElsewhere(schema.unwrap() as z.ZodType, value, path);
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    for (const [index, each] of value.entries()) {
      const found = firstElsewhere(schema.element as z.ZodType, each, `${path}/${index}`);
      if (found !== null) return found;
    }
    return null;
  }
  if (schema instanceof z.ZodObject && typeof value === "object" && value !== null) {
    const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
    for (const [name, inner] of Object.entries(shape)) {
      const each = (value as Record<string, unknown>)[name];
      const found = firstElsewhere(inner, each, `${path}/${name}`);
      if (found !== null) return found;
    }
  }
  return null;
}
