import { env } from "#lib/config/env.ts";
import type { Money } from "#lib/domain/money.ts";
import { isMethodAvailable, type PaymentMethod } from "#lib/domain/payment-method.ts";
import { bankTransfers } from "#lib/payments/registry.ts";
import { providerOf } from "./provider.ts";

interface Payer {
  readonly countryCode: string;
}

/** The methods of providers and banks that the operator offers a customer for an amount, in the operator's order. */
export function outsideMethods(payer: Payer, amount: Money): readonly PaymentMethod[] {
  const { PAYMENT_METHODS: offered, PAYMENT_METHOD_RULES: rules } = env();
  return offered.filter(
    (method) =>
      method !== "balance" &&
      (method !== "bank_transfer" || bankTransfers().currencies.includes(amount.currency)) &&
      providerOf(method)?.adapter.canTake(amount) !== false &&
      isMethodAvailable(rules?.[method], { countryCode: payer.countryCode, amount }),
  );
}

/** All methods that can pay the whole amount; the balance first, where it suffices. */
export function availableMethods(
  payer: Payer,
  amount: Money,
  balanceMinor: bigint,
): readonly PaymentMethod[] {
  const outside = outsideMethods(payer, amount);
  const { PAYMENT_METHODS: offered, PAYMENT_METHOD_RULES: rules } = env();
  const byBalance =
    offered.includes("balance") &&
    balanceMinor >= amount.amountMinor &&
    isMethodAvailable(rules?.balance, { countryCode: payer.countryCode, amount });
  return byBalance ? ["balance", ...outside] : outside;
}
