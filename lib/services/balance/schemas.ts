import { z } from "zod";
import { PAYMENT_METHODS } from "#lib/domain/payment-method.ts";

/** An amount in major units as a form sends it: digits and, after a point, decimals. */
const AmountText = z
  .string()
  .trim()
  .min(1)
  .max(16)
  .transform((text) => text.replace(",", "."))
  .pipe(z.string().regex(/^\d+(?:\.\d+)?$/));

export const PlaceTopUpInput = z.object({
  attemptId: z.uuid(),
  amount: AmountText,
  method: z.enum(PAYMENT_METHODS).exclude(["balance"]),
});
export type PlaceTopUpInput = z.infer<typeof PlaceTopUpInput>;
