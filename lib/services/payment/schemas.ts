import { z } from "zod";
import { PAYMENT_METHODS, type PaymentMethod } from "#lib/domain/payment-method.ts";

/** A way to pay, with the provider's kind of payment where there is one. */
export interface MethodChoice {
  readonly method: PaymentMethod;
  /** null, or left out: the method's first. */
  readonly methodType?: string | null | undefined;
}

/** A way to pay as forms send it: `balance`, `stripe.alipay`. */
export const MethodValue = z
  .string()
  .regex(/^[a-z_]{1,40}(?:\.[a-z0-9_]{1,40})?$/)
  .transform((text) => text.split("."))
  .pipe(z.tuple([z.enum(PAYMENT_METHODS)]).rest(z.string()))
  .transform(([method, methodType = null]): MethodChoice => ({ method, methodType }));

/** A box of a form: ticked or not there. */
export const Checkbox = z
  .union([z.boolean(), z.literal(["on", "true", "1"]).transform(() => true)])
  .default(false);
