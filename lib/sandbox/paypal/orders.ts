import { checkAmount, unitsOf } from "./amounts.ts";
import { capturePayment } from "./captures.ts";
import type { Call } from "./call.ts";
import { badField, noSuch, notDoneHere, payerMust, unprocessable } from "./errors.ts";
import { newCustomerId, newTransactionId } from "./ids.ts";
import { captureRequest, orderRequest, patchable, patchRequest, read } from "./requests.ts";
import type { OrderRequest } from "./requests.ts";
import { minimalOrder, payerAddress, wholeOrder } from "./show.ts";
import { fundings } from "./world.ts";
import type { Funding, KeptOrder, Payer, PayPalWorld, PurchaseUnit } from "./world.ts";

const hour = 3_600_000;
/** How long PayPal waits for the payer; after that it knows nothing of the order. */
const forgottenAfterMs = 6 * hour;
/** An approval that is not captured goes back after this long. */
const approvalLastsMs = 3 * hour;
const mostAttempts = 5;

export function createOrder({ world, body, key, prefersWhole }: Call) {
  const given = read(orderRequest, body);
  const unit = checkUnits(given);
  const source = given.payment_source?.paypal;
  const experience = source?.experience_context ?? null;
  const vault = source?.attributes?.vault ?? null;
  if (vault && !experience?.return_url) {
    throw unprocessable(
      "RETURN_URL_REQUIRED",
      "/payment_source/paypal/experience_context/return_url",
    );
  }
  if (vault && !experience?.cancel_url) {
    throw unprocessable(
      "CANCEL_URL_REQUIRED",
      "/payment_source/paypal/experience_context/cancel_url",
    );
  }
  refuseUsedInvoice(world, unit);
  const now = world.now();
  const order = world.save("order", {
    id: newTransactionId(),
    status: source && !source.vault_id ? "PAYER_ACTION_REQUIRED" : "CREATED",
    unit,
    hasSource: source !== undefined,
    experience,
    vault,
    customer: source?.attributes?.customer?.id ?? null,
    vaultId: source?.vault_id ?? null,
    funding: null,
    payer: null,
    approvedAt: null,
    attempts: 0,
    capture: null,
    token: null,
    createdAt: now,
    updatedAt: now,
  });
  const done = source?.vault_id ? chargeWallet(world, order, source.vault_id, key) : order;
  const show = prefersWhole ? wholeOrder : minimalOrder;
  return { status: 201, body: show(world, done), made: { kind: "order" as const, id: done.id } };
}

/** Charges a saved wallet: created, approved and captured in one. */
function chargeWallet(
  world: PayPalWorld,
  order: KeptOrder,
  vaultId: string,
  key: string | null,
): KeptOrder {
  if (key === null) {
    throw badField(
      "PAYPAL_REQUEST_ID_REQUIRED",
      "PayPal-Request-Id",
      "A PayPal-Request-Id is required if you are trying to process payment for an Order. Please specify a PayPal-Request-Id or Create the Order without a 'payment_source' specified.",
      "header",
    );
  }
  const token = world.find("token", vaultId);
  if (!token) throw unprocessable("TOKEN_ID_NOT_FOUND", "/payment_source/paypal/vault_id");
  const funding = token.funding === "declines_later" ? "declined" : token.funding;
  const approved = world.save("order", {
    ...order,
    status: "APPROVED",
    payer: token.payer,
    funding,
    approvedAt: world.now(),
  });
  return captureApproved(world, approved);
}

function checkUnits(given: OrderRequest): PurchaseUnit {
  if (given.intent !== "CAPTURE") throw notDoneHere("/intent");
  const [unit, ...others] = given.purchase_units;
  if (!unit || others.length > 0) throw notDoneHere("/purchase_units/1");
  return checkUnit(unit);
}

function checkUnit(unit: PurchaseUnit): PurchaseUnit {
  const at = "/purchase_units/0/amount";
  const amount = checkAmount(unit.amount, at);
  const { breakdown } = unit.amount;
  if (!breakdown) return { ...unit, amount };
  const parts = Object.entries(breakdown).map(([name, part]) => {
    if (part === undefined) return 0n;
    checkAmount(part, `${at}/breakdown/${name}`, true);
    if (part.currency_code !== amount.currency_code) throw unprocessable("AMOUNT_MISMATCH", at);
    const isLess = name === "discount" || name === "shipping_discount";
    return isLess ? -unitsOf(part) : unitsOf(part);
  });
  if (parts.reduce((sum, part) => sum + part, 0n) !== unitsOf(amount)) {
    throw unprocessable("AMOUNT_MISMATCH", at);
  }
  return { ...unit, amount: { ...amount, breakdown } };
}

/** An invoice number pays once. */
function refuseUsedInvoice(world: PayPalWorld, unit: PurchaseUnit): void {
  if (unit.invoice_id === undefined) return;
  const used = world
    .list("capture", { invoiceId: unit.invoice_id })
    .some(({ status }) => status !== "DECLINED" && status !== "FAILED");
  if (used) throw unprocessable("DUPLICATE_INVOICE_ID", "/purchase_units/0/invoice_id");
}

/** The order as it is by now, or PayPal's 404. */
export function currentOrder(world: PayPalWorld, id: string): KeptOrder {
  const order = world.get("order", id);
  const isOpen = order.status === "CREATED" || order.status === "PAYER_ACTION_REQUIRED";
  if (isOpen && world.now() - order.createdAt >= forgottenAfterMs) throw noSuch();
  if (order.status === "APPROVED" && approvalIsOver(world, order)) {
    return reverseApproval(world, order);
  }
  return order;
}

function approvalIsOver(world: PayPalWorld, order: KeptOrder): boolean {
  return order.approvedAt !== null && world.now() - order.approvedAt >= approvalLastsMs;
}

/** Reverses every approval that was not captured in time. */
export function reverseDueApprovals(world: PayPalWorld): void {
  for (const order of world.list("order", { status: "APPROVED" })) {
    if (approvalIsOver(world, order)) reverseApproval(world, order);
  }
}

/** Nobody captured: the payer's approval ends, and the shop is told. */
export function reverseApproval(world: PayPalWorld, order: KeptOrder): KeptOrder {
  const voided = world.save("order", { ...order, status: "VOIDED", updatedAt: world.now() });
  const { reference_id, custom_id, invoice_id } = order.unit;
  world.emit({
    type: "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
    resourceType: "checkout-order",
    summary: "A payment has been reversed after approval.",
    resource: {
      order_id: order.id,
      purchase_units: [{ reference_id, custom_id, invoice_id }],
      payment_source: { paypal: { email_address: order.payer?.email } },
    },
  });
  return voided;
}

export function showOrder({ world, id }: Call) {
  return { status: 200, body: wholeOrder(world, currentOrder(world, id)) };
}

export function captureOrder({ world, id, body, prefersWhole }: Call) {
  read(captureRequest, body);
  const order = captureApproved(world, currentOrder(world, id));
  const show = prefersWhole ? wholeOrder : minimalOrder;
  return { status: 201, body: show(world, order), made: { kind: "order" as const, id: order.id } };
}

/** Takes the money of an approved order, or says why not. */
function captureApproved(world: PayPalWorld, order: KeptOrder): KeptOrder {
  if (order.status === "COMPLETED") throw unprocessable("ORDER_ALREADY_CAPTURED");
  if (order.status === "VOIDED") throw unprocessable("ORDER_COMPLETED_OR_VOIDED");
  if (order.status !== "APPROVED" || !order.funding) {
    throw order.attempts > 0
      ? payerMust("PAYER_ACTION_REQUIRED", payerAddress(world, order.id))
      : unprocessable("ORDER_NOT_APPROVED");
  }
  if (order.attempts >= mostAttempts) {
    throw unprocessable("MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED");
  }
  refuseUsedInvoice(world, order.unit);
  const tried = world.save("order", { ...order, attempts: order.attempts + 1 });
  if (order.funding === "declined") {
    const again = { ...tried, status: "PAYER_ACTION_REQUIRED" as const, approvedAt: null };
    world.save("order", { ...again, updatedAt: world.now() });
    throw payerMust("INSTRUMENT_DECLINED", payerAddress(world, order.id));
  }
  if (order.funding === "refused") throw unprocessable("TRANSACTION_REFUSED");
  return capturePayment(world, tried, order.funding);
}

/** The payer approves on PayPal's page. */
export function approveOrder(
  world: PayPalWorld,
  order: KeptOrder,
  by: { payer: Payer; funding: Funding },
): KeptOrder {
  const now = world.now();
  const approved = world.save("order", {
    ...order,
    status: "APPROVED",
    payer: by.payer,
    funding: by.funding,
    customer: order.customer ?? (order.vault ? newCustomerId() : null),
    approvedAt: now,
    updatedAt: now,
  });
  world.emit({
    type: "CHECKOUT.ORDER.APPROVED",
    resourceType: "checkout-order",
    summary: "An order has been approved by buyer",
    resource: wholeOrder(world, approved),
  });
  return approved;
}

/** The funds the payer may choose: none that arrive later when the shop wants the money at once. */
export function offeredFundings(order: KeptOrder): Funding[] {
  const atOnce = order.experience?.payment_method_preference === "IMMEDIATE_PAYMENT_REQUIRED";
  return fundings.filter((funding) => !(atOnce && funding === "bank"));
}

/** Whether the payer can approve this order now. */
export function canBeApproved(order: KeptOrder): boolean {
  return order.status === "CREATED" || order.status === "PAYER_ACTION_REQUIRED";
}

export function patchOrder({ world, id, body }: Call) {
  const operations = read(patchRequest, body);
  const order = currentOrder(world, id);
  if (order.status === "COMPLETED" || order.status === "VOIDED") {
    throw unprocessable("ORDER_ALREADY_COMPLETED");
  }
  const unit: Record<string, unknown> = { ...order.unit };
  for (const { op, path = "", value } of operations) {
    const [, reference, name = ""] =
      /^\/purchase_units\/@reference_id=='([^']*)'\/(\w+)$/.exec(path) ?? [];
    if (!path.startsWith("/")) throw unprocessable("INVALID_JSON_POINTER_FORMAT", path);
    const field = patchable[name];
    const isKnown = reference === order.unit.reference_id && field !== undefined;
    const isAllowed =
      name === "amount" ? op === "replace" : ["add", "replace", "remove"].includes(op);
    if (!isKnown || !isAllowed) throw unprocessable("NOT_PATCHABLE", path);
    if (op === "remove") delete unit[name];
    else unit[name] = read(field, value);
  }
  const checked = checkUnit(unit as PurchaseUnit);
  refuseUsedInvoice(world, checked);
  world.save("order", { ...order, unit: checked, updatedAt: world.now() });
  return { status: 204, body: "" };
}
