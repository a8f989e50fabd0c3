import { STRIPE_METHOD_TYPES, type StripeMethodType } from "#lib/config/stripe-method-types.ts";

/** A kind of payment of Stripe's, and what it can be used for. */
export interface StripeMethod {
  readonly type: StripeMethodType;
  /** ISO 4217; null: whatever Stripe takes. */
  readonly currencies: readonly string[] | null;
  /** Whether it can be kept and charged again without the customer. */
  readonly renewsByItself: boolean;
}

type Ability = Pick<StripeMethod, "currencies" | "renewsByItself">;

const again = (currencies: string | null): Ability => ({
  currencies: currencies?.split(" ") ?? null,
  renewsByItself: true,
});
const once = (currencies: string): Ability => ({
  currencies: currencies.split(" "),
  renewsByItself: false,
});

/**
 * Currencies and reuse as Stripe publishes them (docs.stripe.com/payments/payment-methods/payment-method-support,
 * "Country and currency support" and "API support"). An account takes those of them that its country
 * allows; keeping Alipay and Amazon Pay must be granted to the account by Stripe.
 */
const ABILITIES: Readonly<Record<StripeMethodType, Ability>> = {
  card: again(null),
  link: again(null),
  alipay: again("AUD CAD CNY EUR GBP HKD JPY MYR NZD SGD USD"),
  wechat_pay: once("AUD CAD CHF CNY DKK EUR GBP HKD JPY NOK SEK SGD USD"),
  paypal: again("AUD CAD CHF CZK DKK EUR GBP HKD NOK NZD PLN SEK SGD USD"),
  amazon_pay: again("AUD CHF DKK EUR GBP HKD JPY NOK NZD SEK USD ZAR"),
  cashapp: again("USD"),
  revolut_pay: again("EUR GBP"),
  kakao_pay: again("KRW"),
  naver_pay: again("KRW"),
  samsung_pay: once("KRW"),
  grabpay: once("MYR SGD"),
  klarna: again("AUD CAD CHF CZK DKK EUR GBP NOK NZD PLN RON SEK USD"),
  affirm: once("CAD USD"),
  afterpay_clearpay: once("AUD CAD GBP NZD USD"),
  satispay: again("EUR"),
  mobilepay: once("DKK EUR NOK SEK"),
  swish: once("SEK"),
  twint: again("CHF"),
  customer_balance: once("EUR GBP JPY MXN USD"),
  sepa_debit: again("EUR"),
  us_bank_account: again("USD"),
  acss_debit: again("CAD USD"),
  au_becs_debit: again("AUD"),
  bacs_debit: again("GBP"),
  bancontact: again("EUR"),
  ideal: again("EUR"),
  eps: once("EUR"),
  p24: once("EUR PLN"),
  multibanco: once("EUR"),
  pix: again("BRL"),
  boleto: again("BRL"),
  upi: again("INR"),
  paynow: once("SGD"),
  promptpay: once("THB"),
  fpx: once("MYR"),
  konbini: once("JPY"),
  oxxo: once("MXN"),
  crypto: once("USD"),
};

/** Every kind of payment of Stripe's that the portal knows. */
export function stripeMethodTypes(): readonly StripeMethod[] {
  return STRIPE_METHOD_TYPES.map((type) => ({ type, ...ABILITIES[type] }));
}

/** Whether a kind of payment can be kept and charged again without the customer; false of an unknown one. */
export function renewsByItself(type: string): boolean {
  return stripeMethodTypes().some((method) => method.type === type && method.renewsByItself);
}
