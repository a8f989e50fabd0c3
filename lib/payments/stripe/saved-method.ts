import { z } from "zod";
import type { SavedMethod } from "../port.ts";

const part = z.looseObject({}).nullish();

/** What is believed of a PaymentMethod: enough for its owner to recognise it. */
export const PaymentMethodSchema = z.object({
  id: z.string(),
  type: z.string(),
  customer: z.union([z.string(), z.looseObject({ id: z.string() })]).nullish(),
  card: z
    .object({
      brand: z.string(),
      display_brand: z.string().nullish(),
      last4: z.string(),
      exp_month: z.int().min(1).max(12),
      exp_year: z.int().min(2000).max(2999),
    })
    .nullish(),
  link: part,
  paypal: part,
  cashapp: part,
  sepa_debit: part,
  bacs_debit: part,
  au_becs_debit: part,
  acss_debit: part,
  us_bank_account: part,
});

type PaymentMethod = z.infer<typeof PaymentMethodSchema>;

/** An intent, with its payment method expanded. */
interface Intent {
  readonly status: string;
  readonly setup_future_usage?: string | null | undefined;
  readonly payment_method?: PaymentMethod | null | undefined;
  readonly latest_charge: {
    readonly payment_method_details?: Readonly<Record<string, unknown>> | null | undefined;
  } | null;
}

/** How networks and wallets write their names. */
const NAMES: Readonly<Record<string, string>> = {
  amex: "American Express",
  cartes_bancaires: "Cartes Bancaires",
  diners: "Diners Club",
  discover: "Discover",
  eftpos_au: "eftpos",
  jcb: "JCB",
  mastercard: "Mastercard",
  unionpay: "UnionPay",
  visa: "Visa",
  acss_debit: "Bank account",
  alipay: "Alipay",
  amazon_pay: "Amazon Pay",
  au_becs_debit: "BECS Direct Debit",
  bacs_debit: "Bacs Direct Debit",
  bancontact: "Bancontact",
  boleto: "Boleto",
  cashapp: "Cash App Pay",
  ideal: "iDEAL",
  kakao_pay: "Kakao Pay",
  klarna: "Klarna",
  link: "Link",
  naver_pay: "Naver Pay",
  paypal: "PayPal",
  pix: "Pix",
  revolut_pay: "Revolut Pay",
  satispay: "Satispay",
  sepa_debit: "SEPA Direct Debit",
  twint: "TWINT",
  upi: "UPI",
  us_bank_account: "Bank account",
};

/**
 * What Stripe keeps of an intent that was paid with `setup_future_usage: off_session`: null unless
 * the payment method belongs to a customer now, so one that was detached later is not kept any more.
 *
 * Bancontact and iDEAL are kept as the direct debit that Stripe makes of them
 * (docs.stripe.com/payments/ideal/set-up-payment), which is what later payments name.
 */
export function savedMethodOf(intent: Intent): SavedMethod | null {
  const method = intent.payment_method ?? null;
  if (intent.status !== "succeeded" || intent.setup_future_usage !== "off_session") return null;
  if (method === null) return null;
  const debit = generatedDebit(intent, method.type);
  if (debit !== null) return { reference: debit, methodType: method.type, ...describe(method) };
  const owner = method.customer ?? null;
  if (owner === null) return null;
  return { reference: method.id, methodType: method.type, ...describe(method) };
}

function generatedDebit(intent: Intent, type: string): string | null {
  const details = intent.latest_charge?.payment_method_details?.[type];
  return text(details, "generated_sepa_debit");
}

function describe(method: PaymentMethod): Pick<SavedMethod, "label" | "goodUntil"> {
  const { card, type } = method;
  if (card) {
    const brand = card.display_brand ?? card.brand;
    const month = String(card.exp_month).padStart(2, "0");
    return {
      label: `${NAMES[brand] ?? "Card"} •••• ${card.last4}`,
      goodUntil: `${card.exp_year}-${month}`,
    };
  }
  const details = (method as Readonly<Record<string, unknown>>)[type];
  const name = text(details, "bank_name") ?? NAMES[type] ?? type;
  const last4 = text(details, "last4");
  const account = text(details, "email") ?? text(details, "payer_email");
  const known = last4 === null ? account && hideAddress(account) : `•••• ${last4}`;
  return { label: known === null ? name : `${name} ${known}`, goodUntil: null };
}

/** "lin@axis.example" as "l•••@axis.example". */
function hideAddress(address: string): string {
  const at = address.lastIndexOf("@");
  return `${[...address][0] ?? ""}•••${at === -1 ? "" : address.slice(at)}`;
}

function text(object: unknown, name: string): string | null {
  const value =
    typeof object === "object" && object !== null
      ? (object as Readonly<Record<string, unknown>>)[name]
      : null;
  return typeof value === "string" && value !== "" ? value : null;
}
