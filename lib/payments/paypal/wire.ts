import { z } from "zod";
import type { Locale } from "#lib/domain/locale.ts";
import { currencyExponent, equalMoney, money, type Money } from "#lib/domain/money.ts";
import type {
  PaymentReport,
  ProviderPayment,
  ProviderRefund,
  RefundOutcome,
  SavedMethod,
  StartPaymentRequest,
} from "../port.ts";

/** PayPal's only kind of payment here: its wallet, whatever the payer has in it. */
const METHOD_TYPE = "paypal";

/**
 * Currencies of PayPal accounts anywhere (developer.paypal.com/api/rest/reference/currency-codes),
 * with the decimals of its amounts. BRL, CNY and MYR are not here: only accounts of the country
 * itself may use them.
 */
const DECIMALS: Readonly<Record<string, 0 | 2>> = {
  ...Object.fromEntries(["HUF", "JPY", "TWD"].map((code) => [code, 0])),
  ...Object.fromEntries(["AUD", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP"].map((code) => [code, 2])),
  ...Object.fromEntries(["HKD", "ILS", "MXN", "NOK", "NZD", "PHP", "PLN"].map((code) => [code, 2])),
  ...Object.fromEntries(["SEK", "SGD", "THB", "USD"].map((code) => [code, 2])),
};

/** Greatest amount in hundredths: 999999999999999.99 (issue MAX_VALUE_EXCEEDED). */
const GREATEST = 99_999_999_999_999_999n;

/** Money as PayPal writes it. */
export interface PayPalMoney {
  readonly currency_code: string;
  readonly value: string;
}

export type PayPalAmount =
  | { readonly ok: true; readonly amount: PayPalMoney }
  | {
      readonly ok: false;
      readonly code:
        | "amount_too_small"
        | "amount_too_large"
        | "amount_not_representable"
        | "currency_not_supported";
    };

/**
 * An amount as PayPal's API takes it. Refused before anything is sent: nothing or less, more than
 * PayPal takes, a currency it does not take, and a fraction where it takes whole units only (the
 * forint and the New Taiwan dollar have cents in ISO 4217, and none here).
 */
export function toPayPalAmount({ amountMinor, currency }: Money): PayPalAmount {
  const decimals = DECIMALS[currency];
  if (decimals === undefined) return { ok: false, code: "currency_not_supported" };
  if (amountMinor <= 0n) return { ok: false, code: "amount_too_small" };
  const units = rescale(amountMinor, currencyExponent(currency), decimals);
  if (units === null) return { ok: false, code: "amount_not_representable" };
  const hundredths = units * 10n ** BigInt(2 - decimals);
  if (hundredths > GREATEST) return { ok: false, code: "amount_too_large" };
  const digits = units.toString().padStart(decimals + 1, "0");
  const split = digits.length - decimals;
  const fraction = decimals === 0 ? "" : `.${digits.slice(split)}`;
  const value = `${digits.slice(0, split)}${fraction}`;
  return { ok: true, amount: { currency_code: currency, value } };
}

/**
 * Money from an amount of PayPal's API, exactly; negative for what was given back.
 *
 * @throws RangeError when it is no amount, or our minor units cannot say it
 */
export function fromPayPalAmount({ currency_code: currency, value }: PayPalMoney): Money {
  const parts = /^(-?)([0-9]*)(?:\.([0-9]+))?$/.exec(value);
  if (parts === null || value === "" || value === "-") {
    throw new RangeError(`Not an amount: ${value}`);
  }
  const [, sign = "", whole = "", fraction = ""] = parts;
  const units = BigInt(`${whole || "0"}${fraction}`);
  const scaled = rescale(units, fraction.length, currencyExponent(currency));
  if (scaled === null) throw new RangeError(`Not a whole minor unit: ${value} ${currency}`);
  return money(sign === "-" ? -scaled : scaled, currency);
}

function rescale(units: bigint, from: number, to: number): bigint | null {
  if (to >= from) return units * 10n ** BigInt(to - from);
  const divisor = 10n ** BigInt(from - to);
  return units % divisor === 0n ? units / divisor : null;
}

/** PayPal's names of our languages; it wants five characters. */
const LOCALES: Readonly<Record<Locale, string>> = { "zh-CN": "zh-CN", en: "en-US" };

const LONGEST_DESCRIPTION = 127;

const KEEP_FOR_RENEWALS = {
  store_in_vault: "ON_SUCCESS",
  usage_type: "MERCHANT",
  usage_pattern: "RECURRING_PREPAID",
};

/**
 * The order for a payment: one purchase unit in exactly the amount that our books wait for, our
 * payment id where PayPal hands it back, the order's number as the invoice number that the customer
 * sees and that PayPal lets pay once. Funds that would arrive days later are not offered: what is
 * bought is to be activated within minutes. A wallet that is to be kept is kept once it has paid, for
 * charges that we begin before each renewal (`vault` of the orders API v2, RECURRING_PREPAID); the kind
 * of payment needs no choosing, PayPal's page has one.
 */
export function toOrderRequest(
  request: StartPaymentRequest,
  amount: PayPalMoney,
  brandName: string,
): object {
  return {
    intent: "CAPTURE",
    purchase_units: [
      {
        custom_id: request.paymentId,
        invoice_id: request.orderNumber,
        description: shorten(request.description),
        amount,
      },
    ],
    payment_source: {
      paypal: {
        experience_context: {
          brand_name: brandName,
          locale: LOCALES[request.locale],
          shipping_preference: "NO_SHIPPING",
          user_action: "PAY_NOW",
          payment_method_preference: "IMMEDIATE_PAYMENT_REQUIRED",
          return_url: request.successUrl,
          cancel_url: request.cancelUrl,
        },
        ...(request.saveMethod ? { attributes: { vault: KEEP_FOR_RENEWALS } } : {}),
      },
    },
  };
}

/** Cut at whole characters; PayPal counts UTF-16 units. */
function shorten(text: string): string {
  if (text.length <= LONGEST_DESCRIPTION) return text;
  let cut = "";
  for (const character of text) {
    if (cut.length + character.length > LONGEST_DESCRIPTION - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

/** The parts of PayPal's objects that are believed; what is not here is never looked at. */
const id = z.string().min(1).max(64);
export const PayPalMoneySchema = z.object({
  currency_code: z.string().regex(/^[A-Z]{3}$/),
  value: z.string().max(32),
});
const amount = PayPalMoneySchema;

const CaptureSchema = z.object({
  id,
  status: z.string(),
  status_details: z.object({ reason: z.string().nullish() }).nullish(),
  amount,
  seller_receivable_breakdown: z
    .object({
      paypal_fee: amount.nullish(),
      paypal_fee_in_receivable_currency: amount.nullish(),
    })
    .nullish(),
});

const RefundSchema = z.object({
  id,
  status: z.string(),
  status_details: z.object({ reason: z.string().nullish() }).nullish(),
});

const RefundOfOrderSchema = RefundSchema.extend({ amount, custom_id: z.string().nullish() });

const PartSchema = z.object({
  custom_id: z.string().nullish(),
  amount,
  payments: z
    .object({
      captures: z.array(CaptureSchema).nullish(),
      refunds: z.array(RefundOfOrderSchema).nullish(),
    })
    .nullish(),
});

const WalletSchema = z.object({
  email_address: z.string().nullish(),
  attributes: z
    .object({ vault: z.object({ id: id.nullish(), status: z.string().nullish() }).nullish() })
    .nullish(),
});

const OrderSchema = z.object({
  id,
  status: z.string(),
  purchase_units: z.tuple([PartSchema]),
  payment_source: z.object({ paypal: WalletSchema.nullish() }).nullish(),
  update_time: z.string().nullish(),
  links: z.array(z.object({ rel: z.string(), href: z.string() })).nullish(),
});

type Order = z.infer<typeof OrderSchema>;

/** PayPal's answer is not what its documentation promises; nothing is known from it. */
export class UnreadableAnswerError extends Error {
  override readonly name = "UnreadableAnswerError";
}

/**
 * What was created, for the redirect. An answer to a repeated request is not compared by PayPal with
 * what was asked for now, so it is here. Throws {@link UnreadableAnswerError}.
 */
export function readStartedOrder(
  answer: unknown,
  asked: Pick<StartPaymentRequest, "paymentId" | "amount">,
): { id: string; url: string } {
  const order = read(OrderSchema, answer);
  const [unit] = order.purchase_units;
  const amount = readable(() => fromPayPalAmount(unit.amount));
  const isSame = unit.custom_id === asked.paymentId && equalMoney(amount, asked.amount);
  if (!isSame) throw new UnreadableAnswerError("PayPal's order is not the one that was asked for");
  const href = order.links?.find(({ rel }) => rel === "payer-action" || rel === "approve")?.href;
  const url = z.url({ protocol: /^https?$/ }).safeParse(href);
  if (!url.success) throw new UnreadableAnswerError("PayPal's order has no page to approve it");
  return { id: order.id, url: url.data };
}

/** What an order says, and which approval of it is the current one. */
export interface OrderReport {
  readonly report: PaymentReport;
  /** Differs from one approval of the order to the next; "" when PayPal does not tell. */
  readonly approval: string;
}

/**
 * What an order says about its payment. An order that is COMPLETED has a capture, which may have
 * been made, be pending, or have been declined. Throws {@link UnreadableAnswerError}.
 */
export function readOrder(answer: unknown, live: boolean): OrderReport {
  const order = read(OrderSchema, answer);
  return {
    report: { ...reportOfOrder(order), live },
    approval: order.update_time?.replace(/\D/g, "") ?? "",
  };
}

function reportOfOrder(order: Order): Omit<PaymentReport, "live"> {
  const [unit] = order.purchase_units;
  const captures = unit.payments?.captures ?? [];
  const made = captures.find(({ status }) => MADE.has(status));
  const capture = made ?? captures.find(({ status }) => status === "PENDING") ?? captures.at(-1);
  const facts = {
    paymentId: ourId(unit.custom_id),
    providerPaymentId: capture?.id ?? null,
    captured: null,
    refundedMinor: refundedMinor(order),
    fee: made === undefined ? null : feeOf(made),
    methodType: METHOD_TYPE,
    savedMethod: savedMethodOf(order),
    reason: capture?.status_details?.reason ?? null,
  };
  if (made !== undefined) {
    const captured = readable(() => fromPayPalAmount(made.amount));
    return { ...facts, state: "settled", captured, reason: null };
  }
  switch (capture?.status) {
    case "PENDING":
      return { ...facts, state: "processing" };
    case "DECLINED":
    case "FAILED":
      return { ...facts, state: "failed", reason: facts.reason ?? capture.status };
    case undefined:
      break;
    default:
      throw new UnreadableAnswerError(`PayPal's capture is ${capture?.status}`);
  }
  switch (order.status) {
    case "CREATED":
    case "SAVED":
    case "PAYER_ACTION_REQUIRED":
      return { ...facts, state: "pending" };
    case "APPROVED":
      return { ...facts, state: "approved" };
    case "VOIDED":
      return { ...facts, state: "expired", reason: "approval_reversed" };
    case "COMPLETED":
      // Completed, and no capture that says how much: not to be believed, and asked about again.
      return { ...facts, state: "processing", reason: "completed_without_capture" };
    default:
      throw new UnreadableAnswerError(`PayPal's order is ${order.status}`);
  }
}

/** Statuses of a capture whose money arrived; what was given back of it since is told by its refunds. */
const MADE = new Set(["COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"]);

/** In the currency it was taken in, which is the account's own where PayPal converts what arrives. */
function feeOf(capture: z.infer<typeof CaptureSchema>): Money | null {
  const told = capture.seller_receivable_breakdown;
  const fee = told?.paypal_fee_in_receivable_currency ?? told?.paypal_fee ?? null;
  return fee === null ? null : readable(() => fromPayPalAmount(fee));
}

/**
 * The wallet that PayPal keeps. While it is only APPROVED there is no token yet: PayPal sends
 * VAULT.PAYMENT-TOKEN.CREATED when there is, and the order then says VAULTED.
 */
function savedMethodOf(order: Order): SavedMethod | null {
  const wallet = order.payment_source?.paypal;
  const vault = wallet?.attributes?.vault;
  if (vault?.status !== "VAULTED" || !vault.id) return null;
  const label = maskEmail(wallet?.email_address);
  return { reference: vault.id, methodType: METHOD_TYPE, label, goodUntil: null };
}

/** An address as its owner recognises it and nobody else can use it: `emma@axis.example` → `e•••@axis.example`. */
function maskEmail(email: string | null | undefined): string {
  const [, first, domain] = /^(.).*@([^@]+)$/su.exec(email ?? "") ?? [];
  return first === undefined || domain === undefined ? "PayPal" : `${first}•••@${domain}`;
}

function refundsOf(order: Order): readonly z.infer<typeof RefundOfOrderSchema>[] {
  return order.purchase_units[0].payments?.refunds ?? [];
}

function refundedMinor(order: Order): bigint {
  return refundsOf(order)
    .filter(({ status }) => status === "COMPLETED" || status === "PENDING")
    .reduce((sum, refund) => sum + readable(() => fromPayPalAmount(refund.amount)).amountMinor, 0n);
}

/** The refund of an order that carries our refund id, or null. Throws {@link UnreadableAnswerError}. */
export function readOurRefund(answer: unknown, refundId: string): RefundOutcome | null {
  const order = read(OrderSchema, answer);
  const ours = refundsOf(order).find(({ custom_id }) => custom_id === refundId);
  return ours === undefined ? null : outcomeOf(ours);
}

/** All refunds of an order, whoever began them. Throws {@link UnreadableAnswerError}. */
export function readRefundsOfOrder(answer: unknown): readonly ProviderRefund[] {
  const order = read(OrderSchema, answer);
  return refundsOf(order).map((refund) => {
    const outcome = outcomeOf(refund);
    return {
      providerReference: refund.id,
      // One that was begun on PayPal's site carries what its capture carries: the payment's id.
      refundId:
        refund.custom_id === order.purchase_units[0].custom_id ? null : ourId(refund.custom_id),
      amount: readable(() => fromPayPalAmount(refund.amount)),
      state: outcome.kind,
      reason: outcome.kind === "failed" ? outcome.reason : null,
    };
  });
}

/** What became of a refund. Throws {@link UnreadableAnswerError}. */
export function readRefund(answer: unknown): RefundOutcome {
  return outcomeOf(read(RefundSchema, answer));
}

function outcomeOf(
  refund: z.infer<typeof RefundSchema>,
): Exclude<RefundOutcome, { kind: "unknown" }> {
  switch (refund.status) {
    case "COMPLETED":
      return { kind: "succeeded", providerReference: refund.id };
    case "FAILED":
    case "CANCELLED":
      return {
        kind: "failed",
        reason: refund.status_details?.reason ?? refund.status,
        providerReference: refund.id,
      };
    // PENDING, and whatever PayPal may add: not at its end yet.
    default:
      return { kind: "pending", providerReference: refund.id };
  }
}

/** The order a capture belongs to. Throws {@link UnreadableAnswerError}. */
export function readOrderOfCapture(answer: unknown): string {
  const schema = z.object({
    supplementary_data: z.object({ related_ids: z.object({ order_id: id }) }),
  });
  return read(schema, answer).supplementary_data.related_ids.order_id;
}

const TransactionSchema = z.object({
  transaction_id: id,
  paypal_reference_id: z.string().nullish(),
  transaction_event_code: z.string(),
  transaction_status: z.string().nullish(),
  transaction_amount: amount,
  fee_amount: amount.nullish(),
  custom_field: z.string().nullish(),
});

const TransactionsSchema = z.object({
  transaction_details: z.array(z.object({ transaction_info: TransactionSchema })),
  total_pages: z.int().nonnegative(),
});

export type Transaction = z.infer<typeof TransactionSchema>;

/** One page of the account's history. Throws {@link UnreadableAnswerError}. */
export function readTransactions(answer: unknown): { lines: Transaction[]; pages: number } {
  const page = read(TransactionsSchema, answer);
  const lines = page.transaction_details.map((each) => each.transaction_info);
  return { lines, pages: page.total_pages };
}

/** What a refund gave back, in minor units, with the capture it gave back of; null for other lines. */
export function readRefundLine(line: Transaction): { capture: string; minor: bigint } | null {
  const capture = line.paypal_reference_id ?? null;
  if (line.transaction_event_code !== REFUND_CODE || capture === null) return null;
  return { capture, minor: -readable(() => fromPayPalAmount(line.transaction_amount)).amountMinor };
}

/** Event code of a refund by the merchant (developer.paypal.com/reports/reference/t-codes). */
export const REFUND_CODE = "T1107";

/** A payment to us as the history shows it, codes T00nn; null for other lines and for what did not succeed. */
export function readPaymentLine(
  line: Transaction,
  refundedMinor: bigint,
  live: boolean,
): ProviderPayment | null {
  const succeeded = line.transaction_status === "S" || line.transaction_status === "V";
  if (!line.transaction_event_code.startsWith("T00") || !succeeded) return null;
  const captured = readable(() => fromPayPalAmount(line.transaction_amount));
  if (captured.amountMinor <= 0n) return null;
  return {
    paymentId: ourId(line.custom_field),
    providerReference: line.transaction_id,
    providerPaymentId: line.transaction_id,
    state: "settled",
    captured,
    refundedMinor,
    fee: feeOfLine(line),
    methodType: METHOD_TYPE,
    savedMethod: null,
    live,
    reason: null,
  };
}

/** What the history says was taken off, as it says it: negative. */
function feeOfLine({ fee_amount: told }: Transaction): Money | null {
  if (!told) return null;
  const fee = readable(() => fromPayPalAmount(told));
  return money(-fee.amountMinor, fee.currency);
}

/** An id when it has the shape of ours; somebody else's text is nobody's payment. */
export function ourId(value: string | null | undefined): string | null {
  return z.uuid().safeParse(value).data ?? null;
}

/** What cannot be converted was not readable. */
export function readable<T>(convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableAnswerError(error.message);
    throw error;
  }
}

/** An answer by its schema. Throws {@link UnreadableAnswerError}. */
export function read<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UnreadableAnswerError(
    `PayPal's answer has no readable ${issue?.path.join(".") ?? "shape"}`,
  );
}
