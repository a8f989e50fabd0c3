import type Stripe from "stripe";
import type { Call } from "./call.ts";
import { checkCharge, checkCurrency } from "./currency.ts";
import { invalidParameter, missingParameter, noSuch, notDoneHere, wrongState } from "./errors.ts";
import { newId } from "./ids.ts";
import { page } from "./lists.ts";
import type { StripeList } from "./lists.ts";
import { offeredTypes } from "./method-types.ts";
import {
  checkParameters,
  flag,
  integer,
  listOf,
  metadata,
  nested,
  text,
  textList,
} from "./parameters.ts";
import type { Params } from "./parameters.ts";
import { transferTypes } from "./transfers.ts";
import { ofItsOwn } from "./world.ts";
import type { Cause, KeptSession, StripeWorld } from "./world.ts";

const file = "Checkout/Sessions.d.ts";
const minute = 60;
const day = 24 * 3600;
/** The caller's clock and the way to us may take this long. */
const leeway = 60;

/** Parameters that change what is paid or to whom and that this stand-in does not act out. */
const notDone = [
  "after_expiration",
  "automatic_tax",
  "consent_collection",
  "custom_fields",
  "customer_account",
  "discounts",
  "invoice_creation",
  "managed_payments",
  "optional_items",
  "payment_method_collection",
  "payment_method_configuration",
  "permissions",
  "redirect_on_completion",
  "return_url",
  "shipping_address_collection",
  "shipping_options",
  "subscription_data",
];

/** POST /v1/checkout/sessions */
export function createSession({ world, form }: Call): KeptSession {
  const params = checkParameters(file, "SessionCreateParams", form);
  for (const name of notDone) if (name in params) throw notDoneHere(name);
  if (flag(params, "allow_promotion_codes")) throw notDoneHere("allow_promotion_codes");
  const uiMode = text(params, "ui_mode") ?? "hosted_page";
  if (uiMode !== "hosted_page") throw notDoneHere("ui_mode");
  const mode = text(params, "mode");
  if (mode === null) throw missingParameter("mode");
  if (mode === "subscription") throw notDoneHere("mode");
  const items = mode === "payment" ? readLineItems(params) : null;
  const currency = items?.currency ?? readCurrency(params) ?? "usd";
  const intent = readIntentData(params, mode);
  const session = world.save("session", {
    ...blankSession(),
    ...readCustomer(world, params),
    ...readAddresses(params),
    id: newId("session"),
    mode,
    created: world.now(),
    expires_at: readExpiry(world, params),
    currency: mode === "payment" ? currency : readCurrency(params),
    amount_subtotal: items?.total ?? null,
    amount_total: items?.total ?? null,
    total_details:
      mode === "payment" ? { amount_discount: 0, amount_shipping: 0, amount_tax: 0 } : null,
    payment_status: mode === "payment" ? "unpaid" : "no_payment_required",
    client_reference_id: readReference(params),
    locale: text(params, "locale"),
    metadata: metadata(params),
    submit_type: text(params, "submit_type"),
    origin_context: text(params, "origin_context"),
    integration_identifier: text(params, "integration_identifier"),
    allowed_payment_method_types: textList(params, "allowed_payment_method_types"),
    saved_payment_method_options: readSavedOptions(params),
    payment_method_types: readMethodTypes(params, currency, mode, intent.setupFutureUsage),
    sandbox: { lineItems: items?.lines ?? [], intent },
  });
  return world.save("session", { ...session, url: `${world.baseUrl()}/c/pay/${session.id}` });
}

function readReference(params: Params): string | null {
  const reference = text(params, "client_reference_id");
  if (reference !== null && reference.length > 200) {
    throw invalidParameter("client_reference_id", "Must be at most 200 characters.");
  }
  return reference;
}

function readCurrency(params: Params): string | null {
  const given = text(params, "currency");
  return given === null ? null : checkCurrency(given, "currency");
}

function readLineItems(params: Params): {
  lines: Stripe.LineItem[];
  total: number;
  currency: string;
} {
  const given = listOf(params, "line_items");
  if (given.length === 0) {
    throw missingParameter("line_items");
  }
  if (given.length > 100) throw invalidParameter("line_items", "At most 100 line items.");
  const lines = given.map((item, index) => readLineItem(item, `line_items[${index}]`));
  const currency = lines[0]?.currency ?? "";
  const stated = readCurrency(params);
  if (lines.some((line) => line.currency !== currency) || (stated && stated !== currency)) {
    throw invalidParameter("line_items", "All line items must have the same currency.");
  }
  const total = lines.reduce((sum, line) => sum + line.amount_total, 0);
  checkCharge(total, currency, "line_items");
  return { lines, total, currency };
}

function readLineItem(item: Params, path: string): Stripe.LineItem {
  if (text(item, "price") !== null)
    throw noSuch("price", text(item, "price") ?? "", `${path}[price]`);
  if ("tax_rates" in item) throw notDoneHere(`${path}[tax_rates]`);
  if ("adjustable_quantity" in item) throw notDoneHere(`${path}[adjustable_quantity]`);
  if (!("price_data" in item)) throw missingParameter(`${path}[price_data]`);
  const price = nested(item, "price_data");
  if ("recurring" in price) {
    throw invalidParameter(
      `${path}[price_data][recurring]`,
      "You specified `payment` mode but passed a recurring price.",
    );
  }
  if (text(price, "unit_amount_decimal") !== null) {
    throw notDoneHere(`${path}[price_data][unit_amount_decimal]`);
  }
  const unit = integer(price, "unit_amount");
  if (unit === null) throw missingParameter(`${path}[price_data][unit_amount]`);
  if (unit < 0) throw invalidParameter(`${path}[price_data][unit_amount]`, "Must not be negative.");
  if (text(price, "product") !== null) {
    throw noSuch("product", text(price, "product") ?? "", `${path}[price_data][product]`);
  }
  if (!("product_data" in price)) throw missingParameter(`${path}[price_data][product_data]`);
  const quantity = integer(item, "quantity");
  if (quantity === null) throw missingParameter(`${path}[quantity]`);
  if (quantity < 1) throw invalidParameter(`${path}[quantity]`, "Must be at least 1.");
  const currency = checkCurrency(text(price, "currency") ?? "", `${path}[price_data][currency]`);
  const product = nested(price, "product_data");
  return {
    id: newId("lineItem"),
    object: "item",
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: unit * quantity,
    amount_tax: 0,
    amount_total: unit * quantity,
    currency,
    description: text(product, "name"),
    metadata: metadata(item),
    price: {
      id: newId("price"),
      object: "price",
      active: false,
      billing_scheme: "per_unit",
      created: 0,
      currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: newId("product"),
      recurring: null,
      tax_behavior: "unspecified",
      tiers_mode: null,
      transform_quantity: null,
      type: "one_time",
      unit_amount: unit,
      unit_amount_decimal: null,
    },
    quantity,
  };
}

function readIntentData(params: Params, mode: string): KeptSession["sandbox"]["intent"] {
  const name = mode === "setup" ? "setup_intent_data" : "payment_intent_data";
  const other = mode === "setup" ? "payment_intent_data" : "setup_intent_data";
  if (other in params) {
    throw invalidParameter(other, `You can not pass \`${other}\` in \`${mode}\` mode.`);
  }
  const data = nested(params, name);
  for (const part of ["application_fee_amount", "on_behalf_of", "transfer_data", "shipping"]) {
    if (part in data) throw notDoneHere(`${name}[${part}]`);
  }
  const capture = text(data, "capture_method");
  if (capture === "manual") throw notDoneHere(`${name}[capture_method]`);
  const usage = text(data, "setup_future_usage");
  return {
    metadata: metadata(data),
    description: text(data, "description"),
    receiptEmail: text(data, "receipt_email"),
    setupFutureUsage: usage === "off_session" || usage === "on_session" ? usage : null,
    statementDescriptorSuffix: text(data, "statement_descriptor_suffix"),
    transferGroup: text(data, "transfer_group"),
  };
}

function readMethodTypes(
  params: Params,
  currency: string,
  mode: string,
  usage: "off_session" | "on_session" | null,
): string[] {
  const allowed = textList(params, "allowed_payment_method_types");
  const takesTransfers = readTransfer(params, currency, allowed?.includes("customer_balance"));
  if (allowed?.includes("wechat_pay")) {
    const client = text(nested(nested(params, "payment_method_options"), "wechat_pay"), "client");
    if (client === null) throw missingParameter("payment_method_options[wechat_pay][client]");
    if (client !== "web") throw notDoneHere("payment_method_options[wechat_pay][client]");
  }
  const types = offeredTypes({
    currency,
    allowed,
    takesTransfers,
    excluded: textList(params, "excluded_payment_method_types"),
    mustBeReusable: mode === "setup" || usage === "off_session",
  });
  if (types.length > 0) return mode === "setup" ? types.filter((type) => type === "card") : types;
  throw invalidParameter(
    "allowed_payment_method_types",
    "No valid payment method types for this Checkout Session.",
  );
}

/** Whether transfers are possible: for a customer, into an account of the currency's kind. */
function readTransfer(params: Params, currency: string, mustBe: boolean | undefined): boolean {
  const path = "payment_method_options[customer_balance]";
  const options = nested(nested(params, "payment_method_options"), "customer_balance");
  const transfer = nested(options, "bank_transfer");
  const type = text(transfer, "type");
  if (mustBe) {
    if (text(params, "customer") === null) throw missingParameter("customer");
    if (text(options, "funding_type") === null) throw missingParameter(`${path}[funding_type]`);
    if (type === null) throw missingParameter(`${path}[bank_transfer][type]`);
  }
  if (type === null) return false;
  if (type !== transferTypes[currency]) {
    throw invalidParameter(
      `${path}[bank_transfer][type]`,
      `The bank transfer type ${type} does not take ${currency}.`,
    );
  }
  const country = text(nested(transfer, "eu_bank_transfer"), "country");
  if (type === "eu_bank_transfer" && !["DE", "FR", "IE", "NL"].includes(country ?? "")) {
    throw invalidParameter(
      `${path}[bank_transfer][eu_bank_transfer][country]`,
      "The country of the bank account must be one of DE, FR, IE, or NL.",
    );
  }
  return text(params, "customer") !== null;
}

function readSavedOptions(
  params: Params,
): Stripe.Checkout.Session.SavedPaymentMethodOptions | null {
  if (!("saved_payment_method_options" in params)) return null;
  if (text(params, "customer") === null) {
    throw invalidParameter(
      "saved_payment_method_options",
      "`saved_payment_method_options` can only be used with `customer`.",
    );
  }
  const options = nested(params, "saved_payment_method_options");
  for (const name of ["payment_method_remove", "payment_method_save"]) {
    if (text(options, name) === "enabled")
      throw notDoneHere(`saved_payment_method_options[${name}]`);
  }
  return {
    allow_redisplay_filters: textList(options, "allow_redisplay_filters"),
    payment_method_remove: null,
    payment_method_save: null,
  };
}

function readCustomer(
  world: StripeWorld,
  params: Params,
): Pick<KeptSession, "customer" | "customer_email" | "customer_creation"> {
  const customer = text(params, "customer");
  const email = text(params, "customer_email");
  const creation = text(params, "customer_creation");
  if (customer !== null && email !== null) {
    throw invalidParameter(
      "customer_email",
      "You may only specify one of these parameters: customer, customer_email.",
    );
  }
  if (customer !== null && creation !== null) {
    throw invalidParameter(
      "customer_creation",
      "You may only specify one of these parameters: customer, customer_creation.",
    );
  }
  if (customer !== null) world.get("customer", customer, "customer");
  if (customer === null && "customer_update" in params) {
    throw invalidParameter(
      "customer_update",
      "`customer_update` can only be used with `customer`.",
    );
  }
  if (email !== null && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw invalidParameter("customer_email", `Invalid email address: ${email}`, "email_invalid");
  }
  return {
    customer,
    customer_email: email,
    customer_creation: customer === null ? (creation ?? "if_required") : null,
  };
}

function readAddresses(params: Params): { success_url: string; cancel_url: string | null } {
  const success = text(params, "success_url");
  if (success === null) throw missingParameter("success_url");
  const cancel = text(params, "cancel_url");
  checkAddress(success, "success_url");
  if (cancel !== null) checkAddress(cancel, "cancel_url");
  return { success_url: success, cancel_url: cancel };
}

function checkAddress(address: string, param: string): void {
  if (!/^https?:\/\//.test(address)) {
    throw invalidParameter(
      param,
      `Invalid URL: An explicit scheme (such as https) must be provided.`,
      "url_invalid",
    );
  }
  if (!URL.canParse(address.replaceAll("{CHECKOUT_SESSION_ID}", "id"))) {
    throw invalidParameter(param, "Not a valid URL", "url_invalid");
  }
}

/** `expires_at`: 30 minutes to 24 hours from now; 24 hours by default. */
function readExpiry(world: StripeWorld, params: Params): number {
  const expiry = integer(params, "expires_at");
  const now = world.now();
  if (expiry === null) return now + day;
  if (expiry < now + 30 * minute - leeway) {
    throw invalidParameter(
      "expires_at",
      "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
    );
  }
  if (expiry > now + day + leeway) {
    throw invalidParameter(
      "expires_at",
      "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
    );
  }
  return expiry;
}

function blankSession(): Omit<
  KeptSession,
  "id" | "mode" | "created" | "expires_at" | "sandbox" | "payment_method_types" | "payment_status"
> {
  return {
    object: "checkout.session",
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: null,
    amount_total: null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: null,
    client_reference_id: null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    currency: null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: null,
    customer_account: null,
    customer_creation: null,
    customer_details: null,
    customer_email: null,
    discounts: [],
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: {},
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: null,
    subscription: null,
    success_url: null,
    total_details: null,
    ui_mode: "hosted_page",
    url: null,
    wallet_options: null,
  };
}

/** The session, expired first if its time has come. */
export function currentSession(world: StripeWorld, id: string, param = "id"): KeptSession {
  const session = world.get("session", id, param);
  return session.status === "open" && session.expires_at <= world.now()
    ? expire(world, session, ofItsOwn)
    : session;
}

function expire(world: StripeWorld, session: KeptSession, cause: Cause): KeptSession {
  const expired = world.save("session", { ...session, status: "expired", url: null });
  const intent =
    typeof session.payment_intent === "string"
      ? world.find("paymentIntent", session.payment_intent)
      : null;
  if (intent && ["requires_payment_method", "requires_action"].includes(intent.status)) {
    const canceled = world.save("paymentIntent", {
      ...intent,
      status: "canceled",
      canceled_at: world.now(),
      cancellation_reason: "expired",
      next_action: null,
    });
    world.emit("payment_intent.canceled", canceled, cause);
  }
  world.emit("checkout.session.expired", expired, cause);
  return expired;
}

/** Expires every session whose time has come. */
export function expireDueSessions(world: StripeWorld): void {
  const now = world.now();
  for (const { doc } of world.list("session", { status: "open" })) {
    if (doc.expires_at <= now) expire(world, doc, ofItsOwn);
  }
}

/** GET /v1/checkout/sessions/:id */
export function retrieveSession({ world, form, id }: Call): KeptSession {
  checkParameters(file, "SessionRetrieveParams", form);
  return currentSession(world, id);
}

/** POST /v1/checkout/sessions/:id/expire */
export function expireSession({ world, form, id, cause }: Call): KeptSession {
  checkParameters(file, "SessionExpireParams", form);
  const session = currentSession(world, id);
  if (session.status !== "open") {
    throw wrongState(
      "checkout_session_not_open",
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
    );
  }
  return expire(world, session, cause);
}

/** GET /v1/checkout/sessions */
export function listSessions({ world, form }: Call): StripeList {
  const params = checkParameters(file, "SessionListParams", form);
  expireDueSessions(world);
  const where: Record<string, string> = {};
  for (const name of ["payment_intent", "customer", "status"]) {
    const value = text(params, name);
    if (value !== null) where[name] = value;
  }
  const email = text(nested(params, "customer_details"), "email");
  return page(world, "session", "/v1/checkout/sessions", params, {
    where,
    filter: (session) => email === null || session.customer_details?.email === email,
  });
}

/** GET /v1/checkout/sessions/:id/line_items */
export function listLineItems({ world, form, id }: Call): StripeList {
  checkParameters(file, "SessionListLineItemsParams", form);
  const session = currentSession(world, id);
  const url = `/v1/checkout/sessions/${id}/line_items`;
  return { object: "list", data: session.sandbox.lineItems, has_more: false, url };
}
