import { env } from "#lib/config/env.ts";
import type { Money } from "#lib/domain/money.ts";
import {
  isMethodAvailable,
  methodOption,
  type MethodOption,
  type PaymentMethod,
} from "#lib/domain/payment-method.ts";
import { bankTransfers } from "#lib/payments/registry.ts";
import { providerOf } from "./provider.ts";

interface Payer {
  readonly countryCode: string;
}

/** What of providers and banks the operator offers a customer for an amount, in the operator's order. */
export function outsideOptions(payer: Payer, amount: Money): readonly MethodOption[] {
  const { PAYMENT_METHODS: offered, PAYMENT_METHOD_RULES: rules } = env();
  return offered
    .filter(
      (method) =>
        method !== "balance" &&
        (method !== "bank_transfer" || bankTransfers().currencies.includes(amount.currency)) &&
        isMethodAvailable(rules?.[method], { countryCode: payer.countryCode, amount }),
    )
    .flatMap((method) => optionsOf(method, amount));
}

/** All that can pay the whole amount; the balance first, where it suffices. */
export function availableOptions(
  payer: Payer,
  amount: Money,
  balanceMinor: bigint,
): readonly MethodOption[] {
  const outside = outsideOptions(payer, amount);
  const { PAYMENT_METHODS: offered, PAYMENT_METHOD_RULES: rules } = env();
  const byBalance =
    offered.includes("balance") &&
    balanceMinor >= amount.amountMinor &&
    isMethodAvailable(rules?.balance, { countryCode: payer.countryCode, amount });
  return byBalance ? [methodOption("balance", null, true), ...outside] : outside;
}

/** A provider's own kinds of payment that take the amount, or the method itself where there are none to choose. */
function optionsOf(method: PaymentMethod, amount: Money): readonly MethodOption[] {
  const adapter = providerOf(method)?.adapter;
  // At a bank somebody has to order each transfer.
  if (adapter === undefined) return [methodOption(method, null, false)];
  if (!adapter.canTake(amount)) return [];
  if (adapter.methodTypesFor === undefined) return [methodOption(method, null, true)];
  return adapter
    .methodTypesFor(amount)
    .map(({ type, renewsByItself }) => methodOption(method, type, renewsByItself));
}
