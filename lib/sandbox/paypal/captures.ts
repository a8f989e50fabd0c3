import { checkAmount, feeOf, moneyOf, unitsOf } from "./amounts.ts";
import type { Money } from "./amounts.ts";
import type { Call } from "./call.ts";
import { unprocessable } from "./errors.ts";
import { newTokenId, newTransactionId } from "./ids.ts";
import { read, refundRequest } from "./requests.ts";
import type { RefundRequest } from "./requests.ts";
import { minimalRefund, showCapture, showRefund, showToken } from "./show.ts";
import type { Funding, KeptCapture, KeptOrder, KeptRefund, PayPalWorld } from "./world.ts";

/** Event codes of transaction search (developer.paypal.com/reports/reference/t-codes). */
const codes = { checkout: "T0006", preapproved: "T0003", refund: "T1107" };

const outcomes: Record<
  Exclude<Funding, "declined" | "refused">,
  Pick<KeptCapture, "status" | "reason">
> = {
  balance: { status: "COMPLETED", reason: null },
  slow_refunds: { status: "COMPLETED", reason: null },
  declines_later: { status: "COMPLETED", reason: null },
  saved_later: { status: "COMPLETED", reason: null },
  bank: { status: "PENDING", reason: "ECHECK" },
  review: { status: "PENDING", reason: "PENDING_REVIEW" },
  denied: { status: "DECLINED", reason: "DECLINED_BY_RISK_FRAUD_FILTERS" },
};

/** Makes the capture of an approved order, saves the wallet when asked to, and tells the shop. */
export function capturePayment(
  world: PayPalWorld,
  order: KeptOrder,
  funding: Exclude<Funding, "declined" | "refused">,
): KeptOrder {
  const now = world.now();
  const { amount, custom_id, invoice_id } = order.unit;
  const capture = world.save("capture", {
    id: newTransactionId(),
    order: order.id,
    ...outcomes[funding],
    amount: { currency_code: amount.currency_code, value: amount.value },
    customId: custom_id ?? null,
    invoiceId: invoice_id ?? null,
    funding,
    createdAt: now,
    updatedAt: now,
  });
  bookCapture(world, capture, order);
  const completed = world.save("order", {
    ...order,
    status: "COMPLETED",
    capture: capture.id,
    updatedAt: now,
  });
  tellOfCapture(world, capture);
  return isToBeSaved(world, completed) && funding !== "saved_later"
    ? saveWallet(world, completed)
    : completed;
}

/** Whether the payer's wallet is to be saved with an order that was paid, and is not yet. */
export function isToBeSaved(world: PayPalWorld, order: KeptOrder): boolean {
  const capture = order.capture === null ? null : world.find("capture", order.capture);
  return order.vault !== null && order.token === null && capture?.status === "COMPLETED";
}

function bookCapture(world: PayPalWorld, capture: KeptCapture, order: KeptOrder): void {
  world.save("transaction", {
    id: capture.id,
    transactionId: capture.id,
    reference: null,
    code: order.vaultId ? codes.preapproved : codes.checkout,
    status: capture.status === "PENDING" ? "P" : capture.status === "DECLINED" ? "D" : "S",
    amount: capture.amount,
    fee: negative(feeOf(capture.amount)),
    customId: capture.customId,
    invoiceId: capture.invoiceId,
    payer: order.payer?.accountId ?? null,
    createdAt: capture.createdAt,
    updatedAt: capture.updatedAt,
    writtenAt: world.standIn.clock.wall(),
  });
}

/** Saves the payer's wallet, and tells the shop with which order. */
export function saveWallet(world: PayPalWorld, order: KeptOrder): KeptOrder {
  if (!order.payer || !order.vault || !order.customer || !order.funding) return order;
  const token = world.save("token", {
    id: newTokenId(),
    customer: order.customer,
    order: order.id,
    payer: order.payer,
    vault: order.vault,
    funding: order.funding,
    createdAt: world.now(),
  });
  world.emit({
    type: "VAULT.PAYMENT-TOKEN.CREATED",
    resourceType: "payment_token",
    summary: "A payment token has been created.",
    resource: { ...showToken(world, token), metadata: { order_id: order.id } },
  });
  return world.save("order", { ...order, token: token.id });
}

const captureEvents: Record<string, [string, string]> = {
  COMPLETED: ["PAYMENT.CAPTURE.COMPLETED", "Payment completed"],
  PENDING: ["PAYMENT.CAPTURE.PENDING", "Payment pending"],
  DECLINED: ["PAYMENT.CAPTURE.DENIED", "Payment denied"],
};

function tellOfCapture(world: PayPalWorld, capture: KeptCapture): void {
  const [type, what] = captureEvents[capture.status] ?? [];
  if (!type) return;
  world.emit({
    type,
    resourceType: "capture",
    summary: `${what} for ${inWords(capture.amount)}`,
    resource: showCapture(world, capture, true),
  });
}

/** A pending capture gets its money, or does not. */
export function settleCapture(
  world: PayPalWorld,
  capture: KeptCapture,
  arrives: boolean,
): KeptCapture {
  const settled = world.save("capture", {
    ...capture,
    status: arrives ? "COMPLETED" : "DECLINED",
    reason: null,
    updatedAt: world.now(),
  });
  noteStatus(world, capture.id, arrives ? "S" : "D");
  tellOfCapture(world, settled);
  return settled;
}

function noteStatus(world: PayPalWorld, transaction: string, status: "D" | "S" | "V"): void {
  const line = world.find("transaction", transaction);
  if (line) world.save("transaction", { ...line, status, updatedAt: world.now() });
}

export function showCaptured({ world, id }: Call) {
  return { status: 200, body: showCapture(world, world.get("capture", id), true) };
}

export function showRefunded({ world, id }: Call) {
  return { status: 200, body: showRefund(world, world.get("refund", id)) };
}

export function refundCaptured({ world, id, body, prefersWhole }: Call) {
  const given = read(refundRequest, body);
  const refund = refundCapture(world, world.get("capture", id), given);
  return {
    status: 201,
    body: (prefersWhole ? showRefund : minimalRefund)(world, refund),
    made: { kind: "refund" as const, id: refund.id },
  };
}

/** Gives back an amount of a capture, all that is left when none is named; never more than is left. */
export function refundCapture(
  world: PayPalWorld,
  capture: KeptCapture,
  given: RefundRequest,
  inherited: { customId: string | null; invoiceId: string | null } | null = null,
): KeptRefund {
  const used =
    given.invoice_id !== undefined &&
    world.list("refund", { invoiceId: given.invoice_id }).length > 0;
  if (used) throw unprocessable("DUPLICATE_INVOICE_ID", "/invoice_id");
  if (capture.status === "PENDING") throw unprocessable("PENDING_CAPTURE");
  if (capture.status === "DECLINED" || capture.status === "FAILED") {
    throw unprocessable("REFUND_NOT_ALLOWED");
  }
  const currency = capture.amount.currency_code;
  const left = unitsOf(capture.amount) - refundedUnits(world, capture.id);
  if (left === 0n) throw unprocessable("CAPTURE_FULLY_REFUNDED");
  if (given.amount && given.amount.currency_code !== currency) {
    throw unprocessable("REFUND_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code");
  }
  const amount = given.amount ? checkAmount(given.amount, "/amount") : moneyOf(left, currency);
  if (unitsOf(amount) > left) throw unprocessable("REFUND_AMOUNT_EXCEEDED", "/amount/value");
  const isDisputed = world
    .list("dispute", { capture: capture.id })
    .some(({ status }) => status !== "RESOLVED");
  if (isDisputed && unitsOf(amount) < left) throw unprocessable("TRANSACTION_DISPUTED");
  return bookRefund(world, capture, amount, {
    customId: inherited?.customId ?? given.custom_id ?? null,
    invoiceId: inherited?.invoiceId ?? given.invoice_id ?? null,
    note: given.note_to_payer ?? null,
  });
}

function bookRefund(
  world: PayPalWorld,
  capture: KeptCapture,
  amount: Money,
  marks: Pick<KeptRefund, "customId" | "invoiceId" | "note">,
): KeptRefund {
  const now = world.now();
  const currency = amount.currency_code;
  const isLater = capture.funding === "bank" || capture.funding === "slow_refunds";
  const total = refundedUnits(world, capture.id) + unitsOf(amount);
  const refund = world.save("refund", {
    id: newTransactionId(),
    capture: capture.id,
    status: isLater ? "PENDING" : "COMPLETED",
    reason: isLater ? "ECHECK" : null,
    amount,
    totalRefunded: moneyOf(total, currency),
    ...marks,
    createdAt: now,
    updatedAt: now,
  });
  world.save("transaction", {
    id: refund.id,
    transactionId: refund.id,
    reference: capture.id,
    code: codes.refund,
    status: isLater ? "P" : "S",
    amount: negative(amount),
    fee: null,
    customId: refund.customId ?? capture.customId,
    invoiceId: refund.invoiceId ?? capture.invoiceId,
    payer: null,
    createdAt: now,
    updatedAt: now,
    writtenAt: world.standIn.clock.wall(),
  });
  noteRefunds(world, capture);
  if (!isLater) tellOfRefund(world, refund);
  return refund;
}

/** A refund made by hand on PayPal's site: it carries what its capture carries. */
export function refundByHand(
  world: PayPalWorld,
  capture: KeptCapture,
  amount: Money | undefined,
): KeptRefund {
  const { customId, invoiceId } = capture;
  return refundCapture(world, capture, amount ? { amount } : {}, { customId, invoiceId });
}

/** Writes down how much of a capture has been given back. */
export function noteRefunds(world: PayPalWorld, capture: KeptCapture): void {
  const refunded = refundedUnits(world, capture.id);
  const isWhole = refunded >= unitsOf(capture.amount);
  const status = refunded === 0n ? "COMPLETED" : isWhole ? "REFUNDED" : "PARTIALLY_REFUNDED";
  world.save("capture", { ...capture, status, updatedAt: world.now() });
  noteStatus(world, capture.id, isWhole ? "V" : "S");
}

/** A pending refund is paid, or a refund fails and its money returns. */
export function settleRefund(
  world: PayPalWorld,
  refund: KeptRefund,
  outcome: "completed" | "failed",
): KeptRefund {
  const isDone = outcome === "completed";
  const settled = world.save("refund", {
    ...refund,
    status: isDone ? "COMPLETED" : "FAILED",
    reason: null,
    updatedAt: world.now(),
  });
  noteStatus(world, refund.id, isDone ? "S" : "D");
  noteRefunds(world, world.get("capture", refund.capture));
  if (isDone) tellOfRefund(world, settled);
  return settled;
}

function tellOfRefund(world: PayPalWorld, refund: KeptRefund): void {
  world.emit({
    type: "PAYMENT.CAPTURE.REFUNDED",
    resourceType: "refund",
    summary: `A ${inWords(refund.amount)} capture payment was refunded`,
    resource: showRefund(world, refund),
  });
}

/** What was given back of a capture, in smallest units; what failed does not count. */
export function refundedUnits(world: PayPalWorld, capture: string): bigint {
  return world
    .list("refund", { capture })
    .filter(({ status }) => status === "COMPLETED" || status === "PENDING")
    .reduce((sum, { amount }) => sum + unitsOf(amount), 0n);
}

export function negative(amount: Money): Money {
  return moneyOf(-unitsOf(amount), amount.currency_code);
}

export function inWords({ currency_code, value }: Money): string {
  return `${value} ${currency_code}`;
}
