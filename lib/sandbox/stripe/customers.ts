import type Stripe from "stripe";
import { buildCustomer, buildPaymentMethod } from "./build.ts";
import type { Call } from "./call.ts";
import { invalidParameter, notDoneHere } from "./errors.ts";
import { page } from "./lists.ts";
import type { StripeList } from "./lists.ts";
import { checkParameters, mergeMetadata, metadata, nested, text, textList } from "./parameters.ts";
import type { Params } from "./parameters.ts";
import { readyMadeMethods } from "./test-cards.ts";
import type { KeptPaymentMethod } from "./world.ts";

const file = "Customers.d.ts";
const methodsFile = "PaymentMethods.d.ts";

const customerFields = [
  "address",
  "description",
  "email",
  "expand",
  "invoice_settings",
  "metadata",
  "name",
  "phone",
  "preferred_locales",
];

function readCustomer(params: Params, before: Partial<Stripe.Customer>): Partial<Stripe.Customer> {
  for (const name of Object.keys(params))
    if (!customerFields.includes(name)) throw notDoneHere(name);
  const email = text(params, "email");
  if (email !== null && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw invalidParameter("email", `Invalid email address: ${email}`, "email_invalid");
  }
  const kept = <K extends "description" | "email" | "name" | "phone">(name: K): string | null =>
    name in params ? text(params, name) : (before[name] ?? null);
  const method = text(nested(params, "invoice_settings"), "default_payment_method");
  return {
    description: kept("description"),
    email: kept("email"),
    name: kept("name"),
    phone: kept("phone"),
    preferred_locales: textList(params, "preferred_locales") ?? before.preferred_locales ?? [],
    ...(method === null
      ? {}
      : {
          invoice_settings: {
            custom_fields: null,
            footer: null,
            rendering_options: null,
            default_payment_method: method,
          },
        }),
  };
}

/** POST /v1/customers */
export function createCustomer({ world, form, cause }: Call): Stripe.Customer {
  const params = checkParameters(file, "CustomerCreateParams", form);
  const customer = world.save(
    "customer",
    buildCustomer(world, { ...readCustomer(params, {}), metadata: metadata(params) }),
  );
  world.emit("customer.created", customer, cause);
  return customer;
}

/** POST /v1/customers/:id */
export function updateCustomer({ world, form, id, cause }: Call): Stripe.Customer {
  const params = checkParameters(file, "CustomerUpdateParams", form);
  const before = world.get("customer", id);
  const after = world.save("customer", {
    ...before,
    ...readCustomer(params, before),
    metadata: mergeMetadata(before.metadata, params),
  });
  world.emit("customer.updated", after, cause, {});
  return after;
}

/** GET /v1/customers/:id */
export function retrieveCustomer({ world, form, id }: Call): Stripe.Customer {
  checkParameters(file, "CustomerRetrieveParams", form);
  return world.get("customer", id);
}

/** GET /v1/customers */
export function listCustomers({ world, form }: Call): StripeList {
  const params = checkParameters(file, "CustomerListParams", form);
  const email = text(params, "email");
  return page(world, "customer", "/v1/customers", params, {
    filter: (customer) => email === null || customer.email === email,
  });
}

/** DELETE /v1/customers/:id — their saved methods are detached. */
export function deleteCustomer({ world, form, id, cause }: Call): object {
  checkParameters(file, "CustomerDeleteParams", form);
  const customer = world.get("customer", id);
  for (const { doc } of world.list("paymentMethod", { customer: id })) {
    world.save("paymentMethod", { ...doc, customer: null });
  }
  world.standIn.store.remove("customer", id);
  world.emit("customer.deleted", customer, cause);
  return { id, object: "customer", deleted: true };
}

/** GET /v1/payment_methods/:id */
export function retrieveMethod({ world, form, id }: Call): KeptPaymentMethod {
  checkParameters(methodsFile, "PaymentMethodRetrieveParams", form);
  return world.get("paymentMethod", id, "payment_method");
}

/** GET /v1/payment_methods?customer= and GET /v1/customers/:id/payment_methods */
export function listMethods({ world, form, id }: Call): StripeList {
  const isNested = id !== "";
  const params = isNested
    ? checkParameters(file, "CustomerListPaymentMethodsParams", form)
    : checkParameters(methodsFile, "PaymentMethodListParams", form);
  const customer = isNested ? id : text(params, "customer");
  const type = text(params, "type");
  if (customer !== null) world.get("customer", customer, isNested ? "id" : "customer");
  const url = isNested ? `/v1/customers/${id}/payment_methods` : "/v1/payment_methods";
  return page(world, "paymentMethod", url, params, {
    where: customer === null ? {} : { customer },
    filter: (method) => method.customer !== null && (type === null || method.type === type),
  });
}

/** POST /v1/payment_methods/:id/attach; ready-made ids (pm_card_visa) become new methods. */
export function attachMethod({ world, form, id, cause }: Call): KeptPaymentMethod {
  const params = checkParameters(methodsFile, "PaymentMethodAttachParams", form);
  const customer = text(params, "customer");
  if (customer === null) throw notDoneHere("customer_account");
  world.get("customer", customer, "customer");
  const number = readyMadeMethods[id];
  const method = number
    ? buildPaymentMethod(world, "card", { number })
    : world.get("paymentMethod", id, "payment_method");
  if (method.customer !== null || method.sandbox.used) {
    throw invalidParameter(
      "payment_method",
      "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.",
    );
  }
  const attached = world.save("paymentMethod", { ...method, customer });
  world.emit("payment_method.attached", attached, cause);
  return attached;
}

/** POST /v1/payment_methods/:id/detach */
export function detachMethod({ world, form, id, cause }: Call): KeptPaymentMethod {
  checkParameters(methodsFile, "PaymentMethodDetachParams", form);
  const method = world.get("paymentMethod", id, "payment_method");
  if (method.customer === null) {
    throw invalidParameter(
      "payment_method",
      "The payment method you provided is not attached to a customer so detachment is impossible.",
    );
  }
  const detached = world.save("paymentMethod", {
    ...method,
    customer: null,
    sandbox: { ...method.sandbox, used: true },
  });
  world.emit("payment_method.detached", detached, cause, { customer: method.customer });
  return detached;
}
