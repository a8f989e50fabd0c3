import type { Locale } from "#lib/domain/locale.ts";
import type { PaymentMethod } from "#lib/domain/payment-method.ts";
import { translator } from "./translator.ts";

/**
 * What a way of paying is called.
 *
 * @param methodType the provider's own kind of payment, e.g. "alipay"; one without a name here is called by its method
 */
export function methodName(
  method: PaymentMethod,
  methodType: string | null,
  locale: Locale,
): string {
  const t = translator(locale, "pay");
  const key = `name.${methodType ?? method}` as "name.card";
  return t.has(key) ? t(key) : t(`name.${method}`);
}
