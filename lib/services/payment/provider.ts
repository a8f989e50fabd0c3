import type { CashCode } from "#lib/domain/ledger.ts";
import type { PaymentMethod } from "#lib/domain/payment-method.ts";
import type { PaymentAdapter } from "#lib/payments/port.ts";
import { paymentAdapter } from "#lib/payments/registry.ts";

const CASH = { stripe: "cash_stripe", paypal: "cash_paypal" } as const;

/** The outside provider that settles payments of a method, and the account its cash is booked on; null for the others. */
export function providerOf(
  method: PaymentMethod,
): { readonly adapter: PaymentAdapter; readonly cash: CashCode } | null {
  if (method !== "stripe" && method !== "paypal") return null;
  return { adapter: paymentAdapter(method), cash: CASH[method] };
}

/** Like {@link providerOf}, for where only a provider's payment can be. Throws for the others. */
export function requireProvider(method: PaymentMethod): NonNullable<ReturnType<typeof providerOf>> {
  const provider = providerOf(method);
  if (provider === null) throw new Error(`No provider settles ${method}`);
  return provider;
}
